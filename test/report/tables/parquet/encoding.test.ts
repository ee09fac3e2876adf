import { describe, expect, test } from '@jest/globals';
import { parquetMetadata } from 'hyparquet';
import type { CoverageRow, Row, TableName } from '../../../../functions/report/tables/columns.ts';
import { parquetBody } from '../../../../functions/report/tables/parquet/parquet.ts';
import { parquetRows } from '../../../../functions/report/tables/parquet/parquet-reader.ts';
import { bytesOf, duckdbRead } from '../duckdb-reader.ts';
import { coverageRow, trailRow } from '../sample-rows.ts';

/** What one chunk became, by its column's name. */
const written = (rows: CoverageRow[]) => writtenAs('coverage', rows);
async function writtenAs<T extends TableName>(table: T, rows: Row<T>[]) {
  const bytes = await bytesOf(parquetBody(table, rows));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const [group] = parquetMetadata(file).row_groups;
  const chunk = (name: string) => group?.columns.find((c) => c.meta_data?.path_in_schema[0] === name)?.meta_data;
  const encodingOf = (name: string) => chunk(name)?.encoding_stats?.at(-1)?.encoding;
  const pagesOf = (name: string) => chunk(name)?.encoding_stats?.at(-1)?.count;
  return { bytes, chunk, encodingOf, pagesOf };
}

async function expectSame(bytes: Uint8Array, rows: CoverageRow[]): Promise<void> {
  const read: CoverageRow[] = [];
  for await (const row of parquetRows({ table: 'coverage', bytes, source: 'the file' })) read.push(row);
  expect(read).toEqual(rows);
  const sql = 'SELECT account_name, error_message, trail_arns, api_calls::VARCHAR FROM read_parquet($file)';
  expect(await duckdbRead(bytes, sql)).toEqual(
    rows.map((row) => [row.account_name, row.error_message, row.trail_arns, String(row.api_calls)]),
  );
}

describe('a column', () => {
  test('of values that never repeat is plain, in pages of about a megabyte that tear no row apart', async () => {
    const long = (i: number, letter: string) => `${i} ${letter.repeat(1_000)}`;
    const rows = Array.from({ length: 3_000 }, (_, i) =>
      coverageRow({
        error_message: i % 3 === 0 ? null : long(i, 'm'),
        trail_arns: Array.from({ length: i % 4 }, (_item, n) => long(i * 10 + n, 't')),
      }),
    );
    const { bytes, encodingOf, pagesOf } = await written(rows);
    expect([encodingOf('error_message'), pagesOf('error_message')]).toEqual(['PLAIN', 2]);
    expect([encodingOf('trail_arns'), pagesOf('trail_arns')]).toEqual(['PLAIN', 5]);
    await expectSame(bytes, rows);
  });

  test('whose values repeat after all, or no longer, is right either way', async () => {
    const rows = Array.from({ length: 5_000 }, (_, i) =>
      coverageRow({
        account_name: i < 1_500 ? `own ${i}` : 'shared',
        error_message: i < 1_500 ? 'shared' : `own ${i}`,
        trail_arns: i % 2 ? ['arn:a', `arn:${i % 7}`] : [],
        api_calls: i % 2 ? 2 ** 40 + (i % 5) : i % 3,
      }),
    );
    const { bytes, encodingOf } = await written(rows);
    expect(['account_name', 'error_message', 'trail_arns', 'api_calls'].map(encodingOf)).toEqual([
      'RLE_DICTIONARY',
      'PLAIN',
      'RLE_DICTIONARY',
      'RLE_DICTIONARY',
    ]);
    await expectSame(bytes, rows);
  });

  test('says its least and greatest value in the order of bytes, and how many are null', async () => {
    const names = ['\ue000', '\u{10000}', 'z'];
    const { chunk } = await written(
      names.map((account_name, i) =>
        coverageRow({ account_name, api_calls: [7, 0, 2 ** 45][i] ?? 0, reason: i === 1 ? 'R' : null }),
      ),
    );
    expect(chunk('account_name')?.statistics).toMatchObject({ min_value: 'z', max_value: '\u{10000}', null_count: 0n });
    expect(chunk('api_calls')?.statistics).toMatchObject({ min_value: 0n, max_value: 2n ** 45n });
    expect(chunk('reason')?.statistics).toMatchObject({ min_value: 'R', max_value: 'R', null_count: 2n });
  });

  test('of few values that come seldom twice is plain all the same, each where it belongs', async () => {
    const rows = Array.from({ length: 4_000 }, (_, i) =>
      coverageRow({
        error_message: `${i % 2_500} ${'m'.repeat(900)}`,
        duration_ms: (i % 3_000) * 2 ** 33 - 2 ** 40,
        observed_at: new Date(Date.UTC(1969, 11, 31) + (i % 3_000) * 33_333_333).toISOString(),
      }),
    );
    const { bytes, chunk, encodingOf, pagesOf } = await written(rows);
    expect([encodingOf('error_message'), pagesOf('error_message')]).toEqual(['PLAIN', 4]);
    expect([encodingOf('duration_ms'), encodingOf('observed_at')]).toEqual(['PLAIN', 'PLAIN']);
    expect(chunk('duration_ms')?.statistics).toMatchObject({ min_value: -(2n ** 40n) });
    await expectSame(bytes, rows);
    const sql = 'SELECT duration_ms::VARCHAR, epoch_ms(observed_at)::VARCHAR FROM read_parquet($file)';
    expect(await duckdbRead(bytes, sql)).toEqual(
      rows.map((row) => [String(row.duration_ms), String(Date.parse(row.observed_at ?? ''))]),
    );
  });

  test('of booleans takes a bit for each, and none for null', async () => {
    const rows = Array.from({ length: 77 }, (_, i) =>
      trailRow({ is_logging: i % 5 === 0 ? null : i % 3 === 0, is_organization: i % 7 > 2, is_multi_region: true }),
    );
    const { bytes, chunk } = await writtenAs('trails', rows);
    const sql = 'SELECT is_logging, is_organization, is_multi_region FROM read_parquet($file)';
    expect(await duckdbRead(bytes, sql)).toEqual(
      rows.map((row) => [row.is_logging, row.is_organization, row.is_multi_region]),
    );
    expect(chunk('is_logging')?.statistics).toMatchObject({ min_value: false, max_value: true, null_count: 16n });
    expect(chunk('is_multi_region')?.statistics).toMatchObject({ min_value: true, max_value: true, null_count: 0n });
  });
});
