import { createWriteStream, rmSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pLimit from 'p-limit';
import { StoreError, TrailSealError } from '../domain/model/errors.ts';
import type { ReportStore } from '../domain/model/store.ts';

const DOWNLOADS_AT_ONCE = 16;

/**
 * A private folder that shows DuckDB the wanted files of a report root under their keys: links where the root is a
 * directory, copies where it is not. DuckDB then never sees a path it would take for a pattern (`report[1]`) or for a
 * partition (`region=eu`), and a root in S3 needs no extension.
 */
export class TableFolder {
  readonly path: string;
  readonly #store: ReportStore;
  /** The root's own `tables/` where it is a directory. */
  readonly #tables: string | null;
  readonly #staged = new Map<string, Promise<string>>();
  readonly #limit = pLimit(DOWNLOADS_AT_ONCE);
  readonly #removeAtExit: () => void;

  private constructor(store: ReportStore, path: string, tables: string | null) {
    this.#store = store;
    this.path = path;
    this.#tables = tables;
    this.#removeAtExit = () => rmSync(path, { recursive: true, force: true });
    process.once('exit', this.#removeAtExit);
  }

  static async create(store: ReportStore, scratch: string): Promise<TableFolder> {
    const tables = store.root.includes('://') ? null : await realpath(join(store.root, 'tables')).catch(() => null);
    const path = await realpath(await mkdtemp(join(scratch, 'trailseal-')));
    return new TableFolder(store, path, tables);
  }

  /** The directories DuckDB must be allowed to read, links being followed. */
  get directories(): string[] {
    return this.#tables === null ? [this.path] : [this.path, this.#tables];
  }

  /** Paths of these files, in order. @throws TrailSealError where one cannot be fetched */
  async stage(keys: readonly string[]): Promise<string[]> {
    return Promise.all(
      keys.map((key) => {
        const staged = this.#staged.get(key) ?? this.#limit(() => this.#stageOne(key));
        this.#staged.set(key, staged);
        staged.catch(() => this.#staged.delete(key));
        return staged;
      }),
    );
  }

  /** Every file staged so far. */
  async staged(): Promise<{ key: string; path: string }[]> {
    return Promise.all([...this.#staged].map(async ([key, path]) => ({ key, path: await path })));
  }

  /** The key of a staged file that this text names, or null. */
  keyIn(text: string): string | null {
    return [...this.#staged.keys()].find((key) => text.includes(this.#pathOf(key))) ?? null;
  }

  async remove(): Promise<void> {
    process.off('exit', this.#removeAtExit);
    await Promise.allSettled(this.#staged.values());
    await rm(this.path, { recursive: true, force: true });
  }

  #pathOf(key: string): string {
    return join(this.path, ...key.split('/'));
  }

  async #stageOne(key: string): Promise<string> {
    const path = this.#pathOf(key);
    await mkdir(dirname(path), { recursive: true });
    if (!(await this.#link(key, path))) await this.#download(key, path);
    return path;
  }

  /** A file that lies elsewhere through a link of the root's owner is copied instead: DuckDB reads the root alone. */
  async #link(key: string, path: string): Promise<boolean> {
    if (this.#tables === null) return false;
    try {
      const source = await realpath(join(dirname(this.#tables), ...key.split('/')));
      if (!source.startsWith(this.#tables + sep)) return false;
      await symlink(source, path);
      return true;
    } catch {
      return false;
    }
  }

  async #download(key: string, path: string): Promise<void> {
    const body = await this.#store.open(key);
    if (body === null) {
      throw new StoreError(`${key} was listed in ${this.#store.root} and is gone: try again`);
    }
    try {
      await pipeline(Readable.from(body), createWriteStream(path));
    } catch (cause) {
      if (cause instanceof TrailSealError) throw cause;
      throw new StoreError(`${key} of ${this.#store.root} could not be copied to ${this.path}: ${String(cause)}`, {
        cause,
      });
    }
  }
}
