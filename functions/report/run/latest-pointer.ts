import * as z from 'zod';
import { LATEST_KEY, type ScanPlan } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { RUN_SCOPES, RUN_STATUSES } from '../../domain/model/vocabulary.ts';
import { jsonParserOf, orNull } from '../../domain/run/parsed.ts';
import type { RunRow } from '../tables/columns.ts';

const latestSchema = z.object({
  version: z.literal(1),
  run_id: z.string(),
  run_date: z.string(),
  scope: z.enum(RUN_SCOPES),
  status: z.enum(RUN_STATUSES),
  finished_at: z.string(),
});
const parseLatest = jsonParserOf(latestSchema);

/** The pointer to the newest run of the widest scope: a FILTERED run never takes the place of a whole one. */
export async function pointLatest(store: ReportStore, plan: ScanPlan, row: RunRow): Promise<void> {
  if (plan.because) return;
  // One that cannot be read is written again.
  const known = orNull(parseLatest((await store.read(LATEST_KEY)) ?? ''));
  const wider = known?.scope === 'ORGANIZATION' && plan.scope === 'FILTERED';
  const newer = known !== null && known.scope === plan.scope && known.run_id > plan.runId;
  if (wider || newer) return;
  const pointer: z.infer<typeof latestSchema> = {
    version: 1,
    run_id: plan.runId,
    run_date: plan.runDate,
    scope: plan.scope,
    status: row.status,
    finished_at: row.finished_at,
  };
  await store.write(LATEST_KEY, `${JSON.stringify(pointer, null, 1)}\n`);
}
