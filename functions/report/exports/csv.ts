import { columnsOf, type TableName } from '../tables/columns.ts';
import { batchesOf, type RowSource } from '../tables/parquet/parquet.ts';
import { type CsvValue, csvCell } from './csv-cell.ts';
import { spreadsheetCell, withoutFormula } from './csv-injection.ts';

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
  const line = lineWriter(bom ? spreadsheetCell : withoutFormula);
  yield (bom ? BOM : '') + line(header);
  let lines: string[] = [];
  for await (const batch of batches) {
    for (const row of batch) {
      lines.push(line(row));
      if (lines.length < BATCH) continue;
      yield lines.join('');
      lines = [];
    }
  }
  if (lines.length > 0) yield lines.join('');
}

/** Makes one line after the other: names, dates and whatever else is the same in row after row is looked at once. */
function lineWriter(text: (value: string) => string): (row: readonly CsvValue[]) => string {
  const values: CsvValue[] = [];
  const cells: string[] = [];
  return (row) => {
    row.forEach((value, at) => {
      if (value === values[at]) return;
      values[at] = value;
      cells[at] = csvCell(value, text);
    });
    return `${cells.join(',')}\n`;
  };
}
