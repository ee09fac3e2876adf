import {
  DescribeTrailsCommand,
  GetEventDataStoreCommand,
  GetEventSelectorsCommand,
  GetInsightSelectorsCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  ListEventDataStoresCommand,
  ListTagsCommand,
  ListTrailsCommand,
} from '@aws-sdk/client-cloudtrail';
import { DescribeRegionsCommand } from '@aws-sdk/client-ec2';
import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListDelegatedAdministratorsCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  paginateListAccounts,
} from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startSimulatedServer } from '../../functions/simulator/server/server.ts';
import { createSimulation, type WorldSpec } from '../../functions/simulator/simulation.ts';
import { clientsOf, errorOf, openSession, type Reach, roleArn } from './clients.ts';

const MANAGEMENT = '111111111111';
const PAYMENTS = '222222222222';
const CLOSED = '333333333333';

const WORLD: WorldSpec = {
  regions: ['us-east-1', 'eu-west-1', 'me-south-1'],
  accounts: [
    { id: MANAGEMENT, name: 'management' },
    { id: PAYMENTS, name: 'payments', ou: 'Workloads/Prod', optedIn: ['me-south-1'] },
    { id: CLOSED, name: 'closed', ou: 'Suspended', state: 'CLOSED' },
    { id: '444444444444', name: 'refusing', ou: 'Workloads/Prod', role: false },
  ],
  delegatedAdministrators: ['payments'],
  trails: [
    { name: 'org', organization: true, key: 'logs', memberErrors: { payments: 'AccessDenied' } },
    { name: 'local', owner: 'payments', home: 'eu-west-1', multiRegion: false, events: 'read' },
  ],
  keys: [{ name: 'logs', state: 'PendingDeletion' }],
  eventDataStores: [{ name: 'lake', owner: 'payments', key: 'lake-key' }],
};

