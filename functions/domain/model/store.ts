import { StoreError } from './errors.ts';

/**
 * The report root: a directory or an S3 prefix with the same keys (CONTRACT section 2).
 * Keys use `/`, are relative to the root and never start with one.
 */
export interface ReportStore {
  /** How a person names the root: a path or `s3://bucket/prefix`. */
  readonly root: string;
  /**
   * Writes the whole object or nothing: no reader ever sees half of it. Overwrites.
   * @throws StoreError with a sentence a person can act on (no space, read-only, denied…)
   */
  write(key: string, body: StoreBody): Promise<void>;
  /** The object's bytes, or null where there is none. */
  read(key: string): Promise<Uint8Array | null>;
  /** The object as a stream of chunks, or null where there is none. */
  open(key: string): Promise<AsyncIterable<Uint8Array> | null>;
  /** Every key under `prefix`, in ascending byte order. */
  list(prefix: string): AsyncIterable<string>;
  /** The key as an S3 object key within its bucket (the store's prefix included); the key itself for a directory. */
  objectKey(key: string): string;
}

/** One small object that several write at once: each replaces only what it has read. */
export interface SharedObject {
  /** `text` null where there is none. */
  read(): Promise<{ text: string | null; version: string | null }>;
  /** @returns false where somebody else has written it since: read it again */
  replace(text: string, version: string | null): Promise<boolean>;
}

export type StoreBody = string | Uint8Array | AsyncIterable<Uint8Array>;

/**
 * The segments of a key that every form of the report store can hold.
 * @throws StoreError for one that is absolute, empty in part, or leads out of the root
 */
export const segmentsOfKey = (key: string): string[] => {
  const segments = key.split('/');
  const isSound = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (!isSound || /[\\\0]/.test(key)) {
    throw new StoreError(`${JSON.stringify(key)} is no key of a report: it must be a relative path without "..".`);
  }
  return segments;
};
