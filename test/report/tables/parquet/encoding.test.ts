import { describe, expect, test } from '@jest/globals';
import { parquetMetadata } from 'hyparquet';
import type { CoverageRow } from '../../../../functions/report/tables/columns.ts';
import { parquetBody } from '../../../../functions/report/tables/parquet/parquet.ts';
import { parquetRows } from '../../../../functions/report/tables/parquet/parquet-reader.ts';
import { bytesOf, duckdbRead } from '../duckdb-reader.ts';
import { coverageRow } from '../sample-rows.ts';

/** What one chunk became, by its column's name. */
async function written(rows: CoverageRow[]) {
  const bytes = await bytesOf(parquetBody('coverage', rows));
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
});
