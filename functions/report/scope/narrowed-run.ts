import type { ReportStore } from '../../domain/model/store.ts';
import type { History } from '../run/history.ts';
import type { Row, RunRow, TableName } from '../tables/columns.ts';
import { countRows, type KnownCause, type RowCounts } from '../tables/count-rows.ts';
import { countsOf } from '../tables/run-row.ts';
import { type FinishedRun, readTable } from '../tables/tables.ts';
import { rowFilter, type Subset, type SubsetRequest, statusOfPart } from './subset.ts';

/** A part of a run, counted from its rows as a run is counted. */
export interface NarrowedRun extends RowCounts {
  row: RunRow;
}

/** Counts the part of a run that a subset is, and judges it by its own completeness. */
export async function narrowedRun(request: {
  store: ReportStore;
  run: FinishedRun;
  subset: Subset;
  asked: SubsetRequest;
  known?: readonly KnownCause[];
  /** Gets each finding of the part. */
  history?: Pick<History, 'compare'>;
}): Promise<NarrowedRun> {
  const { store, run, subset, known, history } = request;
  const { row } = run;
  async function* rows<T extends TableName>(table: T): AsyncGenerator<Row<T>> {
    const keep = rowFilter(table, subset);
    for await (const each of readTable({ store, table, runId: row.run_id, runDate: run.runDate }))
      if (keep(each as Row<TableName>)) yield each;
  }
  const { tally, waived } = await countRows({
    rows,
    ...(known && { known }),
    ...(history && { finding: (finding) => history.compare(finding) }),
  });
  const judged = { states: tally.states, unverifiedFindings: tally.byStatus.UNVERIFIED };
  return {
    tally,
    waived,
    row: {
      ...row,
      ...countsOf(tally),
      status: tally.accountsTotal === 0 ? row.status : statusOfPart(judged, row.status),
      scope: 'FILTERED',
      scope_filter: [row.scope_filter, filterWords(request.asked)].filter((part) => part !== null).join('; '),
      accounts: tally.accountsTotal,
    },
  };
}

const filterWords = ({ scope, accounts, ous, tags = [] }: SubsetRequest): string =>
  scope ? `scope ${scope.name}` : [...accounts, ...ous, ...tags].join(', ');
