import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudTrailClient, DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AwsAccess, type AwsAccessOptions, createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import { failureOf } from '../../../functions/aws/calls/failure.ts';
import { homeRegion } from '../../../functions/aws/identity/home-region.ts';
import { identitySource, settingsInForce } from '../../../functions/aws/identity/profile.ts';
import { createOrganizationReader } from '../../../functions/aws/organization/organization-reader.ts';
import { jsonError, wire } from '../wire.ts';

const credentials = { accessKeyId: 'AKIAOWN', secretAccessKey: 's' };
const identity = (accessKeyId: string) => ({ credentials: async () => ({ accessKeyId, secretAccessKey: 's' }) });
const describeTrails = (client: CloudTrailClient) => client.send(new DescribeTrailsCommand({}));

const before = { ...process.env };
const closing: (() => unknown)[] = [];
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
});
afterEach(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, before);
  await Promise.all(closing.splice(0).map((close) => close()));
});

describe('clients', () => {
  const accessOver = (options: Partial<AwsAccessOptions> = {}) => {
    const { handler, calls } = wire(() => ({ body: { trailList: [] } }));
    return {
      access: createAwsAccess({ region: 'eu-west-1', credentials, requestHandler: handler, ...options }),
      calls,
    };
  };

  test('are made once for a service and Region, apart for the scanner itself and for accounts with an assumed role', () => {
    const { access } = accessOver();
    expect(access.own(CloudTrailClient)).toBe(access.own(CloudTrailClient, 'eu-west-1'));
    expect(access.own(CloudTrailClient, 'us-east-1')).not.toBe(access.own(CloudTrailClient));
    expect(access.forAccount(CloudTrailClient)).not.toBe(access.own(CloudTrailClient));
    expect(access.own(S3Client)).toBeInstanceOf(S3Client);
  });

  test('of an account refuse to sign outside an account session', async () => {
    const { access, calls } = accessOver();
    await expect(describeTrails(access.forAccount(CloudTrailClient))).rejects.toThrow('no account session');
    expect(calls).toEqual([]);
  });

  test('sign with the identity they are used in, the innermost one, and with no other after a wait', async () => {
    const { access, calls } = accessOver();
    const client = access.forAccount(CloudTrailClient);
    await access.signAs(identity('OUTER'), async () => {
      const inner = access.signAs(identity('INNER'), () => describeTrails(client));
      await Promise.all([inner, describeTrails(client), describeTrails(access.own(CloudTrailClient))]);
      await expect(describeTrails(client)).rejects.toThrow('no account session');
    });
    expect(calls.map(({ accessKeyId }) => accessKeyId).sort()).toEqual(['AKIAOWN', 'INNER', 'OUTER']);
  });

  test('keep quiet about the version of Node, unless the user wants to hear it', () => {
    accessOver();
    expect(process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED).toBe('true');
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'false';
    accessOver();
    expect(process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED).toBe('false');
  });
});

