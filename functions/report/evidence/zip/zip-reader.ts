import type { Readable } from 'node:stream';
import { Entry, openPromise, type ZipFile } from 'yauzl';
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
  /** What the zip holds that belongs to no file, in sentences: nobody vouches for it. */
  foreign: string[];
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
 * Opens a zip that nobody vouches for. Every entry is looked at before any is read: names that lead elsewhere, links,
 * encrypted or oddly packed entries, and entries whose two headers disagree are told apart.
 * @throws Error where it is no zip, or has more entries than the limit
 */
export async function openZip(file: string): Promise<ZipReader> {
  const zip = await openPromise(file, { autoClose: false, decodeStrings: false, strictFileNames: true });
  try {
    if (zip.entryCount > LIMITS.packEntries.most)
      throw new Error(`it has ${zip.entryCount} entries, more than ${LIMITS.packEntries.most}`);
    const members: ZipMember[] = [];
    for await (const entry of zip.eachEntry()) {
      const raw = entry.fileName as unknown as Buffer;
      const path = raw.toString('utf8');
      const wrong = await whatIsWrong(zip, entry, raw, path);
      if (wrong === null && path.endsWith('/')) continue;
      members.push({ path, bytes: entry.uncompressedSize, wrong, entry: wrong === null ? slim(entry) : null });
    }
    const open = async ({ path, wrong, entry }: ZipMember): Promise<Readable> => {
      if (entry === null) throw new Error(`${path} is not read: it ${wrong}`);
      return zip.openReadStreamPromise(entry);
    };
    return { members, foreign: foreignIn(zip, members), open, close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** A comment is shown by programs that open the zip; what stands before the files may make it another kind of file. */
function foreignIn(zip: ZipFile, members: readonly ZipMember[]): string[] {
  const first = members.reduce(
    (least, { entry }) => Math.min(least, entry?.relativeOffsetOfLocalHeader ?? 0),
    Infinity,
  );
  return [
    ...(zip.comment.length > 0 ? ['The zip has a comment, which the signature does not cover.'] : []),
    ...(first > 0 && first < Infinity
      ? ['Something stands before the first file, which the signature does not cover.']
      : []),
  ];
}

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

async function whatIsWrong(zip: ZipFile, entry: Entry, raw: Buffer, path: string): Promise<string | null> {
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
  const local = await zip.readLocalFileHeaderPromise(entry, { minimal: false }).catch(() => null);
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
