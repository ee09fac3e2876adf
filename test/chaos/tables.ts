import { runDate } from '../../functions/domain/model/run-id.ts';
import type { ReportStore } from '../../functions/domain/model/store.ts';
import type { Row, TableName } from '../../functions/report/tables/columns.ts';
import { readTable } from '../../functions/report/tables/tables.ts';

/** The tables that say what was found; `runs` says when and how. */
export const RESULT_TABLES = ['coverage', 'findings', 'trails', 'keys', 'buckets'] as const;
export type Results = { [T in (typeof RESULT_TABLES)[number]]: Row<T>[] };

export async function rowsOf<T extends TableName>(store: ReportStore, table: T, runId: string): Promise<Row<T>[]> {
  const rows: Row<T>[] = [];
  for await (const row of readTable({ store, table, runId, runDate: runDate(runId) })) rows.push(row);
  return rows;
}

export async function resultsOf(store: ReportStore, runId: string): Promise<Results> {
  const entries = await Promise.all(RESULT_TABLES.map(async (t) => [t, await rowsOf(store, t, runId)] as const));
  return Object.fromEntries(entries) as unknown as Results;
}

/** Rows without what two runs over one organization may differ in: ids, times of looking, and how often was asked. */
export function comparable(results: Results, runId: string): Record<string, unknown[]> {
  const masked = Object.entries(results).map(([table, rows]) => [
    table,
    (rows as Record<string, unknown>[]).map((row) => {
      const { run_id: _, observed_at: __, duration_ms: ___, ...rest } = row;
      return 'first_seen_at' in rest ? { ...rest, first_seen_at: rest.first_seen_at === null ? null : 'set' } : rest;
    }),
  ]);
  // Error messages name the session, and the session names the run.
  return JSON.parse(JSON.stringify(Object.fromEntries(masked)).replaceAll(runId, 'RUN'));
}
