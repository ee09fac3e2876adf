import type { ReportStore } from '../../domain/model/store.ts';
import type { Row, TableName } from '../tables/columns.ts';
import { readTable } from '../tables/tables.ts';
import { type CurrentRuns, currentParts } from './current-runs.ts';

/** The rows of `current_<table>`; those of one account stand together, in the place that the whole run gives it. */
export async function* presentRows<T extends TableName>(
  store: ReportStore,
  current: CurrentRuns,
  table: T,
): AsyncGenerator<Row<T>> {
  const newer = new Map<string, Row<T>[]>();
  for (const { run, shows } of currentParts(current)) {
    if (run === current.whole) continue;
    for await (const row of readTable({ store, table, runId: run.row.run_id, runDate: run.runDate })) {
      const { account_id: account } = row as { account_id: string | null };
      if (account === null || !shows(account)) continue;
      const rows = newer.get(account);
      if (rows) rows.push(row);
      else newer.set(account, [row]);
    }
  }
  const { whole, byAccount } = current;
  if (whole !== null)
    for await (const row of readTable({ store, table, runId: whole.row.run_id, runDate: whole.runDate })) {
      const { account_id: account } = row as { account_id: string | null };
      if (account === null || !byAccount.has(account)) yield row;
      else {
        yield* newer.get(account) ?? [];
        newer.delete(account);
      }
    }
  for (const rows of newer.values()) yield* rows;
}
