import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tlsOnly } from '../../../functions/domain/policy/bucket-policy.ts';
import { parsePolicy } from '../../../functions/domain/policy/document.ts';
import { evaluatePolicy } from '../../../functions/domain/policy/evaluate.ts';
import { knownContext } from './known-context.ts';

const BUCKET = 'arn:aws:s3:::logs';
const policyText = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });

describe('tlsOnly', () => {
  const deny = {
    Sid: 'Tls',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [BUCKET, `${BUCKET}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  const under = (Condition: object) => ({ ...deny, Condition });
  test.each<[string, object[], string]>([
    ['as AWS documents', [deny], 'YES'],
    [
      '{"AWS": "*"}, every resource, a boolean',
      [
        {
          ...deny,
          Principal: { AWS: '*' },
          Resource: '*',
          ...{ Condition: { Bool: { 'aws:securetransport': false } } },
        },
      ],
      'YES',
    ],
    ['one pattern for both', [{ ...deny, Resource: `${BUCKET}*` }], 'YES'],
    ['every action', [{ ...deny, Action: '*' }], 'YES'],
    [
      'two statements',
      [
        { ...deny, Resource: BUCKET },
        { ...deny, Sid: 'Objects', Resource: `${BUCKET}/*` },
      ],
      'YES',
    ],
    [
      'actions by name',
      [{ ...deny, Action: ['s3:GetObject*', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket'] }],
      'YES',
    ],
    ['if it exists', [under({ BoolIfExists: { 'aws:SecureTransport': 'false' } })], 'YES'],
    ['as text', [under({ StringEquals: { 'aws:SecureTransport': 'false' } })], 'YES'],
    ['not as text', [under({ StringNotEquals: { 'aws:SecureTransport': 'true' } })], 'YES'],
    ['either value', [under({ Bool: { 'aws:SecureTransport': ['true', 'false'] } })], 'YES'],
    [
      'services exempt',
      [under({ Bool: { 'aws:SecureTransport': 'false', 'aws:PrincipalIsAWSService': 'false' } })],
      'YES',
    ],
    ['beside a version', [deny, under({ NumericLessThan: { 's3:TlsVersion': 1.2 } })], 'YES'],
    ['everything denied', [under({})], 'YES'],
    ['NotAction', [{ ...deny, Action: undefined, NotAction: 's3:PutBucketPolicy' }], 'YES'],

    ['no statement', [], 'NO'],
    ['an Allow with TLS', [{ ...deny, Effect: 'Allow', Condition: { Bool: { 'aws:SecureTransport': 'true' } } }], 'NO'],
    ['the wrong way round', [under({ Bool: { 'aws:SecureTransport': 'true' } })], 'NO'],
    ['objects only', [{ ...deny, Resource: `${BUCKET}/*` }], 'NO'],
    ['bucket only', [{ ...deny, Resource: BUCKET }], 'NO'],
    ['some objects', [{ ...deny, Resource: [BUCKET, `${BUCKET}/AWSLogs/*`] }], 'NO'],
    ['objects with short names', [{ ...deny, Resource: [BUCKET, `${BUCKET}/????????`] }], 'NO'],
    ['another bucket', [{ ...deny, Resource: ['arn:aws:s3:::other', 'arn:aws:s3:::other/*'] }], 'NO'],
    ['another partition', [{ ...deny, Resource: ['arn:aws-cn:s3:::logs', 'arn:aws-cn:s3:::logs/*'] }], 'NO'],
    ['reading only', [{ ...deny, Action: 's3:GetObject' }], 'NO'],
    ['one role', [{ ...deny, Principal: { AWS: 'arn:aws:iam::111122223333:role/x' } }], 'NO'],
    [
      'one role exempt',
      [under({ Bool: { 'aws:SecureTransport': 'false' }, StringNotEquals: { 'aws:PrincipalArn': 'x' } })],
      'NO',
    ],
    [
      'one address',
      [under({ Bool: { 'aws:SecureTransport': 'false' }, IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } })],
      'NO',
    ],

    ['only a version', [under({ NumericLessThan: { 's3:TlsVersion': '1.2' } })], 'UNDECIDED'],
    ['a version if it exists', [under({ NumericLessThanIfExists: { 's3:TlsVersion': '1.2' } })], 'YES'],
    ['an unknown operator', [under({ Boolean: { 'aws:SecureTransport': 'false' } })], 'UNDECIDED'],
    [
      'NotPrincipal',
      [{ ...deny, Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::111122223333:role/x' } }],
      'NO',
    ],
    [
      'NotPrincipal for a service',
      [{ ...deny, Principal: undefined, NotPrincipal: { Service: 'cloudtrail.amazonaws.com' } }],
      'UNDECIDED',
    ],
  ])('%s: %s', (_, statements, verdict) => {
    const answer = tlsOnly({ policyText: policyText(...statements), bucket: 'logs', partition: 'aws' });
    expect(answer.verdict).toBe(verdict);
    expect(answer.reason).toMatch(/^[A-Z].*\.$/);
  });

  const except = (...NotResource: string[]) => ({ ...deny, Resource: undefined, NotResource });
  const only = (...Resource: string[]) => ({ ...deny, Sid: 'Only', Resource });
  const LOGS = `${BUCKET}/AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/28/*`;
  test.each<[string, object[], string]>([
    ['another bucket', [except('arn:aws:s3:::other/*')], 'YES'],
    ['a bucket that begins alike', [except('arn:aws:s3:::logs-old/*', 'arn:aws:s3:::log')], 'YES'],
    ['objects of every other name', [except('arn:aws:s3:::other*/*')], 'YES'],
    ['the logs', [except(LOGS)], 'NO'],
    ['one log', [except(`${BUCKET}/AWSLogs/111122223333/CloudTrail/x.json.gz`)], 'NO'],
    ['logs by suffix', [except('arn:aws:s3:::*.json.gz')], 'NO'],
    ['logs by a star in the bucket', [except('arn:aws:s3:::l*s/AWSLogs/*')], 'NO'],
    ['logs by question marks', [except('arn:aws:s3:::????/AWSLogs/*')], 'NO'],
    ['a variable that may be a log', [except(`${BUCKET}/\${aws:username}/*`)], 'UNDECIDED'],
    ['a folder', [except(`${BUCKET}/public/*`)], 'NO'],
    ['the bucket', [except(BUCKET)], 'NO'],
    ['everything', [except('*')], 'NO'],
    ['the logs, which another takes in', [except(LOGS), only(`${BUCKET}/AWSLogs/*`)], 'YES'],
    ['the logs, of which another takes in some', [except(`${BUCKET}/AWSLogs/*`), only(LOGS)], 'NO'],
    ['a folder each, apart', [except(`${BUCKET}/a/*`), except(`${BUCKET}/b/*`)], 'UNDECIDED'],
    ['a folder each, one in the other', [except(`${BUCKET}/a/*`), except(`${BUCKET}/a/b/*`)], 'NO'],
    ['a folder each, that overlap', [except(`${BUCKET}/x*y`), except(`${BUCKET}/xa*`)], 'UNDECIDED'],
  ])('NotResource leaves out %s: %s', (_, statements, verdict) => {
    expect(tlsOnly({ policyText: policyText(...statements), bucket: 'logs', partition: 'aws' }).verdict).toBe(verdict);
  });

  test('no policy passes that lets anybody reach a log, or any other object, without TLS', () => {
    const piece = fc.constantFrom('*', '?', 'a', 'b', 'AWSLogs/', '111122223333/', 'CloudTrail/', '.json.gz', '/');
    const tail = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
    const pattern = fc.oneof(
      fc.constantFrom('*', BUCKET, `${BUCKET}*`, `${BUCKET}/*`, 'arn:aws:s3:::*', 'arn:aws:s3:::l*s/*', `${BUCKET}?*`),
      fc
        .tuple(fc.constantFrom(`${BUCKET}/`, 'arn:aws:s3:::????/', 'arn:aws:s3:::lo*', '*'), tail)
        .map((parts) => parts.join('')),
    );
    const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 });
    const principal = fc.constantFrom<object>(
      { Principal: '*' },
      { Principal: '*' },
      { Principal: { AWS: ['*'] } },
      { NotPrincipal: { Service: 'cloudtrail.amazonaws.com' } },
      { NotPrincipal: { AWS: 'arn:aws:iam::111122223333:root' } },
    );
    const action = fc.constantFrom<object>(
      { Action: 's3:*' },
      { Action: '*' },
      { Action: ['s3:Get*', 's3:PutObject', 's3:DeleteObject', 's3:List*'] },
      { Action: 's3:GetObject' },
      { NotAction: 's3:PutBucketPolicy' },
      { NotAction: 's3:Get*' },
    );
    const condition = fc.constantFrom<object>(
      { Bool: { 'aws:SecureTransport': 'false' } },
      { Bool: { 'aws:SecureTransport': 'false' } },
      { BoolIfExists: { 'aws:SecureTransport': ['false'] } },
      { StringNotEquals: { 'aws:SecureTransport': 'true' } },
      { Bool: { 'aws:SecureTransport': 'true' } },
      { Bool: { 'aws:SecureTransport': 'false' }, StringLike: { 'aws:PrincipalArn': '*' } },
      { Bool: { 'aws:SecureTransport': 'false' }, ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/x' } },
      {},
    );
    const resource = fc.oneof(
      patterns.map((Resource) => ({ Resource })),
      patterns.map((NotResource) => ({ NotResource })),
    );
    const statement = fc
      .tuple(principal, action, resource, condition)
      .map(([who, what, where, Condition]) => ({ Effect: 'Deny', ...who, ...what, ...where, Condition }));
    const key = fc.oneof(
      fc.constantFrom('AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/28/a.json.gz', 'AWSLogs/o-abc/1/CloudTrail/a'),
      fc
        .array(fc.constantFrom('a', 'b', 'AWSLogs/', '111122223333/', 'CloudTrail/', '.json.gz', '/', 'z'), {
          minLength: 1,
          maxLength: 5,
        })
        .map((k) => k.join('')),
    );
    const asked = fc.tuple(
      fc.constantFrom('s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket'),
      key,
      fc.constantFrom('arn:aws:iam::111122223333:role/x', 'arn:aws:iam::444455556666:role/y'),
    );
    const allow = { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' };
    let passed = 0;
    fc.assert(
      fc.property(
        fc.array(statement, { minLength: 1, maxLength: 3 }),
        fc.array(asked, { minLength: 8, maxLength: 8 }),
        (statements, requests) => {
          const text = policyText(allow, ...statements);
          if (tlsOnly({ policyText: text, bucket: 'logs', partition: 'aws' }).verdict !== 'YES') return;
          passed += 1;
          const parsed = parsePolicy(text);
          if (!parsed.ok) throw new Error(parsed.detail);
          for (const [name, objectKey, arn] of requests) {
            const { decision } = evaluatePolicy(parsed.document, {
              caller: { kind: 'AWS', arn },
              action: name,
              resourceArn: name === 's3:ListBucket' ? BUCKET : `${BUCKET}/${objectKey}`,
              context: knownContext({
                'aws:SecureTransport': 'false',
                'aws:PrincipalArn': arn,
                'aws:PrincipalIsAWSService': 'false',
              }),
            });
            expect([decision, name, objectKey]).toEqual(['DENIED', name, objectKey]);
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(passed).toBeGreaterThan(5);
  });

  test('a bucket without a policy is open to plain HTTP', () => {
    expect(tlsOnly({ policyText: null, bucket: 'logs', partition: 'aws' })).toMatchObject({ verdict: 'NO' });
  });
  test('a policy that cannot be read decides nothing', () => {
    expect(tlsOnly({ policyText: '{', bucket: 'logs', partition: 'aws' })).toEqual({
      verdict: 'UNDECIDED',
      statement: null,
      reason: 'The bucket policy cannot be read: the policy is not JSON.',
    });
  });
  test('the reason says what is missing', () => {
    const { reason } = tlsOnly({
      policyText: policyText({ ...deny, Resource: BUCKET }),
      bucket: 'logs',
      partition: 'aws',
    });
    expect(reason).toBe('No statement refuses s3:GetObject on every object to everyone without TLS.');
  });
});
