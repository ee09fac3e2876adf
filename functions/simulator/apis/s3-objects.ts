import { gzipSync } from 'node:zlib';
import type { LogObject } from '../world/log-objects.ts';
import type { Bucket } from '../world/model.ts';
import { bucketArn, notYours, readableBucket, xmlDocument } from './s3-bucket.ts';
import { unchunked } from './s3-request.ts';
import { type Operation, type ServiceCall, textOf } from './service.ts';
import { ApiError, element, type WireResponse, xmlText } from './wire.ts';

/** What a simulated log file holds: an empty list of events. */
const LOG_FILE = gzipSync('{"Records":[]}');

const object = (options: Pick<Operation, 'run'> & { action: string }): Operation => ({
  action: options.action,
  resource: objectArn,
  subject: ({ input }) => `${textOf(input, 'Bucket')}/${textOf(input, 'Key')}?${textOf(input, 'partNumber')}`,
  run: options.run,
});

/** Objects: the logs that trails delivered, and whatever was put into a writable bucket. */
export const S3_OBJECT_OPERATIONS: Record<string, Operation> = {
  ListObjectsV2: {
    action: 's3:ListBucket',
    resource: bucketArn,
    subject: ({ input }) =>
      `${textOf(input, 'Bucket')}?${textOf(input, 'prefix')}&${textOf(input, 'continuation-token')}`,
    run: list,
  },
  HeadObject: object({
    action: 's3:GetObject',
    run: (call) => {
      const bucket = readableBucket(call);
      const found = headersOf(call, bucket);
      return { status: 200, headers: found.headers, body: '' };
    },
  }),
  GetObject: object({ action: 's3:GetObject', run: get }),
  PutObject: object({ action: 's3:PutObject', run: put }),
  DeleteObject: object({
    action: 's3:DeleteObject',
    run: (call) => {
      const bucket = writableBucket(call);
      call.objects.delete(bucket.name, textOf(call.input, 'Key'));
      return empty(call, 204);
    },
  }),
  DeleteObjects: object({
    action: 's3:DeleteObject',
    run: (call) => {
      const bucket = writableBucket(call);
      const keys = [...bodyText(call).matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => unescaped(key));
      for (const key of keys) call.objects.delete(bucket.name, key);
      return xmlDocument('DeleteResult', keys.map((key) => `<Deleted>${element('Key', key)}</Deleted>`).join(''));
    },
  }),
  CreateMultipartUpload: object({
    action: 's3:PutObject',
    run: (call) => {
      const bucket = writableBucket(call);
      const key = textOf(call.input, 'Key');
      const uploadId = call.objects.startUpload(bucket.name, key, call.request.headers['content-type'] ?? null);
      return xmlDocument(
        'InitiateMultipartUploadResult',
        `${element('Bucket', bucket.name)}${element('Key', key)}${element('UploadId', uploadId)}`,
      );
    },
  }),
  UploadPart: object({
    action: 's3:PutObject',
    run: (call) => {
      writableBucket(call);
      const { body } = unchunked(call.request);
      const etag = call.objects.putPart(textOf(call.input, 'uploadId'), Number(call.input.partNumber), body);
      return { ...empty(call, 200), headers: { ...empty(call, 200).headers, etag } };
    },
  }),
  CompleteMultipartUpload: object({
    action: 's3:PutObject',
    run: (call) => {
      const bucket = writableBucket(call);
      const key = textOf(call.input, 'Key');
      refuseUnmet(call, bucket);
      const parts = [...bodyText(call).matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
        number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
        etag: unescaped(/<ETag>([^<]*)</.exec(part)?.[1] ?? ''),
      }));
      if (parts.length === 0) throw new ApiError(400, 'MalformedXML', 'The XML you provided was not well-formed');
      const stored = call.objects.completeUpload(textOf(call.input, 'uploadId'), parts, call.objectNow);
      return xmlDocument(
        'CompleteMultipartUploadResult',
        `${element('Bucket', bucket.name)}${element('Key', key)}${element('ETag', stored.etag)}`,
      );
    },
  }),
  AbortMultipartUpload: object({
    action: 's3:AbortMultipartUpload',
    run: (call) => {
      writableBucket(call);
      call.objects.abortUpload(textOf(call.input, 'uploadId'));
      return empty(call, 204);
    },
  }),
};

