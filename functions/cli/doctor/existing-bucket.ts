import type { ExistingBucket } from '../../aws/existing-reader.ts';
import type { Reading } from '../../domain/model/reading.ts';
import { tlsOnly } from '../../domain/policy/bucket-policy.ts';
import { parsePolicy } from '../../domain/policy/document.ts';
import { quoted } from '../../domain/remediation/formats/shell.ts';
import { type Check, ok, unread, warning, wrong } from './check.ts';
import { asService, type ExistingQuestion } from './existing-question.ts';
import { policyCheck, withStatements } from './policy-check.ts';

/** Your report bucket: what stops a deployment is wrong; what leaves the evidence less protected than ours is a warning. */
export async function reportBucketChecks(bucket: string, question: ExistingQuestion): Promise<Check[]> {
  const name = 'existing.reportBucket';
  const found = await located(name, bucket, question);
  if ('outcome' in found) return [found];
  const { key } = found;
  const { existing, partition } = question;
  // A bucket names its key by its ARN, or by its id alone.
  const encryption: Check =
    key === null || existing.key === key || existing.key?.endsWith(`/${key}`)
      ? ok(name, `${bucket} is here, encrypted with ${key ?? 'SSE-S3'}`)
      : wrong(
          name,
          `${bucket} is encrypted with ${key}, and existing.key is ${existing.key ?? 'not set'}`,
          `Set existing.key to ${key}: the functions may use that key alone.`,
        );
  return [
    encryption,
    transport(name, bucket, { policy: found.policy, partition }),
    ...settingChecks(name, bucket, found),
  ];
}

/** Your bucket for access logs: S3 must be let write to it. */
export async function accessLogBucketChecks(bucket: string, question: ExistingQuestion): Promise<Check[]> {
  const name = 'existing.accessLogBucket';
  const found = await located(name, bucket, question);
  if ('outcome' in found) return [found];
  const { key, policy, ownership } = found;
  const { accountId, partition, prefix } = question;
  const arn = `arn:${partition}:s3:::${bucket}`;
  const small = prefix.toLowerCase();
  const delivery = policyCheck({
    ...{ name, policy, service: null, readBy: 's3:GetBucketPolicy' },
    needs: [
      {
        what: 'S3 deliver access logs',
        requests: asService(question, {
          ...{ names: ['logging.s3.amazonaws.com'], actions: ['s3:PutObject'] },
          ...{ resourceArn: `${arn}/${small}/report-bucket/log`, sourceArn: `arn:${partition}:s3:::${small}-reports` },
        }),
        statement: {
          ...{ Sid: 'TrailSealAccessLogs', Effect: 'Allow', Principal: { Service: 'logging.s3.amazonaws.com' } },
          ...{ Action: 's3:PutObject', Resource: `${arn}/${small}/*` },
          Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
        },
      },
    ],
    fine: `${bucket} is here, and its policy lets S3 deliver access logs`,
    put: `aws s3api put-bucket-policy --bucket ${bucket} --policy`,
  });
  const encrypted: Check = warning(
    name,
    `${bucket} is encrypted with ${key}`,
    'S3 delivers access logs there only where that key lets logging.s3.amazonaws.com use it; SSE-S3 needs nothing.',
  );
  // Where ACLs count, the log delivery group may have been let in by one.
  const isByAcl = delivery.outcome === 'wrong' && !(ownership.ok && ownership.value === 'BucketOwnerEnforced');
  return [isByAcl ? { ...delivery, outcome: 'warning' } : delivery, ...(key === null ? [] : [encrypted])];
}

async function located(
  name: string,
  bucket: string,
  { reader, accountId, region }: ExistingQuestion,
): Promise<ExistingBucket | Check> {
  const found = await reader.bucket(bucket, accountId);
  if (!found.ok) {
    if (found.failure.kind === 'NOT_FOUND') {
      const fix = 'Create it, or leave the setting out.';
      return wrong(name, `there is no bucket ${bucket}`, fix);
    }
    const actions = 's3:GetBucketLocation and s3:GetEncryptionConfiguration, in the account that owns it';
    return unread(name, found.failure, actions);
  }
  const { region: home } = found.value;
  if (home === region) return found.value;
  const fix = `Deploy to ${home}, or use a bucket of ${region}.`;
  return wrong(name, `${bucket} is in ${home}`, fix);
}

function transport(
  of: string,
  bucket: string,
  { policy, partition }: { policy: Reading<string | null>; partition: string },
): Check {
  const name = `${of}, transport`;
  if (!policy.ok) return unread(name, policy.failure, 's3:GetBucketPolicy');
  const { verdict, reason } = tlsOnly({ policyText: policy.value, bucket, partition });
  if (verdict === 'YES') return ok(name, 'TLS only');
  const resource = `arn:${partition}:s3:::${bucket}`;
  const statement = {
    ...{ Sid: 'TlsOnly', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [resource, `${resource}/*`] },
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  const text = policy.value ?? '{"Version":"2012-10-17","Statement":[]}';
  if (!parsePolicy(text).ok) return warning(name, reason, `Make sure that it has: ${JSON.stringify(statement)}`);
  return warning(
    name,
    `evidence could be read without TLS. ${reason}`,
    'The policy as it is, with the statement that refuses that:',
    `aws s3api put-bucket-policy --bucket ${bucket} --policy ${quoted(withStatements(text, [{ statement }]))}`,
  );
}

/** What our own bucket has, and a bucket of yours should. */
function settingChecks(of: string, bucket: string, { versioned, publicBlocked, ownership }: ExistingBucket): Check[] {
  const check = <T>(
    what: string,
    found: Reading<T>,
    { isFine, fine, words, fix, command, action }: Expected<T>,
  ): Check => {
    const name = `${of}, ${what}`;
    if (!found.ok) return unread(name, found.failure, action);
    if (isFine(found.value)) return ok(name, fine);
    return warning(name, words, fix, `aws s3api ${command}`);
  };
  return [
    check('versions', versioned, {
      ...{ isFine: (on) => on, fine: 'kept', action: 's3:GetBucketVersioning' },
      words: 'not kept: what is overwritten or deleted is gone',
      fix: 'Turn versioning on:',
      command: `put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled`,
    }),
    check('public access', publicBlocked, {
      ...{ isFine: (on) => on, fine: 'blocked', action: 's3:GetBucketPublicAccessBlock' },
      words: 'not blocked by the bucket itself: an ACL or a policy could open it, unless the account blocks that',
      fix: 'Block it:',
      command: `put-public-access-block --bucket ${bucket} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`,
    }),
    check('ownership', ownership, {
      isFine: (value) => value === 'BucketOwnerEnforced',
      ...{ fine: 'the bucket owner has every object', action: 's3:GetBucketOwnershipControls' },
      words: 'ACLs count there: an object may belong to another account, and be opened by its ACL',
      fix: 'Turn ACLs off (refused while one lets another account in):',
      command: `put-bucket-ownership-controls --bucket ${bucket} --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'`,
    }),
  ];
}

interface Expected<T> {
  isFine(value: T): boolean;
  fine: string;
  words: string;
  fix: string;
  command: string;
  /** What reads it. */
  action: string;
}
