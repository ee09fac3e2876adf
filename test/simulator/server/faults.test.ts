import { CloudTrailClient, DescribeTrailsCommand, ListEventDataStoresCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeRegionsCommand } from '@aws-sdk/client-ec2';
import { ListAccountsCommand } from '@aws-sdk/client-organizations';
import { HeadObjectCommand, ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { createSimulation, type Simulation, startSimulatedServer } from '../../../functions/simulator/simulation.ts';
import { clientsOf, configOf, errorOf, openSession, type Reach, roleArn } from '../clients.ts';

const once = (simulation: Simulation, attempts = 1) => clientsOf({ simulation, attempts });

describe('throttling', () => {
  test('is said in each service’s own words', async () => {
    const { organizations, sts, ec2, cloudtrail, s3 } = once(createSimulation({ throttle: 1 }));
    const errors = await Promise.all([
      errorOf(organizations.send(new ListAccountsCommand({}))),
      errorOf(sts.send(new GetCallerIdentityCommand({}))),
      errorOf(ec2.send(new DescribeRegionsCommand({}))),
      errorOf(cloudtrail.send(new DescribeTrailsCommand({}))),
      errorOf(s3.send(new ListBucketsCommand({}))),
    ]);
    expect(errors.map((error) => [error.name, error.$metadata?.httpStatusCode])).toEqual([
      ['TooManyRequestsException', 400],
      ['Throttling', 400],
      ['RequestLimitExceeded', 503],
      ['ThrottlingException', 400],
      ['SlowDown', 503],
    ]);
  });

  test('comes from token buckets where quotas are on: per account, Region and operation', async () => {
    const simulation = createSimulation({ quotas: true, accounts: 5 });
    const { cloudtrail } = once(simulation);
    const burst = async (client: typeof cloudtrail, count: number) => {
      const calls = await Promise.allSettled(
        Array.from({ length: count }, () => client.send(new DescribeTrailsCommand({}))),
      );
      return calls.filter((call) => call.status === 'fulfilled').length;
    };
    // Ten at once, and what flows in while they are sent.
    const passed = await burst(cloudtrail, 40);
    expect(passed).toBeGreaterThanOrEqual(10);
    expect(passed).toBeLessThan(20);
    expect(await burst(clientsOf({ simulation }, { region: 'eu-west-1' }).cloudtrail, 10)).toBe(10);
    await cloudtrail.send(new ListEventDataStoresCommand({}));
    const member = await openSession({ simulation }, simulation.accountAt(2).id);
    expect(await burst(clientsOf({ simulation }, { credentials: member }).cloudtrail, 10)).toBe(10);
  });

  test('is drawn again for each attempt, and not again for a call that got through', async () => {
    const simulation = createSimulation({ throttle: 0.5, seed: 3 });
    const { organizations } = once(simulation);
    const attempts = async (): Promise<number> => {
      for (let attempt = 1; ; attempt++) {
        const [call] = await Promise.allSettled([organizations.send(new ListAccountsCommand({}))]);
        if (call?.status === 'fulfilled') return attempt;
      }
    };
    const { sts } = once(simulation);
    const entered = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) =>
        sts.send(new AssumeRoleCommand({ RoleArn: roleArn(simulation.accountAt(index).id), RoleSessionName: 'ab' })),
      ),
    );
    const names = entered.map((call) => (call.status === 'rejected' ? (call.reason as Error).name : 'ok'));
    expect(names.filter((name) => name === 'Throttling').length).toBeGreaterThan(10);
    expect(names.filter((name) => name !== 'Throttling').length).toBeGreaterThan(10);
    await attempts();
    expect(await attempts()).toBe(1);
  });
});

test('each page of a list is a call of its own', async () => {
  const simulation = createSimulation({ throttle: 0.5, accounts: 30, pageSize: 1 });
  const { organizations } = once(simulation);
  const seen: string[] = [];
  for (let NextToken: string | undefined; ; ) {
    try {
      const page = await organizations.send(new ListAccountsCommand({ NextToken }));
      seen.push(...(page.Accounts ?? []).map(({ Id = '' }) => Id));
      NextToken = page.NextToken;
    } catch {
      continue;
    }
    if (NextToken === undefined) break;
  }
  expect(new Set(seen).size).toBe(30);
  expect(simulation.faults().throttle).toBeGreaterThan(10);
});