test('a clock that is off by ten minutes costs one call, not the account', async () => {
  const server = () => new Date(Date.now() + 600_000);
  const { handler, calls } = wire((call) => {
    const [, y, mo, d, h, mi, se] =
      /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(call.headers['x-amz-date'] ?? '') ?? [];
    const signedAt = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${se}Z`);
    const headers = { date: server().toUTCString() };
    if (Math.abs(server().getTime() - signedAt) < 300_000) return { body: { trailList: [] }, headers };
    return { ...jsonError('InvalidSignatureException', 'Signature expired: it is now later', 403), headers };
  });
  const access = createAwsAccess({
    region: 'eu-west-1',
    credentials,
    requestHandler: handler,
    retry: { delayFactor: 0, maxAttempts: 3 },
  });
  const account = access.forAccount(CloudTrailClient);
  for (const key of ['A', 'B']) await access.signAs(identity(key), () => describeTrails(account));
  expect(calls.map(({ accessKeyId }) => accessKeyId)).toEqual(['A', 'A', 'B']);
});

describe('credentials from the ordinary chain', () => {
  const files = async (content: string, config = '') => {
    const folder = await mkdtemp(join(tmpdir(), 'trailseal-aws-'));
    closing.push(() => rm(folder, { recursive: true }));
    process.env.AWS_CONFIG_FILE = join(folder, 'config');
    process.env.AWS_SHARED_CREDENTIALS_FILE = join(folder, 'credentials');
    process.env.AWS_EC2_METADATA_DISABLED = 'true';
    await writeFile(process.env.AWS_CONFIG_FILE, config);
    await writeFile(process.env.AWS_SHARED_CREDENTIALS_FILE, content);
  };
  const keyUsed = async (options: Partial<AwsAccessOptions>) => {
    const { handler, calls } = wire(() => ({ body: { trailList: [] } }));
    const access = createAwsAccess({ region: 'eu-west-1', requestHandler: handler, ...options });
    await describeTrails(access.own(CloudTrailClient));
    return calls[0]?.accessKeyId;
  };

  test('are those of the profile asked for, of AWS_PROFILE, of the environment', async () => {
    await files(
      '[audit]\naws_access_key_id=AUDIT\naws_secret_access_key=x\n[other]\naws_access_key_id=OTHER\naws_secret_access_key=x\n',
    );
    expect(await keyUsed({ profile: 'audit' })).toBe('AUDIT');
    process.env.AWS_PROFILE = 'other';
    expect(await keyUsed({})).toBe('OTHER');
    delete process.env.AWS_PROFILE;
    process.env.AWS_ACCESS_KEY_ID = 'ENVIRONMENT';
    process.env.AWS_SECRET_ACCESS_KEY = 'x';
    expect(await keyUsed({})).toBe('ENVIRONMENT');
  });

  test('come with a Region: of the environment, of the profile, else us-east-1', async () => {
    await files('', '[profile audit]\nregion = ap-south-1\n');
    const regionFor = async (profile?: string, asked?: string) =>
      homeRegion(asked, await settingsInForce(await identitySource(profile)));
    expect(await regionFor()).toEqual({ region: 'us-east-1', assumed: true });
    expect(await regionFor('audit')).toEqual({ region: 'ap-south-1', assumed: false });
    process.env.AWS_DEFAULT_REGION = 'eu-west-2';
    expect((await regionFor('audit')).region).toBe('eu-west-2');
    process.env.AWS_REGION = 'eu-west-3';
    expect((await regionFor('audit')).region).toBe('eu-west-3');
    expect((await regionFor('audit', 'eu-north-1')).region).toBe('eu-north-1');
  });

  test('that are nowhere, or in a profile that is not there, give one sentence', async () => {
    await files('');
    const callerOf = (options: Partial<AwsAccessOptions>) => {
      const { handler } = wire(() => ({}));
      return createOrganizationReader({
        access: createAwsAccess({ region: 'eu-west-1', requestHandler: handler, ...options }),
      }).caller();
    };
    await expect(callerOf({})).rejects.toMatchObject({
      name: 'TrailSealError',
      code: 'CREDENTIALS',
      message: expect.stringMatching(
        /^There are no usable AWS credentials \(.+\): set AWS_PROFILE or --profile, or run aws sso login or aws configure\.$/,
      ),
    });
    await expect(callerOf({ profile: 'missing' })).rejects.toMatchObject({
      code: 'CREDENTIALS',
      message: expect.stringContaining('There are no usable AWS credentials in the profile "missing" ('),
    });
  });
});

describe('over the network', () => {
  const serve = async (answer: (request: IncomingMessage, response: ServerResponse, n: number) => void) => {
    let asked = 0;
    const sockets = new Set<unknown>();
    const server: Server = createServer((request, response) => {
      sockets.add(request.socket);
      request.resume();
      request.on('end', () => answer(request, response, ++asked));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, asked: () => asked };
  };
  const accessTo = (endpoint: string | undefined, options: Partial<AwsAccessOptions> = {}): AwsAccess => {
    const access = createAwsAccess({
      region: 'eu-west-1',
      credentials,
      endpoint,
      retry: { delayFactor: 0, maxAttempts: 2 },
      timeouts: { silenceMs: 800 },
      ...options,
    });
    closing.push(() => access.close());
    return access;
  };
  const trails = (response: ServerResponse, body = '{"trailList":[]}', length = body.length) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'content-length': length });
    response.write(body);
  };

  test('AWS_ENDPOINT_URL is where all calls go, to S3 with the bucket in the path', async () => {
    const paths: string[] = [];
    const { url } = await serve((request, response) => {
      paths.push(`${request.method} ${request.url}`);
      trails(response);
      response.end();
    });
    process.env.AWS_ENDPOINT_URL = url;
    const access = accessTo(undefined);
    await describeTrails(access.own(CloudTrailClient, 'ap-south-1'));
    await access.own(S3Client).send(new HeadBucketCommand({ Bucket: 'bucket' }));
    expect(paths).toEqual(['POST /', 'HEAD /bucket/']);
  });

  test('a connection is kept for the calls that follow, of whichever account', async () => {
    const { url, sockets, asked } = await serve((_, response) => {
      trails(response);
      response.end();
    });
    const access = accessTo(url);
    for (const key of ['A', 'B', 'C']) {
      await access.signAs(identity(key), () => describeTrails(access.forAccount(CloudTrailClient)));
      await access.signAs(identity(key), () => describeTrails(access.forAccount(CloudTrailClient, 'us-east-1')));
    }
    expect(asked()).toBe(6);
    expect(sockets.size).toBe(1);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['is reset', (response) => response.socket?.resetAndDestroy()],
    ['never answers', () => {}],
    ['falls silent within the body', (response) => trails(response, '{"trail', 100)],
    [
      'breaks off within the body',
      (response) => {
        trails(response, '{"trail', 100);
        setTimeout(() => response.destroy(), 20);
      },
    ],
    [
      'ends with half an answer',
      (response) => {
        trails(response, '{"trail');
        response.end();
      },
    ],
  ])(
    'a call whose connection %s is made again, and fails as ERROR in the end',
    async (_, fault) => {
      let faults = 1;
      const { url, asked } = await serve((__, response) => {
        if (faults-- > 0) return fault(response);
        trails(response);
        response.end();
      });
      const access = accessTo(url);
      expect((await describeTrails(access.own(CloudTrailClient))).trailList).toEqual([]);
      expect(asked()).toBe(2);
      faults = Number.POSITIVE_INFINITY;
      const error = await describeTrails(access.own(CloudTrailClient)).catch((caught: unknown) => caught);
      expect(failureOf('DescribeTrails', error)).toMatchObject({ kind: 'ERROR', operation: 'DescribeTrails' });
      expect(asked()).toBe(4);
    },
    20_000,
  );

  test('AWS_CA_BUNDLE that cannot be read is named', () => {
    process.env.AWS_CA_BUNDLE = '/no/such/bundle.pem';
    expect(() => createAwsAccess({ region: 'eu-west-1' })).toThrow(
      'AWS_CA_BUNDLE names /no/such/bundle.pem, which cannot be read.',
    );
  });

  test('nobody at the endpoint is an ERROR that names it', async () => {
    const access = accessTo('http://127.0.0.1:1');
    const error = await describeTrails(access.own(CloudTrailClient)).catch((caught: unknown) => caught);
    expect(failureOf('X', error)).toMatchObject({
      kind: 'ERROR',
      message: expect.stringContaining('ECONNREFUSED 127.0.0.1:1'),
    });
  });
});
