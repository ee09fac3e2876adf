import { DuckDBInstance } from '@duckdb/node-api';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { preparation, rowsOf, VIEWS, viewStatement } from '../../functions/local/duckdb-sql.ts';
import { namedQueries } from '../../functions/report/queries/queries.ts';
import { AS_OF_COLUMN, STALE_COLUMN } from '../../functions/report/tables/columns.ts';
import { tableFiles } from '../../functions/report/tables/tables.ts';
import { serve } from './serve.ts';

/** Which columns of which tables each named query reads, as DuckDB's planner finds them. */
export interface QueryColumnsInput {
  root: string;
}

export interface QueryColumnsOutput {
  queries: { name: string; scans: { table: string; columns: string[] }[] }[];
}

interface PlanNode {
  name: string;
  children?: PlanNode[];
  extra_info?: { Table?: string; Projections?: string | string[]; Filters?: string | string[] };
}

/** When a row of the present was observed, and since when it is stale: no columns of a file. */
const OF_THE_PRESENT = [AS_OF_COLUMN, STALE_COLUMN];

await serve(async ({ root }: QueryColumnsInput): Promise<QueryColumnsOutput> => {
  const store = createDirectoryStore(root);
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  // Else a filter that these few rows cannot meet leaves a plan that reads nothing.
  await connection.run("SET disabled_optimizers = 'statistics_propagation'");
  const macros = preparation([root], root).filter((statement) => statement.startsWith('CREATE MACRO'));
  for (const macro of macros) await connection.run(macro);
  for (const view of VIEWS) {
    const files = (await tableFiles(store, view.table)).map(({ key }) => `${root}/${key}`);
    // A few rows as a table of its own: then the plan tells which table a scan reads.
    await connection.run(
      viewStatement({ ...view, name: `_${view.name}` }, [{ rows: rowsOf(view.table, files), organization: null }]),
    );
    const times =
      view.shows === 'current' ? OF_THE_PRESENT.map((name) => `, current_timestamp::TIMESTAMP AS ${name}`) : [];
    await connection.run(`CREATE TABLE ${view.name} AS SELECT *${times.join('')} FROM _${view.name} LIMIT 1000`);
  }
  const queries = [];
  for (const { name, sql } of namedQueries()) {
    const result = await connection.runAndReadAll(`EXPLAIN (FORMAT json) ${sql}`);
    const plan = JSON.parse(String(result.getRowsJson()[0]?.[1])) as PlanNode[];
    queries.push({ name, scans: plan.flatMap(scansOf) });
  }
  connection.closeSync();
  database.closeSync();
  return { queries };
});

function scansOf(node: PlanNode): { table: string; columns: string[] }[] {
  const below = (node.children ?? []).flatMap(scansOf);
  const { Table, Projections = [], Filters = [] } = node.extra_info ?? {};
  if (!Table || !/SCAN/.test(node.name)) return below;
  const table = (Table.split('.').at(-1) ?? Table).replace(/^(?:latest|current)_/, '');
  const filtered = [Filters].flat().flatMap((filter) => /^\(*"?(\w+)/.exec(filter)?.[1] ?? []);
  const columns = new Set([...[Projections].flat(), ...filtered]);
  for (const name of OF_THE_PRESENT) columns.delete(name);
  return [{ table, columns: [...columns] }, ...below];
}
