import { describe, expect, it } from '@jest/globals';
import { parsePolicy } from '../../../functions/domain/policy/document.ts';
import { externalReaders } from '../../../functions/domain/policy/external-readers.ts';

const OWN = '111122223333';
const readers = (...statements: object[]): string[] => {
  const parsed = parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), { service: 'kms' });
  if (!parsed.ok) throw new Error(parsed.detail);
  const keyArn = `arn:aws:kms:us-east-1:${OWN}:key/k`;
  return externalReaders({ policy: parsed.document, keyArn, organizationId: 'o-abcdefghij' });
};
const allow = (principal: unknown, condition?: object, action = 'kms:Decrypt') => ({
  ...{ Sid: 'Read', Effect: 'Allow', Principal: principal, Action: action, Resource: '*' },
  ...(condition && { Condition: condition }),
});

describe('who outside its account may decrypt under a key', () => {
  it.each<[string, object, string[]]>([
    ['nobody, for its own account', allow({ AWS: `arn:aws:iam::${OWN}:root` }, undefined, 'kms:*'), []],
    ['nobody, for its own roles', allow({ AWS: `arn:aws:iam::${OWN}:role/reader` }), []],
    ['nobody, where CloudTrail alone may', allow({ Service: 'cloudtrail.amazonaws.com' }), []],
    ['nobody, for an action that does not decrypt', allow({ AWS: '444455556666' }, undefined, 'kms:DescribeKey'), []],
    ['nobody, for changing the policy, which stays in the account', allow('*', undefined, 'kms:PutKeyPolicy'), []],
    ['another account as a whole', allow({ AWS: 'arn:aws:iam::444455556666:root' }), ['444455556666']],
    ['the same by its id', allow({ AWS: ['444455556666', '444455556666'] }), ['444455556666']],
    [
      'a role of another account, also by grants',
      allow({ AWS: 'arn:aws:iam::444455556666:role/siem' }, undefined, 'kms:CreateGrant'),
      ['arn:aws:iam::444455556666:role/siem'],
    ],
    ['nobody, for what is left of a deleted role', allow({ AWS: 'AROAEXAMPLEEXAMPLE12' }), []],
    ['anyone', allow('*'), ['*']],
    [
      "nobody, in CloudTrail's own statement for its account",
      allow('*', { StringEquals: { 'kms:CallerAccount': OWN } }),
      [],
    ],
    [
      'the accounts that a condition names',
      allow('*', { StringEquals: { 'kms:CallerAccount': [OWN, '444455556666'] } }),
      ['444455556666'],
    ],
    [
      'the organization that a condition names',
      allow({ AWS: '*' }, { StringEquals: { 'aws:PrincipalOrgID': 'o-abcdefghij' } }),
      ['o-abcdefghij'],
    ],
    [
      'the role that a condition names',
      allow('*', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::444455556666:role/siem-*' } }),
      ['arn:aws:iam::444455556666:role/siem-*'],
    ],
    [
      'somebody by a condition that is only about what is decrypted: anyone',
      allow('*', { StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': '*' } }),
      ['*'],
    ],
    [
      'somebody whom no condition names in a way that is read here',
      allow('*', { StringLike: { 'aws:userid': 'AROAEXAMPLEEXAMPLE12:*' } }),
      ['* (Read)'],
    ],
  ])('%s', (_who, statement, expected) => {
    expect(readers(statement)).toEqual(expected);
  });

  it('are those of all statements, sorted, each once', () => {
    expect(
      readers(allow({ AWS: '999999999999' }), allow({ AWS: ['444455556666'] }), allow({ AWS: '999999999999' })),
    ).toEqual(['444455556666', '999999999999']);
  });
});
