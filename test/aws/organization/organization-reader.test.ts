import {
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { describe, expect, test } from '@jest/globals';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import { ORGANIZATIONS_RATES } from '../../../functions/aws/calls/rate.ts';
import {
  createOrganizationReader,
  type OrganizationReaderOptions,
} from '../../../functions/aws/organization/organization-reader.ts';
import type { Account } from '../../../functions/domain/model/organization.ts';
import { describeWithMoto } from '../../moto/describe-with-moto.ts';
import { virtualTimer } from '../virtual-timer.ts';
import { ec2Error, jsonError, queryError, type WireAnswer, type WireCall, wire } from '../wire.ts';

const SELF = '999999999999';
const credentials = { accessKeyId: 'AKIAOWNOWNOWNOWNOWN', secretAccessKey: 'own-secret-marker' };
const IDENTITY: WireAnswer = {
  body: `<R><GetCallerIdentityResult><Arn>arn:aws-us-gov:iam::${SELF}:user/x</Arn><UserId>u</UserId><Account>${SELF}</Account></GetCallerIdentityResult></R>`,
};

type Answers = Record<string, (call: WireCall) => WireAnswer | Promise<WireAnswer>>;

const readerOver = (answers: Answers, options: Partial<OrganizationReaderOptions> = {}) => {
  const { handler, calls } = wire((call) => {
    const answer = answers[call.operation];
    if (answer) return answer(call);
    if (call.operation === 'GetCallerIdentity') return IDENTITY;
    return jsonError('UnknownOperation', call.operation);
  });
  const access = createAwsAccess({
    region: 'us-gov-west-1',
    credentials,
    requestHandler: handler,
    retry: { delayFactor: 0, maxAttempts: 2 },
  });
  return { reader: createOrganizationReader({ access, timer: virtualTimer(), ...options }), calls };
};

const all = async (accounts: AsyncIterable<Account>): Promise<Account[]> => {
  const found: Account[] = [];
  for await (const account of accounts) found.push(account);
  return found;
};

/** Root ─ Workloads ─ Prod, and Sandbox; a listing with an empty page in the middle. */
const smallOrganization = ({ withPaths = true } = {}): Answers => {
  const paths: Record<string, string> = {
    '111111111111': 'o-a/r-1/111111111111/',
    '222222222222': 'o-a/r-1/ou-1-work/ou-1-prod/222222222222/',
    '333333333333': 'o-a/r-1/ou-1-sand/333333333333/',
  };
  const account = (Id: string, rest: object) => ({
    Id,
    Name: 'same name',
    ...(withPaths ? { Paths: [paths[Id]] } : {}),
    ...rest,
  });
  const first = account('111111111111', { State: 'ACTIVE', Status: 'ACTIVE', JoinedTimestamp: 1_700_000_000 });
  const second = account('222222222222', { State: 'CLOSED', Status: 'SUSPENDED' });
  const third = account('333333333333', { Status: 'PENDING_CLOSURE' });
  const children: Record<string, object[]> = {
    'r-1': [
      { Id: 'ou-1-work', Name: 'Workloads' },
      { Id: 'ou-1-sand', Name: 'Sandbox' },
    ],
    'ou-1-work': [{ Id: 'ou-1-prod', Name: 'Prod' }],
  };
  const members: Record<string, object[]> = { 'r-1': [first], 'ou-1-prod': [second], 'ou-1-sand': [third] };
  return {
    ListAccounts: ({ input }) => {
      if (!input.NextToken) return { body: { Accounts: [first], NextToken: 'two' } };
      if (input.NextToken === 'two') return { body: { Accounts: [], NextToken: 'three' } };
      if (input.NextToken === 'three') return { body: { NextToken: 'four' } };
      return { body: { Accounts: [second, third, first] } };
    },
    ListRoots: () => ({ body: { Roots: [{ Id: 'r-1', Name: 'Root' }] } }),
    ListOrganizationalUnitsForParent: ({ input }) => ({
      body: { OrganizationalUnits: children[String(input.ParentId)] ?? [] },
    }),
    ListAccountsForParent: ({ input }) => ({ body: { Accounts: members[String(input.ParentId)] ?? [] } }),
  };
};

const EXPECTED = [
  {
    accountId: '111111111111',
    accountName: 'same name',
    accountState: 'ACTIVE',
    joinedAt: '2023-11-14T22:13:20.000Z',
    ouPath: 'Root',
    ouIds: 'r-1',
  },
  {
    accountId: '222222222222',
    accountName: 'same name',
    accountState: 'CLOSED',
    joinedAt: null,
    ouPath: 'Root/Workloads/Prod',
    ouIds: 'r-1/ou-1-work/ou-1-prod',
  },
  {
    accountId: '333333333333',
    accountName: 'same name',
    accountState: 'PENDING_CLOSURE',
    joinedAt: null,
    ouPath: 'Root/Sandbox',
    ouIds: 'r-1/ou-1-sand',
  },
];

describe('the accounts of an organization', () => {
  test('come from every page, once each, by State before Status, with the names of their units', async () => {
    const { reader, calls } = readerOver(smallOrganization());
    expect(await all(reader.accounts())).toEqual(EXPECTED);
    expect(calls.filter(({ operation }) => operation === 'ListAccountsForParent')).toEqual([]);
  });

  test('are listed alone where only their states are wanted, paths sent or not', async () => {
    for (const withPaths of [true, false]) {
      const { reader, calls } = readerOver(smallOrganization({ withPaths }));
      const listed = await all(reader.accounts({ units: false }));
      expect(listed.map(({ accountId, accountState, ouPath }) => [accountId, accountState, ouPath])).toEqual([
        ['111111111111', 'ACTIVE', ''],
        ['222222222222', 'CLOSED', ''],
        ['333333333333', 'PENDING_CLOSURE', ''],
      ]);
      expect(new Set(calls.map(({ operation }) => operation))).toEqual(new Set(['GetCallerIdentity', 'ListAccounts']));
    }
  });

  test('are placed by walking the units where the listing sends no paths', async () => {
    const { reader } = readerOver(smallOrganization({ withPaths: false }));
    expect(await all(reader.accounts())).toEqual(EXPECTED);
  });

  test('are listed without names where the units may not be seen', async () => {
    const denied = () => jsonError('AccessDeniedException', 'not authorized');
    const { reader } = readerOver({ ...smallOrganization(), ListOrganizationalUnitsForParent: denied });
    const accounts = await all(reader.accounts());
    expect(accounts.map(({ ouPath }) => ouPath)).toEqual(['', '', '']);
    expect(accounts[1]?.ouIds).toBe('r-1/ou-1-work/ou-1-prod');
  });

  test('are not listed at all where the units fail for any other reason: a filter by unit would miss some', async () => {
    const broken = () => jsonError('ServiceException', 'oops', 500);
    const { reader } = readerOver({ ...smallOrganization(), ListOrganizationalUnitsForParent: broken });
    await expect(all(reader.accounts())).rejects.toMatchObject({ code: 'ORGANIZATION' });
  });

  test('in a state nobody has heard of are scanned', async () => {
    const { reader } = readerOver({
      ...smallOrganization(),
      ListAccounts: () => ({ body: { Accounts: [{ Id: '111111111111', State: 'HIBERNATING', Paths: ['o-a/r-1/'] }] } }),
    });
    expect((await all(reader.accounts()))[0]?.accountState).toBe('ACTIVE');
  });

  test('units that contain each other end the walk', async () => {
    const circle = () => ({ body: { OrganizationalUnits: [{ Id: 'ou-1-work', Name: 'Workloads' }] } });
    const { reader } = readerOver({ ...smallOrganization(), ListOrganizationalUnitsForParent: circle });
    expect(await all(reader.accounts())).toHaveLength(3);
  });

  test('pages that lead in a circle are an error', async () => {
    const circle = () => ({ body: { Accounts: [], NextToken: 'again' } });
    const { reader } = readerOver({ ...smallOrganization(), ListAccounts: circle });
    await expect(all(reader.accounts())).rejects.toThrow('already read');
  });
});

test('listing and walking go side by side, each within its quota', async () => {
  const timer = virtualTimer();
  const at: Record<string, number[]> = {};
  const noted = (operation: string, body: object) => {
    at[operation] = [...(at[operation] ?? []), timer.now()];
    return { body };
  };
  const pagesOfAccounts = 400;
  const units = Array.from({ length: 200 }, (_, i) => ({ Id: `ou-1-${i}`, Name: `unit ${i}` }));
  const { reader } = readerOver(
    {
      ListAccounts: ({ input }) => {
        const page = Number(input.NextToken ?? 0);
        const Accounts = [{ Id: String(100000000000 + page), State: 'ACTIVE', Paths: ['o-a/r-1/ou-1-7/'] }];
        return noted(
          'ListAccounts',
          page + 1 < pagesOfAccounts ? { Accounts, NextToken: String(page + 1) } : { Accounts },
        );
      },
      ListRoots: () => noted('ListRoots', { Roots: [{ Id: 'r-1', Name: 'Root' }] }),
      ListOrganizationalUnitsForParent: ({ input }) =>
        noted('ListOrganizationalUnitsForParent', { OrganizationalUnits: input.ParentId === 'r-1' ? units : [] }),
    },
    { timer },
  );
  const accounts = await all(reader.accounts());
  expect(accounts).toHaveLength(pagesOfAccounts);
  expect(accounts.at(-1)?.ouPath).toBe('Root/unit 7');
  for (const [operation, times] of Object.entries(at)) {
    const { perSecond, burst } = ORGANIZATIONS_RATES[operation as keyof typeof ORGANIZATIONS_RATES];
    const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000;
    expect(times.length).toBeLessThanOrEqual(burst + perSecond * seconds + 1);
  }
  // 48.5 s for the accounts and 38.6 s for the units: one after the other would be 87 s.
  expect(timer.now()).toBeLessThan(55_000);
});

describe('the caller, the organization and the Regions', () => {
  test('are read once and kept as evidence, without a secret', async () => {
    const { reader, calls } = readerOver({
      DescribeOrganization: () => ({ body: { Organization: { Id: 'o-a', MasterAccountId: '111111111111' } } }),
      DescribeRegions: () => ({
        body: '<R><regionInfo><item><regionName>us-gov-west-1</regionName></item><item><regionName>us-gov-east-1</regionName></item></regionInfo></R>',
      }),
    });
    expect(await reader.caller()).toEqual({
      accountId: SELF,
      arn: `arn:aws-us-gov:iam::${SELF}:user/x`,
      partition: 'aws-us-gov',
    });
    expect(await reader.organization()).toEqual({
      ok: true,
      value: { organizationId: 'o-a', managementAccountId: '111111111111' },
    });
    expect(await reader.regions()).toEqual(['us-gov-east-1', 'us-gov-west-1']);
    expect(calls.map(({ operation, host }) => `${operation} ${host}`)).toEqual([
      'GetCallerIdentity sts.us-gov-west-1.amazonaws.com',
      'DescribeOrganization organizations.us-gov-west-1.amazonaws.com',
      'DescribeRegions ec2.us-gov-west-1.amazonaws.com',
    ]);
    const evidence = reader.takeEvidence();
    expect(evidence.map(({ ref, accountId }) => `${ref} ${accountId}`)).toEqual([
      `${SELF}/us-gov-west-1/GetCallerIdentity ${SELF}`,
      `${SELF}/us-gov-west-1/DescribeOrganization ${SELF}`,
      `${SELF}/us-gov-west-1/DescribeRegions ${SELF}`,
    ]);
    expect(JSON.stringify(evidence)).not.toContain('own-secret-marker');
  });

  test('an account in no organization is told so as data', async () => {
    const { reader } = readerOver({
      DescribeOrganization: () => jsonError('AWSOrganizationsNotInUseException', 'none'),
    });
    expect(await reader.organization()).toMatchObject({ ok: false, failure: { kind: 'NOT_FOUND' } });
  });
});

const networkError = (code: string, message: string) => () => {
  throw Object.assign(new Error(message), { code });
};
const SELF_HINT =
  'to scan just the account these credentials belong to, add --accounts self; to scan accounts that you name, --accounts-file';

describe('a scan that cannot begin says what to do', () => {
  test.each<[string, Answers, string, string]>([
    [
      'an expired token',
      {
        GetCallerIdentity: () =>
          queryError('ExpiredToken', 'The security token included in the request is expired', 403),
      },
      'CREDENTIALS',
      'The AWS credentials have expired: renew them (for SSO, aws sso login) and run again.',
    ],
    [
      'a key nobody knows',
      {
        GetCallerIdentity: () =>
          queryError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403),
      },
      'CREDENTIALS',
      "AWS does not accept these credentials (InvalidClientTokenId: The security token included in the request is invalid.): check the profile, its keys and the machine's clock.",
    ],
    [
      'no network',
      { GetCallerIdentity: networkError('ENOTFOUND', 'getaddrinfo ENOTFOUND sts.example') },
      'ENDPOINT',
      'AWS cannot be reached (getaddrinfo ENOTFOUND sts.example): check the network, HTTPS_PROXY, the Region and AWS_ENDPOINT_URL.',
    ],
    [
      'nothing at the endpoint',
      { GetCallerIdentity: networkError('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1') },
      'ENDPOINT',
      'AWS cannot be reached (connect ECONNREFUSED 127.0.0.1:1): check the network, HTTPS_PROXY, the Region and AWS_ENDPOINT_URL.',
    ],
  ])('%s', async (_, answers, code, message) => {
    await expect(readerOver(answers).reader.caller()).rejects.toMatchObject({ name: 'TrailSealError', code, message });
  });

  test.each<[string, Answers, string]>([
    [
      'no organization',
      { ListAccounts: () => jsonError('AWSOrganizationsNotInUseException', 'none') },
      `This account is in no AWS organization: ${SELF_HINT}.`,
    ],
    [
      'a member that may not list',
      { ListAccounts: () => jsonError('AccessDeniedException', "You don't have permissions to access this resource.") },
      `These credentials may not list the organization: use the management account or a delegated administrator, with organizations:ListAccounts allowed; or, ${SELF_HINT}.`,
    ],
    [
      'throttling without end',
      { ListAccounts: () => jsonError('TooManyRequestsException', 'slow down') },
      'AWS Organizations went on throttling the listing of accounts: try again in a few minutes.',
    ],
  ])('%s', async (_, answers, message) => {
    const { reader } = readerOver({ ...smallOrganization(), ...answers });
    await expect(all(reader.accounts())).rejects.toMatchObject({
      name: 'TrailSealError',
      code: 'ORGANIZATION',
      message,
    });
  });

  test('no Region may be listed', async () => {
    const { reader } = readerOver({ DescribeRegions: () => ec2Error('UnauthorizedOperation', 'no', 403) });
    await expect(reader.regions()).rejects.toMatchObject({
      code: 'REGIONS',
      message: "The scanner may not list the partition's Regions: allow it ec2:DescribeRegions in its own account.",
    });
  });

  test('a call that failed is made again when asked again', async () => {
    let asked = 0;
    const { reader } = readerOver({
      GetCallerIdentity: () => (++asked === 1 ? queryError('ExpiredToken', 'expired', 403) : IDENTITY),
    });
    await expect(reader.caller()).rejects.toThrow('expired');
    expect((await reader.caller()).accountId).toBe(SELF);
  });
});

