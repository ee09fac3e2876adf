import { describe, expect, test } from '@jest/globals';
import { cloudTrailMayUseKey } from '../../../functions/domain/policy/cloudtrail-key-use.ts';
import { parsePolicy } from '../../../functions/domain/policy/document.ts';
import * as key from './key-policies.ts';

const { ACCOUNT, CONTEXT, KEY, ORGANIZATION, OTHER, TRAIL, TRAILS, encrypt, root, shut, when } = key;

const ask = (statements: key.PolicyStatement[], change: Partial<Parameters<typeof cloudTrailMayUseKey>[0]> = {}) => {
  const parsed = parsePolicy(key.policyText(...statements));
  if (!parsed.ok) throw new Error(parsed.detail);
  const trail = { trailArn: TRAIL, trailOwnerAccountId: ACCOUNT, partition: 'aws' };
  return cloudTrailMayUseKey({ policy: parsed.document, keyArn: KEY, ...trail, ...change });
};

/** `encrypt` under another condition, or none. */
const bare: key.PolicyStatement = { ...encrypt, Condition: {} };
const under = (operator: string, name: string, value: unknown) => ({ ...encrypt, ...when(operator, name, value) });

describe('may CloudTrail use the key, and for this account only?', () => {
  test.each<[string, key.PolicyStatement[], string, string]>([
    ['as AWS documents', [root, encrypt], 'YES', 'YES'],
    ['scoped by source ARN alone', [under('StringEquals', 'aws:SourceArn', TRAIL)], 'YES', 'YES'],
    ['scoped by source ARN, ArnLike', [under('ArnLike', 'aws:SourceArn', TRAILS)], 'YES', 'YES'],
    ['scoped by encryption context alone', [under('StringLike', CONTEXT, TRAILS)], 'YES', 'YES'],
    ['scoped to two accounts', [under('StringLike', CONTEXT, [TRAILS, TRAILS.replace(ACCOUNT, OTHER)])], 'YES', 'YES'],
    ['scoped by a Deny', [bare, { ...shut, ...when('ArnNotLike', 'aws:SourceArn', TRAILS) }], 'YES', 'YES'],
    [
      'case of keys and actions',
      [{ ...under('stringequals', 'AWS:sourcearn', TRAIL), Action: 'KMS:generatedatakey' }],
      'YES',
      'YES',
    ],
    ['every action', [{ ...encrypt, Action: 'kms:*' }], 'YES', 'YES'],
    ['every action but some', [{ ...encrypt, Action: undefined, NotAction: 'kms:Put*' }], 'YES', 'YES'],
    ['the key named', [{ ...encrypt, Resource: KEY }], 'YES', 'YES'],
    [
      'beside an organization for people',
      [encrypt, { ...key.open, Action: 'kms:*', ...when('StringEquals', 'aws:PrincipalOrgID', ORGANIZATION) }],
      'YES',
      'YES',
    ],
    [
      'beside a caller account by way of S3',
      [
        encrypt,
        {
          ...key.open,
          Action: 'kms:*',
          Condition: { StringEquals: { 'kms:CallerAccount': ACCOUNT, 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
        },
      ],
      'YES',
      'YES',
    ],

    ['no condition', [bare], 'YES', 'NO'],
    ['any source account', [under('StringLike', 'aws:SourceAccount', '*')], 'YES', 'NO'],
    ['our account, if it exists', [under('StringEqualsIfExists', 'aws:SourceAccount', ACCOUNT)], 'YES', 'YES'],
    ['every account but one', [under('StringNotEquals', 'aws:SourceAccount', OTHER)], 'YES', 'NO'],
    ['the source account alone', [under('StringEquals', 'aws:SourceAccount', ACCOUNT)], 'YES', 'YES'],
    ["another's source account", [under('StringEquals', 'aws:SourceAccount', OTHER)], 'NO', 'UNDECIDED'],
    [
      'a source organization, ours unknown',
      [under('StringEquals', 'aws:SourceOrgID', ORGANIZATION)],
      'UNDECIDED',
      'UNDECIDED',
    ],
    ['any encryption context', [under('Null', CONTEXT, 'false')], 'YES', 'NO'],
    [
      'encryption context of any account',
      [under('StringLike', CONTEXT, 'arn:aws:cloudtrail:*:*:trail/*')],
      'YES',
      'NO',
    ],
    [
      'source ARN of any account, same name',
      [under('ArnLike', 'aws:SourceArn', 'arn:aws:cloudtrail:us-east-1:*:trail/main')],
      'YES',
      'NO',
    ],
    [
      'source ARN of accounts alike',
      [under('StringLike', 'aws:SourceArn', 'arn:aws:cloudtrail:*:11112222333?:trail/*')],
      'YES',
      'NO',
    ],
    [
      'source ARN of accounts beginning alike',
      [under('ArnLike', 'aws:SourceArn', 'arn:aws:cloudtrail:*:1111*:trail/*')],
      'YES',
      'NO',
    ],
    [
      'accounts beginning otherwise, too',
      [under('ArnLike', 'aws:SourceArn', [TRAILS, 'arn:aws:cloudtrail:*:9*:trail/*'])],
      'YES',
      'NO',
    ],
    ['source ARN if it exists', [under('StringEqualsIfExists', 'aws:SourceArn', TRAIL)], 'YES', 'NO'],
    ['all values of nothing', [under('ForAllValues:StringEquals', 'aws:SourceArn', TRAIL)], 'YES', 'NO'],
    ['scoped once, open once', [encrypt, { ...bare, Sid: 'Bare' }], 'YES', 'NO'],
    ['everyone', [{ ...key.open, Action: 'kms:*' }], 'YES', 'NO'],

    ['no statement for CloudTrail', [root], 'NO', 'UNDECIDED'],
    ['no statement at all', [], 'NO', 'UNDECIDED'],
    ['another service', [{ ...encrypt, Principal: { Service: 'delivery.logs.amazonaws.com' } }], 'NO', 'UNDECIDED'],
    ['another action', [{ ...encrypt, Action: ['kms:Encrypt', 'kms:Decrypt'] }], 'NO', 'UNDECIDED'],
    ['only without plaintext', [{ ...encrypt, Action: 'kms:GenerateDataKeyWithoutPlaintext' }], 'NO', 'UNDECIDED'],
    ['another trail', [under('StringEquals', 'aws:SourceArn', `${TRAIL}-2`)], 'NO', 'UNDECIDED'],
    ['another account', [under('StringLike', CONTEXT, TRAILS.replace(ACCOUNT, OTHER))], 'NO', 'UNDECIDED'],
    ['a star where stars are characters', [under('StringEquals', CONTEXT, TRAILS)], 'NO', 'UNDECIDED'],
    ['another key', [{ ...encrypt, Resource: KEY.replace('1234', '9999') }], 'NO', 'UNDECIDED'],
    ['a Deny for everyone', [encrypt, shut], 'NO', 'UNDECIDED'],
    [
      'a Deny outside the organization that forgets services',
      [encrypt, { ...shut, ...when('StringNotEquals', 'aws:PrincipalOrgID', ORGANIZATION) }],
      'NO',
      'UNDECIDED',
    ],
    [
      'a Deny of other callers',
      [encrypt, { ...shut, ...when('StringNotEquals', 'kms:CallerAccount', ACCOUNT) }],
      'NO',
      'UNDECIDED',
    ],
    [
      'a Deny of other addresses',
      [encrypt, { ...shut, ...when('NotIpAddress', 'aws:SourceIp', '203.0.113.0/24') }],
      'NO',
      'UNDECIDED',
    ],

    [
      'a Deny outside the organization that exempts services',
      [
        encrypt,
        {
          ...shut,
          Condition: {
            StringNotEqualsIfExists: { 'aws:PrincipalOrgID': ORGANIZATION },
            BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
          },
        },
      ],
      'YES',
      'YES',
    ],
    ['a Deny without TLS', [encrypt, { ...shut, ...when('Bool', 'aws:SecureTransport', 'false') }], 'YES', 'YES'],
    ['a Deny of a role', [encrypt, { ...shut, Principal: { AWS: key.ROLE } }], 'YES', 'YES'],

    ['an unknown operator', [under('StringEqual', 'aws:SourceArn', TRAIL)], 'UNDECIDED', 'UNDECIDED'],
    ['a key nobody knows', [under('StringEquals', 'aws:Novelty', 'x')], 'UNDECIDED', 'UNDECIDED'],
    ['by way of S3', [under('StringEquals', 'kms:ViaService', 's3.us-east-1.amazonaws.com')], 'UNDECIDED', 'UNDECIDED'],
    [
      'a Deny that may hold',
      [encrypt, { ...shut, ...when('Bool', 'aws:ViaAWSService', 'false') }],
      'UNDECIDED',
      'UNDECIDED',
    ],
    ['every service', [{ ...encrypt, Principal: { Service: '*' } }], 'UNDECIDED', 'UNDECIDED'],
    ['ARNs that are none', [under('ArnLike', 'aws:SourceArn', '*')], 'UNDECIDED', 'UNDECIDED'],
    [
      'an open statement that may hold beside a scoped one',
      [encrypt, { ...bare, Sid: 'Maybe', ...when('Vibe', 'aws:Mood', 'good') }],
      'YES',
      'UNDECIDED',
    ],
  ])('%s: %s, scoped %s', (_, statements, verdict, scoped) => {
    expect(ask(statements)).toMatchObject({ verdict, scoped });
  });
});

describe('what is said', () => {
  test('names the statement that decides', () => {
    expect(ask([root, encrypt])).toMatchObject({
      statement: 'Encrypt',
      reason: 'Statement Encrypt allows kms:GenerateDataKey.',
    });
    expect(ask([encrypt, shut])).toMatchObject({
      statement: 'Shut',
      reason: 'Statement Shut denies kms:GenerateDataKey.',
    });
    expect(ask([root])).toMatchObject({ statement: null, reason: 'No statement allows kms:GenerateDataKey.' });
  });
  test('names the statement that lets others in', () => {
    const use = ask([encrypt, { ...bare, Sid: 'Bare' }]);
    expect(use).toMatchObject({ statement: 'Encrypt', unscopedStatement: 'Bare' });
    expect(use.reason).toContain('Statement Bare lets CloudTrail use the key for trails of other accounts');
  });
  test('names the statement that leaves it open', () => {
    const use = ask([under('StringEqual', 'aws:SourceArn', TRAIL)]);
    expect(use.reason).toBe('Statement Encrypt: the operator StringEqual is not known.');
  });
  test('DescribeKey and Decrypt are answered apart', () => {
    expect(ask([encrypt])).toMatchObject({ describeKey: 'NO', decrypt: 'NO' });
    expect(ask([encrypt, key.describeKey])).toMatchObject({ describeKey: 'YES', decrypt: 'NO' });
    expect(ask([{ ...encrypt, Action: ['kms:GenerateDataKey*', 'kms:Decrypt'] }])).toMatchObject({ decrypt: 'YES' });
    expect(ask([under('StringEquals', 'kms:ViaService', 's3')])).toMatchObject({ describeKey: 'NO' });
  });
});

describe('the trail', () => {
  test('of an organization is the management account’s', () => {
    const trailArn = `arn:aws:cloudtrail:us-east-1:${OTHER}:trail/organization`;
    const trail = { trailArn, trailOwnerAccountId: OTHER };
    expect(ask([encrypt], trail).verdict).toBe('NO');
    const own = {
      ...encrypt,
      Condition: {
        StringEquals: { 'aws:SourceArn': trailArn },
        StringLike: { [CONTEXT]: TRAILS.replace(ACCOUNT, OTHER) },
      },
    };
    expect(ask([own], trail)).toMatchObject({ verdict: 'YES', scoped: 'YES' });
  });
  test('of an organization that the policy names', () => {
    const byOrganization = under('StringEquals', 'aws:SourceOrgID', ORGANIZATION);
    expect(ask([byOrganization]).verdict).toBe('UNDECIDED');
    expect(ask([byOrganization], { organizationId: ORGANIZATION }).verdict).toBe('YES');
    expect(ask([byOrganization], { organizationId: 'o-zzzzzzzzzz' }).verdict).toBe('NO');
  });
  test('at a time', () => {
    const until = {
      ...encrypt,
      Condition: { ...encrypt.Condition, DateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } },
    };
    expect(ask([until]).verdict).toBe('UNDECIDED');
    expect(ask([until], { now: '2026-11-23T00:00:00Z' }).verdict).toBe('YES');
    expect(ask([until], { now: '2027-11-23T00:00:00Z' }).verdict).toBe('NO');
  });
  test.each([
    ['aws-cn', 'cloudtrail.amazonaws.com', 'YES'],
    ['aws-cn', 'cloudtrail.amazonaws.com.cn', 'YES'],
    ['aws-eusc', 'cloudtrail.amazonaws.eu', 'YES'],
    ['aws-us-gov', 'cloudtrail.amazonaws.com', 'YES'],
    ['aws', 'cloudtrail.amazonaws.com.cn', 'NO'],
  ])('in %s with %s', (partition, Service, verdict) => {
    const inPartition = (text: string) => text.replace('arn:aws:', `arn:${partition}:`);
    const [trailArn, keyArn] = [inPartition(TRAIL), inPartition(KEY)];
    const statement = { ...under('StringEquals', 'aws:SourceArn', trailArn), Principal: { Service } };
    expect(ask([statement], { trailArn, keyArn, partition }).verdict).toBe(verdict);
  });
});

test('our organization alone keeps the trails of others out; AWS recommends to name the trail', () => {
  const policy = [under('StringEquals', 'aws:SourceOrgID', ORGANIZATION)];
  const scoped = { verdict: 'YES', scoped: 'YES', scopedToAccountOnly: true };
  expect(ask(policy, { organizationId: ORGANIZATION })).toMatchObject(scoped);
  expect(ask(policy, { organizationId: 'o-0000000000' })).toMatchObject({ verdict: 'NO' });
  expect(ask([under('StringEquals', 'aws:SourceArn', TRAIL)])).toMatchObject({ scopedToAccountOnly: false });
});