describe.each(['within the process', 'over loopback HTTP'])('the real clients %s', (form) => {
  const simulation = createSimulation({ world: WORLD, now: '2026-11-02T10:00:00Z' });
  let reach: Reach = { simulation };
  let close = async (): Promise<void> => {};
  beforeAll(async () => {
    if (form !== 'over loopback HTTP') return;
    const server = await startSimulatedServer({ simulation });
    reach = { simulation, endpoint: server.url };
    close = () => server.close();
  });
  afterAll(() => close());

  test('describe the organization, its tree and its accounts', async () => {
    const { organizations } = clientsOf(reach);
    const { Organization } = await organizations.send(new DescribeOrganizationCommand({}));
    expect(Organization).toMatchObject({ MasterAccountId: MANAGEMENT, FeatureSet: 'ALL' });
    expect(Organization?.Id).toMatch(/^o-[a-z0-9]{10}$/);
    const { Accounts = [] } = await organizations.send(new ListAccountsCommand({}));
    expect(Accounts.map((account) => [account.Id, account.State])).toEqual([
      [MANAGEMENT, 'ACTIVE'],
      [PAYMENTS, 'ACTIVE'],
      [CLOSED, 'CLOSED'],
      ['444444444444', 'ACTIVE'],
    ]);
    expect(Accounts[1]?.JoinedTimestamp).toBeInstanceOf(Date);

    const { Roots = [] } = await organizations.send(new ListRootsCommand({}));
    const root = Roots[0]?.Id;
    const top = await organizations.send(new ListOrganizationalUnitsForParentCommand({ ParentId: root }));
    expect(top.OrganizationalUnits?.map((unit) => unit.Name)).toEqual(['Workloads', 'Suspended']);
    const workloads = top.OrganizationalUnits?.[0];
    const below = await organizations.send(new ListOrganizationalUnitsForParentCommand({ ParentId: workloads?.Id }));
    const prod = below.OrganizationalUnits?.[0];
    expect(prod?.Name).toBe('Prod');
    expect(Accounts[1]?.Paths).toEqual([`${Organization?.Id}/${root}/${workloads?.Id}/${prod?.Id}/${PAYMENTS}/`]);
    const members = await organizations.send(new ListAccountsForParentCommand({ ParentId: prod?.Id }));
    expect(members.Accounts?.map((account) => account.Id)).toEqual([PAYMENTS, '444444444444']);
    const { Parents } = await organizations.send(new ListParentsCommand({ ChildId: PAYMENTS }));
    expect(Parents).toEqual([{ Id: prod?.Id, Type: 'ORGANIZATIONAL_UNIT' }]);
    const { Account } = await organizations.send(new DescribeAccountCommand({ AccountId: CLOSED }));
    expect(Account).toMatchObject({ Name: 'closed', State: 'CLOSED' });
    const admins = await organizations.send(new ListDelegatedAdministratorsCommand({}));
    expect(admins.DelegatedAdministrators?.map((admin) => admin.Id)).toEqual([PAYMENTS]);
    for (const ResourceId of [PAYMENTS, prod?.Id, root]) {
      expect((await organizations.send(new ListTagsForResourceCommand({ ResourceId }))).Tags).toEqual([]);
    }
    const nobody = new ListTagsForResourceCommand({ ResourceId: '999999999999' });
    expect((await errorOf(organizations.send(nobody))).name).toBe('TargetNotFoundException');
    expect(
      (await errorOf(organizations.send(new ListAccountsForParentCommand({ ParentId: 'ou-none-00000000' })))).name,
    ).toBe('ParentNotFoundException');
    expect((await errorOf(organizations.send(new ListAccountsCommand({ MaxResults: 21 })))).name).toBe(
      'InvalidInputException',
    );
  });

  test('assume the role, and say who they are', async () => {
    const keys = await openSession(reach, PAYMENTS);
    const again = await openSession(reach, PAYMENTS);
    expect(again.accessKeyId).not.toBe(keys.accessKeyId);
    const { sts } = clientsOf(reach, { credentials: keys });
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: PAYMENTS,
      Arn: `arn:aws:sts::${PAYMENTS}:assumed-role/TrailSealAudit/TrailSeal-test`,
    });
  });

  test('are refused roles that do not exist, closed accounts and outsiders', async () => {
    const { sts } = clientsOf(reach);
    const assume = (arn: string, client = sts) =>
      errorOf(client.send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'TrailSeal-test' })));
    for (const arn of [roleArn(CLOSED), roleArn('444444444444'), roleArn('555555555555'), roleArn(PAYMENTS, 'Admin')]) {
      const error = await assume(arn);
      expect(error.name).toBe('AccessDenied');
      expect(error.message).toContain(`is not authorized to perform: sts:AssumeRole on resource: ${arn}`);
    }
    const member = clientsOf(reach, { credentials: await openSession(reach, PAYMENTS) });
    expect((await assume(roleArn(MANAGEMENT), member.sts)).name).toBe('AccessDenied');
    const outsider = clientsOf(reach, { credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' } });
    expect((await assume(roleArn(PAYMENTS), outsider.sts)).name).toBe('InvalidClientTokenId');
    expect((await errorOf(outsider.cloudtrail.send(new DescribeTrailsCommand({})))).name).toBe(
      'UnrecognizedClientException',
    );
    expect((await errorOf(outsider.ec2.send(new DescribeRegionsCommand({})))).name).toBe('AuthFailure');
  });

  test('see regions with their opt-in status', async () => {
    const statuses = async (accountId: string) => {
      const { ec2 } = clientsOf(reach, { credentials: await openSession(reach, accountId) });
      const { Regions = [] } = await ec2.send(new DescribeRegionsCommand({ AllRegions: true }));
      return Object.fromEntries(Regions.map((region) => [region.RegionName, region.OptInStatus]));
    };
    expect(await statuses(PAYMENTS)).toEqual({
      'us-east-1': 'opt-in-not-required',
      'eu-west-1': 'opt-in-not-required',
      'me-south-1': 'opted-in',
    });
    expect((await statuses(MANAGEMENT))['me-south-1']).toBe('not-opted-in');
    const { ec2 } = clientsOf(reach);
    const { Regions = [] } = await ec2.send(new DescribeRegionsCommand({}));
    expect(Regions.map((region) => region.RegionName)).toEqual(['us-east-1', 'eu-west-1']);
  });

  test('see trails as AWS shows them: shadows, copies, and each account its own', async () => {
    const credentials = await openSession(reach, PAYMENTS);
    const seen = async (region: string, includeShadowTrails = true) => {
      const { cloudtrail } = clientsOf(reach, { credentials, region });
      const { trailList = [] } = await cloudtrail.send(new DescribeTrailsCommand({ includeShadowTrails }));
      return trailList.map((trail) => trail.TrailARN);
    };
    const org = `arn:aws:cloudtrail:us-east-1:${MANAGEMENT}:trail/org`;
    const local = `arn:aws:cloudtrail:eu-west-1:${PAYMENTS}:trail/local`;
    expect(await seen('us-east-1')).toEqual([org]);
    expect(await seen('eu-west-1')).toEqual([local, org]);
    expect(await seen('eu-west-1', false)).toEqual([local]);
    expect(await seen('me-south-1')).toEqual([org]);

    const { cloudtrail } = clientsOf(reach, { credentials, region: 'eu-west-1' });
    const { Trail } = await cloudtrail.send(new GetTrailCommand({ Name: org }));
    expect(Trail).toMatchObject({
      IsOrganizationTrail: true,
      IsMultiRegionTrail: true,
      HomeRegion: 'us-east-1',
      KmsKeyId: expect.stringMatching(/^arn:aws:kms:us-east-1:111111111111:key\/[0-9a-f-]{36}$/),
    });
    const { Trails = [] } = await cloudtrail.send(new ListTrailsCommand({}));
    expect(Trails.map((trail) => trail.TrailARN).sort()).toEqual([local, org].sort());
    const selectors = await cloudtrail.send(new GetEventSelectorsCommand({ TrailName: 'local' }));
    expect(selectors.EventSelectors?.[0]).toMatchObject({ ReadWriteType: 'ReadOnly', IncludeManagementEvents: true });

    const { cloudtrail: management } = clientsOf(reach);
    const { trailList = [] } = await management.send(new DescribeTrailsCommand({}));
    expect(trailList.map((trail) => trail.TrailARN)).toEqual([org]);
  });

  test('read status at the owner and in a member, by ARN there', async () => {
    const credentials = await openSession(reach, PAYMENTS);
    const { cloudtrail } = clientsOf(reach, { credentials });
    const org = `arn:aws:cloudtrail:us-east-1:${MANAGEMENT}:trail/org`;
    const status = await cloudtrail.send(new GetTrailStatusCommand({ Name: org }));
    expect(status).toMatchObject({ IsLogging: true, LatestDeliveryError: 'AccessDenied' });
    // The key has been unusable for a day: nothing was delivered since.
    expect(status.LatestDeliveryTime?.toISOString()).toBe('2026-10-30T10:00:00.000Z');
    const owner = await clientsOf(reach).cloudtrail.send(new GetTrailStatusCommand({ Name: 'org' }));
    expect(owner.LatestDeliveryError).toBeUndefined();
    expect(owner.LatestDeliveryTime?.toISOString()).toBe('2026-11-01T10:00:00.000Z');
    const error = await errorOf(cloudtrail.send(new GetTrailStatusCommand({ Name: 'org' })));
    expect(error.name).toBe('TrailNotFoundException');
    expect(error.message).toBe(`Unknown trail: org for the user: ${PAYMENTS}`);
  });

  test('list event data stores, whose keys only GetEventDataStore tells', async () => {
    const { cloudtrail } = clientsOf(reach, { credentials: await openSession(reach, PAYMENTS) });
    const { EventDataStores = [] } = await cloudtrail.send(new ListEventDataStoresCommand({}));
    expect(EventDataStores).toHaveLength(1);
    const store = await cloudtrail.send(
      new GetEventDataStoreCommand({ EventDataStore: EventDataStores[0]?.EventDataStoreArn }),
    );
    expect(store).toMatchObject({
      Name: 'lake',
      Status: 'ENABLED',
      KmsKeyId: expect.stringContaining(`:${PAYMENTS}:key/`),
    });
    const missing = EventDataStores[0]?.EventDataStoreArn?.replace(/.{4}$/, 'ffff');
    expect((await errorOf(cloudtrail.send(new GetEventDataStoreCommand({ EventDataStore: missing })))).name).toBe(
      'EventDataStoreNotFoundException',
    );
  });

  test('find no Insights and no tags, on trails that they see', async () => {
    const { cloudtrail } = clientsOf(reach, { credentials: await openSession(reach, PAYMENTS), region: 'eu-west-1' });
    const org = `arn:aws:cloudtrail:us-east-1:${MANAGEMENT}:trail/org`;
    const local = `arn:aws:cloudtrail:eu-west-1:${PAYMENTS}:trail/local`;
    const insights = (TrailName: string) => errorOf(cloudtrail.send(new GetInsightSelectorsCommand({ TrailName })));
    const none = await insights(org);
    expect(none.name).toBe('InsightNotEnabledException');
    expect(none.message).toContain(`Trail ${org} does not have Insights enabled.`);
    expect((await insights(`${local}-2`)).name).toBe('TrailNotFoundException');
    const tags = (ResourceIdList: string[]) => cloudtrail.send(new ListTagsCommand({ ResourceIdList }));
    expect((await tags([local, org])).ResourceTagList).toEqual([
      { ResourceId: local, TagsList: [] },
      { ResourceId: org, TagsList: [] },
    ]);
    expect((await errorOf(tags([`${local}-2`]))).name).toBe('ResourceNotFoundException');
  });

  test('are told that a token is invalid where the Region is off', async () => {
    const { cloudtrail } = clientsOf(reach, { region: 'me-south-1' });
    const error = await errorOf(cloudtrail.send(new DescribeTrailsCommand({})));
    expect(error.name).toBe('UnrecognizedClientException');
    expect(error.message).toBe('The security token included in the request is invalid.');
  });
});

