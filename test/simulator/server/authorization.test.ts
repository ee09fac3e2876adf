import { CloudTrailClient, DescribeTrailsCommand, ListTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRegionsCommand } from '@aws-sdk/client-ec2';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { GetBucketPolicyCommand, ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetPublicAccessBlockCommand } from '@aws-sdk/client-s3-control';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { describe, expect, test } from '@jest/globals';
import {
  createSimulation,
  type SimulationSpec,
  startSimulatedServer,
} from '../../../functions/simulator/simulation.ts';
import { clientsOf, configOf, errorOf, openSession } from '../clients.ts';

const MANAGEMENT = '111111111111';
const MEMBER = '222222222222';
const LAB = '333333333333';

const worldOf = (spec: Partial<NonNullable<SimulationSpec['world']>>): SimulationSpec => ({
  world: {
    regions: ['us-east-1', 'eu-west-1', 'ap-south-1'],
    accounts: [
      { id: MANAGEMENT, name: 'management' },
      { id: MEMBER, name: 'member', ou: 'Workloads/Prod' },
      { id: LAB, name: 'lab', ou: 'Labs' },
    ],
    buckets: [{ name: 'member-logs', owner: 'member', region: 'ap-south-1' }],
    keys: [{ name: 'k', owner: 'member', region: 'ap-south-1' }],
    ...spec,
  },
});

const inAccount = async (simulation: ReturnType<typeof createSimulation>, accountId: string, region: string) =>
  clientsOf({ simulation }, { credentials: await openSession({ simulation }, accountId), region });

describe('the Region deny policy', () => {
  const simulation = createSimulation(worldOf({ regionDeny: { allow: ['us-east-1', 'eu-west-1'] } }));

  test('refuses what is not exempt, in the words of AWS', async () => {
    const { cloudtrail, logs, ec2, kms, s3, s3Control, sts } = await inAccount(simulation, MEMBER, 'ap-south-1');
    const error = await errorOf(cloudtrail.send(new DescribeTrailsCommand({})));
    expect(error.name).toBe('AccessDeniedException');
    expect(error.message).toBe(
      `User: arn:aws:sts::${MEMBER}:assumed-role/TrailSealAudit/TrailSeal-test is not authorized to perform: cloudtrail:DescribeTrails with an explicit deny in a service control policy`,
    );
    const policy = await errorOf(s3.send(new GetBucketPolicyCommand({ Bucket: 'member-logs' })));
    expect(policy.name).toBe('AccessDenied');
    expect(policy.message).toContain(
      'on resource: "arn:aws:s3:::member-logs" with an explicit deny in a service control policy',
    );
    expect((await errorOf(logs.send(new DescribeLogGroupsCommand({})))).name).toBe('AccessDeniedException');
    await ec2.send(new DescribeRegionsCommand({}));
    await sts.send(new GetCallerIdentityCommand({}));
    await s3.send(new ListBucketsCommand({}));
    const unset = await errorOf(s3Control.send(new GetPublicAccessBlockCommand({ AccountId: MEMBER })));
    expect(unset.name).toBe('NoSuchPublicAccessBlockConfiguration');
    await kms.send(new DescribeKeyCommand({ KeyId: 'alias/k' }));
  });

  test('leaves allowed Regions and the management account alone', async () => {
    const clients = [
      await inAccount(simulation, MEMBER, 'eu-west-1'),
      clientsOf({ simulation }, { region: 'ap-south-1' }),
    ];
    for (const { cloudtrail } of clients)
      expect(await cloudtrail.send(new DescribeTrailsCommand({}))).toMatchObject({ trailList: expect.any(Array) });
  });

  test('may bind some OUs only, and name its policy', async () => {
    const labs = createSimulation({
      ...worldOf({ regionDeny: { allow: ['us-east-1'], ous: ['Labs'] } }),
      namePolicies: true,
    });
    await (await inAccount(labs, MEMBER, 'ap-south-1')).cloudtrail.send(new DescribeTrailsCommand({}));
    const lab = await inAccount(labs, LAB, 'ap-south-1');
    expect((await errorOf(lab.cloudtrail.send(new DescribeTrailsCommand({})))).message).toMatch(
      /with an explicit deny in a service control policy: arn:aws:organizations::111111111111:policy\/o-[a-z0-9]{10}\/service_control_policy\/p-/,
    );
  });
});

