import * as z from 'zod';
import {
  overdueAccounts,
  type Reach,
  reachWith,
  UNREACHABLE_KEY,
  type UnreachableAccounts,
  unreachableAfter,
} from '../../domain/judge/unreachable.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { readTable } from '../tables/tables.ts';
import type { RunReport } from './run-report.ts';

const file: z.ZodType<UnreachableAccounts> = z.object({
  version: z.literal(1),
  runId: z.string(),
  since: z.record(z.string().regex(/^\d{12}$/), z.iso.datetime()),
});

/**
 * Brings `reports/unreachable.json` up to date with a run's ledger.
 * @returns accounts that have had no answer for at least `hours`; a new account has that long to receive its role
 */
export async function accountsOverdue(request: {
  store: ReportStore;
  run: RunReport['run'];
  hours: number;
  /** Milliseconds since 1970. */
  now: number;
}): Promise<string[]> {
  const { store, run } = request;
  const reach = new Map<string, Reach>();
  for await (const row of readTable({ store, table: 'coverage', runId: run.run_id, runDate: run.run_date })) {
    reach.set(row.account_id, reachWith(reach.get(row.account_id), row.state));
  }
  const after = unreachableAfter(await before(store), { runId: run.run_id, startedAt: run.started_at, reach });
  await store.write(UNREACHABLE_KEY, `${JSON.stringify(after, null, 1)}\n`);
  return overdueAccounts(after, request.hours, request.now);
}

/** A file that cannot be believed starts the clock anew rather than stopping the run's end from being told. */
async function before(store: ReportStore): Promise<UnreachableAccounts | null> {
  const bytes = await store.read(UNREACHABLE_KEY);
  if (!bytes) return null;
  try {
    return file.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}
