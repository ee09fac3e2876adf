import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** The earliest time that a ZIP can tell, so that the same files give the same bytes whenever and wherever they are packed. */
const TIME = new Date(1980, 0, 1);

/**
 * The files of a folder as a ZIP: in order of their names, with one time and one mode, and nothing else of where they lay.
 * Stored: what a compressor writes differs between versions of Node and between processors.
 */
export const archiveOf = async (folder: string): Promise<Buffer> => {
  const zip = new ZipFile();
  const packed = buffer(zip.outputStream);
  for (const file of filesBelow(folder))
    zip.addBuffer(readFileSync(join(folder, file)), file, {
      mtime: TIME,
      mode: 0o100644,
      forceDosTimestamp: true,
      compress: false,
    });
  zip.end();
  return packed;
};

/** The files of a folder and those below it, by their names. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => statSync(join(folder, file)).isFile())
    .sort();

/** SHA-256 in hexadecimal digits. */
export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