describe.each(['within the process', 'over loopback HTTP'])('broken connections %s', (form) => {
  const closing: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const close of closing) await close();
  });
  const trails = async (simulation: Simulation, requestTimeout = 30_000) => {
    const config = configOf({ simulation, timeout: 60 });
    if (form === 'within the process') return new CloudTrailClient(config).send(new DescribeTrailsCommand({}));
    const server = await startSimulatedServer({ simulation });
    closing.push(() => server.close());
    const requestHandler = new NodeHttpHandler({ requestTimeout, throwOnRequestTimeout: true });
    return new CloudTrailClient({ ...config, endpoint: server.url, requestHandler }).send(
      new DescribeTrailsCommand({}),
    );
  };

  test('a reset', async () => {
    expect((await errorOf(trails(createSimulation({ reset: 1 })))).message).toContain('ECONNRESET');
  });

  test('no answer at all', async () => {
    expect((await errorOf(trails(createSimulation({ stall: 1 }), 60))).name).toBe('TimeoutError');
  });

  test('a body broken off', async () => {
    expect((await errorOf(trails(createSimulation({ truncated: 1 })))).message).toContain('aborted');
  });

  test('a body cut short unnoticed, and a page of a proxy', async () => {
    expect((await errorOf(trails(createSimulation({ garbled: 1 })))).name).toBe('SyntaxError');
    expect((await errorOf(trails(createSimulation({ html: 1 })))).name).toBe('SyntaxError');
  });

  test('an error of the service', async () => {
    const error = await errorOf(trails(createSimulation({ error: 1 })));
    expect(error.$metadata?.httpStatusCode).toBe(500);
  });
});

test('an answer may be lost after the deed is done', async () => {
  const simulation = createSimulation({ lost: 1 });
  const { s3 } = once(simulation);
  const object = { Bucket: simulation.reportBucket, Key: 'report.json' };
  expect(await errorOf(s3.send(new PutObjectCommand({ ...object, Body: '{}' })))).toMatchObject({ code: 'ECONNRESET' });
  expect(simulation.objects.get(object.Bucket, object.Key)?.body.length).toBe(2);
  expect(await errorOf(s3.send(new HeadObjectCommand(object)))).toMatchObject({ code: 'ECONNRESET' });
});

describe('faults are the same whatever the order of calls', () => {
  const outcomes = async (order: (ids: string[]) => string[]) => {
    const simulation = createSimulation({ accounts: 40, reset: 0.2, error: 0.2, seed: 11 }, { keepCalls: 10_000 });
    const ids = Array.from({ length: 30 }, (_, index) => simulation.accountAt(index).id);
    const { sts } = once(simulation);
    const calls = order(ids).flatMap((id) => [id, id, id]);
    await Promise.allSettled(
      calls.map((id) => sts.send(new AssumeRoleCommand({ RoleArn: roleArn(id), RoleSessionName: 'order' }))),
    );
    return simulation
      .recent()
      .map((call) => `${call.resource} ${call.outcome}`)
      .sort();
  };
  test('forwards, backwards, and a second time', async () => {
    const forwards = await outcomes((ids) => ids);
    expect(forwards.filter((line) => line.endsWith(' ok')).length).toBeLessThan(forwards.length);
    expect(await outcomes((ids) => [...ids].reverse())).toEqual(forwards);
    expect(await outcomes((ids) => ids)).toEqual(forwards);
  });
});

