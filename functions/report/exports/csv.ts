import { stringify } from 'csv-stringify/sync';
import { columnsOf, type TableName } from '../tables/columns.ts';
import { batchesOf, type RowSource } from '../tables/parquet/parquet.ts';
import { spreadsheetCell, withoutFormula } from './csv-injection.ts';

export { withoutFormula };

export interface CsvOptions {
  /**
   * Begin with a byte order mark. Excel takes a UTF-8 file without one for the local code page and garbles names; pipes
   * and scripts choke on one. So files that people open have it (the default), and what goes to stdout has not. For the
   * same reason texts that Excel would take for numbers are `="…"` in files that people open, and as they are elsewhere.
   */
  bom?: boolean;
}

export type CsvValue = string | number | boolean | null | readonly CsvValue[] | { readonly [name: string]: CsvValue };

const BOM = '\uFEFF';
const BATCH = 1000;

/**
 * A table as CSV (RFC 4180 quoting, LF, UTF-8): lists joined by ` | `, null as nothing, an empty string as `""`,
 * and no cell that a spreadsheet would run.
 */
export async function* csvBody<T extends TableName>(
  table: T,
  rows: RowSource<T>,
  options: CsvOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  const header = columnsOf(table).map(({ name }) => name);
  const cells = async function* (): AsyncGenerator<CsvValue[]> {
    for await (const batch of batchesOf(rows))
      for (const row of batch) yield header.map((name) => (row as Record<string, CsvValue>)[name] ?? null);
  };
  for await (const text of csvText({ header, rows: cells(), ...options })) yield encoder.encode(text);
}

/** Any rows as CSV text, a thousand rows at a time. */
export async function* csvText({
  header,
  rows,
  bom = true,
}: CsvOptions & {
  header: readonly string[];
  rows: AsyncIterable<readonly CsvValue[]>;
}): AsyncGenerator<string, void, undefined> {
  const text = bom ? spreadsheetCell : withoutFormula;
  yield (bom ? BOM : '') + lines([header], text);
  let batch: (readonly CsvValue[])[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    yield lines(batch, text);
    batch = [];
  }
  if (batch.length > 0) yield lines(batch, text);
}

const lines = (rows: readonly (readonly CsvValue[])[], text: (value: string) => string): string =>
  stringify(
    rows.map((row) => row.map((value) => cell(value, text))),
    { record_delimiter: '\n', quoted_match: /^$/ },
  );

function cell(value: CsvValue, text: (value: string) => string): string | null {
  if (value === null) return null;
  if (typeof value === 'string') return text(value);
  // Numbers stay numbers: -5 is no formula.
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return text(joined(value));
}

const joined = (value: CsvValue): string => {
  if (Array.isArray(value))
    return value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(' | ');
  return JSON.stringify(value);
};
