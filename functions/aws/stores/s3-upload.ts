import { Readable } from 'node:stream';
import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { StoreBody } from '../../domain/model/store.ts';
import { failureOf } from '../calls/failure.ts';

/** The body failed while it was read: its maker's error (the cause), not S3's. */
export class BrokenBody extends Error {}

interface Target {
  Bucket: string;
  Key: string;
  ExpectedBucketOwner?: string;
  ContentType?: string;
  ServerSideEncryption?: 'aws:kms' | 'aws:kms:dsse';
  SSEKMSKeyId?: string;
}

/**
 * Puts a whole object, in parts where it is a stream: it appears when the last part is in, or not at all.
 * @throws BrokenBody, or the SDK's error
 */
export const upload = async (request: { client: S3Client; target: Target; body: StoreBody }): Promise<void> => {
  const { client, target, body } = request;
  if (typeof body === 'string' || body instanceof Uint8Array) {
    // Said outright, since the SDK takes an empty body for a stream of unknown length and warns.
    const ContentLength = Buffer.byteLength(body);
    await client.send(new PutObjectCommand({ ...target, Body: body, ContentLength }));
    return;
  }
  const source = watched(body);
  const stream = Readable.from(source.chunks, { objectMode: false });
  try {
    // A failure aborts the multipart upload, so no parts are left to be paid for.
    await new Upload({ client, params: { ...target, Body: stream } }).done();
  } catch (error) {
    if (source.failure()) throw new BrokenBody('the body failed', { cause: source.failure()?.error });
    if (!(await isCompleteAfterAll({ client, target, error, size: source.size() }))) throw error;
  } finally {
    stream.destroy();
  }
};

/** Completed, but the answer was lost: the second attempt then finds no upload, and the object where it belongs. */
const isCompleteAfterAll = async (request: {
  client: S3Client;
  target: Target;
  error: unknown;
  size: number;
}): Promise<boolean> => {
  if (failureOf('CompleteMultipartUpload', request.error).code !== 'NoSuchUpload') return false;
  const { Bucket, Key, ExpectedBucketOwner } = request.target;
  const place = { Bucket, Key, ...(ExpectedBucketOwner === undefined ? {} : { ExpectedBucketOwner }) };
  try {
    const { ContentLength } = await request.client.send(new HeadObjectCommand(place));
    return ContentLength === request.size;
  } catch {
    // Not everyone who may write may look: then the answer to the upload itself counts.
    return false;
  }
};

const watched = (body: AsyncIterable<Uint8Array>) => {
  let failure: { error: unknown } | null = null;
  let size = 0;
  const chunks = async function* () {
    try {
      for await (const chunk of body) {
        size += chunk.length;
        yield chunk;
      }
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  return { chunks: chunks(), failure: (): { error: unknown } | null => failure, size: () => size };
};
