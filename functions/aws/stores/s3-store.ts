import {
  GetBucketEncryptionCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadBucketCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import { StoreError } from '../../domain/model/errors.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { segmentsOfKey } from '../../domain/model/store.ts';
import { CallError } from '../../reads/call-error.ts';
import { pages } from '../../reads/paging.ts';
import type { AwsAccess } from '../calls/clients.ts';
import { failureOf, isAbort } from '../calls/failure.ts';
import { BrokenBody, upload } from './s3-upload.ts';

export interface S3StoreOptions {
  access: AwsAccess;
  bucket: string;
  /** '' for the bucket itself; slashes at either end do not matter. */
  prefix?: string;
  /** Refuses a bucket of that name in any other account. */
  expectedOwner?: string;
  /** The bucket's region, where it is known; else S3 is asked for it once. */
  region?: string;
  /**
   * Header of every write, for a bucket whose policy demands one: this KMS key, or whatever the bucket's default
   * encryption says. Without it no header is sent, and the bucket's default applies all the same.
   */
  encryption?: { kmsKey: string } | 'as the bucket';
}

/** Times that the stream of one object is taken up again. */
const MAX_BREAKS = 5;

const CONTENT_TYPES: Record<string, string> = {
  csv: 'text/csv; charset=utf-8',
  gz: 'application/gzip',
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
};

/** `s3://bucket/some/prefix` → its parts; null for anything that is not an S3 root. */
export const parseS3Root = (root: string): { bucket: string; prefix: string } | null => {
  const [, bucket, prefix] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(root) ?? [];
  return bucket === undefined ? null : { bucket, prefix: trimmed(prefix ?? '') };
};

/**
 * The report root as an S3 prefix. An object appears when its last part is in, so it is whole or not there.
 * Encryption is the bucket's default, or a KMS key that is named. Signed with the scanner's own credentials.
 */
export const createS3Store = (options: S3StoreOptions): ReportStore => {
  const { access, bucket } = options;
  const prefix = trimmed(options.prefix ?? '');
  const root = `s3://${bucket}${prefix && `/${prefix}`}`;
  const under = prefix && `${prefix}/`;
  const place = { Bucket: bucket, ...(options.expectedOwner ? { ExpectedBucketOwner: options.expectedOwner } : {}) };
  const objectKey = (key: string) => `${under}${segmentsOfKey(key).join('/')}`;

  let located: Promise<S3Client> | null = null;
  const client = async (): Promise<S3Client> => {
    located ??= (options.region === undefined ? bucketRegion(access, place) : Promise.resolve(options.region)).then(
      (region) => access.own(S3Client, region),
    );
    try {
      return await located;
    } catch (error) {
      located = null;
      throw error;
    }
  };
  let header: Promise<EncryptionHeader> | null = null;
  const encryption = (): Promise<EncryptionHeader> => {
    const { encryption: asked } = options;
    if (asked === undefined) return Promise.resolve({});
    if (asked !== 'as the bucket')
      return Promise.resolve({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: asked.kmsKey });
    header ??= client().then((s3) => defaultEncryption(s3, place));
    return header;
  };
  const openObject = async (key: string): Promise<AsyncIterable<Uint8Array> | null> => {
    const Key = objectKey(key);
    const get = async (part: { Range?: string; IfMatch?: string }): Promise<GetObjectCommandOutput> =>
      (await client()).send(new GetObjectCommand({ ...place, ...part, Key }));
    const refused = (error: unknown) => refusal({ verb: 'read', name: `s3://${bucket}/${Key}`, bucket, error });
    try {
      return wholeObject(await get({}), get, refused);
    } catch (error) {
      if (failureOf('GetObject', error).code === 'NoSuchKey') return null;
      throw refused(error);
    }
  };

  return {
    root,
    objectKey,
    write: async (key, body) => {
      const Key = objectKey(key);
      const type = CONTENT_TYPES[key.slice(key.lastIndexOf('.') + 1)];
      try {
        const s3 = await client();
        const target = { ...place, Key, ...(type === undefined ? {} : { ContentType: type }), ...(await encryption()) };
        await upload({ client: s3, target, body });
      } catch (error) {
        if (error instanceof BrokenBody) throw error.cause;
        const unnamed = options.encryption === 'as the bucket';
        throw refusal({ verb: 'write', name: `s3://${bucket}/${Key}`, bucket, error, unnamed });
      }
    },
    read: async (key) => {
      const body = await openObject(key);
      if (!body) return null;
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    open: openObject,
    list: async function* (listed) {
      const operation = 'ListObjectsV2';
      const ask = async (ContinuationToken: string | undefined): Promise<ListObjectsV2CommandOutput> => {
        const input = { ...place, Prefix: `${under}${listed}`, ...(ContinuationToken ? { ContinuationToken } : {}) };
        return (await client()).send(new ListObjectsV2Command(input));
      };
      try {
        for await (const { Contents } of pages(operation, ask, (page) => page.NextContinuationToken)) {
          for (const { Key } of Contents ?? []) {
            // The S3 console marks folders with empty objects of that name.
            if (Key && !Key.endsWith('/')) yield Key.slice(under.length);
          }
        }
      } catch (error) {
        throw refusal({ verb: 'list', name: `s3://${bucket}/${under}${listed}`, bucket, error });
      }
    },
  };
};

/** Whichever region is asked, S3 names the bucket's own: in the answer, or in the header of its refusal. */
const bucketRegion = async (
  access: AwsAccess,
  place: { Bucket: string; ExpectedBucketOwner?: string },
): Promise<string> => {
  try {
    const { BucketRegion } = await access.own(S3Client).send(new HeadBucketCommand(place));
    return BucketRegion ?? access.region;
  } catch (error) {
    const { $response } = error as { $response?: { headers?: Record<string, string> } };
    const named = $response?.headers?.['x-amz-bucket-region'];
    const { kind } = failureOf('HeadBucket', error);
    // Listing and writing are other permissions than the one HeadBucket needs: they may still be granted.
    if (named !== undefined && kind !== 'NOT_FOUND') return named;
    if (kind === 'DENIED') return access.region;
    throw error;
  }
};

interface EncryptionHeader {
  ServerSideEncryption?: 'aws:kms' | 'aws:kms:dsse';
  SSEKMSKeyId?: string;
}

/**
 * The header that says what the bucket does by default: a policy that demands one looks at the request alone. A key that
 * is not named by its ARN would be looked for in the caller's account; and who may not read the default sends no header.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html
 */
const defaultEncryption = async (s3: S3Client, place: { Bucket: string }): Promise<EncryptionHeader> => {
  try {
    const answer = await s3.send(new GetBucketEncryptionCommand(place));
    const { SSEAlgorithm: algorithm, KMSMasterKeyID: key } =
      answer.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault ?? {};
    if ((algorithm !== 'aws:kms' && algorithm !== 'aws:kms:dsse') || (key && !key.startsWith('arn:'))) return {};
    return { ServerSideEncryption: algorithm, ...(key ? { SSEKMSKeyId: key } : {}) };
  } catch (error) {
    if (isAbort(error)) throw error;
    return {};
  }
};

/** A stream that breaks goes on where it stopped, in the same version of the object. */
async function* wholeObject(
  first: GetObjectCommandOutput,
  get: (part: { Range: string; IfMatch?: string }) => Promise<GetObjectCommandOutput>,
  refused: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  const version = first.ETag === undefined ? {} : { IfMatch: first.ETag };
  let { Body: body } = first;
  let read = 0;
  for (let breaks = 0; ; ) {
    try {
      for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
        read += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      if (read === first.ContentLength) {
        // All bytes are here: a connection that broke after them does not matter, a wrong checksum does.
        if ((error as NodeJS.ErrnoException).code !== undefined) return;
        throw refused(error);
      }
      if (++breaks > MAX_BREAKS) throw refused(error);
    }
    try {
      ({ Body: body } = await get({ Range: `bytes=${read}-`, ...version }));
    } catch (error) {
      throw refused(error);
    }
  }
}

const refusal = ({
  verb,
  name,
  bucket,
  error,
  unnamed = false,
}: {
  verb: 'read' | 'write' | 'list';
  name: string;
  bucket: string;
  error: unknown;
  /** Whether a KMS key could be named that was not. */
  unnamed?: boolean;
}): unknown => {
  if (error instanceof StoreError || isAbort(error)) return error;
  const { kind, code, message } = error instanceof CallError ? error.failure : failureOf(verb, error);
  const action = { read: 's3:GetObject', write: 's3:PutObject', list: 's3:ListBucket' }[verb];
  const done = { read: 'read', write: 'written', list: 'listed' }[verb];
  const sentence = () => {
    // To HeadBucket S3 answers a plain 404.
    if (code === 'NoSuchBucket' || code === 'NotFound')
      return `There is no bucket named ${bucket}: create it, or name another report root.`;
    if (kind === 'CREDENTIALS') {
      return `${name} was not ${done}, since AWS does not accept the credentials (${code}): renew them and run again.`;
    }
    if (kind === 'DENIED' || kind === 'DENIED_BY_SCP') {
      return `${name} may not be ${done} with these credentials: allow ${action}, and the use of the bucket's KMS key.${unnamed ? ' Where its policy demands an encryption header, name the key with --sse-kms-key.' : ''} (${message})`;
    }
    return `${name} could not be ${done} (${code}: ${message}).`;
  };
  return new StoreError(sentence(), { cause: error });
};

const trimmed = (prefix: string): string => prefix.replace(/^\/+|\/+$/g, '');
