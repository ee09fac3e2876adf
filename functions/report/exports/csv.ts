import { stringify } from 'csv-stringify/sync';
import { columnsOf, type TableName } from '../tables/columns.ts';
import { batchesOf, type RowSource } from '../tables/parquet/parquet.ts';
import { spreadsheetCell, withoutFormula } from './csv-injection.ts';

export type CsvValue = string | number | boolean | null | readonly CsvValue[] | { readonly [name: string]: CsvValue };

export interface CsvOptions {
  /**
   * Begin with a byte order mark. Excel takes a UTF-8 file without one for the local code page and garbles names; pipes
   * and scripts choke on one. So files that people open have it (the default), and what goes to stdout has not. For the
   * same reason texts that Excel would take for numbers are `="…"` in files that people open, and as they are elsewhere.
   */
  bom?: boolean;
}

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
  const valuesOf = (row: object) => header.map((name) => (row as Record<string, CsvValue>)[name] ?? null);
  async function* batches() {
    for await (const batch of batchesOf(rows)) yield batch.map(valuesOf);
  }
  for await (const text of csvOf({ header, batches: batches(), ...options })) yield encoder.encode(text);
}

/** Any rows as CSV text, a thousand rows at a time. */
export async function* csvText({
  rows,
  ...file
}: CsvOptions & {
  header: readonly string[];
  rows: AsyncIterable<readonly CsvValue[]>;
}): AsyncGenerator<string, void, undefined> {
  async function* batches() {
    for await (const row of rows) yield [row];
  }
  yield* csvOf({ ...file, batches: batches() });
}

async function* csvOf({
  header,
  batches,
  bom = true,
}: CsvOptions & {
  header: readonly string[];
  batches: AsyncIterable<readonly (readonly CsvValue[])[]>;
}): AsyncGenerator<string, void, undefined> {
  const lines = linesWriter(bom ? spreadsheetCell : withoutFormula);
  yield (bom ? BOM : '') + lines([header]);
  let waiting: (readonly CsvValue[])[] = [];
  for await (const batch of batches) {
    waiting = waiting.concat(batch);
    if (waiting.length < BATCH) continue;
    yield lines(waiting);
    waiting = [];
  }
  if (waiting.length > 0) yield lines(waiting);
}

/** Makes lines of rows: names, dates and whatever else is the same in row after row is looked at once. */
function linesWriter(text: (value: string) => string): (rows: readonly (readonly CsvValue[])[]) => string {
  const values: CsvValue[] = [];
  const cells: (string | null)[] = [];
  const cellsOf = (row: readonly CsvValue[]) => {
    row.forEach((value, at) => {
      if (value === values[at]) return;
      values[at] = value;
      cells[at] = cell(value, text);
    });
    return cells.slice(0, row.length);
  };
  // An empty string is quoted, null is nothing; some readers take a lone carriage return for the end of a row.
  return (rows) => stringify(rows.map(cellsOf), { record_delimiter: '\n', quoted_match: /^$|\r/ });
}

function cell(value: CsvValue, text: (value: string) => string): string | null {
  if (value === null) return null;
  // Numbers stay numbers: -5 is no formula.
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return text(typeof value === 'string' ? value : joined(value));
}

const joined = (value: CsvValue): string => {
  if (Array.isArray(value))
    return value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(' | ');
  return JSON.stringify(value);
};
