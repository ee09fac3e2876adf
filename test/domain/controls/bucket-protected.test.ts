import { describe, expect, test } from '@jest/globals';
import { bucketNotPublic } from '../../../functions/domain/controls/bucket/bucket-not-public.ts';
import { bucketProtected, bucketTlsOnly } from '../../../functions/domain/controls/bucket/bucket-protected.ts';
import { aboutBucket, rootCause } from '../../../functions/domain/judge/root-cause.ts';
import { type BucketInspection, bucketSettingsNotAsked } from '../../../functions/domain/model/inspection.ts';
import { answered, failed, type Reading } from '../../../functions/domain/model/reading.ts';
import { bucket } from '../judge/sample-facts.ts';

const read = (policy: Reading<string | null> | null, partition = 'aws') => {
  const inspection: BucketInspection = {
    bucket: 'logs',
    accountId: '111122223333',
    region: null,
    ownerFailure: null,
    accountPublicAccessBlock: null,
    ...bucketSettingsNotAsked(),
    policy,
  };
  const trails = [`arn:${partition}:cloudtrail:x-1:111122223333:trail/t`];
  return bucketTlsOnly({
    bucket: 'logs',
    inspection,
    inOrganization: true,
    trails,
    dataEvents: { whole: false, trails: [] },
    oldestLogs: [],
    observedAt: null,
  });
};
const policyIn = (partition: string) =>
  answered(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [`arn:${partition}:s3:::logs`, `arn:${partition}:s3:::logs/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    }),
  );

describe('bucketTlsOnly', () => {
  test.each(['aws', 'aws-us-gov', 'aws-cn', 'aws-eusc'])('reads the ARNs of %s', (partition) => {
    expect(read(policyIn(partition), partition)).toBe(true);
  });
  test('a policy for another partition refuses nothing here', () =>
    expect(read(policyIn('aws'), 'aws-cn')).toBe(false));
  test('a bucket without a policy is open', () => expect(read(answered(null))).toBe(false));
  test('what was not read, or cannot be, is not known', () => {
    expect(read(null)).toBeNull();
    expect(
      read(failed({ kind: 'DENIED', operation: 'GetBucketPolicy', code: 'AccessDenied', message: '' })),
    ).toBeNull();
    expect(read(answered('{'))).toBeNull();
  });
});

test.each([
  ['NOT_VERSIONED', 'The log bucket is not protected: ', 'Block public access'],
  [
    'PUBLIC_ACCESS_NOT_BLOCKED_UNKNOWN',
    'Whether the log bucket is protected is not known: ',
    'Let the audit role read',
  ],
  ['PUBLIC_ACCESS_NOT_BLOCKED', 'The log bucket is not protected: ', 'Block all public access'],
  ['OWNER_UNKNOWN', 'The owner of the log bucket is not known: ', 'Name the owner'],
])('the root cause of %s accuses nobody of what is not known', (reason, words, fix) => {
  const facts = bucket();
  const cause = rootCause(bucketProtected, reason, aboutBucket(facts, `arn:aws:s3:::${facts.bucket}`));
  expect(cause?.title).toBe(`${words}${facts.bucket}`);
  expect(cause?.fix).toMatch(new RegExp(`^${fix}`));
  // What both controls say is one cause.
  if (reason in bucketNotPublic.reasons)
    expect(rootCause(bucketNotPublic, reason, aboutBucket(facts, `arn:aws:s3:::${facts.bucket}`))).toEqual(cause);
});
