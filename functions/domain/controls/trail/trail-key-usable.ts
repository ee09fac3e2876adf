import { isUsable, type KeyFacts, keyStateReason } from '../../judge/key-facts.ts';
import { control } from '../control.ts';
import { bucketOwnerBy, keyBy } from '../evidence-of.ts';
import { DEAD_KEY, unknownKey } from '../reasons/key.ts';
import { fail, notApplicable, pass, unverified } from '../reasons/reason.ts';
import { OF_TRAIL } from '../reasons/unread.ts';

export const trailKeyUsable = control({
  id: 'trail-key-usable',
  title: "The trail's key works",
  severity: 'CRITICAL',
  resource: 'trail',
  rationale:
    'CloudTrail cannot deliver under a key that is disabled, pending deletion or in another Region than the bucket: logs are lost from that moment. When the key is deleted, the logs already written under it become unreadable, and stay so.',
  reads: ['kms:DescribeKey', 's3:ListAllMyBuckets'],
  decision:
    "The key's KeyState is Enabled (or Updating, which works as well), and the key is in the Region of the trail's bucket.",
  expected: "The key is Enabled, in the bucket's Region",
  remediation:
    'Pending deletion: cancel-key-deletion, then enable-key. Disabled: enable-key. Missing, or in the wrong Region: set a new key in the Region of the bucket on the trail.',
  audit: {
    console:
      "KMS, the Region in the key's ARN, Customer managed keys, the key: Status is Enabled. S3, the trail's bucket, Properties: AWS Region is that of the key.",
    commands: [
      "aws kms describe-key --region KEY_REGION --key-id KEY_ARN --query 'KeyMetadata.[KeyState,DeletionDate]'",
      'aws s3api get-bucket-location --bucket BUCKET',
    ],
    expected:
      'KeyState is Enabled, there is no DeletionDate, and the location is the Region of the key (null is us-east-1).',
  },
  page: 'https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html',
  sources: [
    'AWS KMS Developer Guide: Key states of AWS KMS keys',
    'AWS CloudTrail User Guide: Configure AWS KMS key policies for CloudTrail',
  ],
  reasons: {
    ...unknownKey(OF_TRAIL),
    ...DEAD_KEY,
    KEY_ENABLED: pass("The key works, in the bucket's Region"),
    NO_KEY: notApplicable('The trail has no key'),
    KEY_NOT_IN_BUCKET_REGION: fail('The key is in another Region than the bucket', {
      kind: 'KEY_REGION',
      severity: 'CRITICAL',
      of: 'key',
      title: ({ key }) => `KMS key ${key?.keyId} is not in the Region of the bucket`,
      fix: 'Set a key in the Region of the bucket on the trail.',
    }),
    BUCKET_REGION_UNKNOWN: unverified("The bucket's Region is not known", {
      ...OF_TRAIL,
      fix: 'Name the owner of the bucket in logArchiveAccounts, or let the audit role into it.',
    }),
  },
  decide(trail, say) {
    const { key, bucket } = trail;
    const evidence = [...keyBy(key, 'DescribeKey'), ...bucketOwnerBy(bucket)];
    if (!trail.facts.trail.kmsKeyId || !key) return say('NO_KEY', 'The trail has no key');
    if (key.state && !isUsable(key.state)) {
      return say(keyStateReason(key.state), keyObserved(key), { detail: consequences(key), evidence });
    }
    const bucketRegion = bucket?.inspection?.region ?? null;
    if (key.arn && bucketRegion && key.arn.region !== bucketRegion) {
      const observed = `The key is in ${key.arn.region}, the bucket in ${bucketRegion}`;
      return say('KEY_NOT_IN_BUCKET_REGION', observed, { detail: 'CloudTrail cannot deliver with it.', evidence });
    }
    if (!key.state) {
      return say(key.unknownBecause ?? 'KEY_NOT_INSPECTED', null, {
        detail: `The state of ${key.keyId} could not be read.`,
        evidence,
      });
    }
    if (!bucketRegion) {
      return say('BUCKET_REGION_UNKNOWN', `The key is ${key.state}`, {
        detail: "The bucket's Region could not be read.",
        evidence,
      });
    }
    return say('KEY_ENABLED', `The key is ${key.state} in ${bucketRegion}`, { evidence });
  },
});

const keyObserved = (key: KeyFacts): string =>
  key.state === 'NOT_FOUND' ? `KMS key not found: ${key.keyId}` : `The key's state is ${key.state}`;

/** A dead key stops delivery now; on the deletion date the logs already written become unreadable. Both are said. */
export function consequences(key: KeyFacts): string {
  const now = 'CloudTrail cannot deliver with it: nothing is recorded from the moment it stopped working.';
  if (key.deletionDate) {
    return `${now} On ${key.deletionDate.slice(0, 10)} the logs already written under it become unreadable.`;
  }
  return key.state === 'NOT_FOUND' ? `${now} Logs written under it are unreadable.` : now;
}