describe('sessions', () => {
  test('end after so many calls, or when their time is over', async () => {
    const simulation = createSimulation({ sessionCalls: 2 });
    const { cloudtrail, ec2, s3 } = clientsOf(
      { simulation },
      { credentials: await openSession({ simulation }, simulation.accountAt(3).id) },
    );
    await cloudtrail.send(new DescribeTrailsCommand({}));
    await cloudtrail.send(new DescribeTrailsCommand({}));
    expect((await errorOf(cloudtrail.send(new DescribeTrailsCommand({})))).name).toBe('ExpiredTokenException');
    expect((await errorOf(ec2.send(new DescribeRegionsCommand({})))).name).toBe('RequestExpired');
    expect((await errorOf(s3.send(new ListBucketsCommand({})))).name).toBe('ExpiredToken');

    const brief = createSimulation({ sessionMs: 1 });
    const keys = await openSession({ simulation: brief }, brief.accountAt(3).id);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const late = clientsOf({ simulation: brief }, { credentials: keys });
    expect((await errorOf(late.cloudtrail.send(new DescribeTrailsCommand({})))).name).toBe('ExpiredTokenException');
  });

  test('the caller’s own credentials can end too', async () => {
    const simulation = createSimulation({ callerCalls: 1 });
    const { organizations } = once(simulation);
    await organizations.send(new ListAccountsCommand({}));
    expect((await errorOf(organizations.send(new ListAccountsCommand({})))).name).toBe('ExpiredTokenException');
  });

  test('from the global endpoint do not work in opt-in Regions', async () => {
    const simulation = createSimulation({
      world: { regions: ['us-east-1', 'me-south-1'], accounts: [{}, { optedIn: ['me-south-1'] }] },
    });
    const id = simulation.accountAt(1).id;
    const { sts } = clientsOf({ simulation });
    const { STSClient } = await import('@aws-sdk/client-sts');
    const global = new STSClient({ ...configOf({ simulation }), endpoint: 'https://sts.amazonaws.com' });
    const seen = async (client: typeof sts) => {
      const { Credentials } = await client.send(new AssumeRoleCommand({ RoleArn: roleArn(id), RoleSessionName: 'ab' }));
      const credentials = {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      };
      return clientsOf({ simulation }, { credentials, region: 'me-south-1' }).cloudtrail.send(
        new DescribeTrailsCommand({}),
      );
    };
    await seen(sts);
    expect((await errorOf(seen(global))).name).toBe('UnrecognizedClientException');
  });
});

describe('clocks apart', () => {
  test('a request dated ten minutes off is refused, and the SDK sets its clock by the answer', async () => {
    const simulation = createSimulation({ clockSkewMs: 600_000 });
    const { cloudtrail } = once(simulation);
    const error = await errorOf(cloudtrail.send(new DescribeTrailsCommand({})));
    expect(error.name).toBe('InvalidSignatureException');
    expect(error.message).toMatch(/^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z/);
    const patient = once(createSimulation({ clockSkewMs: -600_000 }), 3);
    await patient.cloudtrail.send(new DescribeTrailsCommand({}));
  });
});

describe('changes while a scan runs', () => {
  test('an account closes after so many calls; its sessions die with it', async () => {
    const simulation = createSimulation({ accounts: 20, preset: 'tidy' });
    const { id } = simulation.accountAt(5);
    simulation.after(3, () => simulation.change(id, { state: 'CLOSED', ou: 'Closed' }));
    const { organizations } = once(simulation);
    const stateOf = async () => {
      const { Accounts = [] } = await organizations.send(new ListAccountsCommand({}));
      return Accounts.find((account) => account.Id === id);
    };
    const before = await stateOf();
    const keys = await openSession({ simulation }, id);
    const { cloudtrail } = clientsOf({ simulation }, { credentials: keys });
    await cloudtrail.send(new DescribeTrailsCommand({}));
    expect((await errorOf(cloudtrail.send(new DescribeTrailsCommand({})))).name).toBe('UnrecognizedClientException');
    const after = await stateOf();
    expect([before?.State, after?.State]).toEqual(['ACTIVE', 'CLOSED']);
    expect(after?.Paths).not.toEqual(before?.Paths);
  });

  test('any call can be answered by a test instead', async () => {
    const seen: string[] = [];
    const simulation = createSimulation(
      {},
      {
        intercept: (call) => {
          seen.push(`${call.service}:${call.operation} ${call.region} ${call.accountId}`);
          if (call.number !== 1) return undefined;
          return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: '{"Accounts":[]}' };
        },
      },
    );
    const { organizations } = once(simulation);
    expect((await organizations.send(new ListAccountsCommand({}))).Accounts).toHaveLength(20);
    expect((await organizations.send(new ListAccountsCommand({}))).Accounts).toHaveLength(0);
    expect(seen[0]).toBe(`organizations:ListAccounts us-east-1 ${simulation.callerAccountId}`);
  });
});

describe('latency', () => {
  let reach: Reach;
  beforeAll(() => {
    reach = { simulation: createSimulation({ latency: 30 }) };
  });

  test('delays each answer, and a stopped call does not wait for it', async () => {
    const { cloudtrail } = clientsOf(reach);
    const from = performance.now();
    await cloudtrail.send(new DescribeTrailsCommand({}));
    expect(performance.now() - from).toBeGreaterThanOrEqual(29);
    const stop = new AbortController();
    const call = cloudtrail.send(new DescribeTrailsCommand({}), { abortSignal: stop.signal });
    stop.abort();
    expect((await errorOf(call)).name).toBe('AbortError');
  });
});
