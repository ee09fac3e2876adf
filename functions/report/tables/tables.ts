import { TrailSealError } from '../../domain/model/errors.ts';
import { runKeys } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { PARTITION_COLUMN, type Row, type RunRow, TABLE_NAMES, type TableName } from './columns.ts';
import { batchesOf, parquetBody, type RowSource } from './parquet/parquet.ts';
import { parquetRows } from './parquet/parquet-reader.ts';

/** One table's file of one run. */
export interface TableFile {
  table: TableName;
  runDate: string;
  runId: string;
  key: string;
}

const FILE = new RegExp(
  `^tables/([a-z]+)/${PARTITION_COLUMN}=(\\d{4}-\\d\\d-\\d\\d)/([0-9A-HJKMNP-TV-Z]{26})\\.parquet$`,
);

/** What a key under `tables/` names, or null for anything that is no table's file (temporary files, notes…). */
export function tableFile(key: string): TableFile | null {
  const [, table, runDate, runId] = FILE.exec(key) ?? [];
  if (table === undefined || runDate === undefined || runId === undefined) return null;
  return isTable(table) ? { table, runDate, runId, key } : null;
}

const isTable = (name: string): name is TableName => (TABLE_NAMES as string[]).includes(name);

/** Every file of a table, oldest run first. A run without a file in `runs` is not finished, and must not be read. */
export async function tableFiles(store: ReportStore, table: TableName): Promise<TableFile[]> {
  const files: TableFile[] = [];
  for await (const key of store.list(`tables/${table}/`)) {
    const file = tableFile(key);
    if (file !== null) files.push(file);
  }
  return files.sort((a, b) => (a.runId < b.runId ? -1 : 1));
}

/** Writes a table's file of a run, whole or not at all. Write `runs` last: it makes the run visible. */
export async function writeTable<T extends TableName>(options: {
  store: ReportStore;
  table: T;
  runId: string;
  /** UTC date of the run id, YYYY-MM-DD. */
  runDate: string;
  rows: RowSource<T>;
}): Promise<{ key: string; rows: number }> {
  const { store, table, runId, runDate, rows } = options;
  const key = runKeys(runId).table(table, runDate);
  if (tableFile(key) === null) {
    throw new TrailSealError(
      'TABLE',
      `table ${table}: a run id (ULID) and its date are needed, got ${runId}, ${runDate}`,
    );
  }
  let count = 0;
  async function* counted(): AsyncGenerator<readonly Row<T>[]> {
    for await (const batch of batchesOf(rows)) {
      for (const row of batch) {
        const { run_id } = row as { run_id?: unknown };
        if (run_id !== runId) {
          throw new TrailSealError(
            'TABLE',
            `table ${table}, row ${count + 1}: belongs to run ${run_id}, not to ${runId}`,
          );
        }
        count++;
      }
      yield batch;
    }
  }
  await store.write(key, parquetBody(table, { batches: counted() }));
  return { key, rows: count };
}

interface TableOfRun<T extends TableName> {
  store: ReportStore;
  table: T;
  runId: string;
  runDate: string;
}

/** The rows of one table's file, or some of their columns. @throws TrailSealError where it is gone or not readable */
export function readTable<T extends TableName>(options: TableOfRun<T>): AsyncGenerator<Row<T>>;
export function readTable<T extends TableName, C extends keyof Row<T>>(
  options: TableOfRun<T> & { columns: readonly C[] },
): AsyncGenerator<Pick<Row<T>, C>>;
export async function* readTable<T extends TableName, C extends keyof Row<T>>(
  options: TableOfRun<T> & { columns?: readonly C[] },
): AsyncGenerator<Pick<Row<T>, C>> {
  const { store, table, runId, runDate, columns } = options;
  const key = runKeys(runId).table(table, runDate);
  const bytes = await store.read(key);
  if (bytes === null) throw missing(store, { table, runId });
  const file = { table, bytes, source: `${key} in ${store.root}` };
  if (columns) yield* parquetRows({ ...file, columns });
  else yield* parquetRows(file);
}

const missing = (store: ReportStore, { table, runId }: { table: TableName; runId: string }): TrailSealError =>
  new TrailSealError(
    'TABLE',
    `run ${runId} has no table ${table} in ${store.root}: copy the whole root, or scan again`,
  );

/** A finished run: its row, and where its files are. */
export interface FinishedRun {
  row: RunRow;
  runDate: string;
}

/**
 * Finished runs, newest first, read one by one: stop early and the rest is never fetched.
 * @throws TrailSealError where a file is not readable
 */
export async function* finishedRuns(store: ReportStore): AsyncGenerator<FinishedRun> {
  const files = await tableFiles(store, 'runs');
  for (const { runId, runDate } of files.reverse()) {
    for await (const row of readTable({ store, table: 'runs', runId, runDate })) yield { row, runDate };
  }
}

/** Whether a change started the run: it looks at a few accounts, and says nothing about others. */
export const startedByChange = (row: Pick<RunRow, 'because_accounts'>): boolean => row.because_accounts.length > 0;

/**
 * The run that `latest_*` shows: the one named, else the newest of the widest scope
 * (the greatest run id among ORGANIZATION runs; where there is none, among all that no change started).
 * @throws TrailSealError where no run is finished, or the one named is not
 */
export async function selectRun(store: ReportStore, runId?: string): Promise<FinishedRun> {
  let newest: FinishedRun | undefined;
  for await (const run of runId === undefined ? finishedRuns(store) : runNamed(store, runId)) {
    if (run.row.run_id === runId || (runId === undefined && run.row.scope === 'ORGANIZATION')) return run;
    if (!startedByChange(run.row)) newest ??= run;
  }
  if (runId === undefined && newest !== undefined) return newest;
  const all = (await tableFiles(store, 'runs')).map((file) => file.runId);
  if (all.length === 0) {
    throw new TrailSealError(
      'NO_RUN',
      `There is no finished run in ${store.root}: run \`trailseal scan --out ${store.root}\` first.`,
    );
  }
  throw new TrailSealError(
    'NO_RUN',
    `There is no finished run ${runId} in ${store.root}; the newest is ${all.at(-1)}.`,
  );
}

async function* runNamed(store: ReportStore, wanted: string): AsyncGenerator<FinishedRun> {
  for (const { runId, runDate } of await tableFiles(store, 'runs')) {
    if (runId !== wanted) continue;
    for await (const row of readTable({ store, table: 'runs', runId, runDate })) yield { row, runDate };
  }
}

/** Throws unless the run has a file for each of these tables: a table that is gone must never look like an empty one. */
export async function requireTables(store: ReportStore, run: FinishedRun, tables: readonly TableName[]): Promise<void> {
  for (const table of tables) {
    const found = (await tableFiles(store, table)).some(({ runId }) => runId === run.row.run_id);
    if (!found) throw missing(store, { table, runId: run.row.run_id });
  }
}
