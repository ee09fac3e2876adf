import { control } from '../control.ts';
import { describedBy } from '../evidence-of.ts';
import { type Cause, fail, pass } from '../reasons/reason.ts';

export const TRAIL_WITHOUT_KEY: Cause = {
  kind: 'TRAIL_WITHOUT_KEY',
  severity: 'HIGH',
  title: ({ words }) => `No KMS key on ${words}`,
  fix: 'Create one customer managed key in the Region of the bucket and set it on the trail.',
};

/** The classic rule, kept exactly, so that results compare with other tools: one finding a trail, at its owner. */
export const trailKmsEncrypted = control({
  id: 'trail-kms-encrypted',
  title: 'Trail log files are encrypted with SSE-KMS',
  severity: 'HIGH',
  resource: 'trail',
  rationale:
    'Without a KMS key CloudTrail asks S3 for SSE-S3: anyone who may read the bucket can read the logs. A customer key adds a second permission, a record of every decryption, and the power to take access away.',
  reads: ['cloudtrail:DescribeTrails'],
  decision:
    'The trail has a KmsKeyId. Whether that key works and is ours, other controls say. A default encryption of the bucket does not count: CloudTrail asks for SSE-S3 itself when the trail has no key.',
  expected: 'The trail has a KMS key (KmsKeyId)',
  remediation:
    'Create a customer managed key in the Region of the bucket with a policy that lets CloudTrail use it for this trail, and set it on the trail (update-trail --kms-key-id). Under Control Tower change the landing zone instead.',
  audit: {
    console:
      "CloudTrail, the trail's home Region, Trails, the trail, General details: Log file SSE-KMS encryption is Enabled and names an AWS KMS key.",
    commands: [
      'aws cloudtrail list-trails --region REGION',
      "aws cloudtrail describe-trails --region HOME_REGION --trail-name-list TRAIL_ARN --query 'trailList[].KmsKeyId'",
    ],
    expected: 'It prints the ARN of a key; an empty list is a failure.',
  },
  page: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html',
  sources: [
    'AWS CloudTrail User Guide: Encrypting CloudTrail log files with AWS KMS keys',
    'AWS Security Hub control CloudTrail.2',
    'CIS AWS Foundations Benchmark 3.0.0, 3.5',
  ],
  reasons: {
    KEY_SET: pass('The trail has a KMS key'),
    NO_KEY: fail('The trail has no KMS key', TRAIL_WITHOUT_KEY),
  },
  decide(trail, say) {
    const evidence = [describedBy(trail)];
    const { kmsKeyId } = trail.facts.trail;
    return kmsKeyId
      ? say('KEY_SET', `KmsKeyId is ${kmsKeyId}`, { evidence })
      : say('NO_KEY', 'The trail has no KmsKeyId: its log files are SSE-S3', { evidence });
  },
});
