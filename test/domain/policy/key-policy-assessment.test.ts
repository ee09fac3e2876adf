import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyPolicyAssessment } from '../../../functions/domain/policy/key-policy-assessment.ts';
import { cpuSecondsOf } from '../../cpu-time.ts';
import * as key from './key-policies.ts';

const { ACCOUNT, CONTEXT, KEY, OTHER, TRAIL, TRAILS, encrypt, open, readers, root, shut, when } = key;

const assess = (policyText: string, owners = [ACCOUNT]) =>
  keyPolicyAssessment({
    policyText,
    keyArn: KEY,
    partition: 'aws',
    trails: owners.map((ownerAccountId) => ({ trailArn: TRAIL.replace(ACCOUNT, ownerAccountId), ownerAccountId })),
  });
const bare = { ...encrypt, Sid: 'Bare', Condition: {} };
const doubtful = { ...readers, Principal: '*', ...when('StringEqual', 'kms:CallerAccount', ACCOUNT) };
const negated = { ...shut, Principal: undefined, NotPrincipal: { AWS: key.ROLE }, Action: 'kms:ScheduleKeyDeletion' };

describe('keyPolicyAssessment', () => {
  test.each<[string, string, string, string | null, boolean | null]>([
    ['what AWS documents', key.policyText(root, encrypt, key.describeKey, readers), 'PASS', null, true],
    ['no CloudTrail', key.policyText(root), 'FAIL', 'CLOUDTRAIL_NOT_ALLOWED', false],
    ['no CloudTrail and open', key.policyText(root, open), 'FAIL', 'CLOUDTRAIL_NOT_ALLOWED', false],
    ['open', key.policyText(encrypt, open), 'FAIL', 'OPEN_DECRYPT', true],
    ['open and not scoped', key.policyText(bare, open), 'FAIL', 'OPEN_DECRYPT', true],
    ['not scoped', key.policyText(bare, root), 'FAIL', 'NOT_SCOPED', true],
    ['not scoped and in doubt', key.policyText(bare, doubtful), 'FAIL', 'NOT_SCOPED', true],
    ['in doubt', key.policyText(encrypt, doubtful), 'UNVERIFIED', 'UNDECIDED_CONDITION', true],
    [
      'CloudTrail in doubt',
      key.policyText({ ...encrypt, ...when('Vibe', 'k', 'v') }),
      'UNVERIFIED',
      'UNDECIDED_CONDITION',
      null,
    ],
    ['NotPrincipal in a Deny', key.policyText(root, encrypt, negated), 'UNVERIFIED', 'NOT_PRINCIPAL', true],
    [
      'NotPrincipal in an Allow',
      key.policyText(encrypt, { ...open, Principal: undefined, NotPrincipal: { AWS: key.ROLE } }),
      'FAIL',
      'OPEN_DECRYPT',
      true,
    ],
    ['not JSON', 'Allow everyone', 'UNVERIFIED', 'POLICY_UNREADABLE', null],
    ['a list', '[]', 'UNVERIFIED', 'POLICY_UNREADABLE', null],
    [
      'over 32 KB of statements',
      key.policyText(...Array.from({ length: 300 }, () => encrypt)),
      'UNVERIFIED',
      'POLICY_UNREADABLE',
      null,
    ],
  ])('%s', (_, text, status, reason, allowsCloudTrail) => {
    const assessment = assess(text);
    expect(assessment).toMatchObject({ status, reason, allowsCloudTrail });
    expect(assessment.detail).toMatch(/^[A-Z].*\.$/);
    expect(assessment.problems.length > 0).toBe(status !== 'PASS');
  });

  test('one trail of several that may not fails the key, and says which', () => {
    const both = { ...encrypt, Condition: { StringLike: { [CONTEXT]: [TRAILS, TRAILS.replace(ACCOUNT, OTHER)] } } };
    expect(assess(key.policyText(both), [ACCOUNT, OTHER])).toMatchObject({ status: 'PASS', allowsCloudTrail: true });
    const assessment = assess(key.policyText(encrypt), [ACCOUNT, OTHER]);
    expect(assessment).toMatchObject({ status: 'FAIL', reason: 'CLOUDTRAIL_NOT_ALLOWED', allowsCloudTrail: false });
    expect(assessment.problems.map(({ trailArn }) => trailArn)).toEqual([TRAIL.replace(ACCOUNT, OTHER)]);
    expect(assessment.uses.map(({ verdict }) => verdict)).toEqual(['YES', 'NO']);
    expect(assessment.detail).toContain(`may not use the key for ${TRAIL.replace(ACCOUNT, OTHER)}`);
  });

  test('without trails only who may decrypt is judged', () => {
    expect(assess(key.policyText(root), [])).toMatchObject({ status: 'PASS', allowsCloudTrail: null });
    expect(assess(key.policyText(open), [])).toMatchObject({ status: 'FAIL', reason: 'OPEN_DECRYPT' });
  });

  test('the detail stays short however many trails there are', () => {
    const owners = Array.from({ length: 300 }, (_, at) => String(500_000_000_000 + at));
    const { detail, problems } = assess(key.policyText(root), owners);
    expect(problems).toHaveLength(300);
    expect(detail.length).toBeLessThan(2000);
    expect(detail).toContain('And 295 more.');
  });

  test('32 KB of statements, or 1,000 trails, take seconds at most', () => {
    const statements = Array.from({ length: 100 }, (_, at) => ({ ...encrypt, Sid: `S${at}` }));
    expect(key.policyText(...statements).length).toBeGreaterThan(28_000);
    const owners = Array.from({ length: 1000 }, (_, at) => String(500_000_000_000 + at));
    const organization = {
      ...encrypt,
      ...when(
        'StringLike',
        CONTEXT,
        owners.slice(0, 100).map((id) => TRAILS.replace(ACCOUNT, id)),
      ),
    };
    const seconds = cpuSecondsOf(() => {
      assess(key.policyText(...statements));
      assess(key.policyText(organization), owners);
    });
    expect(seconds).toBeLessThan(20);
  });

  test('adding a doubtful condition never turns a failure into a pass', () => {
    const statement = fc.constantFrom(root, encrypt, bare, open, readers, shut, negated, doubtful);
    const condition = fc.constantFrom(
      when('Vibe', 'k', 'v'),
      when('StringEquals', 'aws:Novelty', 'x'),
      when('Null', CONTEXT, 'false'),
    );
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 5 }), condition, (statements, { Condition }) => {
        const before = assess(key.policyText(...statements));
        const after = assess(
          key.policyText(...statements.map((each) => ({ ...each, Condition: { ...Condition, ...each.Condition } }))),
        );
        if (after.status === 'PASS') expect(before.status).toBe('PASS');
        const denied = assess(key.policyText(...statements.filter(({ Effect }) => Effect === 'Allow')));
        if (denied.status === 'FAIL' && denied.reason === 'CLOUDTRAIL_NOT_ALLOWED') expect(before.status).toBe('FAIL');
      }),
      { numRuns: 200 },
    );
  });

  test('hostile text is never a crash and never a pass', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"Version":"2012-10-17","Statement":${json}}`),
      fc.json().map((json) => key.policyText(encrypt).replace('"aws:SourceArn"', '"__proto__"').replace('"*"', json)),
    );
    fc.assert(fc.property(hostile, (text) => expect(assess(text).status).not.toBe('PASS')));
  });
});

describe('as KMS and CloudTrail have it', () => {
  const without = (statement: object, element: string) => ({ ...statement, [element]: undefined });
  test.each([
    ['a reader without Resource', [root, encrypt, without(open, 'Resource')], 'PASS', null],
    ['an open statement without Action', [root, encrypt, without(open, 'Action')], 'PASS', null],
    ['CloudTrail without Resource', [root, without(encrypt, 'Resource')], 'FAIL', 'CLOUDTRAIL_NOT_ALLOWED'],
    ['a Deny without Action', [root, encrypt, without(shut, 'Action')], 'PASS', null],
    ['both Action and NotAction', [root, { ...encrypt, NotAction: 'kms:Put*' }], 'UNVERIFIED', 'POLICY_UNREADABLE'],
  ])('%s', (_, statements, status, reason) => {
    expect(assess(key.policyText(...(statements as key.PolicyStatement[])))).toMatchObject({ status, reason });
  });

  test("an event data store's statement may be unscoped, and an open decrypt may not", () => {
    const question = { keyArn: KEY, partition: 'aws', trails: [{ trailArn: TRAIL, ownerAccountId: ACCOUNT }] };
    const shared = (...statements: key.PolicyStatement[]) =>
      keyPolicyAssessment({ ...question, policyText: key.policyText(...statements), usedByEventDataStore: true });
    expect(shared(root, encrypt, bare)).toMatchObject({
      status: 'PASS',
      detail: expect.stringContaining('data store'),
    });
    expect(shared(root, bare, open)).toMatchObject({ status: 'FAIL', reason: 'OPEN_DECRYPT' });
  });

  test('a policy scoped by account passes, with what AWS recommends', () => {
    const byAccount = { ...encrypt, ...when('StringEquals', 'aws:SourceAccount', ACCOUNT) };
    const { status, detail } = assess(key.policyText(root, byAccount));
    expect({ status, detail }).toEqual({ status: 'PASS', detail: expect.stringContaining('AWS recommends') });
  });
});
