import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { runKeys } from '../../functions/domain/model/plan.ts';
import { lines } from '../../functions/domain/run/json-lines.ts';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { tuneEngine } from '../../functions/local/engine.ts';
import { csvBody } from '../../functions/report/exports/csv.ts';
import type { Row, TableName } from '../../functions/report/tables/columns.ts';
import { writeTable } from '../../functions/report/tables/tables.ts';
import { type Cost, serve, stopwatch } from './serve.ts';

/** Ready rows, NDJSON, as the Report step writes them: both large tables as Parquet, unmet findings as CSV, counts as JSON. */
export interface ConvertInput {
  /** Holds coverage.ndjson and findings.ndjson. */
  from: string;
  runId: string;
  runDate: string;
  out: string;
}

export interface ConvertOutput extends Cost {
  coverage: number;
  findings: number;
  unmet: number;
}

const BATCH = 1_000;

tuneEngine();

await serve(async ({ from, runId, runDate, out }: ConvertInput): Promise<ConvertOutput> => {
  const end = stopwatch();
  const store = createDirectoryStore(out);
  const at = { store, runId, runDate };
  async function* batches<T extends TableName>(table: T, seen: (row: Row<T>) => void): AsyncGenerator<Row<T>[]> {
    let batch: Row<T>[] = [];
    for await (const line of lines(createReadStream(join(from, `${table}.ndjson`)), table)) {
      const row = JSON.parse(line) as Row<T>;
      seen(row);
      if (batch.push(row) < BATCH) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  }
  const targets = new Map<string, number>();
  const coverage = batches('coverage', ({ state, verdict }) => {
    const key = `${state} ${verdict}`;
    targets.set(key, (targets.get(key) ?? 0) + 1);
  });
  const unmet: Row<'findings'>[] = [];
  const findings = batches('findings', (row) => {
    if (row.status !== 'PASS') unmet.push(row);
  });
  const written = await writeTable({ ...at, table: 'coverage', rows: { batches: coverage } });
  const found = await writeTable({ ...at, table: 'findings', rows: { batches: findings } });
  await store.write(runKeys(runId).report('findings.csv'), csvBody('findings', unmet));
  await store.write(runKeys(runId).report('report.json'), JSON.stringify(Object.fromEntries(targets)));
  return { ...end(), coverage: written.rows, findings: found.rows, unmet: unmet.length };
});
