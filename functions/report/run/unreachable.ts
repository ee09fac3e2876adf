import {
  overdueAccounts,
  type Reach,
  reachWith,
  UNREACHABLE_KEY,
  unreachableAccountsSchema,
  unreachableAfter,
} from '../../domain/judge/unreachable.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { jsonParserOf, orNull } from '../../domain/run/parsed.ts';
import { readTable } from '../tables/tables.ts';
import type { RunReport } from './run-report.ts';

const parseUnreachable = jsonParserOf(unreachableAccountsSchema);

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
  // A file that cannot be believed starts the clock again rather than keeping the run's end from being announced.
  const before = orNull(parseUnreachable((await store.read(UNREACHABLE_KEY)) ?? ''));
  const after = unreachableAfter(before, { runId: run.run_id, startedAt: run.started_at, reach });
  await store.write(UNREACHABLE_KEY, `${JSON.stringify(after, null, 1)}\n`);
  return overdueAccounts(after, request.hours, request.now);
}
