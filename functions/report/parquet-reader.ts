import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { TrailSealError } from '../domain/errors.ts';
import { type Column, columnsOf, type Row, type TableName } from './columns.ts';

export interface ParquetSource<T extends TableName> {
  table: T;
  /** The whole file. */
  bytes: Uint8Array;
  /** How a person names the file, e.g. its key and root. */
  source: string;
}

/**
 * The rows of a table's file, one row group in memory at a time. A column that the file is too old to have is null
 * (an empty list), whatever the schema says.
 * @throws TrailSealError where it is no readable Parquet file
 */
export async function* parquetRows<T extends TableName>({
  table,
  bytes,
  source,
}: ParquetSource<T>): AsyncGenerator<Row<T>> {
  const readers = columnsOf(table).map((column) => [column.name, valueReader(column)] as const);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const metadata = await readable(source, () => parquetMetadata(file));
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const group = await readable(source, () => parquetReadObjects({ file, metadata, rowStart, rowEnd }));
    for (const row of group) yield Object.fromEntries(readers.map(([name, read]) => [name, read(row[name])])) as Row<T>;
    rowStart = rowEnd;
  }
}

async function readable<V>(source: string, read: () => V | Promise<V>): Promise<V> {
  try {
    return await read();
  } catch (cause) {
    throw unreadable(source, cause);
  }
}

/** The error for a table's file that cannot be read. */
export const unreadable = (source: string, cause: unknown): TrailSealError =>
  new TrailSealError(
    'TABLE',
    `${source} is not a readable Parquet file: restore it from a copy, or delete it to do without that run`,
    { cause },
  );

function valueReader({ type }: Column): (value: unknown) => unknown {
  switch (type) {
    case 'timestamp':
      return (value) => (value instanceof Date ? value.toISOString() : null);
    case 'bigint':
      return (value) => (typeof value === 'bigint' || typeof value === 'number' ? Number(value) : null);
    case 'array<string>':
      return (value) => (Array.isArray(value) ? value : []);
    default:
      return (value) => value ?? null;
  }
}
