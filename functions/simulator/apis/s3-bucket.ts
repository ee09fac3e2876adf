import type { Bucket } from '../world/model.ts';
import { type ServiceCall, textOf } from './service.ts';
import { ApiError } from './wire.ts';

export const bucketArn = (call: ServiceCall): string =>
  `arn:${call.world.partition}:s3:::${textOf(call.input, 'Bucket')}`;

/**
 * The bucket, where it exists, is in the region that the call was signed for, and has the owner that was expected.
 * @throws ApiError otherwise, in S3's order
 */
export const bucketAt = (call: ServiceCall, anyRegion: boolean): Bucket => {
  const name = textOf(call.input, 'Bucket');
  const bucket = call.world.bucket(name);
  if (!bucket) {
    throw new ApiError(404, 'NoSuchBucket', 'The specified bucket does not exist', { extra: { BucketName: name } });
  }
  if (bucket.region !== call.region && !anyRegion) {
    throw new ApiError(
      301,
      'PermanentRedirect',
      'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
      {
        extra: { Endpoint: `${name}.s3.${bucket.region}.amazonaws.com`, Bucket: name },
        headers: { 'x-amz-bucket-region': bucket.region },
      },
    );
  }
  const expected = call.request.headers['x-amz-expected-bucket-owner'];
  if (expected !== undefined && expected !== bucket.owner) throw new ApiError(403, 'AccessDenied', 'Access Denied');
  return bucket;
};

/** A bucket that the caller's account may read. */
export const readableBucket = (call: ServiceCall): Bucket => {
  const bucket = bucketAt(call, false);
  if (bucket.owner !== call.account.id && !bucket.readers.includes(call.account.id)) throw notYours(call);
  return bucket;
};

export const notYours = (call: ServiceCall): ApiError =>
  new ApiError(
    403,
    'AccessDenied',
    `User: ${call.principal.arn} is not authorized to perform: ${call.action} on resource: "${bucketArn(call)}" because no resource-based policy allows the ${call.action} action`,
  );

/** An answer of S3. */
export const xmlDocument = (name: string, body: string, namespace = 's3.amazonaws.com/doc/2006-03-01'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://${namespace}/">${body}</${name}>`;
