import { describe, expect, test } from '@jest/globals';
import { parsePolicy } from '../../../functions/domain/policy/document.ts';
import { evaluatePolicy } from '../../../functions/domain/policy/evaluate.ts';
import type { Caller } from '../../../functions/domain/policy/request.ts';
import { knownContext } from './known-context.ts';

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const ROLE = 'arn:aws:iam::111122223333:role/team/Reader';
const SESSION = 'arn:aws:sts::111122223333:assumed-role/Reader/alice';
const ROOT = 'arn:aws:iam::111122223333:root';

const allow = { Sid: 'Allow', Effect: 'Allow', Principal: { AWS: ROLE }, Action: 'kms:Decrypt', Resource: '*' };
const deny = { ...allow, Sid: 'Deny', Effect: 'Deny' };
const unknown = { Condition: { Vibe: { 'aws:Mood': 'good' } } };

const decide = (statements: object[], caller: Caller = { kind: 'AWS', arn: ROLE }, action = 'kms:Decrypt') => {
  const parsed = parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }));
  if (!parsed.ok) throw new Error(parsed.detail);
  return evaluatePolicy(parsed.document, { caller, action, resourceArn: KEY, context: knownContext({}) });
};

describe('Deny before Allow, in three values', () => {
  test.each<[string, object[], string, string | null]>([
    ['nothing said', [], 'DENIED', null],
    ['an Allow', [allow], 'ALLOWED', 'Allow'],
    ['an Allow, then a Deny', [allow, deny], 'DENIED', 'Deny'],
    ['a Deny, then an Allow', [deny, allow], 'DENIED', 'Deny'],
    ['an Allow of something else', [{ ...allow, Action: 'kms:Encrypt' }], 'DENIED', null],
    ['an Allow that may hold', [{ ...allow, ...unknown }], 'UNDECIDED', 'Allow'],
    ['an Allow beside one that may hold', [{ ...allow, ...unknown, Sid: 'Maybe' }, allow], 'ALLOWED', 'Allow'],
    ['a Deny that may hold over an Allow', [{ ...deny, ...unknown }, allow], 'UNDECIDED', 'Deny'],
    ['a Deny that may hold over nothing', [{ ...deny, ...unknown }], 'DENIED', null],
    [
      'a Deny that holds beside doubts',
      [{ ...allow, ...unknown }, { ...deny, ...unknown, Sid: 'Maybe' }, deny],
      'DENIED',
      'Deny',
    ],
    [
      'a condition that fails beside one in doubt',
      [{ ...allow, Condition: { Vibe: { x: 'y' }, Bool: { z: true } } }],
      'DENIED',
      null,
    ],
  ])('%s', (_, statements, decision, statement) => {
    expect(decide(statements)).toMatchObject({ decision, statement });
  });

  test('the reason names statement and doubt', () => {
    expect(decide([{ ...allow, ...unknown }]).reason).toBe('statement Allow: the operator Vibe is not known');
  });
});

describe('actions and resources', () => {
  test.each<[object, string]>([
    [{ Action: 'KMS:decrypt' }, 'ALLOWED'],
    [{ Action: 'kms:De*' }, 'ALLOWED'],
    [{ Action: ['kms:Get*', 'kms:?ecrypt'] }, 'ALLOWED'],
    [{ Action: '*' }, 'ALLOWED'],
    [{ Action: [] }, 'DENIED'],
    [{ Action: undefined, NotAction: 'kms:Decrypt' }, 'DENIED'],
    [{ Action: undefined, NotAction: ['kms:Put*', 'kms:Encrypt'] }, 'ALLOWED'],
    [{ Resource: KEY }, 'ALLOWED'],
    [{ Resource: 'arn:aws:kms:*:111122223333:key/*' }, 'ALLOWED'],
    [{ Resource: KEY.replace('1234', '9999') }, 'DENIED'],
    [{ Resource: undefined, NotResource: KEY }, 'DENIED'],
    [{ Resource: undefined, NotResource: 'arn:aws:s3:::*' }, 'ALLOWED'],
    [{ Resource: 'arn:aws:kms:*:${aws:username}:key/*' }, 'DENIED'],
    [{ Resource: "arn:aws:kms:*:${aws:username, '111122223333'}:key/*" }, 'ALLOWED'],
    [{ Resource: '${broken, variable}' }, 'UNDECIDED'],
  ])('%j: %s', (change, decision) => expect(decide([{ ...allow, ...change }]).decision).toBe(decision));
});

describe('principals', () => {
  const service: Caller = { kind: 'SERVICE', names: ['cloudtrail.amazonaws.com'] };
  const session: Caller = { kind: 'AWS', arn: SESSION };
  const role: Caller = { kind: 'AWS', arn: ROLE };
  test.each<[Caller, object, string]>([
    [role, { Principal: '*' }, 'ALLOWED'],
    [role, { Principal: { AWS: '*' } }, 'ALLOWED'],
    [role, { Principal: { AWS: ['111122223333'] } }, 'ALLOWED'],
    [role, { Principal: { AWS: '444455556666' } }, 'DENIED'],
    [role, { Principal: { AWS: 'arn:aws:iam::111122223333:role/Other' } }, 'DENIED'],
    [role, { Principal: { AWS: 'AROAEXAMPLEEXAMPLE123' } }, 'UNDECIDED'],
    [role, { Principal: { AWS: 'arn:aws:iam::111122223333:role/*' } }, 'UNDECIDED'],
    [role, { Principal: { Service: 'cloudtrail.amazonaws.com' } }, 'DENIED'],
    [role, { Principal: { Federated: 'x', CanonicalUser: 'y' } }, 'DENIED'],
    [session, { Principal: { AWS: ROLE } }, 'ALLOWED'],
    [session, { Principal: { AWS: SESSION } }, 'ALLOWED'],
    [session, { Principal: { AWS: ROLE.replace('Reader', 'Writer') } }, 'DENIED'],
    [session, { Principal: { AWS: ROLE.replace('1111', '4444') } }, 'DENIED'],
    [service, { Principal: '*' }, 'ALLOWED'],
    [service, { Principal: { AWS: ROOT } }, 'DENIED'],
    [service, { Principal: { Service: ['s3.amazonaws.com', 'cloudtrail.amazonaws.com'] } }, 'ALLOWED'],
    [service, { Principal: { Service: 's3.amazonaws.com' } }, 'DENIED'],
    [service, { Principal: { Service: '*' } }, 'UNDECIDED'],
    [role, { Principal: undefined, NotPrincipal: { AWS: ROLE } }, 'DENIED'],
    [role, { Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::444455556666:user/x' } }, 'ALLOWED'],
    [role, { Principal: undefined, NotPrincipal: { AWS: ROOT } }, 'UNDECIDED'],
    [service, { Principal: undefined, NotPrincipal: { Service: 'cloudtrail.amazonaws.com' } }, 'DENIED'],
    [service, { Principal: undefined, NotPrincipal: { AWS: ROOT } }, 'ALLOWED'],
  ])('%j under %j: %s', (caller, change, decision) =>
    expect(decide([{ ...allow, ...change }], caller).decision).toBe(decision),
  );

  test('an Allow by the account leaves the rest to its IAM policies, one by name does not', () => {
    const byAccount = { ...allow, Principal: { AWS: ROOT } };
    expect(decide([byAccount])).toMatchObject({ decision: 'ALLOWED', delegated: true });
    expect(decide([byAccount, allow])).toMatchObject({ decision: 'ALLOWED', delegated: false });
  });
});
