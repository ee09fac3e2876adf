import type { BucketFacts } from '../judge/resources.ts';
import { parseArn } from '../model/arn.ts';
import { publicAccessBlocked } from '../model/public-access.ts';
import { tlsOnly } from '../policy/bucket-policy.ts';
import { type Control, type Decision, fail, pass, type ReasonCause, unverified } from './control.ts';
import { bucketBy, bucketOwnerBy, publicAccessBy } from './evidence-of.ts';

const UNPROTECTED: ReasonCause = {
  severity: 'HIGH',
  words: 'The log bucket is not protected',
  fix: 'Block public access, deny requests without TLS, enable versioning.',
};

export const bucketProtected: Extract<Control, { resource: 'bucket' }> = {
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
    OWNER_UNKNOWN: {
      severity: 'HIGH',
      words: 'The owner of the log bucket is not known',
      fix: 'Name the owner in logArchiveAccounts, or let the audit role into it.',
    },
    PUBLIC_ACCESS_NOT_BLOCKED: UNPROTECTED,
    TLS_NOT_REQUIRED: UNPROTECTED,
    NOT_VERSIONED: UNPROTECTED,
    NO_DEFAULT_ENCRYPTION: UNPROTECTED,
  },
  sources: [
    'AWS CloudTrail User Guide: Security best practices',
    'CIS AWS Foundations Benchmark 3.0.0, 2.1',
    'AWS Security Hub controls S3.5, S3.8',
  ],
  decide(bucket) {
    const { inspection } = bucket;
    if (!inspection?.accountId) {
      const failure = inspection?.ownerFailure;
      const detail = failure ? `${failure.code}: ${failure.message}` : 'Nobody could be asked who owns the bucket.';
      return unverified('OWNER_UNKNOWN', null, { detail });
    }
    const checks = bucketChecks(bucket);
    const evidence = [...bucketOwnerBy(bucket), ...checks.flatMap((c) => c.evidence)];
    const wrong = checks.filter((c) => c.met === false);
    if (wrong[0]) return fail(wrong[0].reason, wrong.map((c) => c.wrong).join('; '), { evidence });
    const unknown = checks.filter((c) => c.met === null);
    if (unknown[0])
      return unverified(`${unknown[0].reason}_UNKNOWN`, null, {
        detail: unknown.map((c) => c.unknown).join('; '),
        evidence,
      });
    return {
      ...pass('PROTECTED', 'Public access blocked, TLS only, versioned, encrypted by default'),
      evidence,
    } satisfies Decision;
  },
};

interface Check {
  reason: string;
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
    reason: string,
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

/** Which of the two settings of public access was not read, and why. */
function publicAccessUnread(inspection: BucketFacts['inspection']): string {
  const unread = [inspection?.publicAccessBlock, inspection?.accountPublicAccessBlock].flatMap((reading) =>
    reading && !reading.ok ? [reading.failure] : [],
  );
  if (unread.length === 0) return "The account's public access block was not asked for";
  return unread
    .map(({ operation, code, message }) => `${operation} gave no answer that decides it (${code}: ${message})`)
    .join('; ');
}

/**
 * Whether the bucket refuses requests without TLS; null where its policy was not read or cannot be decided. A bucket
 * without a policy does not.
 */
export function bucketTlsOnly({ bucket, inspection, trails }: BucketFacts): boolean | null {
  const policy = inspection?.policy;
  if (!policy?.ok) return null;
  // A trail delivers within its own partition only.
  const partition = parseArn(trails[0] ?? '')?.partition ?? 'aws';
  const { verdict } = tlsOnly({ policyText: policy.value, bucket, partition });
  return verdict === 'UNDECIDED' ? null : verdict === 'YES';
}
