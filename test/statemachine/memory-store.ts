import type { ReportStore, StoreBody } from '../../functions/domain/model/store.ts';

export interface MemoryStore extends ReportStore {
  readonly files: Map<string, Uint8Array>;
  text(key: string): string;
}

/** A report root in memory. `prefix` is that of an S3 root. */
export function memoryStore(options: { prefix?: string; beforeWrite?: (key: string) => void } = {}): MemoryStore {
  const files = new Map<string, Uint8Array>();
  return {
    root: 'memory',
    files,
    async write(key, body) {
      options.beforeWrite?.(key);
      files.set(key, await bytesOf(body));
    },
    read: async (key) => files.get(key) ?? null,
    open: async (key) => {
      const file = files.get(key);
      return file ? inChunks(file, 1_000) : null;
    },
    async *list(prefix) {
      for (const key of [...files.keys()].sort()) if (key.startsWith(prefix)) yield key;
    },
    objectKey: (key) => `${options.prefix ?? ''}${key}`,
    text(key) {
      const file = files.get(key);
      if (!file) throw new Error(`there is no ${key}`);
      return Buffer.from(file).toString('utf8');
    },
  };
}

async function bytesOf(body: StoreBody): Promise<Uint8Array> {
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* inChunks(file: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}
