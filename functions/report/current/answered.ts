import type { ReportStore } from '../../domain/model/store.ts';
import { readTable } from '../tables/tables.ts';
import { currentRuns } from './current-runs.ts';

/** Whether all these accounts have answered in the run that shows the present of each. */
export async function areAnswered(store: ReportStore, accounts: ReadonlySet<string>): Promise<boolean> {
  const { whole, byAccount } = await currentRuns(store);
  for (const account of accounts) {
    const run = byAccount.get(account) ?? whole;
    if (!run || !(await answered(store, run, account))) return false;
  }
  return true;
}

async function answered(
  store: ReportStore,
  { row, runDate }: { row: { run_id: string }; runDate: string },
  account: string,
): Promise<boolean> {
  const columns = ['account_id', 'state'] as const;
  for await (const { account_id: id, state } of readTable({
    store,
    table: 'coverage',
    runId: row.run_id,
    runDate,
    columns,
  }))
    if (id === account && state === 'SCANNED') return true;
  return false;
}
