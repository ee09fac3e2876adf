import { createHash, createHmac } from 'node:crypto';
import { CloudTrailClient, DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from '@jest/globals';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import { createSigner } from '../../../functions/aws/calls/sigv4.ts';
import { jsonError, type WireCall, wire } from '../wire.ts';

const credentials = { accessKeyId: 'AKIAOWN', secretAccessKey: 's', sessionToken: 'token' };
const EMPTY: Record<string, string> = { cloudtrail: '{}', kms: '{"KeyMetadata":{"KeyId":"k"}}', logs: '{}' };
const answer = ({ service, operation }: WireCall) => ({
  body: EMPTY[service] ?? `<${operation}Response></${operation}Response>`,
});

type Sending = { send(command: never): Promise<unknown> };
const CASES: [string, new (config: never) => Sending, object][] = [
  ['CloudTrail', CloudTrailClient, new DescribeTrailsCommand({ includeShadowTrails: true })],
  ['KMS', KMSClient, new DescribeKeyCommand({ KeyId: 'arn:aws:kms:eu-west-1:111122223333:key/ä' })],
  ['Logs', CloudWatchLogsClient, new DescribeLogGroupsCommand({ logGroupNamePrefix: 'a' })],
  ['EC2', EC2Client, new DescribeRegionsCommand({ AllRegions: true })],
  ['STS', STSClient, new GetCallerIdentityCommand({})],
];

/** What differs from call to call, and what the SDK says of itself by letters. */
const comparable = ({ headers, method, path, host, input }: WireCall) => {
  const { 'amz-sdk-invocation-id': id, 'x-amz-date': date, authorization = '', ...rest } = headers;
  const agent = rest['user-agent']?.replace(/ m\/\S*/, '');
  const [, scope, signed] = /Credential=(.*?), (SignedHeaders=.*?),/.exec(authorization) ?? [];
  return {
    method,
    path,
    host,
    input,
    scope,
    signed,
    headers: { ...rest, 'user-agent': agent },
    hasId: Boolean(id && date),
  };
};

test.each([
  ['as it comes', {}],
  ['FIPS endpoints', { AWS_USE_FIPS_ENDPOINT: 'true' }],
  ['dual-stack endpoints', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }],
  ["an endpoint of one's own, with a path", { AWS_ENDPOINT_URL: 'http://localhost:4566/some path/' }],
] as [string, Record<string, string>][])(
  'the request that leaves is the one of an SDK client: %s',
  async (_, environment) => {
    const before = { ...process.env };
    Object.assign(process.env, environment);
    try {
      for (const [name, Client, command] of CASES) {
        const { handler, calls } = wire(answer);
        const options = { region: 'us-west-2', credentials, requestHandler: handler };
        const customUserAgent = [['trailseal', '1.2.3']];
        await new Client({ ...options, customUserAgent, maxAttempts: 30 } as never).send(command as never);
        const access = createAwsAccess({ ...options, version: '1.2.3' });
        await access.signAs({ credentials: async () => credentials }, () =>
          access.forAccount(Client as never as typeof CloudTrailClient, 'us-west-2').send(command as never),
        );
        const [sdk, direct] = calls.map(comparable);
        expect([name, direct]).toEqual([name, sdk]);
        expect(direct?.hasId).toBe(true);
      }
    } finally {
      for (const key of Object.keys(environment)) delete process.env[key];
      Object.assign(process.env, before);
    }
  },
);

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
  for (const signingDate of [new Date('2026-11-02T23:59:59.999Z'), new Date('2026-11-03T00:00:00Z')]) {
    for (const signingRegion of ['eu-west-1', 'us-east-1', 'eu-west-1']) {
      const request = () =>
        new HttpRequest({
          ...{ method: 'POST', hostname: 'cloudtrail', path: '/a b/', body: '{"x":"ü"}' },
          headers: { host: 'cloudtrail', 'x-amz-target': ' a   b ', 'user-agent': 'someone', 'content-length': '10' },
        });
      const at = { signingDate, signingRegion, signingService: 'cloudtrail' };
      const theirs = new SignatureV4({ credentials, region: 'x', service: 'x', sha256: sha256 as never });
      const ours = await createSigner(async () => credentials).sign(request(), at);
      expect(ours.headers).toEqual((await theirs.sign(request(), at)).headers);
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
  expect(await describe()).toMatchObject({ trailList: [], $metadata: { requestId: 'request-3', attempts: 3 } });
  await expect(describe()).rejects.toMatchObject({
    name: 'AccessDeniedException',
    $metadata: { requestId: 'request-4', httpStatusCode: 403, attempts: 1 },
  });
  expect([throttled, calls.length]).toEqual([1, 4]);
  expect(new Set(calls.slice(0, 3).map(({ headers }) => headers['amz-sdk-invocation-id'])).size).toBe(1);
});
