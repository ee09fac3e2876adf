import { cloudTrailMayUseKey } from '../../policy/cloudtrail-key-use.ts';
import { type ActingTrail, cloudTrailCaller, cloudTrailContext } from '../../policy/cloudtrail-request.ts';
import { type ParsedPolicy, parsePolicy } from '../../policy/document.ts';
import { evaluatePolicy } from '../../policy/evaluate.ts';
import { ABSENT } from '../../policy/request.ts';
import type { TrailSubject } from '../decide/subject.ts';

/** The Deny statements that keep a trail from delivering, or would once it has a key. Policies that were not read: none. */
export function refusingStatements(request: {
  trail: ActingTrail & { s3KeyPrefix: string | null };
  bucket: { name: string; policy: string | null } | null;
  key: { arn: string; policy: string | null } | null;
}): TrailSubject['refusedBy'] {
  const { trail, bucket, key } = request;
  const inBucket = bucket?.policy ? parsePolicy(bucket.policy) : null;
  const delivery = (encryption: string, keyArn: string | null) =>
    bucket && inBucket?.ok ? deniedDelivery(inBucket, { trail, bucket: bucket.name, encryption, keyArn }) : null;
  const inKey = key?.policy ? parsePolicy(key.policy, { service: 'kms' }) : null;
  return {
    bucket: key === null ? delivery('AES256', null) : delivery('aws:kms', key.arn),
    kmsEncryption: delivery('aws:kms', null),
    otherKeys: delivery('aws:kms', UNNAMED_KEY),
    key: key && inKey?.ok ? deniedKey(inKey, trail, key.arn) : null,
  };
}

/** A key that no policy names. */
const UNNAMED_KEY = 'arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-000000000000';

/** CloudTrail's PutObject of one log; without a key, where only that decides, nothing is said. */
function deniedDelivery(
  policy: Extract<ParsedPolicy, { ok: true }>,
  of: {
    trail: ActingTrail & { s3KeyPrefix: string | null };
    bucket: string;
    encryption: string;
    keyArn: string | null;
  },
): string | null {
  const { trail, bucket, encryption, keyArn } = of;
  const { partition, trailOwnerAccountId: owner } = trail;
  const prefix = trail.s3KeyPrefix ? `${trail.s3KeyPrefix}/` : '';
  const region = trail.trailArn.split(':')[3] ?? '';
  const name = `${owner}_CloudTrail_${region}_20260101T0000Z_a.json.gz`;
  const resourceArn = `arn:${partition}:s3:::${bucket}/${prefix}AWSLogs/${owner}/CloudTrail/${region}/2026/01/01/${name}`;
  const special = (key: string) => {
    if (key === 's3:x-amz-server-side-encryption') return [[encryption]];
    if (key === 's3:x-amz-server-side-encryption-aws-kms-key-id')
      return encryption === 'AES256' ? ABSENT : keyArn === null ? undefined : [[keyArn]];
    if (key === 's3:x-amz-acl') return [['bucket-owner-full-control']];
    return undefined;
  };
  const found = evaluatePolicy(policy.document, {
    caller: cloudTrailCaller(partition),
    action: 's3:PutObject',
    resourceArn,
    context: cloudTrailContext({ trail, sourceArns: [trail.trailArn], resourceArn, special }),
  });
  return found.decision === 'DENIED' ? found.statement : null;
}

function deniedKey(policy: Extract<ParsedPolicy, { ok: true }>, trail: ActingTrail, keyArn: string): string | null {
  const use = cloudTrailMayUseKey({ ...trail, policy: policy.document, keyArn });
  return use.verdict === 'NO' ? use.statement : null;
}
