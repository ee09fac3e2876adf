import type { BucketFacts } from '../../judge/resources.ts';
import { parseArn } from '../../model/arn.ts';
import { publicAccessBlocked } from '../../model/public-access.ts';
import { tlsOnly } from '../../policy/bucket-policy.ts';
import { control } from '../control.ts';
import { bucketBy, bucketOwnerBy, publicAccessBy } from '../evidence-of.ts';
import { OF_BUCKET, OWNER_UNKNOWN, ownerUnknown, SETTINGS_UNKNOWN } from '../reasons/bucket.ts';
import { type Cause, fail, pass, unverified } from '../reasons/reason.ts';
import { PUBLIC_ACCESS, publicAccessUnread } from './bucket-not-public.ts';

const UNPROTECTED: Cause = {
  ...OF_BUCKET,
  title: ({ words }) => `The log bucket is not protected: ${words}`,
  fix: 'Block public access, deny requests without TLS, enable versioning.',
};

export const bucketProtected = control({
  id: 'bucket-protected',
  title: 'The log bucket is protected',
  severity: 'HIGH',
  resource: 'bucket',
  rationale:
    'The bucket is where the logs are read, changed and deleted. Encryption does not help a bucket that the world can list, or that forgets what was overwritten.',
  reads: [
    's3:ListAllMyBuckets',
    's3:GetBucketPublicAccessBlock',
    's3:GetAccountPublicAccessBlock',
    's3:GetBucketPolicy',
    's3:GetBucketVersioning',
    's3:GetEncryptionConfiguration',
  ],
  decision:
    'All four public access blocks are on, each by the bucket or by its account, the bucket policy denies requests without TLS, versioning is Enabled, and a default encryption is set.',
  expected: 'Public access blocked, TLS only, versioned, with default encryption',
  remediation:
    'put-public-access-block (aws s3api for the bucket, aws s3control for all buckets of the account), a Deny on aws:SecureTransport=false in the bucket policy, put-bucket-versioning, put-bucket-encryption.',
  reasons: {
    PROTECTED: pass('Public access blocked, TLS only, versioned, encrypted by default'),
    ...OWNER_UNKNOWN,
    ...PUBLIC_ACCESS,
    TLS_NOT_REQUIRED: fail('Requests without TLS are not denied', UNPROTECTED),
    NOT_VERSIONED: fail('Versioning is not Enabled', UNPROTECTED),
    NO_DEFAULT_ENCRYPTION: fail('No default encryption', UNPROTECTED),
    TLS_NOT_REQUIRED_UNKNOWN: unverified('Whether requests without TLS are denied is not known', SETTINGS_UNKNOWN),
    NOT_VERSIONED_UNKNOWN: unverified('Whether the bucket is versioned is not known', SETTINGS_UNKNOWN),
    NO_DEFAULT_ENCRYPTION_UNKNOWN: unverified(
      'Whether the bucket has a default encryption is not known',
      SETTINGS_UNKNOWN,
    ),
  },
  audit: {
    console:
      "S3, the trail's bucket: Permissions, Block public access is On for all four; Bucket policy denies requests where aws:SecureTransport is false; Properties, Bucket Versioning and Default encryption are set.",
    commands: [
      'aws s3api get-public-access-block --bucket BUCKET',
      'aws s3api get-bucket-policy --bucket BUCKET --query Policy --output text',
      'aws s3api get-bucket-versioning --bucket BUCKET',
      'aws s3api get-bucket-encryption --bucket BUCKET',
    ],
    expected:
      "All four settings are true (the account's count too), the policy has the Deny, Status is Enabled, and there is a rule.",
  },
  page: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html',
  sources: [
    'AWS CloudTrail User Guide: Security best practices',
    'CIS AWS Foundations Benchmark 3.0.0, 2.1',
    'AWS Security Hub controls S3.5, S3.8',
  ],
  decide(bucket, say) {
    const noOwner = ownerUnknown(bucket);
    if (noOwner) return say('OWNER_UNKNOWN', null, noOwner);
    const checks = bucketChecks(bucket);
    const evidence = [...bucketOwnerBy(bucket), ...checks.flatMap((c) => c.evidence)];
    const wrong = checks.filter((c) => c.met === false);
    if (wrong[0]) return say(wrong[0].reason, wrong.map((c) => c.wrong).join('; '), { evidence });
    const unknown = checks.filter((c) => c.met === null);
    if (unknown[0])
      return say(`${unknown[0].reason}_UNKNOWN`, null, {
        detail: unknown.map((c) => c.unknown).join('; '),
        evidence,
      });
    return say('PROTECTED', 'Public access blocked, TLS only, versioned, encrypted by default', { evidence });
  },
});

type Flaw = 'PUBLIC_ACCESS_NOT_BLOCKED' | 'TLS_NOT_REQUIRED' | 'NOT_VERSIONED' | 'NO_DEFAULT_ENCRYPTION';
interface Check {
  reason: Flaw;
  evidence: string[];
  met: boolean | null;
  wrong: string;
  unknown: string;
}

function bucketChecks(facts: BucketFacts): Check[] {
  const { inspection } = facts;
  const versioning = inspection?.versioning;
  const encryption = inspection?.encryption;
  const tls = bucketTlsOnly(facts);
  const check = (
    reason: Flaw,
    operation: Parameters<typeof bucketBy>[1],
    met: boolean | null,
    wrong: string,
  ): Check => ({
    reason,
    evidence: bucketBy(facts, operation),
    met,
    wrong,
    unknown: `${operation} gave no answer that decides it`,
  });
  return [
    {
      reason: 'PUBLIC_ACCESS_NOT_BLOCKED',
      evidence: publicAccessBy(facts),
      met: publicAccessBlocked(inspection),
      wrong: 'Public access is not blocked',
      unknown: publicAccessUnread(inspection),
    },
    check('TLS_NOT_REQUIRED', 'GetBucketPolicy', tls, 'Requests without TLS are not denied'),
    check(
      'NOT_VERSIONED',
      'GetBucketVersioning',
      versioning?.ok ? versioning.value === 'Enabled' : null,
      'Versioning is not Enabled',
    ),
    check(
      'NO_DEFAULT_ENCRYPTION',
      'GetBucketEncryption',
      encryption?.ok ? encryption.value.algorithm !== null : null,
      'No default encryption',
    ),
  ];
}

/**
 * Whether the bucket refuses requests without TLS; null where its policy was not read or cannot be decided. A bucket
 * without a policy does not.
 */
export function bucketTlsOnly(bucket: BucketFacts): boolean | null {
  const known = TLS_ONLY.get(bucket);
  const decided = known === undefined ? refusesPlainHttp(bucket) : known;
  TLS_ONLY.set(bucket, decided);
  return decided;
}

/** The finding and the bucket's row both ask, and evaluating a policy costs the most. */
const TLS_ONLY = new WeakMap<BucketFacts, boolean | null>();

function refusesPlainHttp({ bucket, inspection, trails }: BucketFacts): boolean | null {
  const policy = inspection?.policy;
  if (!policy?.ok) return null;
  // A trail delivers within its own partition only.
  const partition = parseArn(trails[0] ?? '')?.partition ?? 'aws';
  const { verdict } = tlsOnly({ policyText: policy.value, bucket, partition });
  return verdict === 'UNDECIDED' ? null : verdict === 'YES';
}