function objectArn(call: ServiceCall): string {
  return `arn:${call.world.partition}:s3:::${textOf(call.input, 'Bucket')}/${textOf(call.input, 'Key')}`;
}

const writableBucket = (call: ServiceCall): Bucket => {
  const bucket = readableBucket(call);
  if (bucket.owner !== call.account.id || !bucket.writable) throw notYours(call);
  return bucket;
};

const empty = (call: ServiceCall, status: number): WireResponse => ({
  status,
  headers: { 'x-amz-request-id': call.requestId },
  body: '',
});

const bodyText = (call: ServiceCall): string => Buffer.from(unchunked(call.request).body).toString();

const unescaped = (text: string): string =>
  text.replace(/&(?:quot|apos|lt|gt|amp|#(\d+)|#x([0-9a-f]+));/gi, (entity, decimal?: string, hex?: string) =>
    decimal
      ? String.fromCodePoint(Number(decimal))
      : hex
        ? String.fromCodePoint(Number.parseInt(hex, 16))
        : ({ '&quot;': '"', '&apos;': "'", '&lt;': '<', '&gt;': '>', '&amp;': '&' }[entity.toLowerCase()] ?? entity),
  );

/** Conditional writes: `If-None-Match: *` and `If-Match`. */
const refuseUnmet = (call: ServiceCall, bucket: Bucket): void => {
  const { 'if-none-match': none, 'if-match': match } = call.request.headers;
  const known = call.objects.get(bucket.name, textOf(call.input, 'Key'));
  if ((none === '*' && known) || (match !== undefined && match !== known?.etag)) {
    throw new ApiError(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
  }
};

function put(call: ServiceCall): WireResponse {
  const bucket = writableBucket(call);
  refuseUnmet(call, bucket);
  const { body, trailers } = unchunked(call.request);
  const expected = call.request.headers['x-amz-decoded-content-length'] ?? call.request.headers['content-length'];
  if (expected !== undefined && Number(expected) !== body.length) {
    throw new ApiError(
      400,
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length HTTP header',
    );
  }
  const checksums = Object.fromEntries(
    Object.entries({ ...call.request.headers, ...trailers }).flatMap(([name, value]) =>
      /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  );
  const stored = call.objects.put(bucket.name, textOf(call.input, 'Key'), {
    // The request's bytes may live in a larger buffer that goes on to be used.
    body: Uint8Array.from(body),
    contentType: call.request.headers['content-type'] ?? null,
    lastModified: call.objectNow,
    checksums,
  });
  const { headers } = empty(call, 200);
  return {
    status: 200,
    headers: { ...headers, etag: stored.etag, 'x-amz-server-side-encryption': 'AES256' },
    body: '',
  };
}

const headersOf = (call: ServiceCall, bucket: Bucket): { headers: Record<string, string>; body: Uint8Array } => {
  const key = textOf(call.input, 'Key');
  const stored = call.objects.get(bucket.name, key);
  const log = stored ? undefined : call.logs.find(bucket.name, key);
  if (!stored && !log) {
    throw new ApiError(404, 'NoSuchKey', 'The specified key does not exist.', { extra: { Key: key } });
  }
  const body = stored?.body ?? LOG_FILE;
  const headers: Record<string, string> = {
    'x-amz-request-id': call.requestId,
    'accept-ranges': 'bytes',
    'content-length': String(body.length),
    'content-type': stored?.contentType ?? 'application/octet-stream',
    etag: stored?.etag ?? '"00000000000000000000000000000000"',
    'last-modified': new Date(stored?.lastModified ?? log?.lastModified ?? 0).toUTCString(),
    ...(log ? encryptionHeaders(log) : { 'x-amz-server-side-encryption': 'AES256' }),
    ...(call.request.headers['x-amz-checksum-mode'] === 'ENABLED' && call.request.headers.range === undefined
      ? (stored?.checksums ?? {})
      : {}),
  };
  return { headers, body };
};

const encryptionHeaders = (log: LogObject): Record<string, string> =>
  log.kmsKey === null
    ? { 'x-amz-server-side-encryption': 'AES256' }
    : { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': log.kmsKey };

function get(call: ServiceCall): WireResponse {
  const bucket = readableBucket(call);
  const { headers, body } = headersOf(call, bucket);
  const range = /^bytes=(\d*)-(\d*)$/.exec(call.request.headers.range ?? '');
  if (!range) return { status: 200, headers, body, stream: true };
  const [, first = '', last = ''] = range;
  const from = first === '' ? Math.max(0, body.length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? body.length : Math.min(body.length, Number(last) + 1);
  if (from >= body.length) {
    throw new ApiError(416, 'InvalidRange', 'The requested range is not satisfiable');
  }
  const part = body.subarray(from, to);
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(part.length),
      'content-range': `bytes ${from}-${to - 1}/${body.length}`,
    },
    body: part,
    stream: true,
  };
}

function list(call: ServiceCall): string {
  const bucket = readableBucket(call);
  const { input, rules } = call;
  const prefix = textOf(input, 'prefix');
  const delimiter = textOf(input, 'delimiter');
  const token = textOf(input, 'continuation-token');
  const after = token === '' ? textOf(input, 'start-after') : Buffer.from(token, 'base64url').toString();
  const asked = input['max-keys'] === undefined ? 1_000 : Number(input['max-keys']);
  const limit = Math.min(asked, 1_000, rules.pageSize < 20 ? rules.pageSize : 1_000);
  const one = { bucket: bucket.name, prefix, delimiter, after, limit: limit + 1 };
  const entries = bucket.writable ? storedEntries(call, one) : call.logs.list(one).map(entryOf);
  const page = entries.slice(0, limit);
  const more = entries.length > limit;
  const encode = textOf(input, 'encoding-type') === 'url' ? urlText : xmlText;
  const items = page.map((entry) =>
    entry.object
      ? `<Contents><Key>${encode(entry.name)}</Key>${element('LastModified', new Date(entry.object.lastModified).toISOString())}${element('ETag', entry.object.etag)}${element('Size', entry.object.size)}${element('StorageClass', 'STANDARD')}</Contents>`
      : `<CommonPrefixes><Prefix>${encode(entry.name)}</Prefix></CommonPrefixes>`,
  );
  const last = page.at(-1)?.name ?? '';
  return xmlDocument(
    'ListBucketResult',
    `${element('Name', bucket.name)}<Prefix>${encode(prefix)}</Prefix>${element('KeyCount', page.length)}${element('MaxKeys', asked)}${delimiter === '' ? '' : `<Delimiter>${encode(delimiter)}</Delimiter>`}${element('IsTruncated', more)}${token === '' ? '' : element('ContinuationToken', token)}${more ? element('NextContinuationToken', Buffer.from(last).toString('base64url')) : ''}${items.join('')}`,
  );
}

/** `encoding-type=url`; what UTF-8 cannot say has become U+FFFD on its way to S3. */
const urlText = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

interface Listed {
  name: string;
  /** null: a common prefix. */
  object: { lastModified: number; etag: string; size: number } | null;
}

const entryOf = (entry: { prefix: string } | { prefix?: never; object: LogObject }): Listed =>
  entry.prefix !== undefined
    ? { name: entry.prefix, object: null }
    : {
        name: entry.object.key,
        object: {
          lastModified: entry.object.lastModified,
          etag: '"00000000000000000000000000000000"',
          size: LOG_FILE.length,
        },
      };

const storedEntries = (
  call: ServiceCall,
  request: { bucket: string; prefix: string; delimiter: string; after: string; limit: number },
): Listed[] => {
  const { bucket, prefix, delimiter, after, limit } = request;
  const entries: Listed[] = [];
  let last = '';
  for (const key of call.objects.keys(bucket)) {
    if (!key.startsWith(prefix) || key <= after) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const stored = call.objects.get(bucket, key);
    if (cut >= 0) {
      const common = key.slice(0, cut + delimiter.length);
      if (common === last || common === after) continue;
      last = common;
      entries.push({ name: common, object: null });
    } else if (stored) {
      entries.push({
        name: key,
        object: { lastModified: stored.lastModified, etag: stored.etag, size: stored.body.length },
      });
    }
    if (entries.length >= limit) break;
  }
  return entries;
};
