import { CloudTrailClient, DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetBucketPolicyCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import { failureOf, isExpired, presentable } from '../../../functions/aws/calls/failure.ts';
import { CallError } from '../../../functions/reads/call-error.ts';
import { cpuSecondsOf } from '../../cpu-time.ts';
import { ec2Error, jsonError, s3Error, type WireAnswer, wire } from '../wire.ts';

const SCP = 'User: arn:aws:sts::1:x is not authorized to perform: x with an explicit deny in a service control policy';
const NO_SCP_ALLOWS =
  'User: arn:aws:sts::1:x is not authorized to perform: x because no service control policy allows the cloudtrail:DescribeTrails action';
const RCP = 'User: arn:aws:sts::1:x is not authorized to perform: x with an explicit deny in a resource control policy';
const PLAIN = 'User: arn:aws:sts::1:x is not authorized to perform: x because no identity-based policy allows it';
const INVALID = 'The security token included in the request is invalid.';

/** The error as the SDK makes it of an answer on the wire. */
const caught = async (kind: 'json' | 'ec2' | 's3' | 'head', answer: WireAnswer | Error) => {
  const { handler } = wire(() => {
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const access = createAwsAccess({
    region: 'us-east-1',
    requestHandler: handler,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    retry: { delayFactor: 0, maxAttempts: 2 },
  });
  const send = {
    json: () => access.own(CloudTrailClient).send(new DescribeTrailsCommand({})),
    ec2: () => access.own(EC2Client).send(new DescribeRegionsCommand({})),
    s3: () => access.own(S3Client).send(new GetBucketPolicyCommand({ Bucket: 'bucket' })),
    head: () => access.own(S3Client).send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'key' })),
  }[kind];
  return send().then(
    () => {
      throw new Error('nothing failed');
    },
    (error: unknown) => error,
  );
};

const systemError = (code: string, message = `connect ${code}`) => Object.assign(new Error(message), { code });

test.each([
  ['json', jsonError('AccessDeniedException', PLAIN), 'DENIED', 'AccessDeniedException'],
  ['json', jsonError('AccessDeniedException', SCP), 'DENIED_BY_SCP', 'AccessDeniedException'],
  ['json', jsonError('AccessDeniedException', NO_SCP_ALLOWS), 'DENIED_BY_SCP', 'AccessDeniedException'],
  ['json', jsonError('UnsupportedOperationException', 'x'), 'UNAVAILABLE', 'UnsupportedOperationException'],
  ['json', jsonError('OperationNotPermittedException', 'x'), 'NOT_PERMITTED', 'OperationNotPermittedException'],
  ['json', jsonError('NoManagementAccountSLRExistsException', 'x'), 'ERROR', 'NoManagementAccountSLRExistsException'],
  ['json', jsonError('CloudTrailAccessNotEnabledException', 'x'), 'ERROR', 'CloudTrailAccessNotEnabledException'],
  ['json', jsonError('SubscriptionRequiredException', 'x'), 'NOT_PERMITTED', 'SubscriptionRequiredException'],
  ['json', jsonError('SubscriptionRequiredException', 'x', 403), 'NOT_PERMITTED', 'SubscriptionRequiredException'],
  ['json', jsonError('OptInRequired', 'x', 403), 'NOT_PERMITTED', 'OptInRequired'],
  ['json', jsonError('IncompleteSignatureException', 'x'), 'CREDENTIALS', 'IncompleteSignatureException'],
  ['json', jsonError('MissingAuthenticationTokenException', 'x'), 'CREDENTIALS', 'MissingAuthenticationTokenException'],
  ['json', jsonError('IncompleteSignature', 'x'), 'CREDENTIALS', 'IncompleteSignature'],
  ['json', jsonError('AccessDeniedException', RCP), 'DENIED', 'AccessDeniedException'],
  ['json', jsonError('AccessDenied', INVALID), 'CREDENTIALS', 'AccessDenied'],
  ['json', jsonError('UnrecognizedClientException', INVALID), 'CREDENTIALS', 'UnrecognizedClientException'],
  ['json', jsonError('InvalidClientTokenId', INVALID), 'CREDENTIALS', 'InvalidClientTokenId'],
  ['json', jsonError('ExpiredTokenException', 'expired'), 'CREDENTIALS', 'ExpiredTokenException'],
  [
    'json',
    jsonError('InvalidSignatureException', 'Signature not yet current'),
    'CREDENTIALS',
    'InvalidSignatureException',
  ],
  ['json', jsonError('ThrottlingException', 'Rate exceeded'), 'THROTTLED', 'ThrottlingException'],
  ['json', jsonError('TooMuch', 'slower', 429), 'THROTTLED', 'TooMuch'],
  ['json', jsonError('TrailNotFoundException', 'Unknown trail'), 'NOT_FOUND', 'TrailNotFoundException'],
  ['json', jsonError('EventDataStoreNotFoundException', 'x'), 'NOT_FOUND', 'EventDataStoreNotFoundException'],
  ['json', jsonError('NotFoundException', 'Key does not exist'), 'NOT_FOUND', 'NotFoundException'],
  ['json', jsonError('AWSOrganizationsNotInUseException', 'x'), 'NOT_FOUND', 'AWSOrganizationsNotInUseException'],
  ['json', jsonError('InvalidTrailNameException', 'bad name'), 'ERROR', 'InvalidTrailNameException'],
  ['json', jsonError('InternalFailure', 'oops', 500), 'ERROR', 'InternalFailure'],
  ['json', { status: 200, body: '{"trailList":[{"Na' }, 'ERROR', 'MalformedAnswer'],
  ['json', { status: 200, body: '<html>sign in to the hotel</html>' }, 'ERROR', 'MalformedAnswer'],
  ['json', { status: 403, body: '<html>blocked</html>' }, 'ERROR', 'HTTP403'],
  ['s3', { status: 404, body: '<Error><Code>NoSuchBuck' }, 'ERROR', 'HTTP404'],
  ['json', { status: 502, body: '<html>bad gateway</html>' }, 'ERROR', 'HTTP502'],
  ['ec2', ec2Error('UnauthorizedOperation', PLAIN, 403), 'DENIED', 'UnauthorizedOperation'],
  ['ec2', ec2Error('UnauthorizedOperation', SCP, 403), 'DENIED_BY_SCP', 'UnauthorizedOperation'],
  [
    'ec2',
    ec2Error('AuthFailure', 'AWS was not able to validate the provided access credentials', 401),
    'CREDENTIALS',
    'AuthFailure',
  ],
  ['ec2', ec2Error('RequestLimitExceeded', 'x', 503), 'THROTTLED', 'RequestLimitExceeded'],
  ['ec2', ec2Error('OptInRequired', 'You are not subscribed to this service', 401), 'NOT_PERMITTED', 'OptInRequired'],
  ['s3', s3Error('AccessDenied', 'Access Denied', 403), 'DENIED', 'AccessDenied'],
  ['s3', s3Error('NoSuchBucket', 'x', 404), 'NOT_FOUND', 'NoSuchBucket'],
  ['s3', s3Error('ExpiredToken', 'x', 400), 'CREDENTIALS', 'ExpiredToken'],
  ['s3', s3Error('InvalidAccessKeyId', 'x', 403), 'CREDENTIALS', 'InvalidAccessKeyId'],
  ['s3', s3Error('SlowDown', 'Please reduce your request rate.', 503), 'THROTTLED', 'SlowDown'],
  ['s3', s3Error('PermanentRedirect', 'x', 301), 'ERROR', 'PermanentRedirect'],
  ['head', { status: 403 }, 'DENIED', 'HTTP403'],
  ['head', { status: 404 }, 'NOT_FOUND', 'NotFound'],
  ['json', systemError('ECONNRESET'), 'ERROR', 'ECONNRESET'],
  ['json', systemError('ENOTFOUND', 'getaddrinfo ENOTFOUND cloudtrail.xx.amazonaws.com'), 'ERROR', 'ENOTFOUND'],
  ['json', Object.assign(new Error('too slow'), { name: 'TimeoutError' }), 'ERROR', 'TimeoutError'],
  ['json', systemError('CERT_HAS_EXPIRED', 'certificate has expired'), 'ERROR', 'CERT_HAS_EXPIRED'],
] as const)('%s %j is %s', async (protocol, answer, kind, code) => {
  const failure = failureOf('DescribeTrails', await caught(protocol, answer));
  expect(failure).toMatchObject({ kind, code, operation: 'DescribeTrails' });
  expect(failure.message).not.toBe('');
});