describe('denials by place', () => {
  const simulation = createSimulation(
    worldOf({
      denials: [
        { accounts: ['member'], regions: ['eu-west-1'], by: 'identity' },
        { ous: ['Labs'], actions: ['cloudtrail:Describe*'] },
        { accounts: ['management'], actions: ['cloudtrail:ListTrails'] },
      ],
    }),
  );

  test('one Region of one account, by its own policy', async () => {
    const { cloudtrail } = await inAccount(simulation, MEMBER, 'eu-west-1');
    expect((await errorOf(cloudtrail.send(new DescribeTrailsCommand({})))).message).toMatch(
      /because no identity-based policy allows the cloudtrail:DescribeTrails action$/,
    );
    await (await inAccount(simulation, MEMBER, 'us-east-1')).cloudtrail.send(new DescribeTrailsCommand({}));
  });

  test('some actions of an OU; service control policies spare the management account', async () => {
    const { cloudtrail } = await inAccount(simulation, LAB, 'us-east-1');
    expect((await errorOf(cloudtrail.send(new DescribeTrailsCommand({})))).message).toContain('service control policy');
    await cloudtrail.send(new ListTrailsCommand({}));
    await clientsOf({ simulation }).cloudtrail.send(new ListTrailsCommand({}));
  });
});

describe('policies that narrow', () => {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: ['cloudtrail:Describe*', 'ec2:DescribeRegions'], Resource: '*' },
  });

  test('a session policy leaves only what it allows', async () => {
    const simulation = createSimulation(worldOf({}));
    const credentials = await openSession({ simulation }, MEMBER, { Policy });
    const { cloudtrail, ec2 } = clientsOf({ simulation }, { credentials });
    await cloudtrail.send(new DescribeTrailsCommand({}));
    await ec2.send(new DescribeRegionsCommand({}));
    expect((await errorOf(cloudtrail.send(new ListTrailsCommand({})))).message).toMatch(
      /because no session policy allows the cloudtrail:ListTrails action$/,
    );
    expect((await errorOf(openSession({ simulation }, MEMBER, { Policy: '{' }))).name).toBe(
      'MalformedPolicyDocumentException',
    );
    expect((await errorOf(openSession({ simulation }, MEMBER, { Policy: Policy.padEnd(2_049) }))).name).toBe(
      'ValidationError',
    );
  });

  test('so does the role’s own policy, where one is given; the caller is not bound by it', async () => {
    const simulation = createSimulation({ ...worldOf({}), rolePolicy: Policy });
    const { cloudtrail } = await inAccount(simulation, MEMBER, 'us-east-1');
    await cloudtrail.send(new DescribeTrailsCommand({}));
    expect((await errorOf(cloudtrail.send(new ListTrailsCommand({})))).message).toMatch(
      /no identity-based policy allows/,
    );
    await clientsOf({ simulation }).cloudtrail.send(new ListTrailsCommand({}));
  });

  test('an external id is asked for where the role wants one', async () => {
    const simulation = createSimulation({ ...worldOf({}), externalId: 'secret-word' });
    expect((await errorOf(openSession({ simulation }, MEMBER))).name).toBe('AccessDenied');
    expect((await errorOf(openSession({ simulation }, MEMBER, { ExternalId: 'other' }))).name).toBe('AccessDenied');
    await openSession({ simulation }, MEMBER, { ExternalId: 'secret-word' });
  });
});

