import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  finishedRuns,
  readTable,
  requireTables,
  selectRun,
  tableFile,
  tableFiles,
  writeTable,
} from '../../../functions/report/tables/tables.ts';
import { MemoryStore } from '../memory-store.ts';
import { coverageRow, runRow } from './sample-rows.ts';

const [A, B, C] = ['01KBQ2Z3WJ8Y6V5T4S3R2Q1P0A', '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0B', '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0C'] as const;
const runDate = '2026-11-02';
let store: MemoryStore;
beforeEach(() => {
  store = new MemoryStore();
});
const addRun = (runId: string, scope: 'ORGANIZATION' | 'FILTERED' = 'ORGANIZATION') =>
  writeTable({ store, table: 'runs', runId, runDate, rows: [runRow({ run_id: runId, scope })] });

describe('a table’s file', () => {
  test('lies under its partition, and its rows come back', async () => {
    const rows = [coverageRow({ run_id: A }), coverageRow({ run_id: A, region: 'eu-west-1' })];
    const written = await writeTable({ store, table: 'coverage', runId: A, runDate, rows });
    expect(written).toEqual({ key: `tables/coverage/run_date=2026-11-02/${A}.parquet`, rows: 2 });
    const read = [];
    for await (const row of readTable({ store, table: 'coverage', runId: A, runDate })) read.push(row);
    expect(read).toEqual(rows);
  });

  test('holds one run only', async () => {
    const rows = [coverageRow({ run_id: A }), coverageRow({ run_id: B })];
    await expect(writeTable({ store, table: 'coverage', runId: A, runDate, rows })).rejects.toThrow(
      `table coverage, row 2: belongs to run ${B}, not to ${A}`,
    );
    expect(store.objects.size).toBe(0);
  });

  test.each([
    ['no-ulid', runDate],
    [A, '2026-11-2'],
    ['../../etc/passwd', runDate],
  ])('needs a run id and a date: %s, %s', async (runId, date) => {
    await expect(writeTable({ store, table: 'coverage', runId, runDate: date, rows: [] })).rejects.toThrow(
      'a run id (ULID) and its date are needed',
    );
  });

  test.each([
    `tables/coverage/run_date=2026-11-02/${A}.parquet.tmp`,
    `tables/coverage/run_date=2026-11-02/notes.parquet`,
    `tables/other/run_date=2026-11-02/${A}.parquet`,
    `tables/coverage/${A}.parquet`,
  ])('is not %s', (key) => {
    expect(tableFile(key)).toBeNull();
  });

  test('is listed oldest first, whatever lies beside it', async () => {
    await addRun(B);
    await addRun(A);
    await store.write('tables/runs/run_date=2026-11-02/README.txt', 'x');
    expect((await tableFiles(store, 'runs')).map((file) => file.runId)).toEqual([A, B]);
  });

  test('that is gone is named', async () => {
    const rows = readTable({ store, table: 'trails', runId: A, runDate });
    await expect(rows.next()).rejects.toThrow(`run ${A} has no table trails in s3://example-bucket/audit`);
  });
});

describe('the run that latest means', () => {
  test('is the newest of the whole organization, though a filtered one is newer', async () => {
    await addRun(A);
    await addRun(B);
    await addRun(C, 'FILTERED');
    expect((await selectRun(store)).row.run_id).toBe(B);
  });

  test('is the newest filtered one where there is nothing else', async () => {
    await addRun(A, 'FILTERED');
    await addRun(B, 'FILTERED');
    expect((await selectRun(store)).row.run_id).toBe(B);
  });

  test('is not a run that has not finished', async () => {
    await addRun(A);
    await writeTable({ store, table: 'coverage', runId: B, runDate, rows: [coverageRow({ run_id: B })] });
    expect((await selectRun(store)).row.run_id).toBe(A);
    await expect(selectRun(store, B)).rejects.toThrow(`no finished run ${B}`);
  });

  test('is the one that was named', async () => {
    await addRun(A);
    await addRun(B);
    expect((await selectRun(store, A)).row.run_id).toBe(A);
    expect(store.opened).toEqual([`tables/runs/run_date=2026-11-02/${A}.parquet`]);
  });

  test('costs one file, not all of them', async () => {
    await addRun(A);
    await addRun(B);
    await selectRun(store);
    expect(store.opened).toHaveLength(1);
  });

  test('does not exist in an empty root, which is said with the way out', async () => {
    await expect(selectRun(store)).rejects.toThrow(
      'no finished run in s3://example-bucket/audit: run `trailseal scan --out s3://example-bucket/audit` first',
    );
    await expect(selectRun(store, A)).rejects.toThrow('no finished run in');
  });

  test('names a run’s file that is damaged', async () => {
    await addRun(A);
    await store.write(`tables/runs/run_date=2026-11-02/${B}.parquet`, 'damaged');
    await expect(selectRun(store)).rejects.toThrow(
      `tables/runs/run_date=2026-11-02/${B}.parquet in s3://example-bucket/audit is not a readable Parquet file`,
    );
  });

  test('must have its tables', async () => {
    await addRun(A);
    await writeTable({ store, table: 'coverage', runId: A, runDate, rows: [] });
    const run = await selectRun(store);
    await requireTables(store, run, ['coverage', 'runs']);
    await expect(requireTables(store, run, ['coverage', 'keys'])).rejects.toThrow(`run ${A} has no table keys`);
  });
});

test('finished runs come newest first', async () => {
  await addRun(B);
  await addRun(A);
  const ids = [];
  for await (const { row, runDate: date } of finishedRuns(store)) ids.push([row.run_id, date]);
  expect(ids).toEqual([
    [B, runDate],
    [A, runDate],
  ]);
});
