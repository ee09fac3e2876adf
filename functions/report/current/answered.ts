import type { ReportStore } from '../../domain/model/store.ts';
import { readTable } from '../tables/tables.ts';
import { currentParts, currentRuns } from './current-runs.ts';

/** Which of these accounts have answered in the run that shows the present of each. */
export async function answeredOf(store: ReportStore, accounts: Iterable<string>): Promise<ReadonlySet<string>> {
  const awaited = [...new Set(accounts)];
  const answered = new Set<string>();
  for (const { run, shows } of currentParts(await currentRuns(store))) {
    const shown = new Set(awaited.filter(shows));
    if (shown.size === 0) continue;
    const at = { store, runId: run.row.run_id, runDate: run.runDate };
    for await (const row of readTable({ ...at, table: 'coverage', columns: ['account_id', 'state'] as const }))
      if (row.state === 'SCANNED' && shown.has(row.account_id)) answered.add(row.account_id);
  }
  return answered;
}
