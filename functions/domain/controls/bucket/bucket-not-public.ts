import type { BucketFacts } from '../../judge/resources.ts';
import { publicAccessBlocked } from '../../model/public-access.ts';
import { control } from '../control.ts';
import { bucketOwnerBy, publicAccessBy } from '../evidence-of.ts';
import { OF_BUCKET, OWNER_UNKNOWN, ownerUnknown, SETTINGS_UNKNOWN } from '../reasons/bucket.ts';
import { fail, pass, unverified } from '../reasons/reason.ts';

/** `bucket-protected` asks for it too: one cause, whichever of the two shows it. */
export const PUBLIC_ACCESS = {
  PUBLIC_ACCESS_NOT_BLOCKED: fail('Public access is not blocked', {
    ...OF_BUCKET,
    title: ({ words }) => `The log bucket is not protected: ${words}`,
    fix: 'Block all public access (aws s3api put-public-access-block), and set what else the finding names.',
  }),
  PUBLIC_ACCESS_NOT_BLOCKED_UNKNOWN: unverified('Whether public access is blocked is not known', SETTINGS_UNKNOWN),
};

export const bucketNotPublic = control({
  id: 'bucket-not-public',
  title: 'The log bucket is not public',
  severity: 'HIGH',
  resource: 'bucket',
  rationale:
    'Some requirements ask for this alone: a policy or an ACL that lets everybody in is one mistake away as long as S3 does not refuse it.',
  reads: ['s3:ListAllMyBuckets', 's3:GetBucketPublicAccessBlock', 's3:GetAccountPublicAccessBlock'],
  decision:
    'All four public access blocks are on, each by the bucket or by its account: S3 goes by the stricter of the two. Whether a policy or an ACL is public today does not matter.',
  expected: 'Public access is blocked',
  remediation:
    'put-public-access-block, aws s3api for the bucket or aws s3control for all buckets of the account. Take statements that let everybody in out of the bucket policy first, where other accounts read by it.',
  reasons: {
    ...PUBLIC_ACCESS,
    ...OWNER_UNKNOWN,
    NOT_PUBLIC: pass('Public access is blocked'),
  },
  audit: {
    console:
      "S3, the trail's bucket, Permissions: Block public access is On for all four; or S3, Block Public Access settings for this account.",
    commands: [
      'aws s3api get-public-access-block --bucket BUCKET',
      'aws s3control get-public-access-block --account-id BUCKET_OWNER',
    ],
    expected: 'Each of the four settings is true in one of the answers.',
  },
  page: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html',
  sources: [
    'Amazon S3 User Guide: Blocking public access to your Amazon S3 storage',
    'CIS AWS Foundations Benchmark 2.0.0, 3.3',
    'AWS Security Hub control CloudTrail.6',
  ],
  decide(bucket, say) {
    const unknown = ownerUnknown(bucket);
    if (unknown) return say('OWNER_UNKNOWN', null, unknown);
    const evidence = [...bucketOwnerBy(bucket), ...publicAccessBy(bucket)];
    switch (publicAccessBlocked(bucket.inspection)) {
      case true:
        return say('NOT_PUBLIC', 'Public access is blocked', { evidence });
      case false:
        return say('PUBLIC_ACCESS_NOT_BLOCKED', 'Public access is not blocked', { evidence });
      case null:
        return say('PUBLIC_ACCESS_NOT_BLOCKED_UNKNOWN', null, {
          detail: publicAccessUnread(bucket.inspection),
          evidence,
        });
    }
  },
});

/** Which of the two settings of public access was not read, and why. */
export function publicAccessUnread(inspection: BucketFacts['inspection']): string {
  const unread = [inspection?.publicAccessBlock, inspection?.accountPublicAccessBlock].flatMap((reading) =>
    reading && !reading.ok ? [reading.failure] : [],
  );
  if (unread.length === 0) return "The account's public access block was not asked for";
  return unread
    .map(({ operation, code, message }) => `${operation} gave no answer that decides it (${code}: ${message})`)
    .join('; ');
}
