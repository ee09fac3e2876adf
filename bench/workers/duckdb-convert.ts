import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { columnsOf, duckdbType, type TableName } from '../../functions/report/tables/columns.ts';
import type { ConvertInput, ConvertOutput } from './convert.ts';
import { serve, stopwatch } from './serve.ts';

/** DuckDB, on one thread, writing the very files of workers/convert.ts from the same NDJSON. */
await serve(async ({ from, out }: ConvertInput): Promise<ConvertOutput> => {
  const end = stopwatch();
  const database = await DuckDBInstance.create(':memory:', { threads: '1', preserve_insertion_order: 'true' });
  const connection = await database.connect();
  const count = async (sql: string) => {
    const answer = await connection.runAndReadAll(sql);
    return Number(answer.getRowsJson()[0]?.[0]);
  };
  const load = (table: TableName) => {
    const columns = columnsOf(table).map(({ name, type }) => `${name}: '${duckdbType(type)}'`);
    const file = join(from, `${table}.ndjson`);
    return connection.run(
      `CREATE TABLE ${table} AS FROM read_json('${file}', format = 'newline_delimited', columns = {${columns.join(', ')}})`,
    );
  };
  const parquet = '(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 20480)';
  for (const table of ['coverage', 'findings'] as const) {
    await load(table);
    await connection.run(`COPY ${table} TO '${join(out, `${table}.parquet`)}' ${parquet}`);
  }
  const unmet = "FROM findings WHERE status <> 'PASS'";
  await connection.run(
    `COPY (SELECT * REPLACE (array_to_string(evidence_refs, ' | ') AS evidence_refs) ${unmet}) TO '${join(out, 'findings.csv')}' (FORMAT csv, HEADER)`,
  );
  await connection.run(
    `COPY (SELECT state, verdict, count(*) AS targets FROM coverage GROUP BY ALL) TO '${join(out, 'report.json')}' (FORMAT json)`,
  );
  const cost = end();
  const counts = {
    coverage: await count('SELECT count(*)::INTEGER FROM coverage'),
    findings: await count('SELECT count(*)::INTEGER FROM findings'),
    unmet: await count(`SELECT count(*)::INTEGER ${unmet}`),
  };
  connection.closeSync();
  database.closeSync();
  return { ...cost, ...counts };
});
