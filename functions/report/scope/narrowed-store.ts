import type { ReportStore } from '../../domain/model/store.ts';
import type { Row, TableName } from '../tables/columns.ts';
import { derivedStore } from '../tables/derived-store.ts';
import { type FinishedRun, readTable, selectRun } from '../tables/tables.ts';
import { narrowedRun } from './narrowed-run.ts';
import { rowFilter, type Subset, type SubsetRequest, subsetOf } from './subset.ts';

/**
 * A report root as it would be if its runs had been of a part alone: tables hold the rows of the part, and `runs` counts
 * those. What else is there is as it is. Each table is narrowed when it is read, and nothing is written to the root.
 * A run in which something asked for cannot be looked up (it did not read the tags, say) has the rest, and is in `unknown`.
 */
export function narrowedStore(
  store: ReportStore,
  asked: SubsetRequest,
): { store: ReportStore; unknown: ReadonlySet<string> } {
  const unknown = new Set<string>();
  const subsets = new Map<string, Promise<{ run: FinishedRun; subset: Subset }>>();
  const partOf = (runId: string) => {
    const known =
      subsets.get(runId) ??
      selectRun(store, runId).then(async (run) => {
        const subset = await subsetOf(store, run, asked);
        if (subset.unknown !== null) unknown.add(runId);
        return { run, subset };
      });
    subsets.set(runId, known);
    return known;
  };
  async function* rows<T extends TableName>(table: T, runId: string): AsyncGenerator<Row<T>> {
    const { run, subset } = await partOf(runId);
    if (table === 'runs') {
      yield (await narrowedRun({ store, run, subset, asked })).row as Row<T>;
      return;
    }
    const keep = rowFilter(table, subset);
    for await (const row of readTable({ store, table, runId, runDate: run.runDate }))
      if (keep(row as Row<TableName>)) yield row;
  }
  const narrowed = derivedStore(store, {
    root: `${store.root} (${asked.scope?.name ?? 'a part'})`,
    rows: ({ table, runId }) => rows(table, runId),
  });
  return { store: narrowed, unknown };
}
