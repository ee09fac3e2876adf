import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { SharedObject } from '../../domain/model/store.ts';
import type { AwsAccess } from '../calls/clients.ts';
import { failureOf } from '../calls/failure.ts';

/** To PutObject with a condition that does not hold, where two write at once, and where the object is gone meanwhile. */
const LOST = new Set(['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey']);

/**
 * An object of S3 that is replaced only in the version that was read.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export const createSharedObject = (options: {
  access: AwsAccess;
  region: string;
  bucket: string;
  /** The object's key in the bucket. */
  key: string;
  /** Refuses a bucket of that name in any other account. */
  expectedOwner: string;
}): SharedObject => {
  const { access, region, bucket, key, expectedOwner } = options;
  const place = { Bucket: bucket, Key: key, ExpectedBucketOwner: expectedOwner };
  const client = () => access.own(S3Client, region);
  return {
    async read() {
      try {
        const { Body, ETag } = await client().send(new GetObjectCommand(place));
        return { text: (await Body?.transformToString('utf8')) ?? '', version: ETag ?? null };
      } catch (error) {
        if (failureOf('GetObject', error).code === 'NoSuchKey') return { text: null, version: null };
        throw error;
      }
    },
    async replace(text, version) {
      const condition = version === null ? { IfNoneMatch: '*' } : { IfMatch: version };
      const body = { Body: text, ContentLength: Buffer.byteLength(text), ContentType: 'application/json' };
      try {
        await client().send(new PutObjectCommand({ ...place, ...body, ...condition }));
        return true;
      } catch (error) {
        if (LOST.has(failureOf('PutObject', error).code)) return false;
        throw error;
      }
    },
  };
};
