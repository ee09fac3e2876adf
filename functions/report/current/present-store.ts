import { runKeys } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import type { Row, TableName } from '../tables/columns.ts';
import { derivedStore } from '../tables/derived-store.ts';
import type { CurrentRuns } from './current-runs.ts';
import { countPresent, type Present } from './present-report.ts';
import { presentRows } from './present-rows.ts';

/**
 * A report root in which the newest whole run shows the present: its tables have the rows of the views `current_*`, and its
 * row and its report count those. Everything else is as it is, and nothing is written to the root. Where no account is
 * newer it is the root itself.
 */
export function presentStore(store: ReportStore, current: CurrentRuns): ReportStore {
  const { whole, byAccount } = current;
  if (whole === null || byAccount.size === 0) return store;
  const { run_id: wholeId } = whole.row;
  let counted: Promise<Present> | null = null;
  const present = () => {
    counted ??= countPresent(store, current, whole);
    return counted;
  };
  async function* rows<T extends TableName>(table: T): AsyncGenerator<Row<T>> {
    if (table === 'runs') yield (await present()).row as Row<T>;
    else yield* presentRows(store, current, table);
  }
  const reportKey = runKeys(wholeId).report('report.json');
  return derivedStore(store, {
    root: store.root,
    rows: ({ table, runId }) => (runId === wholeId ? rows(table) : null),
    report: (key) => (key === reportKey ? present().then(({ report }) => JSON.stringify(report)) : null),
  });
}
