import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { columnsOf, TABLE_NAMES, type TableName } from '../../functions/report/tables/columns.ts';
import { tableFiles } from '../../functions/report/tables/tables.ts';
import { type Figure, figure, mustHold, type Scenario } from '../figure.ts';
import { runWorker } from '../worker.ts';
import type { QueryColumnsInput, QueryColumnsOutput } from '../workers/query-columns.ts';
import type { ReportInput } from '../workers/report.ts';
import { grownRun } from './report.ts';

const scenario = 'parquet';

/** Size of the tables, and the column chunks that each named query touches: what Athena bills. */
export const parquet: Scenario = {
  name: scenario,
  title: 'Parquet: bytes a row, and the bytes of the column chunks that each named query reads',
  async run({ quick, folder }) {
    const [model, accounts, regions] = quick ? [40, 400, 17] : [200, 10_000, 17];
    const { root, runId } = await grownRun({ folder, model, accounts, regions });
    const limit = { timeoutMs: 3_600_000 };
    await runWorker('report', { root, runId } satisfies ReportInput, limit);
    const store = createDirectoryStore(root);
    const figures: Figure[] = [];
    const chunks = new Map<string, number>();
    for (const table of TABLE_NAMES as TableName[]) {
      const [file] = await tableFiles(store, table);
      mustHold(file !== undefined, `the run has no table ${table}`);
      const path = join(root, file?.key ?? '');
      const bytes = readFileSync(path);
      const metadata = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      for (const group of metadata.row_groups) {
        for (const { meta_data: chunk } of group.columns) {
          const at = `${table}.${chunk?.path_in_schema[0]}`;
          chunks.set(at, (chunks.get(at) ?? 0) + Number(chunk?.total_compressed_size ?? 0));
        }
      }
      for (const { name } of columnsOf(table))
        mustHold(metadata.num_rows === 0n || chunks.has(`${table}.${name}`), `${table} has no column ${name}`);
      const rows = Number(metadata.num_rows);
      const size = statSync(path).size;
      if (rows > 1)
        figures.push(
          figure(scenario, `${table}: bytes a row`, size / rows, 'B', {
            note: `${rows} rows, ${(size / 1e6).toFixed(2)} MB, ${metadata.row_groups.length} row groups`,
          }),
        );
    }
    const { output } = await runWorker<QueryColumnsOutput>(
      'query-columns',
      { root } satisfies QueryColumnsInput,
      limit,
    );
    for (const { name, scans } of output.queries) {
      mustHold(scans.length > 0, `the plan of ${name} reads no table`);
      const touched = scans.reduce(
        (sum, { table, columns }) =>
          sum + columns.reduce((bytes, column) => bytes + (chunks.get(`${table}.${column}`) ?? 0), 0),
        0,
      );
      const tables = [...new Set(scans.map(({ table }) => table))].join(', ');
      figures.push(figure(scenario, `query ${name}`, touched / 1e6, 'MB', { note: `one run; reads ${tables}` }));
    }
    return figures;
  },
};