test('the tagging API lists nothing, to who is known', async () => {
  const simulation = createSimulation({ world: WORLD });
  const ask = (accessKeyId: string) => {
    const reply = simulation.answer({
      method: 'POST',
      hostname: 'tagging.us-east-1.amazonaws.com',
      path: '/',
      query: {},
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261102/us-east-1/tagging/aws4_request, SignedHeaders=host, Signature=00`,
        'x-amz-target': 'ResourceGroupsTaggingAPI_20170126.GetResources',
      },
      body: Buffer.from('{"ResourceTypeFilters":["cloudtrail"]}'),
    });
    return reply.kind === 'response' ? JSON.parse(String(reply.response.body)) : reply;
  };
  expect(ask(simulation.credentials.accessKeyId)).toEqual({ PaginationToken: '', ResourceTagMappingList: [] });
  expect(ask('AKIAIOSFODNN7EXAMPLE').__type).toBe('UnrecognizedClientException');
});

describe('a member that has turned the home Region off', () => {
  test('has no copy of the organization trail', async () => {
    const simulation = createSimulation({
      world: {
        regions: ['us-east-1', 'me-south-1'],
        accounts: [{ optedIn: ['me-south-1'] }, { id: PAYMENTS }, { id: CLOSED, optedIn: ['me-south-1'] }],
        trails: [{ name: 'gulf', organization: true, home: 'me-south-1', key: 'k' }],
      },
    });
    const seen = async (accountId: string) => {
      const { cloudtrail } = clientsOf({ simulation }, { credentials: await openSession({ simulation }, accountId) });
      return (await cloudtrail.send(new DescribeTrailsCommand({}))).trailList?.length;
    };
    expect(await seen(PAYMENTS)).toBe(0);
    expect(await seen(CLOSED)).toBe(1);
  });
});

describe('pages', () => {
  test('may be tiny, empty, short or repeated, and lead through the whole list all the same', async () => {
    const simulation = createSimulation({
      accounts: 50,
      pageSize: 3,
      emptyPages: 0.3,
      shortPages: 0.3,
      repeatedPages: 0.3,
    });
    const { organizations } = clientsOf({ simulation });
    const seen: string[] = [];
    let empty = 0;
    for await (const page of paginateListAccounts({ client: organizations }, {})) {
      const ids = (page.Accounts ?? []).map((account) => account.Id ?? '');
      if (ids.length === 0 && page.NextToken) empty++;
      seen.push(...ids);
    }
    expect(new Set(seen).size).toBe(50);
    expect(seen.length).toBeGreaterThan(50);
    expect(empty).toBeGreaterThan(0);
    expect((await errorOf(organizations.send(new ListAccountsCommand({ NextToken: 'made up' })))).name).toBe(
      'InvalidInputException',
    );
  });
});

describe('who scans', () => {
  test('an account in no organization is told so', async () => {
    const simulation = createSimulation({ caller: 'alone' });
    const error = await errorOf(clientsOf({ simulation }).organizations.send(new DescribeOrganizationCommand({})));
    expect(error.name).toBe('AWSOrganizationsNotInUseException');
  });

  test('a member may describe the organization and list nothing', async () => {
    const simulation = createSimulation({ caller: 'member' });
    const { organizations } = clientsOf({ simulation });
    await organizations.send(new DescribeOrganizationCommand({}));
    expect((await errorOf(organizations.send(new ListAccountsCommand({})))).name).toBe('AccessDeniedException');
  });

  test('a delegated administrator lists accounts and assumes the role in the management account', async () => {
    const simulation = createSimulation({ caller: 'delegated' });
    expect(simulation.callerAccountId).not.toBe(simulation.accountAt(0).id);
    await clientsOf({ simulation }).organizations.send(new ListAccountsCommand({}));
    await openSession({ simulation }, simulation.accountAt(0).id);
  });
});
