import { closeSync, openSync, readSync } from 'node:fs';
import { crc32, createInflateRaw } from 'node:zlib';
import { Entry, type LocalFileHeader, openPromise, type ZipFile } from 'yauzl';
import { LIMITS } from '../../../domain/limits/limits.ts';
import { wrongHeaders } from './zip-headers.ts';
import { type BytesAt, outsideFiles, type ZipLayout } from './zip-layout.ts';

/** A file of the zip; what is wrong with its entry is reported, and such an entry is never read. */
export interface ZipMember {
  /** As the zip has it. */
  path: string;
  /** As it says; a reader stops where more comes. */
  bytes: number;
  wrong: string | null;
  entry: Entry | null;
}

/** The files of a zip, and their bytes. Folders are left out. */
export interface ZipReader {
  members: ZipMember[];
  /** What the zip holds that belongs to no file, one sentence each: no signature covers it. */
  foreign: { path: string | null; sentence: string }[];
  /** Chunks of a member. @throws where it is not what its entry says: corrupt, longer or shorter, or with bytes after it */
  open(member: ZipMember): AsyncIterable<Uint8Array>;
  close(): void;
}

/** Kinds of file in the upper half of Unix attributes. */
const KIND = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;
const SYMLINK = 0o120000;

/** Of the other half, those of DOS: a folder, and the name of a disk. */
const DOS_KINDS = 0x18;
/** Bits that let a file run as its owner, or stay where others may delete. */
const SPECIAL_BITS = 0o7000;

/**
 * Opens a zip that is not trusted. Every entry is looked at before any is read: names that lead elsewhere, links,
 * encrypted or oddly packed entries, and entries whose headers disagree are reported.
 * @throws Error where it is no zip, or has more entries than the limit
 */
export async function openZip(file: string): Promise<ZipReader> {
  const zip = await openPromise(file, { autoClose: false, decodeStrings: false, strictFileNames: true });
  const descriptor = openSync(file, 'r');
  const close = (): void => {
    zip.close();
    closeSync(descriptor);
  };
  const bytesAt: BytesAt = (from, length) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, from));
  };
  try {
    if (zip.entryCount > LIMITS.packEntries.most)
      throw new Error(`it has ${zip.entryCount} entries, more than ${LIMITS.packEntries.most}`);
    const members: ZipMember[] = [];
    const [folders, commented]: [string[], string[]] = [[], []];
    const extents: ZipLayout['extents'] = [];
    const from = cursor(zip);
    for await (const entry of zip.eachEntry()) {
      const raw = entry.fileName as unknown as Buffer;
      const path = raw.toString('utf8');
      const local = await zip.readLocalFileHeaderPromise(entry, { minimal: false }).catch(() => null);
      const headers = local && wrongHeaders(entry, local, bytesAt);
      const wrong = whatIsWrong(entry, raw, path, local) ?? headers?.wrong ?? null;
      if (headers) extents.push({ from: entry.relativeOffsetOfLocalHeader, to: headers.to });
      if (entry.fileComment.length > 0) commented.push(path);
      if (wrong === null && path.endsWith('/')) folders.push(path);
      else members.push({ path, bytes: entry.uncompressedSize, wrong, entry: wrong === null ? slim(entry) : null });
    }
    const directory = { from, to: cursor(zip) };
    const size = zip.fileSize;
    const layout = { extents, directory, entries: zip.entryCount, size, commentLength: zip.comment.length };
    const uncovered = (what: string, path: string | null = null): ZipReader['foreign'][number] => ({
      path,
      sentence: `${what}, which the signature does not cover.`,
    });
    const filled = new Set(members.flatMap(({ path }) => ancestors(path)));
    const foreign = [
      ...outsideFiles(layout, bytesAt).map((what) => uncovered(what)),
      ...commented.map((path) => uncovered('Its entry has a comment', path)),
      ...folders.filter((path) => !filled.has(path)).map((path) => uncovered('It is an empty folder', path)),
    ];
    return { members, foreign, open: (member) => contentOf(zip, member), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Where the next entry of the directory begins: first its beginning, in the end its end. The types call it a boolean. */
const cursor = (zip: ZipFile): number => zip.readEntryCursor as unknown as number;

/** A member's content, which must be of the length and have the checksum that its entry says, and fill all of its data. */
async function* contentOf(zip: ZipFile, { path, wrong, entry }: ZipMember): AsyncGenerator<Uint8Array> {
  if (entry === null) throw new Error(`${path} is not read: it ${wrong}`);
  const raw = await zip.openReadStreamPromise(entry, { decodeFileData: false });
  const inflate = entry.compressionMethod === 0 ? null : createInflateRaw();
  if (inflate) raw.on('error', (error) => inflate.destroy(error)).pipe(inflate);
  let [bytes, crc] = [0, 0];
  try {
    for await (const chunk of (inflate ?? raw) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      crc = crc32(chunk, crc);
      yield chunk;
    }
    if (inflate && inflate.bytesWritten !== entry.compressedSize)
      throw new Error('something stands after its packed data');
    if (bytes !== entry.uncompressedSize) throw new Error(`${bytes} bytes, and ${entry.uncompressedSize} are said`);
    if (crc !== entry.crc32) throw new Error('its checksum is another');
  } finally {
    raw.destroy();
    inflate?.destroy();
  }
}

/** `a/` and `a/b/` of `a/b/c`. */
const ancestors = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, at, parts) => `${parts.slice(0, at + 1).join('/')}/`);

