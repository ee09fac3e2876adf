import { LATEST_KEY, type ScanPlan } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import type { RunRow } from '../tables/columns.ts';

/** The pointer to the newest run of the widest scope: a FILTERED run never takes the place of a whole one. */
export async function pointLatest(store: ReportStore, plan: ScanPlan, row: RunRow): Promise<void> {
  const bytes = await store.read(LATEST_KEY);
  const known = bytes ? latestOf(bytes) : null;
  const wider = known?.scope === 'ORGANIZATION' && plan.scope === 'FILTERED';
  const newer = known !== null && known.scope === plan.scope && known.run_id > plan.runId;
  if (wider || newer) return;
  const pointer = {
    version: 1,
    run_id: plan.runId,
    run_date: plan.runDate,
    scope: plan.scope,
    status: row.status,
    finished_at: row.finished_at,
  };
  await store.write(LATEST_KEY, `${JSON.stringify(pointer, null, 1)}\n`);
}

function latestOf(bytes: Uint8Array): { run_id: string; scope: string } | null {
  try {
    const pointer = JSON.parse(new TextDecoder().decode(bytes)) as { run_id?: unknown; scope?: unknown } | null;
    return typeof pointer?.run_id === 'string' && typeof pointer.scope === 'string'
      ? { run_id: pointer.run_id, scope: pointer.scope }
      : null;
  } catch {
    return null; // a pointer that cannot be read is written anew
  }
}
