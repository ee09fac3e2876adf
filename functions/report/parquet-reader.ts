import { createHash } from 'node:crypto';
import { type FileMetaData, parquetMetadata, parquetReadObjects, parquetSchema, type SchemaTree } from 'hyparquet';
import { TrailSealError } from '../domain/errors.ts';
import { type Column, columnsOf, type Row, type TableName } from './columns.ts';
import { ROWS_SHA256 } from './parquet.ts';

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
  const metadata = await readable(source, () => soundMetadata(file));
  if (!isWhole(bytes, metadata)) throw unreadable(source, new Error('its rows are not those that were written'));
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const group = await readable(source, () => parquetReadObjects({ file, metadata, rowStart, rowEnd }));
    for (const row of group) yield Object.fromEntries(readers.map(([name, read]) => [name, read(row[name])])) as Row<T>;
    rowStart = rowEnd;
  }
}

/**
 * The file's own description, where it is about this file. The reader starts on all columns at once, so a description
 * that fails it half-way would leave the others' errors to nobody.
 */
function soundMetadata(file: ArrayBuffer): FileMetaData {
  const metadata = parquetMetadata(file);
  const known = new Set(leavesOf(parquetSchema(metadata)));
  for (const { columns, num_rows: rows } of metadata.row_groups) {
    for (const { meta_data: column } of columns) {
      const path = column?.path_in_schema.join('/') ?? '';
      const starts = [column?.data_page_offset, column?.dictionary_page_offset ?? column?.data_page_offset].map(Number);
      const bytes = Number(column?.total_compressed_size);
      const isWithin = Math.min(...starts) >= 0 && bytes >= 0 && Math.min(...starts) + bytes <= file.byteLength;
      if (!known.has(path) || !isWithin || !(rows >= 0)) throw new Error(`column ${path} is not in the file`);
    }
  }
  return metadata;
}

/** By the hash that the writer left in the footer; a file of before there was one is taken as it is. */
function isWhole(bytes: Uint8Array, metadata: FileMetaData): boolean {
  const stated = metadata.key_value_metadata?.find(({ key }) => key === ROWS_SHA256)?.value;
  if (stated === undefined) return true;
  const rows = bytes.subarray(0, bytes.length - 8 - metadata.metadata_length);
  return createHash('sha256').update(rows).digest('hex') === stated;
}

const leavesOf = ({ children, path }: SchemaTree): string[] =>
  children.length === 0 ? [path.join('/')] : children.flatMap(leavesOf);

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
