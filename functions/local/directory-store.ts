import { randomBytes } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  type Dirent,
  fsync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { StoreError } from '../domain/model/errors.ts';
import type { ReportStore, StoreBody } from '../domain/model/store.ts';
import { segmentsOfKey } from '../domain/model/store.ts';

const flushed = promisify(fsync);

/** What is read and written at once, without a thread of the pool. Bytes. */
const SMALL = 1_048_576;

const TEMP_NAME = /^\.[0-9a-f]{16}\.tmp$/;
/** A temporary file untouched for this long has lost its writer. */
const STALE_MS = 24 * 3_600_000;

/**
 * The report root as a directory. A file is written beside its place under a name of its own, flushed to the disk and
 * renamed: readers and concurrent writers see the old one or the new one. Files are 0600, directories 0700.
 */
export const createDirectoryStore = (root: string): ReportStore => {
  const base = resolve(root);
  const pathOf = (key: string) => join(base, ...segmentsOf(key));
  const swept = new Set<string>();

  return {
    root,
    objectKey: (key) => {
      segmentsOf(key);
      return key;
    },
    write: async (key, body) => {
      const path = pathOf(key);
      const directory = dirname(path);
      try {
        if (!swept.has(directory)) {
          swept.add(directory);
          await sweep(directory);
        }
        await writeWhole(path, body);
      } catch (error) {
        throw refusal('write', path, error);
      }
    },
    read: async (key) => {
      const path = pathOf(key);
      try {
        return await wholeFile(path);
      } catch (error) {
        if (isAbsent(error)) return null;
        throw refusal('read', path, error);
      }
    },
    open: async (key) => {
      const path = pathOf(key);
      try {
        if (!(await stat(path)).isFile()) return null;
      } catch (error) {
        if (isAbsent(error)) return null;
        throw refusal('read', path, error);
      }
      return chunksOf(path);
    },
    list: (prefix) => keysUnder(base, prefix),
  };
};

const segmentsOf = (key: string): string[] => {
  const segments = segmentsOfKey(key);
  if (!segments.some((segment) => TEMP_NAME.test(segment))) return segments;
  throw new StoreError(`${JSON.stringify(key)} is no key of a report: such names are kept for files being written.`);
};

/** Not by mkdir's own `recursive`: Node 20 never ends in /proc, and names a missing parent on a read-only disk. */
const createFolder = async (path: string): Promise<void> => {
  const make = () =>
    mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  try {
    await make();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await createFolder(dirname(path));
    await make();
  }
};

const writeWhole = async (path: string, body: StoreBody): Promise<void> => {
  const directory = dirname(path);
  const temporary = join(directory, `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    if (isSmall(body)) await writeSmall(temporary, body);
    else await writeLarge(temporary, body);
    renameSync(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
};

const isSmall = (body: StoreBody): body is string | Uint8Array =>
  (typeof body === 'string' || body instanceof Uint8Array) && body.length <= SMALL;

/** Only the flush waits for the disk: the rest goes to the system's own memory, quicker than a thread is woken. */
const writeSmall = async (path: string, body: string | Uint8Array): Promise<void> => {
  const file = await newFile(path);
  try {
    writeFileSync(file, body);
    await flushed(file);
  } finally {
    closeSync(file);
  }
};

const writeLarge = async (path: string, body: StoreBody): Promise<void> => {
  closeSync(await newFile(path));
  const file = await open(path, 'r+');
  try {
    await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
};

/** A run writes thousands of files into a few folders: a folder is made where it turns out to be missing. */
const newFile = async (path: string): Promise<number> => {
  const create = () => openSync(path, 'wx', 0o600);
  try {
    return create();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await createFolder(dirname(path));
    return create();
  }
};

/** Removes what writers that were killed left behind. Best effort: a leftover is never listed nor read. */
const sweep = async (directory: string): Promise<void> => {
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((entry) => TEMP_NAME.test(entry))) {
    const path = join(directory, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE_MS) await rm(path, { force: true }).catch(() => {});
  }
};

/**
 * A run reads tens of thousands of small files: to hand each to the thread pool and back, four times, takes four times the
 * CPU of the reading.
 */
const wholeFile = (path: string): Uint8Array | Promise<Uint8Array> | null => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return null;
  return found.size > SMALL ? readFile(path) : readFileSync(path);
};

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path);
  } catch (error) {
    throw refusal('read', path, error);
  }
}

/** Depth first; a directory sorts as its name with the slash, which is where its keys belong among the others. */
async function* keysUnder(base: string, prefix: string): AsyncGenerator<string> {
  const cut = prefix.lastIndexOf('/') + 1;
  const folder = prefix.slice(0, cut);
  if (folder !== '') segmentsOf(folder.slice(0, -1));
  yield* walk(base, folder, prefix);
}

async function* walk(base: string, folder: string, prefix: string): AsyncGenerator<string> {
  for (const { key, isFolder } of await entriesOf(base, folder)) {
    const wanted = isFolder ? key.startsWith(prefix) || prefix.startsWith(key) : key.startsWith(prefix);
    if (!wanted) continue;
    if (isFolder) yield* walk(base, key, prefix);
    else yield key;
  }
}

const entriesOf = async (base: string, folder: string) => {
  const path = join(base, folder);
  let entries: Dirent[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return [];
    throw refusal('read', path, error);
  }
  return entries
    .filter((entry) => (entry.isFile() && !TEMP_NAME.test(entry.name)) || entry.isDirectory())
    .map((entry) => {
      const isFolder = entry.isDirectory();
      const key = `${folder}${entry.name}${isFolder ? '/' : ''}`;
      return { key, isFolder, bytes: Buffer.from(key) };
    })
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
};

/** The code of an error that the operating system gave; undefined for any other error. */
const codeOf = (error: unknown): string | undefined => {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return syscall === undefined ? undefined : code;
};

/** A folder is not an object, and nothing lies under a file: in S3 both are simply absent. */
const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '');

/** What went wrong as one sentence; an error that is not the disk's (a body that failed to be made) stays itself. */
const refusal = (verb: 'read' | 'write', path: string, error: unknown): unknown => {
  const code = codeOf(error);
  if (code === undefined) return error;
  const sentence = {
    EACCES: `There is no permission to ${verb} ${path}: choose another folder or change its permissions.`,
    EDQUOT: `The disk quota is used up and ${path} was not written: free some space and run again.`,
    EEXIST: `${path} cannot be made, because a part of that path is a file: choose another folder.`,
    EISDIR: `${path} cannot be written, because it is a folder: choose another report root.`,
    EMFILE: `Too many files are open to ${verb} ${path}: raise the limit (ulimit -n) or lower --concurrency.`,
    ENAMETOOLONG: `${path} is longer than this disk allows: choose a shorter folder.`,
    ENOENT: `${path} cannot be made there: choose another folder.`,
    ENOSPC: `The disk is full and ${path} was not written: free some space and run again.`,
    ENOTDIR: `${path} cannot be made, because a part of that path is a file: choose another folder.`,
    EPERM: `There is no permission to ${verb} ${path}: choose another folder or change its permissions.`,
    EROFS: `${path} is on a read-only disk: choose another folder.`,
  }[code];
  const fallback = `${path} could not be ${verb === 'read' ? 'read' : 'written'} (${code}).`;
  return new StoreError(sentence ?? fallback, { cause: error });
};
