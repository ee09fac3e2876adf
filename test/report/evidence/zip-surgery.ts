import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { openPromise } from 'yauzl';
import { ZipFile } from 'yazl';

/** A zip as its files, in order; what a tamperer works on. */
export type Files = { path: string; bytes: Buffer; mode?: number; comment?: string }[];

export async function unzipped(file: string): Promise<Files> {
  const files: Files = [];
  const zip = await openPromise(file, { autoClose: false });
  for await (const entry of zip.eachEntry()) {
    files.push({ path: entry.fileName, bytes: await buffer(await zip.openReadStreamPromise(entry)) });
  }
  zip.close();
  return files;
}

export async function zipped(file: string, files: Files): Promise<string> {
  const zip = new ZipFile();
  for (const { path, bytes, mode, comment } of files) {
    if (path.endsWith('/')) zip.addEmptyDirectory(path);
    else zip.addBuffer(bytes, path, { ...(mode !== undefined && { mode }), ...(comment && { fileComment: comment }) });
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
  return file;
}

/** Writes other bytes of the same length wherever some stand, e.g. a name that a well-behaved writer refuses. */
export async function patched(
  file: string,
  from: string,
  to: string,
  times = Number.POSITIVE_INFINITY,
): Promise<string> {
  if (from.length !== to.length) throw new Error('must be of one length');
  const bytes = await readFile(file);
  let done = 0;
  for (let at = bytes.indexOf(from); at >= 0 && done < times; at = bytes.indexOf(from, at + 1)) {
    bytes.write(to, at, 'latin1');
    done += 1;
  }
  if (done === 0) throw new Error(`${from} is not there`);
  await writeFile(file, bytes);
  return file;
}

/** Has the zip give a file another size than it has, in its directory and in the header before the file. */
export async function claiming(file: string, path: string, size: number): Promise<string> {
  const bytes = await readFile(file);
  const [CENTRAL_HEADER, SIZE, NAME] = [0x02014b50, 24, 46];
  let at = bytes.lastIndexOf(path) - NAME;
  while (at >= 0 && bytes.readUInt32LE(at) !== CENTRAL_HEADER) at = bytes.lastIndexOf(path, at + NAME - 1) - NAME;
  if (at < 0) throw new Error(`${path} is not in the directory`);
  bytes.writeUInt32LE(size, at + SIZE);
  const [LOCAL_HEADER, LOCAL_SIZE] = [42, 22];
  bytes.writeUInt32LE(size, bytes.readUInt32LE(at + LOCAL_HEADER) + LOCAL_SIZE);
  await writeFile(file, bytes);
  return file;
}

/** A zip with something in it that its directory does not name, every offset after it moved on. Small ones only: no ZIP64. */
export function inserted(zip: Buffer, at: number, bytes: Buffer): Buffer {
  const moved = Buffer.from(zip);
  const end = moved.length - 22;
  const start = moved.readUInt32LE(end + 16);
  for (let line = start; line < end; ) {
    const offset = moved.readUInt32LE(line + 42);
    if (offset >= at) moved.writeUInt32LE(offset + bytes.length, line + 42);
    line += 46 + moved.readUInt16LE(line + 28) + moved.readUInt16LE(line + 30) + moved.readUInt16LE(line + 32);
  }
  if (start >= at) moved.writeUInt32LE(start + bytes.length, end + 16);
  return Buffer.concat([moved.subarray(0, at), bytes, moved.subarray(at)]);
}

/** Where the directory of a small zip begins, and where its second file does. */
export function placesIn(zip: Buffer): { second: number; directory: number; end: number } {
  const end = zip.length - 22;
  const directory = zip.readUInt32LE(end + 16);
  const first =
    46 + zip.readUInt16LE(directory + 28) + zip.readUInt16LE(directory + 30) + zip.readUInt16LE(directory + 32);
  return { second: zip.readUInt32LE(directory + first + 42), directory, end };
}

/** A stored file with its local header, as it stands in a zip before the directory. */
export function localEntry(name: string, text: string): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt32LE(crc32(text), 14);
  header.writeUInt32LE(text.length, 18);
  header.writeUInt32LE(text.length, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name), Buffer.from(text)]);
}
