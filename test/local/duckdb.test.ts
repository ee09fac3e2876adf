import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { openTables, type QueryParameters, type Tables } from '../../functions/local/duckdb.ts';
import { namedQueries } from '../../functions/report/queries/queries.ts';
import { allRows, type QueryRow } from '../../functions/report/queries/query-result.ts';
import { columnsOf, duckdbType, TABLE_NAMES, type TableName } from '../../functions/report/tables/columns.ts';
import { writeTable } from '../../functions/report/tables/tables.ts';
import { MemoryStore } from '../report/memory-store.ts';
import { bucketRow, coverageRow, findingRow, keyRow, runRow, trailRow } from '../report/tables/sample-rows.ts';

const [A, B, C] = ['01KBQ2Z3WJ8Y6V5T4S3R2Q1P0A', '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0B', '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0C'] as const;
const DATES = { [A]: '2026-11-01', [B]: '2026-11-02', [C]: '2026-11-03' };

let store: MemoryStore;
let opened: Tables[];
let folders: string[];
let scratch: string;
beforeEach(async () => {
  store = new MemoryStore();
  opened = [];
  folders = [];
  scratch = await folder('.');
});
afterEach(async () => {
  for (const tables of opened) await tables.close();
  expect(readdirSync(scratch)).toEqual([]);
  for (const folder of folders) await rm(folder, { recursive: true });
});

