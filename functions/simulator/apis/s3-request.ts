import type { WireRequest } from './wire.ts';

/** What an S3 request asks for: S3 names its operations by method, path and query rather than by a word. */
export interface S3Target {
  operation: string;
  bucket: string;
  /** Decoded; '' for requests about the bucket. */
  key: string;
}

/** Sub-resources of a bucket, by the query parameter that names them. */
const BUCKET_READS: Readonly<Record<string, string>> = {
  publicAccessBlock: 'GetPublicAccessBlock',
  policy: 'GetBucketPolicy',
  versioning: 'GetBucketVersioning',
  encryption: 'GetBucketEncryption',
  'object-lock': 'GetObjectLockConfiguration',
  lifecycle: 'GetBucketLifecycleConfiguration',
  logging: 'GetBucketLogging',
  location: 'GetBucketLocation',
};

export const s3Target = (request: WireRequest): S3Target => {
  const { method, query } = request;
  const ofAccount = accountOperation(request);
  if (ofAccount !== null) return { operation: ofAccount, bucket: '', key: '' };
  const { bucket, key } = placeOf(request);
  const has = (name: string): boolean => Object.hasOwn(query, name);
  const named = (operation: string): S3Target => ({ operation, bucket, key });
  if (bucket === '') return named(method === 'GET' ? 'ListBuckets' : 'Unknown');
  if (key === '') {
    if (method === 'HEAD') return named('HeadBucket');
    if (method === 'POST' && has('delete')) return named('DeleteObjects');
    if (method !== 'GET') return named('Unknown');
    for (const name in BUCKET_READS) if (has(name)) return named(BUCKET_READS[name] ?? 'Unknown');
    return named(query['list-type'] === '2' ? 'ListObjectsV2' : 'Unknown');
  }
  if (method === 'HEAD') return named('HeadObject');
  if (method === 'GET') return named('GetObject');
  if (method === 'PUT') return named(has('uploadId') ? 'UploadPart' : 'PutObject');
  if (method === 'DELETE') return named(has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject');
  if (method === 'POST' && has('uploads')) return named('CreateMultipartUpload');
  if (method === 'POST' && has('uploadId')) return named('CompleteMultipartUpload');
  return named('Unknown');
};

/**
 * What an S3 Control request asks for, or null where it is none. It is signed as S3's are, and names the account in a
 * header; the operation goes by the name that IAM and CloudTrail have for it, since S3 has one of the same name.
 */
const accountOperation = ({ method, path, headers }: WireRequest): string | null => {
  if (headers['x-amz-account-id'] === undefined || !path.startsWith('/v20180820/')) return null;
  const isBlock = path === '/v20180820/configuration/publicAccessBlock';
  return method === 'GET' && isBlock ? 'GetAccountPublicAccessBlock' : 'Unknown';
};

/** The bucket in the host's name (virtual-hosted style) or at the head of the path (path style). */
const placeOf = (request: WireRequest): { bucket: string; key: string } => {
  const hosted = /^(.+?)\.(?:s3[.-].*|s3|localhost)$/.exec(request.hostname)?.[1];
  const path = request.path.replace(/^\//, '');
  if (hosted !== undefined) return { bucket: hosted, key: decoded(path) };
  const cut = path.indexOf('/');
  return cut < 0
    ? { bucket: decoded(path), key: '' }
    : { bucket: decoded(path.slice(0, cut)), key: decoded(path.slice(cut + 1)) };
};

/** A path that is not sound percent-encoding names what it spells. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * The body as it was before `aws-chunked` wrapped it, with the trailing headers:
 * `<hex size>[;chunk-signature=…]\r\n<data>\r\n … 0\r\n<trailers>\r\n`.
 */
export const unchunked = (request: WireRequest): { body: Uint8Array; trailers: Record<string, string> } => {
  const streaming = request.headers['x-amz-content-sha256']?.startsWith('STREAMING-') ?? false;
  if (!streaming) return { body: request.body, trailers: {} };
  const bytes = Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) break;
    const size = Number.parseInt(bytes.subarray(at, end).toString('latin1'), 16);
    at = end + 2;
    if (!(size > 0)) break;
    parts.push(bytes.subarray(at, at + size));
    at += size + 2;
  }
  const trailers: Record<string, string> = {};
  for (const line of bytes.subarray(at).toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { body: Buffer.concat(parts), trailers };
};
