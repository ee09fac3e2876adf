import { createHash } from 'node:crypto';
import { type FileMetaData, parquetMetadata, parquetRead, parquetSchema, type SchemaTree } from 'hyparquet';
import { TrailSealError } from '../../../domain/model/errors.ts';
import { type Column, columnsOf, type Row, type TableName } from '../columns.ts';
import { ROWS_SHA256 } from './parquet.ts';

export interface ParquetSource<T extends TableName> {
  table: T;
  /** The whole file. */
  bytes: Uint8Array;
  /** How a person names the file, e.g. its key and root. */
  source: string;
}

/**
 * The rows of a table's file, the columns of one row group in memory at a time: as objects its rows would take several
 * times as much. A column that the file is too old to have is null
 * (an empty list), whatever the schema says.
 * @param source.columns default all; the others are not even unpacked
 * @throws TrailSealError where it is no readable Parquet file
 */
export function parquetRows<T extends TableName>(source: ParquetSource<T>): AsyncGenerator<Row<T>>;
export function parquetRows<T extends TableName, C extends keyof Row<T>>(
  source: ParquetSource<T> & { columns: readonly C[] },
): AsyncGenerator<Pick<Row<T>, C>>;
export async function* parquetRows<T extends TableName, C extends keyof Row<T>>({
  table,
  columns,
  bytes,
  source,
}: ParquetSource<T> & { columns?: readonly C[] }): AsyncGenerator<Pick<Row<T>, C>> {
  const readers = columnsOf(table)
    .filter(({ name }) => columns?.includes(name as C) ?? true)
    .map((column) => [column.name, valueReader(column)] as const);
  const file = bufferOf(bytes);
  const metadata = await readable(source, () => soundMetadata(file));
  if (!isWhole(bytes, metadata)) throw unreadable(source, new Error('its rows are not those that were written'));
  const there = new Set(parquetSchema(metadata).children.map(({ element }) => element.name));
  const names = readers.map(([name]) => name).filter((name) => there.has(name));
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const values = await readable(source, () => readGroup({ file, metadata, columns: names, rowStart, rowEnd }));
    for (let at = 0; at < rowEnd - rowStart; at++) {
      const row: Record<string, unknown> = {};
      for (const [name, read] of readers) row[name] = read(values.get(name)?.[at]);
      yield row as Pick<Row<T>, C>;
    }
    rowStart = rowEnd;
  }
}

/** The bytes alone, copied only where they share their buffer with others. */
const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBuffer =>
  (byteLength === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer;

/** The values of each column of a row group, by row. */
async function readGroup(group: {
  file: ArrayBuffer;
  metadata: FileMetaData;
  columns: string[];
  rowStart: number;
  rowEnd: number;
}): Promise<Map<string, ArrayLike<unknown>>> {
  const values = new Map<string, ArrayLike<unknown>>();
  await parquetRead({
    ...group,
    onChunk({ columnName, columnData }) {
      const before = values.get(columnName);
      // One chunk for each page.
      values.set(columnName, before ? [...Array.from(before), ...Array.from(columnData)] : columnData);
    },
  });
  return values;
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