type RunId = keyof typeof DATES;
async function addTables(runId: RunId, regions: string[] = ['us-east-1']): Promise<void> {
  const run = { store, runId, runDate: DATES[runId] };
  const run_id = runId;
  await writeTable({ ...run, table: 'coverage', rows: regions.map((region) => coverageRow({ run_id, region })) });
  await writeTable({ ...run, table: 'findings', rows: [findingRow({ run_id })] });
  await writeTable({ ...run, table: 'trails', rows: [trailRow({ run_id })] });
  await writeTable({ ...run, table: 'keys', rows: [keyRow({ run_id })] });
  await writeTable({ ...run, table: 'buckets', rows: [bucketRow({ run_id })] });
}
async function addRun(
  runId: RunId,
  scope: 'ORGANIZATION' | 'FILTERED' = 'ORGANIZATION',
  regions?: string[],
): Promise<void> {
  await addTables(runId, regions);
  await writeTable({ store, table: 'runs', runId, runDate: DATES[runId], rows: [runRow({ run_id: runId, scope })] });
}
async function folder(name = 'report'): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'trailseal-test-'));
  folders.push(path);
  return join(path, name);
}
/** The same objects as files, behind a store whose root is that directory. */
async function onDisk(root: string): Promise<MemoryStore> {
  const disk = new MemoryStore(root);
  for (const [key, bytes] of store.objects) {
    disk.objects.set(key, bytes);
    const path = join(root, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  return disk;
}
async function open(runId?: string, from: MemoryStore = store): Promise<Tables> {
  const tables = await openTables({ store: from, runId, scratch });
  opened.push(tables);
  return tables;
}
async function rowsOf(tables: Tables, sql: string, parameters?: QueryParameters): Promise<QueryRow[]> {
  return allRows(await tables.query(sql, parameters));
}

describe('the views', () => {
  test.each(TABLE_NAMES)('%s has the declared columns, over all runs and over the latest', async (table) => {
    await addRun(A);
    await addRun(B);
    const tables = await open();
    const columns = [
      ...columnsOf(table).map(({ name, type }) => ({ name, type: duckdbType(type) })),
      { name: 'run_date', type: 'VARCHAR' },
    ];
    const all = await tables.query(`SELECT * FROM ${table} ORDER BY run_id`);
    expect(all.columns).toEqual(columns);
    expect((await allRows(all)).map((row) => [row.run_id, row.run_date])).toEqual([
      [A, '2026-11-01'],
      [B, '2026-11-02'],
    ]);
    const latest = await tables.query(`SELECT * FROM latest_${table}`);
    expect(latest.columns).toEqual(columns);
    expect((await allRows(latest)).map((row) => [row.run_id, row.run_date])).toEqual([[B, '2026-11-02']]);
  });

  test('hold each value as it was written', async () => {
    await addRun(A);
    const tables = await open();
    const { run_date: coverageDate, ...coverage } = (await rowsOf(tables, 'FROM coverage'))[0] ?? {};
    expect(coverage).toEqual(coverageRow({ run_id: A }));
    const { run_date: trailDate, ...trail } = (await rowsOf(tables, 'FROM trails'))[0] ?? {};
    expect(trail).toEqual(trailRow({ run_id: A }));
    const { run_date: runDate, ...run } = (await rowsOf(tables, 'FROM runs'))[0] ?? {};
    expect(run).toEqual(runRow({ run_id: A }));
    expect([coverageDate, trailDate, runDate]).toEqual(['2026-11-01', '2026-11-01', '2026-11-01']);
  });

  test('latest is the widest scope’s, a filtered run notwithstanding, and both are in the table', async () => {
    await addRun(A);
    await addRun(B, 'FILTERED');
    const tables = await open();
    expect(tables.run.row.run_id).toBe(A);
    expect(await rowsOf(tables, 'SELECT run_id FROM latest_coverage')).toEqual([{ run_id: A }]);
    expect(await rowsOf(tables, 'SELECT run_id FROM coverage ORDER BY 1')).toEqual([{ run_id: A }, { run_id: B }]);
  });

  test('latest is the run that was asked for', async () => {
    await addRun(A);
    await addRun(B);
    expect(await rowsOf(await open(A), 'SELECT run_id FROM latest_trails')).toEqual([{ run_id: A }]);
  });

  test('a run without its row in runs is nowhere', async () => {
    await addRun(A);
    await addTables(B);
    const tables = await open();
    expect(await rowsOf(tables, 'SELECT run_id FROM coverage')).toEqual([{ run_id: A }]);
    expect(await rowsOf(tables, 'SELECT run_id FROM latest_coverage')).toEqual([{ run_id: A }]);
  });

  test('a table may be empty', async () => {
    await addRun(A, 'ORGANIZATION', []);
    expect(await rowsOf(await open(), 'SELECT count(*) AS n FROM latest_coverage')).toEqual([{ n: 0 }]);
  });

  test('are listed, described, and found in any spelling', async () => {
    await addRun(A);
    const tables = await open();
    const names = (await rowsOf(tables, 'SHOW TABLES')).map(({ name }) => name);
    expect(names).toEqual(TABLE_NAMES.flatMap((name) => [name, `latest_${name}`, `current_${name}`]).sort());
    expect((await rowsOf(tables, 'DESCRIBE latest_keys')).map((row) => row.column_name)).toContain('deletion_date');
    expect(await rowsOf(tables, 'select "Run_ID" from MAIN."Latest_Runs"')).toEqual([{ run_id: A }]);
  });

  test('several are fetched for one statement', async () => {
    await addRun(A);
    await addRun(B);
    const sql = `WITH t AS (SELECT * FROM latest_trails)
      SELECT (SELECT count(*) FROM coverage) AS c, (SELECT count(*) FROM t) AS t,
             (SELECT count(*) FROM findings JOIN runs USING (run_id)) AS f`;
    expect(await rowsOf(await open(), sql)).toEqual([{ c: 2, t: 1, f: 2 }]);
  });

  test('a file written before a column was appended shows it as null', async () => {
    await addRun(A);
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const old = parquetWriteBuffer({ columnData: [{ name: 'run_id', data: [A], type: 'STRING' }] });
    await store.write(`tables/keys/run_date=2026-11-01/${A}.parquet`, new Uint8Array(old));
    expect(await rowsOf(await open(), 'SELECT run_id, trails_using, deletion_date, run_date FROM latest_keys')).toEqual(
      [{ run_id: A, trails_using: null, deletion_date: null, run_date: '2026-11-01' }],
    );
  });
});

describe('a directory', () => {
  test('is read in place: no byte goes through the store but the choice of the run', async () => {
    await addRun(A, 'ORGANIZATION', ['us-east-1', 'eu-west-1']);
    const disk = await onDisk(await folder());
    const tables = await open(undefined, disk);
    expect(await rowsOf(tables, 'SELECT count(*) AS n FROM latest_coverage')).toEqual([{ n: 2 }]);
    expect(disk.opened).toEqual([`tables/runs/run_date=2026-11-01/${A}.parquet`]);
  });

  test.each(['report[1]', "it's", 'a*b?', 'region=eu/account_id=1', 'naïve 名', 'semi;colon "quoted"'])(
    'may be called %s',
    async (name) => {
      await addRun(A);
      const { root } = await onDisk(await folder(name));
      const tables = await openTables({ store: createDirectoryStore(root), scratch });
      opened.push(tables);
      expect(await rowsOf(tables, 'SELECT region, account_id FROM latest_coverage')).toEqual([
        { region: 'us-east-1', account_id: '111111111111' },
      ]);
    },
  );

  test('may hold a link to a file elsewhere, which is copied', async () => {
    await addRun(A);
    const disk = await onDisk(await folder());
    const key = `tables/keys/run_date=2026-11-01/${A}.parquet`;
    const elsewhere = await folder('elsewhere.parquet');
    await writeFile(elsewhere, disk.objects.get(key) ?? '');
    await rm(join(disk.root, key));
    await symlink(elsewhere, join(disk.root, key));
    expect(await rowsOf(await open(undefined, disk), 'SELECT run_id FROM latest_keys')).toEqual([{ run_id: A }]);
    expect(disk.opened).toContain(key);
  });
});

describe('an S3 root', () => {
  test('answers many statements at once', async () => {
    await addRun(A);
    await addRun(B);
    const tables = await open();
    const sql = 'SELECT count(*) AS n FROM latest_coverage, runs';
    const answers = await Promise.all(Array.from({ length: 8 }, () => rowsOf(tables, sql)));
    expect(answers).toEqual(Array.from({ length: 8 }, () => [{ n: 2 }]));
  });

  test('costs the files that the statement needs, once', async () => {
    await addRun(A);
    await addRun(B);
    const tables = await open();
    store.opened.length = 0;
    await rowsOf(tables, 'SELECT * FROM latest_findings');
    await rowsOf(tables, 'SELECT * FROM latest_findings');
    expect(store.opened).toEqual([`tables/findings/run_date=2026-11-02/${B}.parquet`]);
    await rowsOf(tables, "-- not keys\nSELECT *, 'runs' AS trails /* coverage */ FROM findings");
    expect(store.opened).toEqual([
      `tables/findings/run_date=2026-11-02/${B}.parquet`,
      `tables/findings/run_date=2026-11-01/${A}.parquet`,
    ]);
  });

  test('is copied to a private folder, which goes when the tables are closed', async () => {
    await addRun(A);
    const tables = await open();
    await rowsOf(tables, 'FROM coverage');
    const [name = ''] = readdirSync(scratch);
    expect(statSync(join(scratch, name)).mode & 0o077).toBe(0);
    expect(readdirSync(join(scratch, name, 'tables'))).toEqual(['coverage']);
    await tables.close();
    expect(readdirSync(scratch)).toEqual([]);
    opened = [];
  });

  test('leaves nothing behind when a result is dropped half-way, or never read', async () => {
    await addRun(A);
    const tables = await open();
    const { rows } = await tables.query('SELECT * FROM range(1000000), latest_coverage');
    for await (const _ of rows) break;
    await tables.query('SELECT * FROM range(1000000), latest_coverage');
    await tables.close();
    expect(readdirSync(scratch)).toEqual([]);
    opened = [];
  });

  test('says which file vanished', async () => {
    await addRun(A);
    const tables = await open();
    const key = `tables/keys/run_date=2026-11-01/${A}.parquet`;
    store.open = async () => null;
    await expect(tables.query('FROM latest_keys')).rejects.toThrow(
      `${key} was listed in s3://example-bucket/audit and is gone`,
    );
    Reflect.deleteProperty(store, 'open');
    expect(await rowsOf(tables, 'SELECT run_id FROM latest_keys')).toEqual([{ run_id: A }]);
  });
});

describe('what is not there', () => {
  test('an empty root has no run, and says how to get one', async () => {
    await expect(openTables({ store })).rejects.toThrow(
      'no finished run in s3://example-bucket/audit: run `trailseal scan',
    );
  });

  test('a run that does not exist is named', async () => {
    await addRun(A);
    await expect(openTables({ store, runId: B })).rejects.toThrow(`no finished run ${B} in`);
  });

  test.each(TABLE_NAMES.filter((table) => table !== 'runs'))(
    '%s gone is not an empty table',
    async (table: TableName) => {
      await addRun(A);
      await addRun(B);
      store.objects.delete(`tables/${table}/run_date=2026-11-02/${B}.parquet`);
      const tables = await open();
      await expect(tables.query(`FROM latest_${table}`)).rejects.toThrow(`run ${B} has no table ${table} in`);
      await expect(tables.query(`FROM ${table}`)).rejects.toThrow(`run ${B} has no table ${table} in`);
    },
  );

  test.each(['damaged', ''])('a damaged file (%j) is named by its key', async (content) => {
    await addRun(A);
    const key = `tables/coverage/run_date=2026-11-01/${A}.parquet`;
    await store.write(key, content);
    await expect((await open()).query('FROM latest_coverage')).rejects.toMatchObject({
      code: 'TABLE',
      message: expect.stringContaining(`${key} in s3://example-bucket/audit is not a readable Parquet file`),
    });
  });

  test.each([
    [4, 40],
    [100, 101],
    [300, 400],
    [4, 2000],
  ])('a file damaged from byte %i to %i is named by its key', async (from, to) => {
    const regions = Array.from({ length: 300 }, (_, i) => `region-${i}`);
    await addRun(A, 'ORGANIZATION', regions);
    await addRun(B, 'ORGANIZATION', regions);
    const key = `tables/coverage/run_date=2026-11-02/${B}.parquet`;
    store.objects.get(key)?.fill(0xff, from, to);
    const tables = await open();
    await expect(rowsOf(tables, 'FROM coverage')).rejects.toMatchObject({
      code: 'TABLE',
      message: expect.stringContaining(`${key} in s3://example-bucket/audit is not a readable Parquet file`),
    });
  });

  test('a table that does not exist is answered with those that do', async () => {
    await addRun(A);
    await expect((await open()).query('SELECT * FROM accounts')).rejects.toThrow(
      /^There is no table accounts\. The tables are coverage, latest_coverage, .*current_runs\.$/,
    );
  });
});

describe('SQL', () => {
  let tables: Tables;
  beforeEach(async () => {
    await addRun(A);
    tables = await open();
  });

  test.each([
    "COPY latest_coverage TO '/tmp/x.csv'",
    "ATTACH '/tmp/x.db'",
    'CREATE TABLE t AS SELECT 1',
    'INSERT INTO latest_coverage SELECT * FROM latest_coverage',
    'DROP VIEW latest_coverage',
    'DELETE FROM coverage',
    'SET threads = 1',
    'INSTALL httpfs',
    'LOAD httpfs',
    'PRAGMA database_list',
    'CALL pragma_version()',
    "EXPORT DATABASE '/tmp/x'",
    '/* SELECT */ -- SELECT\n ; DROP VIEW latest_coverage',
    'EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1',
    'VACUUM',
    'USE memory',
  ])('that does not read is refused: %s', async (sql) => {
    const word = /\b[A-Z]+\b/.exec(sql.replace('/* SELECT */ -- SELECT', ''))?.[0];
    await expect(tables.query(sql)).rejects.toMatchObject({
      code: 'QUERY',
      message: expect.stringMatching(new RegExp(`^${word} is refused: queries read, so begin with SELECT`)),
    });
  });

  test('that writes behind a word that reads is refused as well', async () => {
    await expect(tables.query('WITH t AS (SELECT 1) INSERT INTO coverage SELECT * FROM t')).rejects.toMatchObject({
      code: 'QUERY',
    });
    await expect(tables.query('SELECT 1; DROP VIEW latest_coverage')).rejects.toThrow('one statement at a time, got 2');
    await expect(tables.query('')).rejects.toThrow('there is no statement');
    await expect(tables.query('-- nothing')).rejects.toThrow('there is no statement');
  });

  test.each([
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM '/etc/hosts.csv'",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM read_parquet('s3://bucket/key.parquet')",
    "SELECT * FROM read_parquet('https://example.com/key.parquet')",
  ])('reaches nothing but the root: %s', async (sql) => {
    await expect(rowsOf(tables, sql)).rejects.toMatchObject({
      code: 'QUERY',
      message: expect.stringMatching(/disabled|Permission/),
    });
  });

  test('is answered with its own words where it is wrong', async () => {
    await expect(tables.query('SELECT nothing_alike FROM latest_runs')).rejects.toThrow(
      /^There is no column nothing_alike\. latest_runs has run_id, /,
    );
    await expect(tables.query('SELEC 1')).rejects.toThrow('SELEC: did you mean SELECT?');
    await expect(tables.query('SELECT FROM WHERE')).rejects.toThrow(/^The SQL cannot be parsed near "WHERE"\.$/);
    await expect(rowsOf(tables, "SELECT CAST('x' AS BIGINT) FROM latest_runs")).rejects.toMatchObject({
      code: 'QUERY',
    });
  });

  test('goes on working after an error', async () => {
    await expect(tables.query('SELECT nope')).rejects.toThrow();
    expect(await rowsOf(tables, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('takes parameters by place and by name', async () => {
    const sql = 'SELECT region FROM latest_coverage WHERE account_id = ? LIMIT ?';
    expect(await rowsOf(tables, sql, ['111111111111', 1])).toEqual([{ region: 'us-east-1' }]);
    expect(await rowsOf(tables, sql, ["1' OR '1'='1", 1])).toEqual([]);
    expect(await rowsOf(tables, 'SELECT $a AS a, $b AS b, $c AS c', { a: 'x', b: null, c: true })).toEqual([
      { a: 'x', b: null, c: true },
    ]);
    await expect(tables.query(sql, ['111111111111'])).rejects.toMatchObject({ code: 'QUERY' });
  });

  test('values come as JSON can carry them', async () => {
    const [row] = await rowsOf(
      tables,
      `SELECT 42::BIGINT AS whole, 9007199254740993 AS large, sum(1) AS total, 1.25 AS decimal, 0.5::DOUBLE AS double,
              'nan'::DOUBLE AS nan, DATE '2026-11-23' AS day, TIMESTAMP '2026-11-23 10:00:00.1239' AS moment,
              TIMESTAMPTZ '2026-11-23 10:00:00+02' AS zoned, ['a', NULL] AS list, {'a': 1, 'b': ['c']} AS struct,
              MAP {'k': 1} AS map, NULL AS nothing, INTERVAL '1' DAY AS span, 'infinity'::TIMESTAMP AS never,
              TIMESTAMP_NS '1969-12-31 23:59:59.5' AS before, true AS yes`,
    );
    expect(row).toEqual({
      whole: 42,
      large: '9007199254740993',
      total: 1,
      decimal: 1.25,
      double: 0.5,
      nan: 'NaN',
      day: '2026-11-23',
      moment: '2026-11-23T10:00:00.123Z',
      zoned: '2026-11-23T08:00:00.000Z',
      list: ['a', null],
      struct: { a: 1, b: ['c'] },
      map: { k: 1 },
      nothing: null,
      span: '1 day',
      never: 'infinity',
      before: '1969-12-31T23:59:59.500Z',
      yes: true,
    });
  });

  test('columns of one name are kept apart', async () => {
    const result = await tables.query('SELECT 1 AS a, 2 AS a');
    expect(new Set(result.columns.map(({ name }) => name)).size).toBe(2);
    expect(Object.values((await allRows(result))[0] ?? {})).toEqual([1, 2]);
  });

  test('may be asked again while another answer is half read', async () => {
    const first = await tables.query('SELECT range AS n FROM range(10000)');
    const iterator = first.rows[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toEqual({ n: 0 });
    expect(await rowsOf(tables, 'SELECT count(*) AS n FROM range(5000)')).toEqual([{ n: 5000 }]);
    expect((await iterator.next()).value).toEqual({ n: 1 });
    await iterator.return?.();
  });

  test('means what it means on Athena', async () => {
    const [row] = await rowsOf(
      tables,
      `SELECT cardinality(ARRAY['a', 'b']) AS size, array_join(ARRAY['a', NULL, 'b'], '|') AS joined,
              array_join(ARRAY['a', NULL], '|', '?') AS filled,
              array_join(ARRAY[CAST(NULL AS varchar)], '|') AS none, array_join(CAST(NULL AS varchar[]), '|') AS absent,
              date_diff('day', TIMESTAMP '2026-11-01 23:00:00', TIMESTAMP '2026-11-02 22:00:00') AS short_of_a_day, element_at(ARRAY['a', 'b'], 2) AS second,
              contains(ARRAY['a'], 'a') AS held, 7 / 2 AS halved, from_unixtime(0) AS epoch,
              to_unixtime(TIMESTAMP '1970-01-01 00:00:01') AS seconds, approx_distinct(x) AS about,
              regexp_like('trail-1', '^trail-[0-9]$') AS alike, every(x < 9) AS every, max_by(x, x) AS greatest,
              date_diff('day', TIMESTAMP '2026-11-01', TIMESTAMP '2026-11-03') AS days, slice(ARRAY[1, 2, 3], 2, 2) AS slice,
              array_max(ARRAY[1, 3, 2]) AS top, array_min(ARRAY[3, 1]) AS bottom, array_remove(ARRAY[1, 2], 1) AS rest,
              from_iso8601_timestamp('2026-11-23T10:00:00Z') AS iso
       FROM (VALUES (1), (2)) AS t(x)`,
    );
    expect(row).toEqual({
      size: 2,
      joined: 'a|b',
      filled: 'a|?',
      none: '',
      absent: null,
      short_of_a_day: 0,
      second: 'b',
      held: true,
      halved: 3,
      epoch: '1970-01-01T00:00:00.000Z',
      seconds: 1,
      about: 2,
      alike: true,
      every: true,
      greatest: 2,
      days: 2,
      slice: [2, 3],
      top: 3,
      bottom: 1,
      rest: [2],
      iso: '2026-11-23T10:00:00.000Z',
    });
  });

  test('keeps UTC in every session', async () => {
    expect(await rowsOf(tables, "SELECT current_setting('TimeZone') AS zone")).toEqual([{ zone: 'UTC' }]);
  });
});

test('UTC holds on a machine that lives elsewhere', async () => {
  await addRun(A);
  const { root } = await onDisk(await folder());
  const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    import { openTables } from ${module('../../functions/local/duckdb.ts')};
    import { allRows } from ${module('../../functions/report/queries/query-result.ts')};
    import { MemoryStore } from ${module('../report/memory-store.ts')};
    import { readFileSync } from 'node:fs';
    const store = new MemoryStore(process.argv[1]);
    for (const key of process.argv.slice(2)) store.objects.set(key, readFileSync(process.argv[1] + '/' + key));
    const tables = await openTables({ store });
    const sql = "SELECT observed_at, strftime(observed_at, '%d %H:%M') AS at FROM latest_coverage";
    console.log(JSON.stringify([new Date(0).getTimezoneOffset(), await allRows(await tables.query(sql))]));
    await tables.close();`;
  const child = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script, root, ...store.objects.keys()],
    {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'Pacific/Kiritimati', NODE_OPTIONS: '' },
    },
  );
  expect(child.stderr).toBe('');
  const [offset, rows] = JSON.parse(child.stdout);
  expect(offset).not.toBe(0);
  expect(rows).toEqual([{ observed_at: '2026-11-02T06:00:00.000Z', at: '02 06:00' }]);
});

describe('roots of several organizations, asked together', () => {
  const rootOf = async (root: string, runId: RunId, organization: string | null, regions: string[]) => {
    const own = new MemoryStore(root);
    const run = { store: own, runId, runDate: DATES[runId] };
    const rows = regions.map((region) => coverageRow({ run_id: runId, region }));
    await writeTable({ ...run, table: 'coverage', rows });
    await writeTable({ ...run, table: 'findings', rows: [findingRow({ run_id: runId })] });
    await writeTable({ ...run, table: 'trails', rows: [trailRow({ run_id: runId })] });
    await writeTable({ ...run, table: 'keys', rows: [keyRow({ run_id: runId })] });
    await writeTable({ ...run, table: 'buckets', rows: [bucketRow({ run_id: runId })] });
    await writeTable({ ...run, table: 'runs', rows: [runRow({ run_id: runId, organization_id: organization })] });
    return own;
  };
  const several = async (...roots: [MemoryStore, ...MemoryStore[]]): Promise<Tables> => {
    const [first, ...moreStores] = roots;
    const tables = await openTables({ store: first, moreStores, scratch });
    opened.push(tables);
    return tables;
  };

  test('every table, newest run and present is that of all of them, with the organization as its last column', async () => {
    const tables = await several(
      await rootOf('s3://one', A, 'o-one0000000', ['us-east-1', 'eu-west-1']),
      await rootOf('s3://two', B, 'o-two0000000', ['us-east-1']),
      await rootOf('s3://alone', C, null, ['us-west-2']),
    );
    for (const view of ['coverage', 'latest_coverage', 'current_coverage']) {
      const sql = `SELECT organization, count(*)::INT AS n FROM ${view} GROUP BY ALL ORDER BY ALL NULLS LAST`;
      expect([view, await allRows(await tables.query(sql))]).toEqual([
        view,
        [
          { organization: 'o-one0000000', n: 2 },
          { organization: 'o-two0000000', n: 1 },
          { organization: null, n: 1 },
        ],
      ]);
    }
    const { columns } = await tables.query('SELECT * FROM latest_findings');
    expect(columns.map(({ name }) => name).at(-1)).toBe('organization');
    for (const { name, sql } of namedQueries())
      expect([name, Array.isArray(await allRows(await tables.query(sql)))]).toEqual([name, true]);
  });

  test('one root has no such column', async () => {
    const tables = await several(await rootOf('s3://one', A, 'o-one0000000', ['us-east-1']));
    const { columns } = await tables.query('SELECT * FROM latest_coverage');
    expect(columns.map(({ name }) => name)).not.toContain('organization');
  });

  test('two roots of one organization are refused, and leave nothing behind', async () => {
    const [one, same] = [
      await rootOf('s3://one', A, 'o-one0000000', ['us-east-1']),
      await rootOf('s3://old', B, 'o-one0000000', ['us-east-1']),
    ];
    await expect(openTables({ store: one, moreStores: [same], scratch })).rejects.toThrow(
      's3://one and s3://old (--report) both hold organization o-one0000000: name one root for each organization.',
    );
  });
});
