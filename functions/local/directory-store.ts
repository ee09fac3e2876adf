import { randomBytes } from 'node:crypto';
import { createReadStream, type Dirent, readFile as readFileCallback } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { StoreError } from '../domain/errors.ts';
import type { ReportStore, StoreBody } from '../domain/store.ts';
import { segmentsOfKey } from '../domain/store-key.ts';

// A run reads tens of thousands of small files: this takes half the CPU of the one in node:fs/promises.
const readFile = promisify(readFileCallback);

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
        await makeFolder(directory);
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
        return await readFile(path);
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

/** Not by mkdir's own `recursive`: Node 20 goes round for ever in /proc, and names a missing parent on a read-only disk. */
const makeFolder = async (path: string): Promise<void> => {
  const make = () =>
    mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  try {
    await make();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  }
};

const writeWhole = async (path: string, body: StoreBody): Promise<void> => {
  const temporary = join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(body);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
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
