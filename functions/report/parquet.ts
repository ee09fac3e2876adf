import { createHash } from 'node:crypto';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { columnsOf, type Row, SCHEMA_VERSION, type TableName } from './columns.ts';
import { type Cell, rowReader } from './parquet-cells.ts';
import { parquetSchema } from './parquet-schema.ts';

export interface ParquetOptions {
  /** Rows to a row group; fewer where the text in them is long. */
  rowsPerGroup?: number;
}

/** A table's rows, one by one, or in batches as they come: with millions of rows, what is awaited for each is what takes time. */
export type RowSource<T extends TableName> =
  | Iterable<Row<T>>
  | AsyncIterable<Row<T>>
  | { batches: AsyncIterable<readonly Row<T>[]> };

export async function* batchesOf<T extends TableName>(rows: RowSource<T>): AsyncGenerator<readonly Row<T>[]> {
  if ('batches' in rows) yield* rows.batches;
  else for await (const row of rows) yield [row];
}

/** In the footer: the SHA-256, hex, of all bytes before it. A page that was damaged may keep its reader busy for hours. */
export const ROWS_SHA256 = 'trailseal.rows_sha256';

const ROWS_PER_GROUP = 20_000;
/** A group also ends here, so that rows with thousands of ARNs do not outgrow the memory that short rows need. */
const CHARACTERS_PER_GROUP = 16_000_000;

/**
 * A table as a Parquet file, one row group in memory at a time: Snappy (the codec every Node version and every engine
 * has), dictionaries where they pay, column statistics. The same rows give the same bytes.
 * @throws TrailSealError on the first value that does not fit its column, naming table, row and column
 */
export async function* parquetBody<T extends TableName>(
  table: T,
  rows: RowSource<T>,
  options: ParquetOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { rowsPerGroup = ROWS_PER_GROUP } = options;
  if (!Number.isSafeInteger(rowsPerGroup) || rowsPerGroup < 1) {
    throw new TypeError(`rowsPerGroup: expected a whole number from 1, got ${rowsPerGroup}`);
  }
  const reader = rowReader(table);
  const group = new RowGroup(table);
  const bytes = new ByteWriter();
  const kvMetadata = [
    { key: 'trailseal.table', value: table },
    { key: 'trailseal.schema_version', value: String(SCHEMA_VERSION) },
  ];
  const file = new ParquetWriter({ writer: bytes, schema: parquetSchema(table), createdBy: 'TrailSeal', kvMetadata });
  const hash = createHash('sha256');
  const taken = (): Uint8Array => {
    const chunk = take(bytes);
    hash.update(chunk);
    return chunk;
  };
  for await (const batch of batchesOf(rows)) {
    for (const row of batch) {
      group.add(reader.cells(row));
      if (group.rows < rowsPerGroup && group.characters < CHARACTERS_PER_GROUP) continue;
      group.writeTo(file);
      yield taken();
    }
  }
  if (group.rows > 0) group.writeTo(file);
  yield taken();
  kvMetadata.push({ key: ROWS_SHA256, value: hash.digest('hex') });
  file.finish();
  yield take(bytes);
}

/** The rows gathered so far, by column. */
class RowGroup {
  rows = 0;
  characters = 0;
  readonly #names: string[];
  #columns: Cell[][];

  constructor(table: TableName) {
    this.#names = columnsOf(table).map(({ name }) => name);
    this.#columns = this.#names.map(() => []);
  }

  add(cells: readonly Cell[]): void {
    this.rows++;
    for (let index = 0; index < cells.length; index++) {
      const cell = cells[index] as Cell;
      this.#columns[index]?.push(cell);
      if (typeof cell === 'string') this.characters += cell.length;
      else if (Array.isArray(cell)) for (const item of cell) this.characters += item.length;
    }
  }

  writeTo(file: ParquetWriter): void {
    const columnData = this.#names.map((name, index) => ({ name, data: this.#columns[index] ?? [] }));
    file.write({ columnData, rowGroupSize: this.rows });
    this.#columns = this.#names.map(() => []);
    this.rows = 0;
    this.characters = 0;
  }
}

/** The bytes written since the last call; the writer goes on counting its offset. */
function take(writer: ByteWriter): Uint8Array {
  const taken = writer.getBytes().slice();
  writer.index = 0;
  return taken;
}
