import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw } from 'node:zlib';
import type { StoreBody } from '../../../domain/model/store.ts';
import type { PackedFile } from '../pack-manifest.ts';

/**
 * Writes a zip as it goes: of a file one chunk is in memory, and of all files together their lines of the directory at
 * the end. A pack of a quarter has a million files. The same files give the same bytes.
 */
export interface ZipWriter {
  /** Resolves once the whole file was taken. One at a time. */
  add(path: string, body: StoreBody): Promise<PackedFile>;
  /** Resolves once the sink has everything. */
  end(): Promise<void>;
}

/** What is compressed already would only cost time. */
const COMPRESSED = /\.(gz|parquet)$/;

/** @param folder the one folder at the root of the zip */
export function createZipWriter({ sink, folder }: { sink: Writable; folder: string }): ZipWriter {
  const output = createOutput(sink);
  const directory = createDirectory();
  return {
    async add(path, body) {
      const name = Buffer.from(`${folder}/${path}`);
      const method = COMPRESSED.test(path) ? STORED : DEFLATED;
      const offset = output.written();
      await output.write(localHeader(name, method));
      const hash = createHash('sha256');
      let bytes = 0;
      let crc = 0;
      async function* taken(): AsyncGenerator<Uint8Array> {
        for await (const part of partsOf(body)) {
          hash.update(part);
          crc = crc32(part, crc);
          bytes += part.length;
          yield part;
        }
      }
      const begin = output.written();
      if (method === STORED) for await (const part of taken()) await output.write(part);
      else await pipeline(taken, createDeflateRaw(), (packed) => output.writeAll(packed as AsyncIterable<Uint8Array>));
      const entry: Entry = { name, method, crc, bytes, packed: output.written() - begin, offset };
      await output.write(dataDescriptor(entry));
      directory.add(entry);
      return { path, sha256: hash.digest('hex'), bytes };
    },
    async end() {
      const offset = output.written();
      for (const part of directory.parts()) await output.write(part);
      await output.write(endOfDirectory({ entries: directory.entries(), offset, bytes: output.written() - offset }));
      await output.end();
    },
  };
}

const partsOf = (body: StoreBody): Iterable<Uint8Array> | AsyncIterable<Uint8Array> =>
  typeof body === 'string' ? [Buffer.from(body)] : body instanceof Uint8Array ? [body] : body;

/** A sink that is never written to faster than it takes, and whose failure the next write reports. */
function createOutput(sink: Writable) {
  let written = 0;
  let failure: Error | null = null;
  sink.on('error', (error) => {
    failure ??= error;
  });
  async function write(bytes: Uint8Array): Promise<void> {
    if (failure) throw failure;
    written += bytes.length;
    if (bytes.length > 0 && !sink.write(bytes)) await once(sink, 'drain');
  }
  return {
    written: () => written,
    write,
    async writeAll(parts: AsyncIterable<Uint8Array>): Promise<void> {
      for await (const part of parts) await write(part);
    },
    async end(): Promise<void> {
      if (failure) throw failure;
      sink.end();
      await finished(sink);
    },
  };
}

/** A file that was written. Format: PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.5.3 (ZIP64). */
interface Entry {
  name: Uint8Array;
  method: typeof STORED | typeof DEFLATED;
  crc: number;
  bytes: number;
  packed: number;
  offset: number;
}

const STORED = 0;
const DEFLATED = 8;
/** Sizes and checksum follow the data (bit 3); the name is UTF-8 (bit 11). */
const FLAGS = 0x0808;
/** Noon of 1 January 1980: the fields are local time, and this is the same day everywhere. */
const DOS_TIME = 12 << 11;
const DOS_DATE = (1 << 5) | 1;
const VERSION = 20;
const VERSION_ZIP64 = 45;
const MADE_BY_UNIX = 3 << 8;
const REGULAR_FILE = 0o100644 * 0x10000;
const MOST_16 = 0xffff;
const MOST_32 = 0xffffffff;

const isLong = ({ bytes, packed }: Entry): boolean => bytes >= MOST_32 || packed >= MOST_32;

