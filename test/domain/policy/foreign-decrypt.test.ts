import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePolicy } from '../../../functions/domain/policy/document.ts';
import { evaluatePolicy } from '../../../functions/domain/policy/evaluate.ts';
import { keyPolicyAssessment } from '../../../functions/domain/policy/key-policy-assessment.ts';
import * as key from './key-policies.ts';
import { knownContext } from './known-context.ts';

const { ACCOUNT, CONTEXT, KEY, ORGANIZATION, OTHER, TRAIL, TRAILS, encrypt, open, root, shut, when } = key;
const OTHER_ROOT = `arn:aws:iam::${OTHER}:root`;
const UNNAMED = `arn:aws:iam::${OTHER}:role/Unnamed`;

const assess = (statements: key.PolicyStatement[], isOurs: (id: string) => boolean | null = (id) => id === ACCOUNT) =>
  keyPolicyAssessment({
    policyText: key.policyText(...statements),
    keyArn: KEY,
    partition: 'aws',
    organizationId: ORGANIZATION,
    isOurs,
    trails: [{ trailArn: TRAIL, ownerAccountId: ACCOUNT }],
  });

const named = (AWS: unknown, more: object = {}): key.PolicyStatement => ({
  Sid: 'Them',
  Effect: 'Allow',
  Principal: { AWS },
  Action: 'kms:Decrypt',
  Resource: '*',
  ...more,
});
const fixed = (operator: string, name: string, value: unknown) => ({ ...open, ...when(operator, name, value) });
const guard = (operator: string, name: string, value: unknown): key.PolicyStatement => ({
  ...shut,
  Condition: { [operator]: { [name]: value }, BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' } },
});
const UNDECIDED = 'UNDECIDED_CONDITION';

describe('an account outside the organization', () => {
  test.each<[string, key.PolicyStatement[], string | null]>([
    ['its root', [named(OTHER_ROOT)], 'FOREIGN_DECRYPT'],
    ['its id', [named(OTHER)], 'FOREIGN_DECRYPT'],
    ['among our own', [named([ACCOUNT, OTHER_ROOT])], 'FOREIGN_DECRYPT'],
    ['grants', [named(OTHER_ROOT, { Action: 'kms:CreateGrant' })], 'FOREIGN_DECRYPT'],
    ['everything', [named(OTHER_ROOT, { Action: 'kms:*' })], 'FOREIGN_DECRYPT'],
    ['by NotAction', [named(OTHER_ROOT, { Action: undefined, NotAction: 'kms:Put*' })], 'FOREIGN_DECRYPT'],
    ['under a context', [named(OTHER_ROOT, when('StringLike', CONTEXT, TRAILS))], 'FOREIGN_DECRYPT'],
    ['for its own account', [named(OTHER_ROOT, when('StringEquals', 'kms:CallerAccount', OTHER))], 'FOREIGN_DECRYPT'],
    [
      'for roles of a name',
      [named(OTHER_ROOT, when('StringLike', 'aws:PrincipalArn', `${UNNAMED}*`))],
      'FOREIGN_DECRYPT',
    ],
    ['CallerAccount', [fixed('StringEquals', 'kms:CallerAccount', [ACCOUNT, OTHER])], 'FOREIGN_DECRYPT'],
    ['roles of a name there', [fixed('ArnLike', 'aws:PrincipalArn', `${UNNAMED}*`)], 'FOREIGN_DECRYPT'],
    ['PrincipalAccount', [fixed('StringLike', 'aws:PrincipalAccount', OTHER)], 'FOREIGN_DECRYPT'],
    [
      'a Deny that spares it',
      [named(OTHER_ROOT), guard('StringNotEquals', 'kms:CallerAccount', OTHER)],
      'FOREIGN_DECRYPT',
    ],
    [
      'anybody, but for a Deny that spares it',
      [open, { ...shut, Action: 'kms:Decrypt', ...when('StringNotEquals', 'kms:CallerAccount', OTHER) }],
      'FOREIGN_DECRYPT',
    ],
    ['a Deny of a role', [named(OTHER_ROOT), { ...shut, Principal: { AWS: UNNAMED } }], 'FOREIGN_DECRYPT'],
    ['a Deny that cannot be decided', [named(OTHER_ROOT), guard('Vibe', 'aws:PrincipalOrgID', 'x')], UNDECIDED],
    ['a condition that cannot be decided', [named(OTHER_ROOT, when('Vibe', 'x', 'y'))], UNDECIDED],
    ['what leads to no plaintext', [named(OTHER_ROOT, { Action: ['kms:Encrypt', 'kms:PutKeyPolicy'] })], null],
    ['a role of it', [named(UNNAMED)], null],
    ['a role of it by condition', [named(OTHER_ROOT, when('ArnEquals', 'aws:PrincipalArn', UNNAMED))], null],
    ['only if it joins', [named(OTHER_ROOT, when('StringEquals', 'aws:PrincipalOrgID', ORGANIZATION))], null],
    ['only from ours', [named(OTHER_ROOT, when('StringEquals', 'kms:CallerAccount', ACCOUNT))], null],
    ['not from there', [named(OTHER_ROOT, when('StringNotEquals', 'kms:CallerAccount', OTHER))], null],
    ['all but it', [{ ...root, ...when('StringNotEquals', 'kms:CallerAccount', OTHER) }], null],
    ['denied', [named(OTHER_ROOT), { ...shut, Principal: { AWS: OTHER } }], null],
  ])('%s: %s', (_, statements, reason) => {
    const assessment = assess([root, encrypt, ...statements]);
    expect([assessment.reason, assessment.status]).toEqual([
      reason,
      reason === null ? 'PASS' : reason === UNDECIDED ? 'UNVERIFIED' : 'FAIL',
    ]);
    if (reason !== null) expect(assessment.detail).toContain(reason === UNDECIDED ? 'cannot be decided' : OTHER);
  });

  test('passes where it is trusted, and is named where the organization was not listed', () => {
    const policy = [root, encrypt, named(OTHER_ROOT)];
    const trusted = assess(policy, () => true);
    expect(trusted).toMatchObject({ status: 'PASS', reason: null });
    expect(trusted.detail).not.toContain(OTHER);
    const unlisted = assess(policy, (id) => (id === ACCOUNT ? true : null));
    expect(unlisted.status).toBe('PASS');
    expect(unlisted.detail).toContain(`the organization was not listed: ${OTHER}.`);
  });

  test('comes after what a script repairs', () => {
    const everything = { ...encrypt, Sid: 'Bare', Condition: {} };
    const assessment = assess([root, everything, named(OTHER_ROOT)]);
    expect(assessment.problems.map(({ reason }) => reason)).toEqual(['NOT_SCOPED', 'FOREIGN_DECRYPT']);
  });
});

describe('who may change the policy', () => {
  test.each<[string, key.PolicyStatement, string | null]>([
    ['anybody', { ...open, Action: 'kms:PutKeyPolicy' }, 'OPEN_DECRYPT'],
    ['anybody, by a wildcard', { ...open, Action: 'kms:Put*' }, 'OPEN_DECRYPT'],
    [
      'anybody, by NotAction',
      { ...open, Action: undefined, NotAction: ['kms:*Grant*', 'kms:*crypt*'] },
      'OPEN_DECRYPT',
    ],
    [
      'anybody of our account',
      { ...fixed('StringEquals', 'kms:CallerAccount', ACCOUNT), Action: 'kms:PutKeyPolicy' },
      null,
    ],
    ['a role', { ...named(key.ROLE), Action: 'kms:PutKeyPolicy' }, null],
  ])('%s: %s', (_, statement, reason) => {
    expect(assess([root, encrypt, statement]).reason).toBe(reason);
  });
});

test('no policy passes under which a caller of another account, whom it does not name, may decrypt', () => {
  const account = fc.constantFrom(ACCOUNT, OTHER);
  const condition = fc
    .tuple(
      fc.constantFrom(
        'StringEquals',
        'StringNotEquals',
        'StringLike',
        'StringEqualsIfExists',
        'ForAllValues:StringEquals',
      ),
      fc.oneof(
        fc.tuple(fc.constantFrom('kms:CallerAccount', 'aws:PrincipalAccount'), account),
        fc.tuple(fc.constant('aws:PrincipalOrgID'), fc.constantFrom(ORGANIZATION, 'o-zzzzzzzzzz')),
        fc.tuple(fc.constant('aws:PrincipalArn'), fc.constantFrom(UNNAMED.replace('Unnamed', '*'), key.ROLE)),
        fc.tuple(fc.constant(CONTEXT), fc.constant(TRAILS)),
        fc.tuple(fc.constant('kms:ViaService'), fc.constant('s3.us-east-1.amazonaws.com')),
      ),
    )
    .map(([operator, [name, value]]) => when(operator, name, value));
  const principal = fc.constantFrom<object>(
    { Principal: '*' },
    { Principal: { AWS: OTHER_ROOT } },
    { Principal: { AWS: [ACCOUNT, OTHER] } },
    { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } },
    { NotPrincipal: { AWS: key.ROLE } },
  );
  const statement = fc
    .tuple(
      fc.constantFrom('Allow', 'Allow', 'Deny'),
      principal,
      fc.constantFrom('kms:Decrypt', 'kms:*', 'kms:CreateGrant'),
      fc.oneof(fc.constant({}), condition),
      fc.oneof(fc.constant({}), condition),
    )
    .map(([Effect, who, Action, first, second]) => ({
      ...{ Effect, ...who, Action, Resource: '*' },
      Condition: { ...(first as key.PolicyStatement).Condition, ...(second as key.PolicyStatement).Condition },
    }));
  const theirOrganization = fc.constantFrom<Record<string, string>>({}, { 'aws:PrincipalOrgID': 'o-zzzzzzzzzz' });
  const theirs = fc.constantFrom<Record<string, string>>(
    {},
    { [CONTEXT]: TRAIL },
    { [CONTEXT]: TRAIL, 'kms:ViaService': 's3.us-east-1.amazonaws.com' },
  );
  let admitted = 0;
  fc.assert(
    fc.property(
      fc.array(statement, { minLength: 1, maxLength: 3 }),
      theirOrganization,
      theirs,
      (statements, org, more) => {
        const policy = [encrypt, ...(statements as key.PolicyStatement[])];
        const parsed = parsePolicy(key.policyText(...policy));
        if (!parsed.ok) throw new Error(parsed.detail);
        const { decision } = evaluatePolicy(parsed.document, {
          caller: { kind: 'AWS', arn: UNNAMED },
          action: 'kms:Decrypt',
          resourceArn: KEY,
          context: knownContext({
            'kms:CallerAccount': OTHER,
            'aws:PrincipalAccount': OTHER,
            'aws:PrincipalArn': UNNAMED,
            'aws:PrincipalIsAWSService': 'false',
            ...org,
            ...more,
          }),
        });
        if (decision !== 'ALLOWED') return;
        admitted += 1;
        expect(assess(policy).status).not.toBe('PASS');
      },
    ),
    { numRuns: 500 },
  );
  expect(admitted).toBeGreaterThan(5);
});