test('the abort of a scan ends the listing', async () => {
  const stop = new AbortController();
  const { reader } = readerOver(
    {
      ...smallOrganization(),
      ListAccounts: (call) =>
        new Promise((_, reject) => {
          call.signal?.addEventListener('abort', () => reject(Object.assign(new Error('x'), { name: 'AbortError' })));
          setTimeout(() => stop.abort(), 5);
        }),
    },
    { signal: stop.signal },
  );
  await expect(all(reader.accounts())).rejects.toMatchObject({ name: 'AbortError' });
});

describeWithMoto('an organization by moto', (moto) => {
  test('is read with its units, over pages', async () => {
    const access = createAwsAccess({ region: 'us-east-1', endpoint: moto.url(), credentials });
    const reader = createOrganizationReader({ access });
    await expect(all(reader.accounts())).rejects.toThrow('This account is in no AWS organization');
    const organizations = access.own(OrganizationsClient);
    await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
    const { Roots } = await organizations.send(new ListRootsCommand({}));
    const root = Roots?.[0]?.Id;
    let parent = root;
    for (const Name of ['Workloads', 'Prod']) {
      const made = await organizations.send(new CreateOrganizationalUnitCommand({ ParentId: parent, Name }));
      parent = made.OrganizationalUnit?.Id;
    }
    const ids: string[] = [];
    for (let i = 0; i < 23; i++) {
      const made = await organizations.send(
        new CreateAccountCommand({ AccountName: 'same', Email: `a${i}@example.com` }),
      );
      ids.push(made.CreateAccountStatus?.AccountId ?? '');
    }
    const [moved] = ids;
    const move = { AccountId: moved, SourceParentId: root, DestinationParentId: parent };
    await organizations.send(new MoveAccountCommand(move));
    const accounts = await all(reader.accounts());
    expect(accounts).toHaveLength(24);
    expect(accounts.find(({ accountId }) => accountId === moved)?.ouPath).toBe('Root/Workloads/Prod');
    expect(accounts.filter(({ ouPath }) => ouPath === 'Root')).toHaveLength(23);
    expect(await reader.organization()).toMatchObject({ ok: true, value: { managementAccountId: '123456789012' } });
    expect((await reader.regions()).length).toBeGreaterThan(20);
    access.close();
  }, 60_000);
});

test('tags are read of every account, page by page, and only where they are asked for', async () => {
  const answers: Answers = {
    ...smallOrganization(),
    ListTagsForResource: ({ input }) =>
      input.NextToken
        ? { body: { Tags: [{ Key: 'id', Value: input.ResourceId }] } }
        : { body: { Tags: [{ Key: 'env', Value: 'lab' }], NextToken: 'two' } },
  };
  const { reader, calls } = readerOver(answers);
  for (const { accountId, tags } of await all(reader.accounts({ tags: true })))
    expect(tags).toEqual({ env: 'lab', id: accountId });
  const before = calls.length;
  for (const { tags } of await all(reader.accounts())) expect(tags).toBeUndefined();
  expect(calls.slice(before).filter(({ operation }) => operation === 'ListTagsForResource')).toEqual([]);
});

test('tags that may not be read name the permission', async () => {
  const { reader } = readerOver({
    ...smallOrganization(),
    ListTagsForResource: () => jsonError('AccessDeniedException', 'no'),
  });
  await expect(all(reader.accounts({ tags: true }))).rejects.toThrow(/allow organizations:ListTagsForResource/);
});
