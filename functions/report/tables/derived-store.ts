import type { ReportStore } from '../../domain/model/store.ts';
import type { Row, TableName } from './columns.ts';
import { parquetBody } from './parquet/parquet.ts';
import { type TableFile, tableFile } from './tables.ts';

/** Files of a root that are made when they are read; null for those that are as they are. */
interface Derived {
  root: string;
  rows(file: TableFile): AsyncIterable<Row<TableName>> | null;
  report?(key: string): Promise<string> | null;
}

/** A report root in which some files are made from others when they are read. */
export function derivedStore(store: ReportStore, { root, rows, report }: Derived): ReportStore {
  const made = async (key: string): Promise<AsyncIterable<Uint8Array> | null> => {
    const file = tableFile(key);
    const table = file && rows(file);
    if (file && table) return parquetBody(file.table, table as AsyncIterable<Row<typeof file.table>>);
    const text = await (report?.(key) ?? null);
    return text === null ? null : once(Buffer.from(text));
  };
  return {
    root,
    objectKey: (key) => store.objectKey(key),
    list: (prefix) => store.list(prefix),
    write: (key, content) => store.write(key, content),
    open: async (key) => (await made(key)) ?? store.open(key),
    async read(key) {
      const body = await made(key);
      if (body === null) return store.read(key);
      const parts: Uint8Array[] = [];
      for await (const part of body) parts.push(part);
      return Buffer.concat(parts);
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
