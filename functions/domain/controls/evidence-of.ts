import type { LogObject } from '../account-access.ts';
import { evidenceRef } from '../evidence.ts';
import type { KeyFacts } from '../key-facts.ts';
import type { BucketFacts, ResolvedTrail } from '../resources.ts';

/** The DescribeTrails answer that showed the trail. */
export const describedBy = ({ facts }: ResolvedTrail): string =>
  evidenceRef({ ...facts.seenIn, operation: 'DescribeTrails' });

/** The GetTrailStatus answer its status comes from. */
export function statusBy({ facts }: ResolvedTrail): string[] {
  if (!facts.statusFrom) return [];
  const { homeRegion, trailArn } = facts.trail;
  return [
    evidenceRef({ accountId: facts.statusFrom, region: homeRegion, operation: 'GetTrailStatus', subject: trailArn }),
  ];
}

/** The answer of one KMS operation about a key, where its owner was asked. */
export function keyBy(
  key: KeyFacts | null,
  operation: 'DescribeKey' | 'GetKeyRotationStatus' | 'GetKeyPolicy',
): string[] {
  if (!key?.arn || !key.inspection) return [];
  return [evidenceRef({ accountId: key.arn.accountId, region: key.arn.region, operation, subject: key.keyId })];
}

/** The answer of one S3 operation about a bucket, where its owner is known. */
export function bucketBy(bucket: BucketFacts | null, operation: string): string[] {
  const { accountId, region } = bucket?.inspection ?? {};
  if (!bucket || !accountId || !region) return [];
  // Which buckets an account owns is one answer for all regions.
  const at = { accountId, region: operation === 'ListBuckets' ? '*' : region };
  return [evidenceRef({ ...at, operation, subject: bucket.bucket })];
}

/** The header of one log object; where none was found, the listings that did not show one. */
export function sampleBy(bucket: BucketFacts | null, object: LogObject | null): string[] {
  const { accountId, region } = bucket?.inspection ?? {};
  if (!object) return bucketBy(bucket, 'ListObjectsV2');
  if (!bucket || !accountId || !region) return [];
  return [evidenceRef({ accountId, region, operation: 'HeadObject', subject: `${bucket.bucket}/${object.key}` })];
}
