import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { StoreError } from '../domain/errors.ts';
import type { ReportStore, StoreBody } from '../domain/store.ts';
import { segmentsOfKey } from '../domain/store-key.ts';
import type { AwsAccess } from './clients.ts';
import { CallError, failureOf, isAbort } from './failure.ts';
import { pages } from './paging.ts';

export interface S3StoreOptions {
  access: AwsAccess;
  bucket: string;
  /** '' for the bucket itself; slashes at either end do not matter. */
  prefix?: string;
  /** Refuses a bucket of that name in any other account. */
  expectedOwner?: string;
  /** The bucket's region, where it is known; else S3 is asked for it once. */
  region?: string;
}

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
 * Encryption is the bucket's default. Signed with the scanner's own credentials.
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
  const get = async (key: string) => {
    const Key = objectKey(key);
    try {
      const { Body } = await (await client()).send(new GetObjectCommand({ ...place, Key }));
      return Body ?? null;
    } catch (error) {
      if (failureOf('GetObject', error).code === 'NoSuchKey') return null;
      throw refusal({ verb: 'read', name: `s3://${bucket}/${Key}`, bucket, error });
    }
  };

  return {
    root,
    objectKey,
    write: async (key, body) => {
      const Key = objectKey(key);
      const type = CONTENT_TYPES[key.slice(key.lastIndexOf('.') + 1)];
      const target = { ...place, Key, ...(type === undefined ? {} : { ContentType: type }) };
      const source = watched(body);
      try {
        await put(await client(), target, source.body);
      } catch (error) {
        throw source.failure() ?? refusal({ verb: 'write', name: `s3://${bucket}/${Key}`, bucket, error });
      }
    },
    read: async (key) => {
      const body = await get(key);
      try {
        return body && (await body.transformToByteArray());
      } catch (error) {
        throw refusal({ verb: 'read', name: `${root}/${key}`, bucket, error });
      }
    },
    open: async (key) => {
      const body = await get(key);
      return (
        body && chunksOf(body as Readable, (error) => refusal({ verb: 'read', name: `${root}/${key}`, bucket, error }))
      );
    },
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

type Target = { Bucket: string; Key: string; ExpectedBucketOwner?: string; ContentType?: string };

const put = async (client: S3Client, target: Target, body: StoreBody): Promise<void> => {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    // Said outright, since the SDK takes an empty body for a stream of unknown length and warns.
    const ContentLength = Buffer.byteLength(body);
    await client.send(new PutObjectCommand({ ...target, Body: body, ContentLength }));
    return;
  }
  const stream = Readable.from(body, { objectMode: false });
  try {
    // A failure aborts the multipart upload, so no parts are left to be paid for.
    await new Upload({ client, params: { ...target, Body: stream } }).done();
  } finally {
    stream.destroy();
  }
};

/** Remembers a body that broke by itself: that is its maker's error, not the store's. */
const watched = (body: StoreBody): { body: StoreBody; failure(): unknown } => {
  if (typeof body === 'string' || body instanceof Uint8Array) return { body, failure: () => undefined };
  let failure: unknown;
  const passed = async function* () {
    try {
      yield* body;
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  return { body: passed(), failure: () => failure };
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

async function* chunksOf(body: Readable, refused: (error: unknown) => unknown): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw refused(error);
  }
}

const refusal = ({
  verb,
  name,
  bucket,
  error,
}: {
  verb: 'read' | 'write' | 'list';
  name: string;
  bucket: string;
  error: unknown;
}): unknown => {
  if (error instanceof StoreError || isAbort(error)) return error;
  const { kind, code, message } = error instanceof CallError ? error.failure : failureOf(verb, error);
  const action = { read: 's3:GetObject', write: 's3:PutObject', list: 's3:ListBucket' }[verb];
  const done = { read: 'read', write: 'written', list: 'listed' }[verb];
  const sentence = () => {
    if (kind === 'NOT_FOUND') return `There is no bucket named ${bucket}: create it, or name another report root.`;
    if (kind === 'CREDENTIALS') {
      return `${name} was not ${done}, since AWS does not accept the credentials (${code}): renew them and run again.`;
    }
    if (kind === 'DENIED' || kind === 'DENIED_BY_SCP') {
      return `${name} may not be ${done} with these credentials: allow ${action}, and the use of the bucket's KMS key. (${message})`;
    }
    return `${name} could not be ${done} (${code}: ${message}).`;
  };
  return new StoreError(sentence(), { cause: error });
};

const trimmed = (prefix: string): string => prefix.replace(/^\/+|\/+$/g, '');