describe('a failure', () => {
  test('of the connection is an ERROR whatever status had come before it', () => {
    const broken = { name: 'Error', code: 'ECONNRESET', message: 'aborted', $metadata: { httpStatusCode: 404 } };
    expect(failureOf('X', broken)).toMatchObject({ kind: 'ERROR', code: 'ECONNRESET' });
  });

  test('is found in anything that is thrown', () => {
    for (const thrown of [undefined, null, 'text', 7, {}, { name: 5, message: {} }, new Error('')]) {
      expect(failureOf('X', thrown)).toMatchObject({ kind: 'ERROR', operation: 'X', code: 'Error' });
    }
  });

  test('that is classified already keeps its own operation', () => {
    const inner = new CallError({ kind: 'DENIED', operation: 'HeadObject', code: '403', message: 'no' });
    expect(failureOf('ListObjectsV2', inner)).toBe(inner.failure);
  });

  test('is an expired session by its code or its words, not when the token is merely invalid', () => {
    const of = (code: string, message = '') => failureOf('X', Object.assign(new Error(message), { name: code }));
    expect(isExpired(of('ExpiredToken'))).toBe(true);
    expect(isExpired(of('InvalidToken', 'The security token included in the request is expired'))).toBe(true);
    expect(isExpired(of('InvalidClientTokenId', INVALID))).toBe(false);
    expect(isExpired(of('InvalidSignatureException', 'Signature expired: 20261124T000000Z'))).toBe(false);
    expect(isExpired(of('AccessDenied', 'the certificate has expired'))).toBe(false);
  });
});

describe('a message', () => {
  test('is cut to 1,000 characters, never through a surrogate pair', () => {
    expect(presentable('a'.repeat(5_000))).toHaveLength(1_000);
    const cut = presentable(`${'a'.repeat(999)}\u{1F600}${'b'.repeat(50)}`);
    expect(cut).toBe('a'.repeat(999));
  });

  test('of a megabyte is cut in no time', () => {
    const seconds = cpuSecondsOf(() => {
      presentable('x-amz-security-token:'.repeat(50_000));
      presentable('ASIA'.repeat(250_000));
    });
    expect(seconds).toBeLessThan(1);
  });

  test('loses tokens and access keys, and nothing else', () => {
    const text =
      'by ASIAQWERTYUIOPASDFGH with x-amz-security-token:IQoJb3JpZ2luX2VjE+/= and AKIAIOSFODNN7EXAMPLE of ASIAN origin';
    expect(presentable(text)).toBe('by [removed] with x-amz-security-token:[removed] and [removed] of ASIAN origin');
  });
});
