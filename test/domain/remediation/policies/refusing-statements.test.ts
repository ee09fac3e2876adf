import { describe, expect, it } from '@jest/globals';
import { refusingStatements } from '../../../../functions/domain/remediation/policies/refusing-statements.ts';
import { KEY_ARN, MANAGEMENT, trailOf } from '../subjects.ts';

const { trailArn } = trailOf();
const SSE = 's3:x-amz-server-side-encryption';
const deny = (Sid: string, Condition: object = {}, Action = 's3:PutObject') => ({
  ...{ Sid, Effect: 'Deny', Principal: '*', Action, Resource: 'arn:aws:s3:::org-logs/*', Condition },
});
const text = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const refused = (bucket: string | null, key: { arn: string; policy: string | null } | null = null) =>
  refusingStatements({
    trail: { trailArn, trailOwnerAccountId: MANAGEMENT, partition: 'aws', organizationId: null, s3KeyPrefix: null },
    bucket: { name: 'org-logs', policy: bucket },
    key,
  });
const NONE = { bucket: null, kmsEncryption: null, otherKeys: null, key: null };

describe('refusingStatements', () => {
  it.each([
    ['a policy that was not read', null, NONE],
    ['a Deny without TLS', text(deny('Tls', { Bool: { 'aws:SecureTransport': 'false' } })), NONE],
    ['a Deny for other principals', text({ ...deny('Other'), Principal: { AWS: '999900001111' } }), NONE],
    [
      'AES256 only',
      text(deny('OnlyAes256', { StringNotEquals: { [SSE]: 'AES256' } })),
      { ...NONE, kmsEncryption: 'OnlyAes256', otherKeys: 'OnlyAes256' },
    ],
    [
      'aws:kms only, which CloudTrail sends once it has a key',
      text(deny('OnlyKms', { StringNotEquals: { [SSE]: 'aws:kms' } })),
      { ...NONE, bucket: 'OnlyKms' },
    ],
    [
      'one key only',
      text(deny('OnlyOurKey', { StringNotEquals: { [`${SSE}-aws-kms-key-id`]: KEY_ARN } })),
      { ...NONE, bucket: 'OnlyOurKey', otherKeys: 'OnlyOurKey' },
    ],
    ['everything', text(deny('Freeze')), { ...NONE, bucket: 'Freeze', kmsEncryption: 'Freeze', otherKeys: 'Freeze' }],
  ])('says of a trail without a key what refuses it: %s', (_, policy, expected) => {
    expect(refused(policy)).toEqual(expected);
  });

  it('says of a trail with a key what refuses that, in the bucket and in the policy of the key', () => {
    const oneKey = text(deny('OnlyOurKey', { StringNotEquals: { [`${SSE}-aws-kms-key-id`]: KEY_ARN } }));
    expect(refused(oneKey, { arn: KEY_ARN, policy: null })).toMatchObject({ bucket: null });
    const other = KEY_ARN.replace('1111', '9999');
    expect(refused(oneKey, { arn: other, policy: null })).toMatchObject({ bucket: 'OnlyOurKey' });
    // KMS ignores a statement without a resource; the Deny beside it counts.
    const { Resource: _, ...ignored } = deny('Ignored', {}, 'kms:*');
    const frozen = text(ignored, { ...deny('Freeze', {}, 'kms:GenerateDataKey*'), Resource: '*' });
    expect(refused(null, { arn: KEY_ARN, policy: frozen })).toEqual({ ...NONE, key: 'Freeze' });
  });
});
