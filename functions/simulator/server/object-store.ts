import { createHash, randomUUID } from 'node:crypto';
import { ApiError } from '../apis/wire.ts';

/** An object that was put into a writable bucket. */
export interface StoredObject {
  body: Uint8Array;
  etag: string;
  contentType: string | null;
  /** Epoch milliseconds. */
  lastModified: number;
  /** `x-amz-checksum-…` headers as the client gave them. */
  checksums: Readonly<Record<string, string>>;
}

/** Objects in memory, for a report root: whole when put, or when the last part of an upload is in. */
export interface ObjectStore {
  get(bucket: string, key: string): StoredObject | undefined;
  put(bucket: string, key: string, object: Omit<StoredObject, 'etag'>): StoredObject;
  delete(bucket: string, key: string): void;
  /** Keys, ascending by code unit of UTF-16, which for keys in ASCII is S3's order. */
  keys(bucket: string): readonly string[];
  startUpload(bucket: string, key: string, contentType: string | null): string;
  putPart(uploadId: string, part: number, body: Uint8Array): string;
  completeUpload(uploadId: string, parts: { number: number; etag: string }[], now: number): StoredObject;
  abortUpload(uploadId: string): void;
  uploads(): number;
}

interface Upload {
  bucket: string;
  key: string;
  contentType: string | null;
  parts: Map<number, { body: Uint8Array; etag: string }>;
}

export const createObjectStore = (): ObjectStore => {
  const buckets = new Map<string, { objects: Map<string, StoredObject>; sorted: string[] | null }>();
  const uploads = new Map<string, Upload>();
  const of = (bucket: string) => {
    const known = buckets.get(bucket) ?? { objects: new Map(), sorted: null };
    buckets.set(bucket, known);
    return known;
  };
  const put = (bucket: string, key: string, object: StoredObject): StoredObject => {
    const held = of(bucket);
    if (!held.objects.has(key)) held.sorted = null;
    held.objects.set(key, object);
    return object;
  };
  const uploadOf = (uploadId: string): Upload => {
    const upload = uploads.get(uploadId);
    if (upload) return upload;
    throw new ApiError(404, 'NoSuchUpload', 'The specified multipart upload does not exist.');
  };
  return {
    get: (bucket, key) => of(bucket).objects.get(key),
    put: (bucket, key, object) => put(bucket, key, { ...object, etag: quoted(md5(object.body)) }),
    delete: (bucket, key) => {
      const held = of(bucket);
      if (held.objects.delete(key)) held.sorted = null;
    },
    keys: (bucket) => {
      const held = of(bucket);
      held.sorted ??= [...held.objects.keys()].sort();
      return held.sorted;
    },
    startUpload: (bucket, key, contentType) => {
      const uploadId = randomUUID().replaceAll('-', '');
      uploads.set(uploadId, { bucket, key, contentType, parts: new Map() });
      return uploadId;
    },
    putPart: (uploadId, part, body) => {
      const etag = quoted(md5(body));
      uploadOf(uploadId).parts.set(part, { body, etag });
      return etag;
    },
    completeUpload: (uploadId, parts, now) => {
      const upload = uploadOf(uploadId);
      const bodies = parts.map(({ number, etag }, index) => {
        const part = upload.parts.get(number);
        if (!part || part.etag.replaceAll('"', '') !== etag.replaceAll('"', '')) {
          throw new ApiError(400, 'InvalidPart', 'One or more of the specified parts could not be found.');
        }
        if (part.body.length < 5 * 2 ** 20 && index < parts.length - 1) {
          throw new ApiError(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
        }
        return part.body;
      });
      uploads.delete(uploadId);
      const etag = quoted(`${md5(Buffer.concat(bodies.map((body) => Buffer.from(md5(body), 'hex'))))}-${parts.length}`);
      const { bucket, key, contentType } = upload;
      return put(bucket, key, { body: Buffer.concat(bodies), etag, contentType, lastModified: now, checksums: {} });
    },
    abortUpload: (uploadId) => {
      uploadOf(uploadId);
      uploads.delete(uploadId);
    },
    uploads: () => uploads.size,
  };
};

const md5 = (body: Uint8Array): string => createHash('md5').update(body).digest('hex');
const quoted = (text: string): string => `"${text}"`;
