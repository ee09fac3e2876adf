import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { ZipFile } from 'yazl';

/** A zip as its files, in order; what a tamperer works on. */
export type Files = { path: string; bytes: Buffer; mode?: number }[];

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
  for (const { path, bytes, mode } of files) zip.addBuffer(bytes, path, { ...(mode !== undefined && { mode }) });
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

/** Has the zip's directory give a file another size than it has. */
export async function claiming(file: string, path: string, size: number): Promise<string> {
  const bytes = await readFile(file);
  const [CENTRAL_HEADER, SIZE, NAME] = [0x02014b50, 24, 46];
  let at = bytes.lastIndexOf(path) - NAME;
  while (at >= 0 && bytes.readUInt32LE(at) !== CENTRAL_HEADER) at = bytes.lastIndexOf(path, at + NAME - 1) - NAME;
  if (at < 0) throw new Error(`${path} is not in the directory`);
  bytes.writeUInt32LE(size, at + SIZE);
  await writeFile(file, bytes);
  return file;
}

/** A zip with something before it, every offset moved on by as much. Small ones only: no ZIP64. */
export function shifted(zip: Buffer, prefix: Buffer): Buffer {
  const bytes = Buffer.from(zip);
  const end = bytes.length - 22;
  const start = bytes.readUInt32LE(end + 16);
  for (let at = start; at < end; ) {
    bytes.writeUInt32LE(bytes.readUInt32LE(at + 42) + prefix.length, at + 42);
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  bytes.writeUInt32LE(start + prefix.length, end + 16);
  return Buffer.concat([prefix, bytes]);
}