function localHeader(name: Uint8Array, method: Entry['method']): Uint8Array {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt16LE(FLAGS, 6);
  header.writeUInt16LE(method, 8);
  header.writeUInt16LE(DOS_TIME, 10);
  header.writeUInt16LE(DOS_DATE, 12);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function dataDescriptor(entry: Entry): Uint8Array {
  const long = isLong(entry);
  const descriptor = Buffer.alloc(long ? 24 : 16);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(entry.crc, 4);
  if (long) {
    descriptor.writeBigUInt64LE(BigInt(entry.packed), 8);
    descriptor.writeBigUInt64LE(BigInt(entry.bytes), 16);
  } else {
    descriptor.writeUInt32LE(entry.packed, 8);
    descriptor.writeUInt32LE(entry.bytes, 12);
  }
  return descriptor;
}

/** The directory's lines as they will be written: bytes, many to a buffer, since there may be a million of them. */
function createDirectory() {
  const full: Uint8Array[] = [];
  let part = Buffer.alloc(1 << 16);
  let used = 0;
  let entries = 0;
  return {
    add(entry: Entry): void {
      const line = directoryLine(entry);
      if (used + line.length > part.length) {
        full.push(part.subarray(0, used));
        part = Buffer.alloc(Math.max(1 << 16, line.length));
        used = 0;
      }
      part.set(line, used);
      used += line.length;
      entries += 1;
    },
    entries: () => entries,
    parts: (): Uint8Array[] => [...full, part.subarray(0, used)],
  };
}

function directoryLine(entry: Entry): Uint8Array {
  const { name, method, crc, bytes, packed, offset } = entry;
  const zip64 = isLong(entry) || offset >= MOST_32;
  const line = Buffer.alloc(46);
  line.writeUInt32LE(0x02014b50, 0);
  line.writeUInt16LE(MADE_BY_UNIX | VERSION_ZIP64, 4);
  line.writeUInt16LE(zip64 ? VERSION_ZIP64 : VERSION, 6);
  line.writeUInt16LE(FLAGS, 8);
  line.writeUInt16LE(method, 10);
  line.writeUInt16LE(DOS_TIME, 12);
  line.writeUInt16LE(DOS_DATE, 14);
  line.writeUInt32LE(crc, 16);
  line.writeUInt32LE(zip64 ? MOST_32 : packed, 20);
  line.writeUInt32LE(zip64 ? MOST_32 : bytes, 24);
  line.writeUInt16LE(name.length, 28);
  line.writeUInt16LE(zip64 ? 28 : 0, 30);
  line.writeUInt32LE(REGULAR_FILE, 38);
  line.writeUInt32LE(zip64 ? MOST_32 : offset, 42);
  if (!zip64) return Buffer.concat([line, name]);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  extra.writeBigUInt64LE(BigInt(bytes), 4);
  extra.writeBigUInt64LE(BigInt(packed), 12);
  extra.writeBigUInt64LE(BigInt(offset), 20);
  return Buffer.concat([line, name, extra]);
}

function endOfDirectory({ entries, offset, bytes }: { entries: number; offset: number; bytes: number }): Uint8Array {
  const zip64 = entries >= MOST_16 || offset >= MOST_32 || bytes >= MOST_32;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? MOST_16 : entries, 8);
  end.writeUInt16LE(zip64 ? MOST_16 : entries, 10);
  end.writeUInt32LE(zip64 ? MOST_32 : bytes, 12);
  end.writeUInt32LE(zip64 ? MOST_32 : offset, 16);
  if (!zip64) return end;
  const long = Buffer.alloc(76);
  long.writeUInt32LE(0x06064b50, 0);
  long.writeBigUInt64LE(44n, 4);
  long.writeUInt16LE(MADE_BY_UNIX | VERSION_ZIP64, 12);
  long.writeUInt16LE(VERSION_ZIP64, 14);
  long.writeBigUInt64LE(BigInt(entries), 24);
  long.writeBigUInt64LE(BigInt(entries), 32);
  long.writeBigUInt64LE(BigInt(bytes), 40);
  long.writeBigUInt64LE(BigInt(offset), 48);
  // Where the one before begins.
  long.writeUInt32LE(0x07064b50, 56);
  long.writeBigUInt64LE(BigInt(offset + bytes), 64);
  long.writeUInt32LE(1, 72);
  return Buffer.concat([long, end]);
}
