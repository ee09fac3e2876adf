import { createHash } from 'node:crypto';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { StoreBody } from '../../domain/store.ts';
import type { PackedFile } from './pack-manifest.ts';

/** Writes a zip as it goes: one file at a time is in memory, a chunk of it. The same files give the same bytes. */
export interface ZipWriter {
  /** Resolves once the whole file was taken. */
  add(path: string, body: StoreBody): Promise<PackedFile>;
  /** Resolves once the sink has everything. */
  end(): Promise<void>;
}

/** What is compressed already would only cost time. */
const COMPRESSED = /\.(gz|parquet)$/;

/** @param folder the one folder at the root of the zip */
export function createZipWriter({ sink, folder }: { sink: Writable; folder: string }): ZipWriter {
  const zip = new ZipFile();
  const written = pipeline(zip.outputStream, sink);
  const broken = new Promise<never>((_, reject) => {
    zip.on('error', reject);
    written.catch(reject);
  });
  broken.catch(() => {}); // told by whichever call is waiting
  const options = {
    // The fields of a DOS date are the local ones: this is the same date everywhere.
    mtime: new Date(1980, 0, 1, 12),
    forceDosTimestamp: true,
    mode: 0o100644,
  };
  return {
    async add(path, body) {
      const hash = createHash('sha256');
      let bytes = 0;
      async function* chunks(): AsyncGenerator<Uint8Array> {
        const parts = typeof body === 'string' ? [Buffer.from(body)] : body instanceof Uint8Array ? [body] : body;
        for await (const part of parts) {
          hash.update(part);
          bytes += part.length;
          yield part;
        }
      }
      const stream = Readable.from(chunks(), { objectMode: false });
      const taken = new Promise<void>((resolve, reject) => {
        stream.on('end', resolve);
        stream.on('error', reject);
      });
      zip.addReadStream(stream, `${folder}/${path}`, { ...options, compress: !COMPRESSED.test(path) });
      await Promise.race([taken, broken]);
      return { path, sha256: hash.digest('hex'), bytes };
    },
    async end() {
      zip.end();
      await Promise.race([written, broken]);
    },
  };
}
