import fc from 'fast-check';
import { parsePolicy } from '../../../../functions/domain/policy/document.ts';
import { evaluatePolicy } from '../../../../functions/domain/policy/evaluate.ts';
import type { Caller } from '../../../../functions/domain/policy/request.ts';
import { knownContext } from '../../policy/known-context.ts';
import { LOG_ARCHIVE, MANAGEMENT, trailOf } from '../subjects.ts';

/** Everybody but CloudTrail. */
const CALLERS: Caller[] = [
  { kind: 'AWS', arn: `arn:aws:iam::${MANAGEMENT}:role/admin` },
  { kind: 'AWS', arn: `arn:aws:iam::${LOG_ARCHIVE}:role/reader` },
  { kind: 'AWS', arn: 'arn:aws:iam::999900001111:user/other' },
  ...['config.amazonaws.com', 'delivery.logs.amazonaws.com', 'ssm.amazonaws.com'].map(
    (name): Caller => ({ kind: 'SERVICE', names: [name] }),
  ),
];
const CONTEXTS = [
  { 'aws:SecureTransport': 'true' },
  {
    'aws:SecureTransport': 'true',
    'aws:SourceArn': trailOf().trailArn,
    'kms:CallerAccount': MANAGEMENT,
    's3:x-amz-acl': 'bucket-owner-full-control',
  },
].map(knownContext);

const oneOrMore = <T>(values: readonly T[]) =>
  fc.oneof(fc.constantFrom(...values), fc.subarray([...values], { minLength: 1 }));
const service = oneOrMore([
  'cloudtrail.amazonaws.com',
  'config.amazonaws.com',
  'delivery.logs.amazonaws.com',
  'ssm.amazonaws.com',
]);
const account = oneOrMore([
  '*',
  `arn:aws:iam::${MANAGEMENT}:root`,
  `arn:aws:iam::${LOG_ARCHIVE}:role/reader`,
  LOG_ARCHIVE,
]);
const principal = fc.oneof(
  fc.constant('*' as const),
  service.map((Service) => ({ Service })),
  account.map((AWS) => ({ AWS })),
  fc.record({ Service: service, AWS: account }),
);

/** Policies as they are found: several services in one statement, Deny beside Allow, Sids that repeat ours. */
const policies = (of: { actions: string[]; resources: string[] }) =>
  fc
    .array(
      fc.record(
        {
          Sid: fc.constantFrom('A', 'B', 'TrailSealCloudTrailEncrypts', 'TrailSealTlsOnly', ''),
          Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
          Principal: principal,
          Action: oneOrMore(of.actions),
          Resource: oneOrMore(of.resources),
          Condition: fc.constantFrom(
            { StringEquals: { 'aws:SourceArn': trailOf().trailArn } },
            { StringEquals: { 'kms:CallerAccount': MANAGEMENT } },
            {
              StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': `arn:aws:cloudtrail:*:${MANAGEMENT}:trail/*` },
            },
          ),
        },
        { requiredKeys: ['Effect', 'Principal', 'Action', 'Resource'] },
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((Statement) => JSON.stringify({ Version: '2012-10-17', Statement }));

export const keyPolicies = policies({
  actions: ['kms:*', 'kms:GenerateDataKey*', 'kms:Decrypt', 'kms:DescribeKey', 'kms:PutKeyPolicy'],
  resources: ['*'],
});
export const bucketPolicies = policies({
  actions: ['s3:*', 's3:PutObject', 's3:GetObject', 's3:GetBucketAcl', 's3:PutBucketPolicy'],
  resources: ['arn:aws:s3:::org-logs', 'arn:aws:s3:::org-logs/*', 'arn:aws:s3:::org-logs/AWSLogs/*'],
});

/** What a policy decides for everybody but CloudTrail, over TLS; by question. */
export function decisions(
  text: string,
  of: { actions: readonly string[]; resources: readonly string[]; service: 'kms' | null },
): Map<string, string> {
  const parsed = parsePolicy(text, { service: of.service });
  if (!parsed.ok) throw new Error(parsed.detail);
  const { document } = parsed;
  return new Map(
    CALLERS.flatMap((caller, who) =>
      of.actions.flatMap((action) =>
        of.resources.flatMap((resourceArn) =>
          CONTEXTS.map((context, how): [string, string] => [
            `${who} ${action} ${resourceArn} ${how}`,
            evaluatePolicy(document, { caller, action, resourceArn, context }).decision,
          ]),
        ),
      ),
    ),
  );
}