/** What reading needs, without the names and fields that each entry else carries: there may be a million. */
function slim({
  compressionMethod,
  compressedSize,
  uncompressedSize,
  relativeOffsetOfLocalHeader,
  crc32,
  generalPurposeBitFlag,
}: Entry): Entry {
  const kept = {
    compressionMethod,
    compressedSize,
    uncompressedSize,
    relativeOffsetOfLocalHeader,
    crc32,
    generalPurposeBitFlag,
  };
  return Object.assign(Object.create(Entry.prototype) as Entry, kept);
}

function whatIsWrong(entry: Entry, raw: Buffer, path: string, local: LocalFileHeader | null): string | null {
  const name = wrongName(raw, path);
  if (name) return name;
  const mode = entry.externalFileAttributes >>> 16;
  const kind = mode & KIND;
  if (kind === SYMLINK) return 'is a link';
  const folder = path.endsWith('/');
  if (kind !== 0 && kind !== (folder ? FOLDER : REGULAR)) return 'is no ordinary file';
  if ((mode & SPECIAL_BITS) !== 0) return 'has permissions of a program of its own';
  if (!folder && (entry.externalFileAttributes & DOS_KINDS) !== 0) return 'is no ordinary file';
  if (folder && entry.uncompressedSize > 0) return 'is a folder with content';
  // Unicode path: a name that some programs would take instead.
  if (entry.extraFields.some(({ id }) => id === 0x7075)) return 'has a second name';
  if (entry.isEncrypted()) return 'is encrypted';
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) return 'is packed in a way that is not read here';
  // Programs that unpack a stream go by the local header: both must name the same file.
  if (local === null) return 'has no sound local header';
  return Buffer.compare(local.fileName, raw) === 0 ? null : 'has another name in its local header';
}

function wrongName(raw: Buffer, path: string): string | null {
  if (path.length > LIMITS.packPath.most) return 'has too long a name';
  if (Buffer.compare(Buffer.from(path, 'utf8'), raw) !== 0) return 'has a name that is not UTF-8';
  if (path.includes('\\')) return 'has a backslash in its name';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'has an absolute name';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'has a control character in its name';
  const parts = path.replace(/\/$/, '').split('/');
  if (parts.includes('..')) return 'leads out of the pack';
  return parts.includes('') || parts.includes('.') ? 'has an empty part in its name' : null;
}
