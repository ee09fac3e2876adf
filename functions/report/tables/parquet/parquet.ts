import { createHash } from 'node:crypto';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { TrailSealError } from '../../../domain/model/errors.ts';
import { columnsOf, type Row, SCHEMA_VERSION, type TableName } from '../columns.ts';
import { ParquetColumn } from './parquet-column.ts';
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
  const group = new RowGroup(table);
  const bytes = new ByteWriter();
  const kvMetadata = [
    { key: 'trailseal.table', value: table },
    { key: 'trailseal.schema_version', value: String(SCHEMA_VERSION) },
  ];
  const file = new ParquetWriter({
    writer: bytes,
    schema: parquetSchema(table),
    createdBy: 'TrailSeal',
    statisticsTruncateLength: Number.POSITIVE_INFINITY,
    kvMetadata,
  });
  const hash = createHash('sha256');
  const taken = (): Uint8Array => {
    const chunk = take(bytes);
    hash.update(chunk);
    return chunk;
  };
  for await (const batch of batchesOf(rows)) {
    for (const row of batch) {
      group.add(row);
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
  /** UTF-16 units of text in them. */
  characters = 0;
  readonly #table: TableName;
  readonly #columns: readonly ParquetColumn[];
  readonly #names: ReadonlySet<string>;
  /** Rows of the groups that are written. */
  #before = 0;

  constructor(table: TableName) {
    this.#table = table;
    this.#columns = columnsOf(table).map((column) => new ParquetColumn(column));
    this.#names = new Set(columnsOf(table).map(({ name }) => name));
  }

  /** @throws TrailSealError naming table, row (from 1) and column */
  add(row: Readonly<Record<string, unknown>>): void {
    this.rows++;
    for (const column of this.#columns) {
      const problem = column.add(row[column.name]);
      if (problem !== null) this.#refuse(column.name, problem);
      this.characters += column.lastCharacters;
    }
    // Every column is there: a row with a name too many is the only one with a foreign name.
    const given = Object.keys(row);
    if (given.length === this.#columns.length) return;
    for (const name of given) if (!this.#names.has(name)) this.#refuse(name, 'no such column');
  }

  writeTo(file: ParquetWriter): void {
    const began = file.writer.offset;
    const columns = this.#columns.map((column) => column.writeTo(file.writer));
    const uncompressed = columns.reduce((sum, { meta_data }) => sum + (meta_data?.total_uncompressed_size ?? 0n), 0n);
    file.row_groups.push({
      columns,
      total_byte_size: uncompressed,
      num_rows: BigInt(this.rows),
      total_compressed_size: BigInt(file.writer.offset - began),
    });
    file.num_rows += BigInt(this.rows);
    this.#before += this.rows;
    this.rows = 0;
    this.characters = 0;
  }

  #refuse(column: string, problem: string): never {
    throw new TrailSealError(
      'TABLE',
      `table ${this.#table}, row ${this.#before + this.rows}, column ${column}: ${problem}`,
    );
  }
}

/** The bytes written since the last call; the writer goes on counting its offset. */
function take(writer: ByteWriter): Uint8Array {
  const taken = writer.getBytes().slice();
  writer.index = 0;
  return taken;
}
