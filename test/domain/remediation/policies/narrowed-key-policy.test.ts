import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parsePolicy } from '../../../../functions/domain/policy/document.ts';
import { evaluatePolicy } from '../../../../functions/domain/policy/evaluate.ts';
import { keyPolicyAssessment } from '../../../../functions/domain/policy/key-policy-assessment.ts';
import { type Caller, knownContext } from '../../../../functions/domain/policy/request.ts';
import { narrowedKeyPolicy } from '../../../../functions/domain/remediation/policies/narrowed-key-policy.ts';
import { mergedPolicy } from '../../../../functions/domain/remediation/policies/policy-statements.ts';
import { KEY_ARN, LOG_ARCHIVE, MANAGEMENT, trailOf } from '../subjects.ts';

const trail = trailOf();
const ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey', 'kms:PutKeyPolicy', 'kms:CreateGrant'];
const CALLERS: Caller[] = [
  { kind: 'AWS', arn: `arn:aws:iam::${MANAGEMENT}:role/admin` },
  { kind: 'AWS', arn: `arn:aws:iam::${LOG_ARCHIVE}:role/reader` },
  { kind: 'AWS', arn: 'arn:aws:iam::999900001111:user/stranger' },
  ...['config.amazonaws.com', 'delivery.logs.amazonaws.com', 'ssm.amazonaws.com'].map(
    (name): Caller => ({ kind: 'SERVICE', names: [name] }),
  ),
];
const CONTEXTS = [{}, { 'aws:SourceArn': trail.trailArn, 'kms:CallerAccount': MANAGEMENT }].map(knownContext);

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
const statement = fc.record(
  {
    Sid: fc.constantFrom('A', 'B', 'TrailSealCloudTrailEncrypts', ''),
    Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    Principal: principal,
    Action: oneOrMore(['kms:*', 'kms:GenerateDataKey*', 'kms:Decrypt', 'kms:DescribeKey', 'kms:PutKeyPolicy']),
    Resource: fc.constant('*'),
    Condition: fc.constantFrom(
      { StringEquals: { 'aws:SourceArn': trail.trailArn } },
      { StringEquals: { 'kms:CallerAccount': MANAGEMENT } },
      { StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': `arn:aws:cloudtrail:*:${MANAGEMENT}:trail/*` } },
    ),
  },
  { requiredKeys: ['Effect', 'Principal', 'Action', 'Resource'] },
);

const decisions = (text: string): Map<string, string> => {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(parsed.detail);
  return new Map(
    CALLERS.flatMap((caller, i) =>
      ACTIONS.flatMap((action) =>
        CONTEXTS.map((context, c): [string, string] => [
          `${i} ${action} ${c}`,
          evaluatePolicy(parsed.document, { caller, action, resourceArn: KEY_ARN, context }).decision,
        ]),
      ),
    ),
  );
};

describe('narrowedKeyPolicy', () => {
  it('takes nothing from anybody but CloudTrail, lets CloudTrail in, and leaves whoever managed the key in charge', () => {
    let planned = 0;
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 6 }), (statements) => {
        const policy = JSON.stringify({ Version: '2012-10-17', Statement: statements });
        const found = narrowedKeyPolicy({
          policy,
          keyArn: KEY_ARN,
          partition: 'aws',
          trails: [trail],
          organizationId: null,
          usedByEventDataStore: false,
        });
        if (!found.ok) return;
        planned += 1;
        const merged = mergedPolicy({ current: policy, statements: found.statements, replace: found.replace });
        if (!merged.ok) throw new Error(merged.reason);
        const after = decisions(merged.policy);
        for (const [question, before] of decisions(policy)) {
          if (before === 'ALLOWED') expect([question, after.get(question)]).toEqual([question, 'ALLOWED']);
        }
        const own = { trailArn: trail.trailArn, ownerAccountId: trail.ownerAccountId };
        const assessed = keyPolicyAssessment({
          policyText: merged.policy,
          keyArn: KEY_ARN,
          partition: 'aws',
          trails: [own],
        });
        expect(assessed.allowsCloudTrail).toBe(true);
        // What is still wrong was said.
        if (assessed.status === 'FAIL') expect(found.left.length).toBeGreaterThan(0);
        expect(mergedPolicy({ ...found, current: merged.policy })).toMatchObject({ ok: true, changed: false });
      }),
      { numRuns: 500 },
    );
    expect(planned).toBeGreaterThan(50);
  });
});
