import type { Readable } from 'node:stream';
import { Entry, type LocalFileHeader, openPromise, type ZipFile } from 'yauzl';
import { LIMITS } from '../../../domain/limits/limits.ts';

/** A file of the zip; what is wrong with its entry is told, and such an entry is never read. */
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
  /** Chunks of a member. @throws where it is not what its entry says: corrupt, or longer */
  open(member: ZipMember): Promise<Readable>;
  close(): void;
}

/** Kinds of file in the upper half of Unix attributes. */
const KIND = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;
const SYMLINK = 0o120000;

/**
 * Opens a zip that is not trusted. Every entry is looked at before any is read: names that lead elsewhere, links,
 * encrypted or oddly packed entries, and entries whose two headers disagree are told apart.
 * @throws Error where it is no zip, or has more entries than the limit
 */
export async function openZip(file: string): Promise<ZipReader> {
  const zip = await openPromise(file, { autoClose: false, decodeStrings: false, strictFileNames: true });
  try {
    if (zip.entryCount > LIMITS.packEntries.most)
      throw new Error(`it has ${zip.entryCount} entries, more than ${LIMITS.packEntries.most}`);
    const members: ZipMember[] = [];
    const layout: Layout = { extents: [], directory: { from: cursor(zip), to: 0 }, folders: [], commented: [] };
    for await (const entry of zip.eachEntry()) {
      const raw = entry.fileName as unknown as Buffer;
      const path = raw.toString('utf8');
      const local = await zip.readLocalFileHeaderPromise(entry, { minimal: false }).catch(() => null);
      const wrong = whatIsWrong(entry, raw, path, local);
      if (local) layout.extents.push(extentOf(entry, local));
      if (entry.fileComment.length > 0) layout.commented.push(path);
      if (wrong === null && path.endsWith('/')) layout.folders.push(path);
      else members.push({ path, bytes: entry.uncompressedSize, wrong, entry: wrong === null ? slim(entry) : null });
    }
    layout.directory.to = cursor(zip);
    const open = async ({ path, wrong, entry }: ZipMember): Promise<Readable> => {
      if (entry === null) throw new Error(`${path} is not read: it ${wrong}`);
      return zip.openReadStreamPromise(entry);
    };
    return { members, foreign: foreignIn(zip, layout, members), open, close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** Where in the zip things lie, in bytes from its beginning. */
interface Layout {
  /** Of each file: its header, its data and the descriptor that may follow. */
  extents: { from: number; to: number; descriptor: boolean }[];
  directory: { from: number; to: number };
  folders: string[];
  commented: string[];
}

/** Where the next entry of the directory begins: first its beginning, in the end its end. The types call it a boolean. */
const cursor = (zip: ZipFile): number => zip.readEntryCursor as unknown as number;

/** Header, name and extra fields of the local header, then the data. */
const extentOf = (entry: Entry, local: LocalFileHeader): Layout['extents'][number] => ({
  from: entry.relativeOffsetOfLocalHeader,
  to: local.fileDataStart + entry.compressedSize,
  descriptor: (entry.generalPurposeBitFlag & 8) !== 0,
});

/** Lengths of a data descriptor: without and with its signature, of 32 and of 64 bits (APPNOTE 4.3.9). */
const DESCRIPTORS = [12, 16, 20, 24];
/** End of the directory, alone and after its ZIP64 record and locator (APPNOTE 4.3.14 to 4.3.16). */
const ENDS = [22, 22 + 20 + 56];

/**
 * Comments are shown by programs that open the zip; what stands before, between or after the files may make it another
 * kind of file, or be unpacked by programs that read a zip from its beginning; so may an empty folder tell a story.
 */
function foreignIn(zip: ZipFile, layout: Layout, members: readonly ZipMember[]): ZipReader['foreign'] {
  const uncovered = (what: string, path: string | null = null) => ({
    path,
    sentence: `${what}, which the signature does not cover.`,
  });
  const extents = layout.extents.sort((a, b) => a.from - b.from);
  const found: ZipReader['foreign'] = [];
  if (zip.comment.length > 0) found.push(uncovered('The zip has a comment'));
  for (const path of layout.commented) found.push(uncovered('Its entry has a comment', path));
  if ((extents[0]?.from ?? 0) > 0) found.push(uncovered('Something stands before the first file'));
  const starts = [...extents.slice(1).map(({ from }) => from), layout.directory.from];
  const isTight = ({ to, descriptor }: Layout['extents'][number], at: number): boolean => {
    const gap = (starts[at] ?? 0) - to;
    return descriptor ? DESCRIPTORS.includes(gap) : gap === 0;
  };
  if (!extents.every(isTight)) found.push(uncovered('Something stands between the files'));
  if (!ENDS.includes(zip.fileSize - zip.comment.length - layout.directory.to))
    found.push(uncovered('Something stands after the directory'));
  const filled = new Set(members.flatMap(({ path }) => ancestors(path)));
  for (const path of layout.folders) if (!filled.has(path)) found.push(uncovered('It is an empty folder', path));
  return found;
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
  generalPurposeBitFlag,
}: Entry): Entry {
  const kept = {
    compressionMethod,
    compressedSize,
    uncompressedSize,
    relativeOffsetOfLocalHeader,
    generalPurposeBitFlag,
  };
  return Object.assign(Object.create(Entry.prototype) as Entry, kept);
}

function whatIsWrong(entry: Entry, raw: Buffer, path: string, local: LocalFileHeader | null): string | null {
  const name = wrongName(raw, path);
  if (name) return name;
  const kind = (entry.externalFileAttributes >>> 16) & KIND;
  if (kind === SYMLINK) return 'is a link';
  const folder = path.endsWith('/');
  if (kind !== 0 && kind !== (folder ? FOLDER : REGULAR)) return 'is no ordinary file';
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
