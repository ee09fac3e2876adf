import { describe, expect, test } from '@jest/globals';
import { whoMayDecrypt } from '../../../functions/domain/policy/decrypt-grants.ts';
import { parsePolicy } from '../../../functions/domain/policy/document.ts';
import * as key from './key-policies.ts';

const { ACCOUNT, CONTEXT, KEY, ORGANIZATION, OTHER, ROLE, TRAILS, encrypt, open, readers, root, shut, when } = key;

const grants = (statements: key.PolicyStatement[], Version = '2012-10-17') => {
  const parsed = parsePolicy(JSON.stringify({ Version, Statement: statements }));
  if (!parsed.ok) throw new Error(parsed.detail);
  return whoMayDecrypt({ policy: parsed.document, keyArn: KEY });
};

const openUnder = (operator: string, name: string, value: unknown) => ({ ...open, ...when(operator, name, value) });
const serviceExempt = { BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' } };

describe('named principals are bounded', () => {
  test('and listed by kind', () => {
    const everyKind = {
      ...open,
      Principal: {
        AWS: [ROLE, ACCOUNT, `arn:aws:iam::${OTHER}:root`, 'AROAEXAMPLEEXAMPLE123'],
        Service: 's3.amazonaws.com',
        Federated: 'cognito',
      },
    };
    expect(grants([root, everyKind, readers, encrypt])).toEqual([
      {
        statement: 'Root',
        actions: ['kms:Decrypt', 'kms:ReEncryptFrom', 'kms:CreateGrant'],
        accounts: [ACCOUNT],
        principals: [],
        services: [],
        unbounded: 'NO',
        reason: null,
      },
      {
        statement: 'Open',
        actions: ['kms:Decrypt'],
        accounts: [ACCOUNT, OTHER],
        principals: [ROLE, 'AROAEXAMPLEEXAMPLE123', 'cognito'],
        services: ['s3.amazonaws.com'],
        unbounded: 'NO',
        reason: null,
      },
      {
        statement: 'Readers',
        actions: ['kms:Decrypt'],
        accounts: [],
        principals: [ROLE],
        services: [],
        unbounded: 'NO',
        reason: null,
      },
    ]);
  });

  test('what leads to no plaintext is no grant', () => {
    expect(grants([{ ...open, Action: ['kms:Encrypt', 'kms:Describe*', 'kms:GetKeyPolicy'] }])).toEqual([]);
    expect(grants([{ ...readers, Action: 'kms:PutKeyPolicy' }])).toEqual([]);
    expect(grants([{ ...open, Resource: KEY.replace('1234', '9999') }])).toEqual([]);
    expect(grants([shut])).toEqual([]);
  });
});

describe('an open Principal', () => {
  test.each<[string, key.PolicyStatement[], string]>([
    ['with nothing', [open], 'YES'],
    ['{"AWS": "*"}', [{ ...open, Principal: { AWS: ['*'] } }], 'YES'],
    ['{"Service": "*"}', [{ ...open, Principal: { Service: '*' } }], 'YES'],
    ['an ARN of any account', [{ ...open, Principal: { AWS: 'arn:aws:iam::*:role/x' } }], 'YES'],
    ['beside a role', [{ ...open, Principal: { AWS: [ROLE, '*'] } }], 'YES'],
    ['NotPrincipal', [{ ...open, Principal: undefined, NotPrincipal: { AWS: ROLE } }], 'YES'],
    ['every action', [{ ...open, Action: '*' }], 'YES'],
    ['every action but decrypting', [{ ...open, Action: undefined, NotAction: 'kms:Decrypt' }], 'YES'],
    ['re-encryption', [{ ...open, Action: 'kms:ReEncrypt*' }], 'YES'],
    ['grants', [{ ...open, Action: 'kms:CreateGrant' }], 'YES'],
    ['another policy', [{ ...open, Action: 'kms:PutKeyPolicy' }], 'YES'],
    ['encryption context of our own trails', [openUnder('StringLike', CONTEXT, TRAILS)], 'YES'],
    ['any encryption context', [openUnder('Null', CONTEXT, 'false')], 'YES'],
    ['by way of S3', [openUnder('StringEquals', 'kms:ViaService', 's3.us-east-1.amazonaws.com')], 'YES'],
    ['an address', [openUnder('IpAddress', 'aws:SourceIp', '203.0.113.0/24')], 'YES'],
    ['a VPC endpoint', [openUnder('StringEquals', 'aws:SourceVpce', 'vpce-1')], 'YES'],
    ['a tag', [openUnder('StringEquals', 'aws:PrincipalTag/team', 'audit')], 'YES'],
    ['TLS', [openUnder('Bool', 'aws:SecureTransport', 'true')], 'YES'],
    ['a user name', [openUnder('StringEquals', 'aws:username', 'auditor')], 'YES'],
    ['services', [openUnder('Bool', 'aws:PrincipalIsAWSService', 'true')], 'YES'],

    ['the caller account', [openUnder('StringEquals', 'kms:CallerAccount', ACCOUNT)], 'NO'],
    ['caller accounts', [openUnder('StringEquals', 'kms:CallerAccount', [ACCOUNT, OTHER])], 'NO'],
    ['the caller account, by number', [{ ...open, ...when('StringEquals', 'KMS:CALLERACCOUNT', 111122223333) }], 'NO'],
    [
      'the caller account and more',
      [{ ...open, Condition: { StringEquals: { 'kms:CallerAccount': ACCOUNT, 'kms:ViaService': 's3' } } }],
      'NO',
    ],
    ['the organization', [openUnder('StringEquals', 'aws:PrincipalOrgID', ORGANIZATION)], 'NO'],
    ['the organization, by pattern', [openUnder('StringLike', 'aws:PrincipalOrgID', ORGANIZATION)], 'NO'],
    ['the principal account', [openUnder('StringEquals', 'aws:PrincipalAccount', ACCOUNT)], 'NO'],
    ['a role', [openUnder('ArnEquals', 'aws:PrincipalArn', ROLE)], 'NO'],
    ['roles of an account', [openUnder('ArnLike', 'aws:PrincipalArn', `arn:aws:iam::${ACCOUNT}:role/*`)], 'NO'],
    [
      'roles of an account, as text',
      [openUnder('StringLike', 'aws:PrincipalArn', `arn:aws:iam::${ACCOUNT}:role/*`)],
      'NO',
    ],
    ['a role in any partition', [openUnder('ArnLike', 'aws:PrincipalArn', `arn:*:iam::${ACCOUNT}:role/x`)], 'NO'],
    ['an OU', [openUnder('ForAnyValue:StringLike', 'aws:PrincipalOrgPaths', `${ORGANIZATION}/r-ab12/ou-ab12-*`)], 'NO'],
    ['sessions of a role', [openUnder('StringLike', 'aws:userid', 'AROAEXAMPLEEXAMPLE123:*')], 'NO'],
    ['the source account', [openUnder('StringEquals', 'aws:SourceAccount', ACCOUNT)], 'NO'],
    ['the source ARN', [openUnder('ArnLike', 'aws:SourceArn', TRAILS)], 'NO'],
    ['the source organization', [openUnder('StringEquals', 'aws:SourceOrgID', ORGANIZATION)], 'NO'],
    ['one service', [openUnder('StringEquals', 'aws:PrincipalServiceName', 's3.amazonaws.com')], 'NO'],
    ['the account of the key', [openUnder('StringEquals', 'aws:PrincipalAccount', '${aws:ResourceAccount}')], 'NO'],
    ['the organization of the key', [openUnder('StringEquals', 'aws:ResourceOrgID', '${aws:PrincipalOrgID}')], 'NO'],
    ['nobody: a star where stars are characters', [openUnder('StringEquals', 'kms:CallerAccount', '*')], 'NO'],

    ['a bare star', [openUnder('StringLike', 'aws:PrincipalArn', '*')], 'YES'],
    ['a role of any account', [openUnder('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/Reader')], 'YES'],
    ['accounts beginning alike', [openUnder('StringLike', 'kms:CallerAccount', '1111*')], 'YES'],
    ['organizations beginning alike', [openUnder('StringLike', 'aws:PrincipalOrgID', 'o-*')], 'YES'],
    ['one that fixes and one that does not', [openUnder('StringLike', 'kms:CallerAccount', [ACCOUNT, '*'])], 'YES'],
    ['a star across colons', [openUnder('StringLike', 'aws:PrincipalArn', `arn:aws:iam:*:${ACCOUNT}:role/x`)], 'YES'],
    [
      'the caller account if it exists, as it does',
      [openUnder('StringEqualsIfExists', 'kms:CallerAccount', ACCOUNT)],
      'NO',
    ],
    ['the principal account if it exists', [openUnder('StringEqualsIfExists', 'aws:PrincipalAccount', ACCOUNT)], 'YES'],
    ['all OUs of none', [openUnder('ForAllValues:StringLike', 'aws:PrincipalOrgPaths', `${ORGANIZATION}/*`)], 'YES'],
    ['all accounts but one', [openUnder('StringNotEquals', 'kms:CallerAccount', OTHER)], 'YES'],
    ['anyone who has an organization', [openUnder('Null', 'aws:PrincipalOrgID', 'false')], 'YES'],
    ['a variable of the caller', [openUnder('StringEquals', 'aws:PrincipalAccount', '${kms:CallerAccount}')], 'YES'],

    [
      'closed by a Deny outside the organization',
      [open, { ...shut, ...when('StringNotEquals', 'aws:PrincipalOrgID', ORGANIZATION) }],
      'NO',
    ],
    [
      'closed by a Deny outside the organization, if any',
      [open, { ...shut, ...when('StringNotEqualsIfExists', 'aws:PrincipalOrgID', ORGANIZATION) }],
      'NO',
    ],
    ['closed by a Deny of everyone', [open, shut], 'NO'],
    [
      'closed by a Deny of all but a role',
      [open, { ...shut, Principal: undefined, NotPrincipal: { AWS: ROLE } }],
      'NO',
    ],
    [
      'left open by a Deny that exempts services',
      [open, { ...shut, Condition: { ...serviceExempt, StringNotEquals: { 'aws:PrincipalOrgID': ORGANIZATION } } }],
      'YES',
    ],
    [
      'left open by a Deny of one account',
      [open, { ...shut, ...when('StringEquals', 'kms:CallerAccount', OTHER) }],
      'YES',
    ],
    [
      'left open by a Deny of any OU that is not',
      [open, { ...shut, ...when('ForAnyValue:StringNotLike', 'aws:PrincipalOrgPaths', `${ORGANIZATION}/*`) }],
      'YES',
    ],
    ['left open by a Deny without TLS', [open, { ...shut, ...when('Bool', 'aws:SecureTransport', 'false') }], 'YES'],
    ['left open by a Deny of a role', [open, { ...shut, Principal: { AWS: ROLE } }], 'YES'],
    ['left open by a Deny of another action', [open, { ...shut, Action: 'kms:Encrypt' }], 'YES'],
    [
      'left open by a Deny of accounts beginning otherwise',
      [open, { ...shut, ...when('StringNotLike', 'kms:CallerAccount', '1*') }],
      'YES',
    ],

    ['an unknown operator', [openUnder('StringEqual', 'kms:CallerAccount', ACCOUNT)], 'UNDECIDED'],
    ['a number as account', [openUnder('NumericEquals', 'kms:CallerAccount', ACCOUNT)], 'UNDECIDED'],
    [
      'an unknown operator in a Deny',
      [open, { ...shut, ...when('StringUnequal', 'kms:CallerAccount', ACCOUNT) }],
      'UNDECIDED',
    ],
    [
      'an unknown operator beside one that fixes',
      [{ ...open, Condition: { Vibe: { k: 'v' }, StringEquals: { 'kms:CallerAccount': ACCOUNT } } }],
      'NO',
    ],
    ['a resource by variable', [{ ...open, Resource: 'arn:aws:kms:*:${aws:PrincipalAccount}:key/*' }], 'UNDECIDED'],
  ])('%s: unbounded %s', (_, statements, unbounded) => {
    const found = grants(statements);
    expect(found.map((grant) => grant.unbounded)).toEqual([unbounded]);
    expect(found[0]?.reason).toContain('Open');
  });

  test('a variable in a policy of 2008 is text that no account has', () => {
    expect(
      grants([openUnder('StringEquals', 'aws:PrincipalAccount', '${kms:CallerAccount}')], '2008-10-17'),
    ).toMatchObject([{ unbounded: 'YES' }]);
  });
  test('a resource of the key’s own account is decided', () => {
    expect(grants([{ ...open, Resource: 'arn:aws:kms:*:${aws:ResourceAccount}:key/*' }])).toMatchObject([
      { unbounded: 'YES' },
    ]);
  });
  test('the reason names the statement that leaves it undecided', () => {
    const [grant] = grants([open, { ...shut, ...when('StringUnequal', 'kms:CallerAccount', ACCOUNT) }]);
    expect(grant?.reason).toContain('because of statement Shut');
  });
});

test.each([
  ['ours', ORGANIZATION, 'NO'],
  ['ours is unknown', null, 'NO'],
  ['another', 'o-0000000000', 'YES'],
])('an open Principal of one organization: %s', (_, organizationId, unbounded) => {
  const text = JSON.stringify({ Statement: [openUnder('StringEquals', 'aws:PrincipalOrgID', ORGANIZATION)] });
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(parsed.detail);
  const [grant] = whoMayDecrypt({ policy: parsed.document, keyArn: KEY, organizationId });
  expect(grant).toMatchObject({ unbounded });
});
