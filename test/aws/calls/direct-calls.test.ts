import { createHash, createHmac } from 'node:crypto';
import { CloudTrailClient, DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketLoggingCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from '@jest/globals';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import { createSigner } from '../../../functions/aws/calls/sigv4.ts';
import { jsonError, s3Error, type WireCall, wire } from '../wire.ts';

const credentials = { accessKeyId: 'AKIAOWN', secretAccessKey: 's', sessionToken: 'token' };
const EMPTY: Record<string, string> = { cloudtrail: '{}', kms: '{"KeyMetadata":{"KeyId":"k"}}', logs: '{}', s3: '' };
const answer = ({ service, operation }: WireCall) => ({
  body: EMPTY[service] ?? `<${operation}Response></${operation}Response>`,
});

type Sending = { send(command: never): Promise<unknown> };
type Client = new (config: never) => Sending;
const CASES: [string, Client, object][] = [
  ['CloudTrail', CloudTrailClient, new DescribeTrailsCommand({ includeShadowTrails: true })],
  ['KMS', KMSClient, new DescribeKeyCommand({ KeyId: 'arn:aws:kms:eu-west-1:111122223333:key/ä' })],
  ['Logs', CloudWatchLogsClient, new DescribeLogGroupsCommand({ logGroupNamePrefix: 'a' })],
  ['EC2', EC2Client, new DescribeRegionsCommand({ AllRegions: true })],
  ['STS', STSClient, new GetCallerIdentityCommand({})],
];

const owner = { ExpectedBucketOwner: '111122223333' };
/** A name that fits a host, with dots that fit no certificate, of the years when anything went. */
const BUCKETS = ['acme-trails', 'acme.trails.logs', 'Old_Bucket', 'ab', '10.0.0.1'];
const S3_CASES: [string, Client, object][] = [
  [
    'ListBuckets',
    S3Client,
    new ListBucketsCommand({ Prefix: 'a+ b&c=ü', MaxBuckets: 1_000, ContinuationToken: 'x/y=' }),
  ],
  ...BUCKETS.flatMap((Bucket): [string, Client, object][] =>
    [
      new GetBucketLocationCommand({ Bucket, ...owner }),
      new GetPublicAccessBlockCommand({ Bucket, ...owner }),
      new GetBucketPolicyCommand({ Bucket, ...owner }),
      new GetBucketVersioningCommand({ Bucket, ...owner }),
      new GetBucketEncryptionCommand({ Bucket, ...owner }),
      new GetObjectLockConfigurationCommand({ Bucket, ...owner }),
      new GetBucketLifecycleConfigurationCommand({ Bucket, ...owner }),
      new GetBucketLoggingCommand({ Bucket, ...owner }),
      new ListObjectsV2Command({ Bucket, Prefix: "a/ü '(*)~", Delimiter: '/', ContinuationToken: '1+/=', ...owner }),
      new HeadObjectCommand({ Bucket, Key: "a//b/../ü '(+*).json.gz", ...owner }),
    ].map((command) => [`${command.constructor.name} of ${Bucket}`, S3Client, command]),
  ),
];

/** What differs from call to call, and what the SDK says of itself by letters. */
const comparable = ({ headers, method, path, host, input, query }: WireCall) => {
  const { 'amz-sdk-invocation-id': id, 'x-amz-date': date, authorization = '', ...rest } = headers;
  const agent = rest['user-agent']?.replace(/ m\/\S*/, '');
  const [, scope, signed] = /Credential=(.*?), (SignedHeaders=.*?),/.exec(authorization) ?? [];
  return {
    method,
    path,
    host,
    query,
    input,
    scope,
    signed,
    headers: { ...rest, 'user-agent': agent },
    hasId: Boolean(id && date),
  };
};

const settings: [string, Record<string, string>, string][] = [
  ['as it comes', {}, 'us-west-2'],
  ['FIPS endpoints', { AWS_USE_FIPS_ENDPOINT: 'true' }, 'us-west-2'],
  ['dual-stack endpoints', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }, 'us-west-2'],
  ['FIPS and dual-stack', { AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' }, 'us-gov-west-1'],
  ["an endpoint of one's own, with a path", { AWS_ENDPOINT_URL: 'http://localhost:4566/some path/' }, 'us-west-2'],
  ['GovCloud', {}, 'us-gov-west-1'],
  ['China', {}, 'cn-north-1'],
  ['the European Sovereign Cloud', {}, 'eusc-de-east-1'],
  ['us-east-1', {}, 'us-east-1'],
];

test.each(settings)('the request that leaves is the one of an SDK client: %s', async (_, environment, region) => {
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    const forcePathStyle = 'AWS_ENDPOINT_URL' in environment;
    for (const [name, Client, command] of [...CASES, ...S3_CASES]) {
      const { handler, calls } = wire(answer);
      const options = { region, credentials, requestHandler: handler };
      const customUserAgent = [['trailseal', '1.2.3']];
      // What an empty answer is taken for is no matter here.
      const sent = (client: Sending) => client.send(command as never).catch(() => null);
      await sent(new Client({ ...options, customUserAgent, maxAttempts: 30, forcePathStyle } as never));
      const access = createAwsAccess({ ...options, version: '1.2.3' });
      await access.signAs({ credentials: async () => credentials }, () => sent(access.forAccount(Client, region)));
      expect([name, calls.length]).toEqual([name, 2]);
      const [sdk, direct] = calls.map(comparable);
      expect([name, direct]).toEqual([name, sdk]);
      expect(direct?.hasId).toBe(true);
    }
  } finally {
    for (const key of Object.keys(environment)) delete process.env[key];
    Object.assign(process.env, before);
  }
});

test("the signature is that of the SDK's signer, whatever is signed before with the same credentials", async () => {
  const sha256 = class {
    #hash: ReturnType<typeof createHmac> | ReturnType<typeof createHash>;
    constructor(key?: Uint8Array | string) {
      this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
    }
    update(data: Uint8Array) {
      this.#hash.update(data);
    }
    digest = async () => new Uint8Array(this.#hash.digest());
  };
  // HMAC takes a key of more than 64 bytes by its hash.
  for (const secretAccessKey of ['s', 'geheim-ü', 'x'.repeat(60), 'x'.repeat(61), 'x'.repeat(100)]) {
    const credentials = { accessKeyId: 'AKIAOWN', secretAccessKey, sessionToken: 'token' };
    const theirs = new SignatureV4({ ...{ credentials, region: 'x', service: 'x', sha256: sha256 as never } });
    const at = { signingDate: new Date('2026-11-02T23:59:59Z'), signingRegion: 'eu-west-1', signingService: 'kms' };
    const request = () => new HttpRequest({ hostname: 'kms', method: 'POST', headers: { host: 'kms' }, body: '{}' });
    const ours = await createSigner({ credentialsOf: () => credentials }).sign(request(), at);
    expect(ours.headers).toEqual((await theirs.sign(request(), at)).headers);
  }
  for (const signingDate of [new Date('2026-11-02T23:59:59.999Z'), new Date('2026-11-03T00:00:00Z')]) {
    for (const signingRegion of ['eu-west-1', 'us-east-1', 'eu-west-1']) {
      for (const [escapesPath, more] of [
        [true, { method: 'POST', path: '/a b/', body: '{"x":"ü"}' }],
        [
          false,
          { method: 'GET', path: '/a%20b//c/../d', query: { prefix: "a+ b/ü'(*)", 'list-type': '2', policy: '' } },
        ],
      ] as const) {
        const request = () =>
          new HttpRequest({
            hostname: 'cloudtrail',
            headers: { host: 'cloudtrail', 'x-amz-target': ' a   b ', 'user-agent': 'someone', 'content-length': '10' },
            ...more,
          });
        const at = { signingDate, signingRegion, signingService: 'cloudtrail' };
        const theirs = new SignatureV4({
          ...{ credentials, region: 'x', service: 'x', sha256: sha256 as never, uriEscapePath: escapesPath },
        });
        const ours = await createSigner({ credentialsOf: () => credentials, escapesPath }).sign(request(), at);
        expect(ours.headers).toEqual((await theirs.sign(request(), at)).headers);
      }
    }
  }
});

test('a throttled call and a lost connection are asked again, a refusal is not, and each keeps what AWS said', async () => {
  const outcomes = [
    jsonError('ThrottlingException', 'slow down'),
    new Error('socket hang up'),
    { body: { trailList: [] } },
    jsonError('AccessDeniedException', 'no', 403),
  ];
  const { handler, calls } = wire(() => {
    const outcome = outcomes.shift();
    if (outcome instanceof Error) throw Object.assign(outcome, { code: 'ECONNRESET' });
    return outcome ?? {};
  });
  const access = createAwsAccess({ region: 'eu-west-1', requestHandler: handler, retry: { delayFactor: 0 } });
  let throttled = 0;
  const identity = { credentials: async () => credentials, onThrottle: () => throttled++ };
  const describe = () =>
    access.signAs(identity, () => access.forAccount(CloudTrailClient).send(new DescribeTrailsCommand({})));
  expect(await describe()).toMatchObject({ trailList: [], $metadata: { requestId: 'request-3' } });
  await expect(describe()).rejects.toMatchObject({
    name: 'AccessDeniedException',
    $metadata: { requestId: 'request-4', httpStatusCode: 403 },
  });
  expect([throttled, calls.length]).toEqual([1, 4]);
  const [, , third, fourth] = calls.map(({ headers }) => headers['amz-sdk-request']);
  expect([third, fourth]).toEqual(['attempt=3; max=30', 'attempt=1; max=30']);
  expect(new Set(calls.slice(0, 3).map(({ headers }) => headers['amz-sdk-invocation-id'])).size).toBe(1);
});

test('of S3, an error that came with status 200 is an error, and a name or a bucket that is none is refused before it is sent', async () => {
  let status = 200;
  const { handler, calls } = wire(() => ({ ...s3Error('InternalError', 'We encountered an error.'), status }));
  const access = createAwsAccess({
    region: 'eu-west-1',
    requestHandler: handler,
    retry: { maxAttempts: 2, delayFactor: 0 },
  });
  const asked = (command: object) =>
    access.signAs({ credentials: async () => credentials }, () =>
      access.forAccount(S3Client as never as Client).send(command as never),
    );
  for (const command of [new ListBucketsCommand({}), new HeadObjectCommand({ Bucket: 'acme', Key: 'a' })]) {
    calls.length = 0;
    await expect(asked(command)).rejects.toMatchObject({ name: 'InternalError' });
    expect(calls).toHaveLength(2);
  }
  calls.length = 0;
  await expect(asked(new GetBucketPolicyCommand({ Bucket: 'a/b' }))).rejects.toThrow(
    "Bucket name shouldn't contain '/'",
  );
  const directory = new ListObjectsV2Command({ Bucket: 'acme--use1-az4--x-s3' });
  await expect(asked(directory)).rejects.toThrow('calls that are signed by sigv4-s3express are not made here');
  expect(calls).toEqual([]);
  status = 301;
  await expect(asked(new GetBucketPolicyCommand({ Bucket: 'elsewhere' }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 301 },
  });
  expect(calls).toHaveLength(1);
});

test('each S3 call goes to its own bucket, however many begin at once', async () => {
  const { handler, calls } = wire((call) => ({ body: JSON.stringify({ Sid: call.host }) }));
  const access = createAwsAccess({ region: 'eu-west-1', requestHandler: handler });
  const names = Array.from({ length: 600 }, (_, n) => `bucket-${n}`);
  const policies = await Promise.all(
    names.map((Bucket) =>
      access.signAs({ credentials: async () => ({ ...credentials, accessKeyId: Bucket }) }, () =>
        access.forAccount(S3Client).send(new GetBucketPolicyCommand({ Bucket })),
      ),
    ),
  );
  expect(policies.map(({ Policy }) => JSON.parse(Policy ?? '').Sid)).toEqual(
    names.map((name) => `${name}.s3.eu-west-1.amazonaws.com`),
  );
  expect(calls.map(({ accessKeyId, host }) => host.startsWith(`${accessKeyId}.`))).not.toContain(false);
});
