import { createHash } from 'node:crypto';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { TrailSealError } from '../../../domain/model/errors.ts';
import { type Column, columnsOf, type Row, SCHEMA_VERSION, type TableName } from '../columns.ts';
import { type Cell, cellReader, Problem } from './parquet-cells.ts';
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
  readonly #columns: readonly GatheredColumn[];
  readonly #names: ReadonlySet<string>;
  /** Rows of the groups that are written. */
  #before = 0;

  constructor(table: TableName) {
    this.#table = table;
    this.#columns = columnsOf(table).map((column) => new GatheredColumn(column));
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
    const columnData = this.#columns.map((column) => ({
      ...{ name: column.name, data: column.take(), offsetIndex: false },
      // To compress hashes takes twice the time of writing them, and saves a tenth.
      ...(column.isHash && { codec: 'UNCOMPRESSED' as const }),
    }));
    file.write({ columnData, rowGroupSize: this.rows });
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

/** One column of a row group, each cell checked as it comes. */
class GatheredColumn {
  readonly name: string;
  readonly isHash: boolean;
  /** UTF-16 units of the cell added last. */
  lastCharacters = 0;
  readonly #nullable: boolean;
  readonly #isInteger: boolean;
  readonly #check: ReturnType<typeof cellReader>;
  #cells: unknown[] = [];
  /** What was added last, as it came and as it is stored. */
  #last: unknown;
  #stored: unknown;

  constructor(column: Column) {
    this.name = column.name;
    this.isHash = column.isHash ?? false;
    this.#nullable = column.nullable;
    this.#isInteger = column.type === 'bigint' || column.type === 'timestamp';
    this.#check = cellReader(column);
  }

  /** What is wrong with the cell, in words; null where it was taken. */
  add(cell: unknown): string | null {
    // Names, dates and whatever else is the same in row after row is checked once.
    if (cell !== this.#last || this.#cells.length === 0) {
      // Undefined is a column someone forgot, even where null would be an answer.
      if (cell === undefined) return 'missing';
      if (cell === null && !this.#nullable) return 'is null, and may not be';
      const checked = cell === null ? null : this.#check(cell);
      if (checked instanceof Problem) return checked.text;
      this.lastCharacters = checked === null ? 0 : charactersOf(checked);
      this.#last = cell;
      this.#stored = this.#isInteger && checked !== null ? BigInt(checked as number) : checked;
    }
    this.#cells.push(this.#stored);
    return null;
  }

  /** The cells since the last call. */
  take(): unknown[] {
    const cells = this.#cells;
    this.#cells = [];
    return cells;
  }
}

const charactersOf = (cell: Cell): number => {
  if (typeof cell === 'string') return cell.length;
  return typeof cell === 'object' ? cell.reduce((sum, item) => sum + item.length, 0) : 0;
};

/** The bytes written since the last call; the writer goes on counting its offset. */
function take(writer: ByteWriter): Uint8Array {
  const taken = writer.getBytes().slice();
  writer.index = 0;
  return taken;
}