describe('credentials', () => {
  test('each call is known by who signed it, and is about that account alone', async () => {
    const simulation = createSimulation(
      worldOf({
        trails: [
          { name: 'members', owner: 'member' },
          { name: 'labs', owner: 'lab' },
        ],
      }),
      { keepCalls: 100 },
    );
    const member = await openSession({ simulation }, MEMBER);
    const lab = await openSession({ simulation }, LAB);
    const names = async (credentials: typeof member) => {
      const { trailList = [] } = await clientsOf({ simulation }, { credentials }).cloudtrail.send(
        new DescribeTrailsCommand({}),
      );
      return trailList.map(({ Name }) => Name);
    };
    expect(await names(member)).toEqual(['members']);
    expect(await names(lab)).toEqual(['labs']);
    const signed = simulation.recent().map((call) => [call.operation, call.accessKeyId, call.accountId]);
    expect(signed.slice(2)).toEqual([
      ['DescribeTrails', member.accessKeyId, MEMBER],
      ['DescribeTrails', lab.accessKeyId, LAB],
    ]);
    // Half of one session and half of another is neither.
    const mixed = { ...member, sessionToken: lab.sessionToken };
    expect((await errorOf(names(mixed as typeof member))).name).toBe('UnrecognizedClientException');
  });

  test('another seed’s credentials are outsiders', async () => {
    const other = createSimulation({ ...worldOf({}), seed: 8 });
    const simulation = createSimulation(worldOf({}));
    const credentials = await openSession({ simulation: other }, MEMBER);
    const { cloudtrail } = clientsOf({ simulation }, { credentials });
    expect((await errorOf(cloudtrail.send(new DescribeTrailsCommand({})))).name).toBe('UnrecognizedClientException');
  });

  test.each(['within the process', 'over loopback HTTP'])(
    'signatures are checked where that is asked for, %s',
    async (form) => {
      const simulation = createSimulation({ ...worldOf({}), verifySignatures: true });
      const server = form === 'over loopback HTTP' ? await startSimulatedServer({ simulation }) : null;
      const reach = { simulation, ...(server ? { endpoint: server.url } : {}) };
      try {
        const credentials = await openSession(reach, MEMBER);
        const { cloudtrail, ec2, s3 } = clientsOf(reach, { credentials });
        await cloudtrail.send(new DescribeTrailsCommand({}));
        await ec2.send(new DescribeRegionsCommand({ AllRegions: true }));
        await s3.send(new ListBucketsCommand({ Prefix: 'a b/ü*', MaxBuckets: 3 }));
        const own = clientsOf(reach);
        const Key = "odd key (1)/~*'ä.json";
        await own.s3.send(new PutObjectCommand({ Bucket: simulation.reportBucket, Key, Body: '{}' }));
        const forged = { ...credentials, secretAccessKey: 'guessed' };
        const client = new CloudTrailClient(configOf(reach, { credentials: forged }));
        expect((await errorOf(client.send(new DescribeTrailsCommand({})))).name).toBe('InvalidSignatureException');
      } finally {
        await server?.close();
      }
    },
  );
});

test('calls are counted by operation, account, Region and outcome', async () => {
  const seen: string[] = [];
  const simulation = createSimulation(worldOf({ denials: [{ regions: ['eu-west-1'] }] }), {
    onCall: ({ action, resource, principalArn }) => seen.push(`${action} ${resource} ${principalArn}`),
  });
  const { cloudtrail } = await inAccount(simulation, MEMBER, 'us-east-1');
  await cloudtrail.send(new DescribeTrailsCommand({}));
  await cloudtrail.send(new DescribeTrailsCommand({}));
  const denied = await inAccount(simulation, MEMBER, 'eu-west-1');
  await errorOf(denied.cloudtrail.send(new ListTrailsCommand({})));
  const counts = simulation.calls();
  expect(counts).toMatchObject({
    total: 5,
    byOperation: { AssumeRole: 2, DescribeTrails: 2, ListTrails: 1 },
    byRegion: { 'us-east-1': 4, 'eu-west-1': 1 },
    byAccount: { [MANAGEMENT]: 2, [MEMBER]: 3 },
    byOutcome: { AccessDeniedException: 1 },
  });
  expect(counts.byAccountAndOperation(MEMBER)).toEqual({ DescribeTrails: 2, ListTrails: 1 });
  expect(seen[0]).toBe(
    `sts:AssumeRole arn:aws:iam::${MEMBER}:role/TrailSealAudit arn:aws:iam::${MANAGEMENT}:user/scanner`,
  );
  simulation.resetCalls();
  expect(simulation.calls().total).toBe(0);
});
