import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type CoverageRow,
  columnsOf,
  type Row,
  TABLE_NAMES,
  type TableName,
} from '../../../../functions/report/tables/columns.ts';
import { type ParquetOptions, parquetBody } from '../../../../functions/report/tables/parquet/parquet.ts';
import { parquetRows } from '../../../../functions/report/tables/parquet/parquet-reader.ts';
import { CODE_POINT } from '../../../code-point.ts';
import { bytesOf, duckdbRead } from '../duckdb-reader.ts';
import { bucketRow, coverageRow, findingRow, keyRow, runRow, trailRow } from '../sample-rows.ts';

const SAMPLES = {
  coverage: coverageRow(),
  findings: findingRow(),
  trails: trailRow(),
  keys: keyRow(),
  buckets: bucketRow(),
  runs: runRow(),
};

const write = <T extends TableName>(table: T, rows: Row<T>[], options?: ParquetOptions): Promise<Uint8Array> =>
  bytesOf(parquetBody(table, rows, options));
const readBack = async <T extends TableName>(table: T, bytes: Uint8Array): Promise<Row<T>[]> => {
  const rows: Row<T>[] = [];
  for await (const row of parquetRows({ table, bytes, source: 'the file' })) rows.push(row);
  return rows;
};

describe('what other readers see', () => {
  test.each(TABLE_NAMES)('%s has the declared names and types', async (table) => {
    const bytes = await write(table, [SAMPLES[table]] as never);
    const described = await duckdbRead(bytes, 'DESCRIBE SELECT * FROM read_parquet($file)');
    const duckdb = { string: 'VARCHAR', timestamp: 'TIMESTAMP WITH TIME ZONE', bigint: 'BIGINT', boolean: 'BOOLEAN' };
    expect(described.map(([name, type]) => [name, type])).toEqual(
      columnsOf(table).map(({ name, type }) => [name, type === 'array<string>' ? 'VARCHAR[]' : duckdb[type]]),
    );
  });

  test.each(TABLE_NAMES)('%s may be empty', async (table) => {
    const bytes = await write(table, []);
    expect(await duckdbRead(bytes, 'SELECT count(*)::INTEGER FROM read_parquet($file)')).toEqual([[0]]);
    expect(await readBack(table, bytes)).toEqual([]);
  });

  test('hostile text, nulls, empty and long lists come back unchanged', async () => {
    const rows = [
      coverageRow({ account_name: `'; DROP TABLE x; --`, trail_arns: [], reason: null }),
      coverageRow({ account_name: '=cmd|" /C calc"!A0', trail_arns: ['', 'a', '🚀', "it's"], reason: '' }),
      coverageRow({
        account_name: '\u0000\u001b[31m\r\n\t\u202e名前 é\u0301 \u{10ffff}',
        joined_at: '1969-12-31T23:59:59.999Z',
      }),
      coverageRow({
        account_name: 'x'.repeat(100_000),
        trail_arns: Array.from({ length: 5000 }, (_, i) => `arn:${i}`),
      }),
      coverageRow({ api_calls: Number.MAX_SAFE_INTEGER, duration_ms: 0, observed_at: '2026-11-23T21:56:07.123Z' }),
    ];
    const bytes = await write('coverage', rows);
    const seen = await duckdbRead(
      bytes,
      `SELECT account_name, trail_arns, reason, api_calls::VARCHAR, epoch_ms(joined_at)::VARCHAR, epoch_ms(observed_at)::VARCHAR
       FROM read_parquet($file)`,
    );
    const ms = (iso: string | null) => (iso === null ? null : String(Date.parse(iso)));
    expect(seen).toEqual(
      rows.map((row) => [
        row.account_name,
        row.trail_arns,
        row.reason,
        String(row.api_calls),
        ms(row.joined_at),
        ms(row.observed_at),
      ]),
    );
    expect(await readBack('coverage', bytes)).toEqual(rows);
  });

  test('several row groups hold the rows in order, with statistics and the schema’s version', async () => {
    const rows = Array.from({ length: 2503 }, (_, i) =>
      coverageRow({
        account_id: String(100_000_000_000 + i),
        trail_arns: i % 3 ? [`arn:${i}`] : [],
        reason: i % 2 ? null : 'R',
      }),
    );
    const bytes = await write('coverage', rows, { rowsPerGroup: 1000 });
    expect(
      await duckdbRead(
        bytes,
        `SELECT row_group_id::INTEGER, row_group_num_rows::INTEGER, stats_min_value, stats_max_value, compression
         FROM parquet_metadata($file) WHERE path_in_schema = 'account_id' ORDER BY 1`,
      ),
    ).toEqual([
      [0, 1000, '100000000000', '100000000999', 'SNAPPY'],
      [1, 1000, '100000001000', '100000001999', 'SNAPPY'],
      [2, 503, '100000002000', '100000002502', 'SNAPPY'],
    ]);
    expect(
      await duckdbRead(bytes, 'SELECT decode(key), decode(value) FROM parquet_kv_metadata($file) ORDER BY 1'),
    ).toEqual([
      ['trailseal.rows_sha256', expect.stringMatching(/^[0-9a-f]{64}$/)],
      ['trailseal.schema_version', '1'],
      ['trailseal.table', 'coverage'],
    ]);
    const repeated = await duckdbRead(
      bytes,
      `SELECT DISTINCT encodings FROM parquet_metadata($file) WHERE path_in_schema = 'region'`,
    );
    expect(JSON.stringify(repeated)).toContain('RLE_DICTIONARY');
    expect(await readBack('coverage', bytes)).toEqual(rows);
    expect(
      await duckdbRead(bytes, `SELECT count(*)::INTEGER FROM read_parquet($file) WHERE account_id = '100000001500'`),
    ).toEqual([[1]]);
  });

  test('long text ends a row group early, so that memory does not grow with it', async () => {
    const text = 'x'.repeat(4_000_000);
    const bytes = await write(
      'coverage',
      Array.from({ length: 6 }, (_, i) => coverageRow({ error_message: text + i })),
    );
    const groups = await duckdbRead(
      bytes,
      'SELECT num_row_groups::INTEGER, num_rows::INTEGER FROM parquet_file_metadata($file)',
    );
    expect(groups).toEqual([[2, 6]]);
  });

  test('columns of many pages are put together, and only the columns asked for are read', async () => {
    const rows = Array.from({ length: 2_000 }, (_, i) =>
      coverageRow({
        account_id: String(i).padStart(12, '0'),
        account_name: `${i} `.repeat(700),
        trail_arns: i % 3 === 0 ? [] : [`arn:${i}`, 'x'.repeat(1_500)],
        api_calls: i,
      }),
    );
    const bytes = await write('coverage', rows);
    expect(await readBack('coverage', bytes)).toEqual(rows);
    const some: object[] = [];
    const columns = ['trail_arns', 'account_id', 'api_calls'] as const;
    for await (const row of parquetRows({ table: 'coverage', columns, bytes, source: 'the file' })) some.push(row);
    expect(some).toEqual(rows.map(({ account_id, trail_arns, api_calls }) => ({ account_id, trail_arns, api_calls })));
  });

  test('any text makes the same round', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ name: fc.string({ unit: 'grapheme' }), arns: fc.array(fc.string({ unit: CODE_POINT })) }),
          {
            maxLength: 20,
          },
        ),
        async (drawn) => {
          const rows = drawn.map(({ name, arns }) => coverageRow({ account_name: name, trail_arns: arns }));
          const bytes = await write('coverage', rows, { rowsPerGroup: 7 });
          expect(await readBack('coverage', bytes)).toEqual(rows);
          const seen = await duckdbRead(bytes, 'SELECT account_name, trail_arns FROM read_parquet($file)');
          expect(seen).toEqual(rows.map((row) => [row.account_name, row.trail_arns]));
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('the same rows', () => {
  test.each(TABLE_NAMES)('%s gives the same bytes', async (table) => {
    const rows = [SAMPLES[table], SAMPLES[table]] as never;
    expect(Buffer.compare(await write(table, rows), await write(table, rows))).toBe(0);
  });

  test('come out one row group at a time', async () => {
    let pulled = 0;
    async function* rows(): AsyncGenerator<CoverageRow> {
      for (; pulled < 100; pulled++) yield coverageRow();
    }
    const body = parquetBody('coverage', rows(), { rowsPerGroup: 10 });
    await body.next();
    expect(pulled).toBe(9);
    await body.return(undefined);
    expect(pulled).toBe(9);
  });
});

describe('a value that does not fit', () => {
  const refused = async (row: object): Promise<string> => {
    try {
      await write('coverage', [coverageRow(), row as CoverageRow]);
      return 'written';
    } catch (error) {
      return (error as Error).message;
    }
  };
  test.each<[string, object, string]>([
    ['a word outside a closed set', { state: 'DONE' }, 'column state: expected one of SCANNED, REGION_DISABLED'],
    ['null where there must be an answer', { region: null }, 'column region: is null, and may not be'],
    ['a forgotten column', { joined_at: undefined }, 'column joined_at: missing'],
    ['a column that does not exist', { verdikt: 'ENCRYPTED' }, 'column verdikt: no such column'],
    ['a number as text', { account_id: 12 }, 'column account_id: expected a string, got 12'],
    ['a fraction as a count', { api_calls: 1.5 }, 'column api_calls: expected a whole number, got 1.5'],
    ['a count too large to be exact', { api_calls: 2 ** 53 }, 'column api_calls: expected a whole number'],
    ['a bigint as a count', { api_calls: 5n }, 'column api_calls: expected a whole number, got "5n"'],
    ['a local time', { joined_at: '2026-11-23T10:00:00+02:00' }, 'column joined_at: expected an ISO 8601 time in UTC'],
    [
      'a day that is not in the calendar',
      { joined_at: '2026-02-31T10:00:00Z' },
      'column joined_at: expected an ISO 8601',
    ],
    ['a Date', { joined_at: new Date(0) }, 'column joined_at: expected an ISO 8601 time in UTC'],
    [
      'one ARN instead of a list',
      { trail_arns: 'arn:x' },
      'column trail_arns: expected a list of strings, got "arn:x"',
    ],
    ['a list with a hole', { trail_arns: ['a', null] }, 'column trail_arns: expected a list of strings'],
    ['null instead of a list', { trail_arns: null }, 'column trail_arns: is null, and may not be'],
  ])('%s is refused, and named', async (_, wrong, message) => {
    const shown = await refused({ ...coverageRow(), ...wrong });
    expect(shown).toContain('table coverage, row 2, ');
    expect(shown).toContain(message);
  });

  test('booleans are not guessed', async () => {
    const row = { ...trailRow(), is_logging: 'true' } as never;
    await expect(write('trails', [row])).rejects.toThrow('column is_logging: expected true or false, got "true"');
  });

  test('row groups need a size', async () => {
    await expect(write('coverage', [], { rowsPerGroup: 0 })).rejects.toThrow(
      'rowsPerGroup: expected a whole number from 1',
    );
  });
});

describe('a file that is not sound', () => {
  const good = write('coverage', [coverageRow()]);
  test.each([
    ['empty', async () => new Uint8Array()],
    ['text', async () => new TextEncoder().encode('not a parquet file at all')],
    ['cut short', async () => (await good).subarray(0, -20)],
    [
      'overwritten in the middle',
      async () => {
        const bytes = Uint8Array.from(await good);
        bytes.fill(0xff, 8, 600);
        return bytes;
      },
    ],
  ])('%s: is named', async (_, damaged) => {
    await expect(readBack('coverage', await damaged())).rejects.toThrow('the file is not a readable Parquet file');
  });
});
