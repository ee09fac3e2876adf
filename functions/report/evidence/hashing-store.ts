import { createHash, hash as hashOf } from 'node:crypto';
import type { WrittenFile } from '../../domain/model/observation.ts';
import type { ReportStore, StoreBody } from '../../domain/model/store.ts';

/** A store that remembers the SHA-256 of every file that went through it, read or written: what the manifest lists. */
export interface HashingStore extends ReportStore {
  seen(): Map<string, WrittenFile>;
}

export function hashingStore(store: ReportStore): HashingStore {
  const files = new Map<string, WrittenFile>();
  const keep = (key: string, bytes: Uint8Array) =>
    files.set(key, { key, sha256: hashOf('sha256', bytes, 'hex'), bytes: bytes.length });

  async function* hashed(key: string, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
    files.set(key, { key, sha256: hash.digest('hex'), bytes });
  }

  return {
    root: store.root,
    objectKey: (key) => store.objectKey(key),
    list: (prefix) => store.list(prefix),
    seen: () => files,
    async write(key: string, body: StoreBody) {
      if (typeof body === 'string' || body instanceof Uint8Array) {
        const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
        keep(key, bytes);
        return store.write(key, bytes);
      }
      return store.write(key, hashed(key, body));
    },
    async read(key) {
      const bytes = await store.read(key);
      if (bytes) keep(key, bytes);
      return bytes;
    },
    async open(key) {
      const chunks = await store.open(key);
      return chunks && hashed(key, chunks);
    },
  };
}
