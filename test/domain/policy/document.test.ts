import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LIMITS } from '../../../functions/domain/limits/limits.ts';
import { parsePolicy } from '../../../functions/domain/policy/document.ts';

const statement = { Sid: 'A', Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' };
const policy = (...statements: unknown[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });

describe('parsePolicy', () => {
  test('reads every element of the grammar', () => {
    const text = JSON.stringify({
      Id: 'x',
      Statement: {
        Effect: 'Deny',
        NotPrincipal: { AWS: ['*', '111122223333'], Service: 'a.amazonaws.com', Federated: 'f', CanonicalUser: 'c' },
        NotAction: ['kms:Get*', 'kms:List*'],
        NotResource: 'arn:aws:s3:::b/*',
        Condition: { Bool: { 'aws:SecureTransport': false }, NumericLessThan: { 's3:TlsVersion': [1.2, '1.3'] } },
      },
    });
    expect(parsePolicy(text)).toEqual({
      ok: true,
      document: {
        version: '2008-10-17',
        statements: [
          {
            label: 'Statement[0]',
            effect: 'Deny',
            principal: {
              negated: true,
              entries: [
                { kind: 'ANYONE' },
                { kind: 'AWS', value: '111122223333' },
                { kind: 'SERVICE', value: 'a.amazonaws.com' },
                { kind: 'FEDERATED', value: 'f' },
                { kind: 'CANONICAL_USER', value: 'c' },
              ],
            },
            action: { negated: true, patterns: ['kms:Get*', 'kms:List*'] },
            resource: { negated: true, patterns: ['arn:aws:s3:::b/*'] },
            conditions: [
              { operator: 'Bool', key: 'aws:SecureTransport', values: ['false'] },
              { operator: 'NumericLessThan', key: 's3:TlsVersion', values: ['1.2', '1.3'] },
            ],
          },
        ],
      },
    });
  });

  test('names a statement by its Sid, cut, else by its place', () => {
    const parsed = parsePolicy(policy({ ...statement, Sid: 'x'.repeat(300) }, { ...statement, Sid: '' }));
    const labels = parsed.ok ? parsed.document.statements.map(({ label }) => label) : [];
    expect(labels).toEqual(['x'.repeat(100), 'Statement[1]']);
  });

  test.each([
    ['', 'NOT_JSON'],
    ['{', 'NOT_JSON'],
    ['allow all', 'NOT_JSON'],
    ['null', 'MALFORMED'],
    ['[]', 'MALFORMED'],
    ['"text"', 'MALFORMED'],
    ['{}', 'MALFORMED'],
    ['{"Version":"2020-01-01","Statement":[]}', 'MALFORMED'],
    ['{"Version":"2012-10-17","Statement":[null]}', 'MALFORMED'],
    ['{"Version":"2012-10-17","Statement":[[]]}', 'MALFORMED'],
    [policy({ ...statement, Effect: 'allow' }), 'MALFORMED'],
    [policy({ ...statement, Effect: undefined }), 'MALFORMED'],
    [policy({ ...statement, Sid: 7 }), 'MALFORMED'],
    [policy({ ...statement, Principal: undefined }), 'MALFORMED'],
    [policy({ ...statement, NotPrincipal: '*' }), 'MALFORMED'],
    [policy({ ...statement, Principal: 'arn:aws:iam::111122223333:root' }), 'MALFORMED'],
    [policy({ ...statement, Principal: { AWS: { a: 1 } } }), 'MALFORMED'],
    [policy({ ...statement, Principal: { Nobody: 'x' } }), 'MALFORMED'],
    [policy({ ...statement, Action: undefined }), 'MALFORMED'],
    [policy({ ...statement, Action: 7 }), 'MALFORMED'],
    [policy({ ...statement, Resource: undefined }), 'MALFORMED'],
    [policy({ ...statement, Condition: [] }), 'MALFORMED'],
    [policy({ ...statement, Condition: { StringEquals: 'x' } }), 'MALFORMED'],
    [policy({ ...statement, Condition: { StringEquals: { k: null } } }), 'MALFORMED'],
    [policy({ ...statement, Condition: { StringEquals: { k: [['x']] } } }), 'MALFORMED'],
    [policy({ ...statement, Conditions: {} }), 'MALFORMED'],
    ['{"__proto__":{"Effect":"Allow"},"Statement":[]}', 'MALFORMED'],
    ['{"Version":"2012-10-17","Statement":[{"__proto__":{"Effect":"Allow"}}]}', 'MALFORMED'],
    ['{"Version":"2012-10-17","Statement":[{"constructor":{"prototype":{"Effect":"Allow"}}}]}', 'MALFORMED'],
  ])('%s is unreadable: %s', (text, reason) => {
    const parsed = parsePolicy(text);
    expect(parsed).toMatchObject({ ok: false, reason });
    expect(parsed.ok ? '' : parsed.detail).not.toBe('');
  });

  test('a key named for a prototype is a key like any other', () => {
    const text = policy(statement).replace('"Resource"', '"Condition":{"Null":{"__proto__":"true"}},"Resource"');
    const parsed = parsePolicy(text);
    expect(parsed.ok && parsed.document.statements[0]?.conditions).toEqual([
      { operator: 'Null', key: '__proto__', values: ['true'] },
    ]);
    expect(Object.prototype).not.toHaveProperty('true');
  });

  test('32 KB is read, one byte more is not', () => {
    const text = policy(statement);
    const padded = text.padEnd(LIMITS.policy.most, ' ');
    expect(parsePolicy(padded).ok).toBe(true);
    expect(parsePolicy(`${padded} `)).toMatchObject({ ok: false, reason: 'TOO_LARGE' });
    expect(parsePolicy(text.padEnd(LIMITS.policy.most - 1, '\u00e9'))).toMatchObject({ reason: 'TOO_LARGE' });
  });

  test('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `{"Statement":[${json}]}`),
        ),
        (text) => {
          expect(typeof parsePolicy(text).ok).toBe('boolean');
        },
      ),
    );
  });
});
