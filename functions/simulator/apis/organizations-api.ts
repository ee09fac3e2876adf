import { ACCOUNT_ID } from '../../domain/model/arn.ts';
import type { SimAccount } from '../world/model.ts';
import type { Unit } from '../world/units.ts';
import { pageOf } from './paging.ts';
import { type Operation, type Service, type ServiceCall, textOf } from './service.ts';
import { ApiError } from './wire.ts';

const OPERATIONS: Record<string, Operation> = {
  DescribeOrganization: {
    quota: { rate: 10, burst: 15 },
    run: (call) => {
      const { id, managementAccountId } = organizationOf(call);
      const arn = `arn:${call.world.partition}:organizations::${managementAccountId}`;
      return {
        Organization: {
          Id: id,
          Arn: `${arn}:organization/${id}`,
          FeatureSet: 'ALL',
          MasterAccountArn: `${arn}:account/${id}/${managementAccountId}`,
          MasterAccountId: managementAccountId,
          MasterAccountEmail: call.world.account(managementAccountId)?.email,
          AvailablePolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }],
        },
      };
    },
  },
  ListAccounts: {
    quota: { rate: 8, burst: 12 },
    run: (call) => {
      administratorOnly(call);
      const { world } = call;
      const page = page20(call, world.accountCount, 'accounts');
      const accounts: object[] = [];
      for (let index = page.from; index < page.to; index++) accounts.push(accountJson(call, world.accountAt(index)));
      return { Accounts: accounts, ...next(page.nextToken) };
    },
  },
  ListAccountsForParent: {
    quota: { rate: 5, burst: 8 },
    subject: ({ input }) => textOf(input, 'ParentId'),
    run: (call) => {
      administratorOnly(call);
      const parent = unitNamed(call, 'ParentId', 'ParentNotFoundException');
      const members = call.world.accountsIn(parent.index);
      return listed(call, `accounts of ${parent.id}`, members, 'Accounts', (index) =>
        accountJson(call, call.world.accountAt(index)),
      );
    },
  },
  DescribeAccount: {
    quota: { rate: 20, burst: 30 },
    subject: ({ input }) => textOf(input, 'AccountId'),
    run: (call) => {
      administratorOnly(call);
      return { Account: accountJson(call, memberNamed(call, 'AccountId', 'AccountNotFoundException')) };
    },
  },
  ListRoots: {
    quota: { rate: 1, burst: 2 },
    run: (call) => {
      administratorOnly(call);
      return listed(call, 'roots', call.world.units.all.slice(0, 1), 'Roots', (root) => ({
        Id: root.id,
        Arn: unitArn(call, root),
        Name: root.name,
        PolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }],
      }));
    },
  },
  ListOrganizationalUnitsForParent: {
    quota: { rate: 5, burst: 8 },
    subject: ({ input }) => textOf(input, 'ParentId'),
    run: (call) => {
      administratorOnly(call);
      const parent = unitNamed(call, 'ParentId', 'ParentNotFoundException');
      const children = call.world.units.childrenOf(parent.index);
      return listed(call, `units of ${parent.id}`, children, 'OrganizationalUnits', (unit) => unitJson(call, unit));
    },
  },
  DescribeOrganizationalUnit: {
    quota: { rate: 2, burst: 4 },
    subject: ({ input }) => textOf(input, 'OrganizationalUnitId'),
    run: (call) => {
      administratorOnly(call);
      return {
        OrganizationalUnit: unitJson(
          call,
          unitNamed(call, 'OrganizationalUnitId', 'OrganizationalUnitNotFoundException'),
        ),
      };
    },
  },
  ListParents: {
    quota: { rate: 5, burst: 8 },
    subject: ({ input }) => textOf(input, 'ChildId'),
    run: (call) => {
      administratorOnly(call);
      const { units } = call.world;
      const child = textOf(call.input, 'ChildId');
      const index = child.startsWith('ou-')
        ? unitNamed(call, 'ChildId', 'ChildNotFoundException').parent
        : memberNamed(call, 'ChildId', 'ChildNotFoundException').unit;
      return listed(call, `parents of ${child}`, units.all.slice(index, index + 1), 'Parents', (parent) => ({
        Id: parent.id,
        Type: parent.parent < 0 ? 'ROOT' : 'ORGANIZATIONAL_UNIT',
      }));
    },
  },
  ListTagsForResource: {
    quota: { rate: 10, burst: 15 },
    subject: ({ input }) => textOf(input, 'ResourceId'),
    run: (call) => {
      administratorOnly(call);
      const id = textOf(call.input, 'ResourceId');
      if (ACCOUNT_ID.test(id)) {
        const tags = Object.entries(memberNamed(call, 'ResourceId', 'TargetNotFoundException').tags);
        return listed(call, `tags of ${id}`, tags, 'Tags', ([Key, Value]) => ({ Key, Value }));
      }
      unitNamed(call, 'ResourceId', 'TargetNotFoundException');
      return { Tags: [] };
    },
  },
  ListDelegatedAdministrators: {
    quota: { rate: 1, burst: 2 },
    run: (call) => {
      administratorOnly(call);
      const administrators = call.world.delegatedAdministrators.flatMap((id) => call.world.account(id) ?? []);
      return listed(call, 'delegated administrators', administrators, 'DelegatedAdministrators', (account) => ({
        ...accountJson(call, account),
        Paths: undefined,
        DelegationEnabledDate: account.joinedAt / 1_000,
      }));
    },
  },
};

/** AWS Organizations: rates from its quotas page (per account, second and burst). */
export const organizations: Service = {
  name: 'organizations',
  protocol: 'json',
  global: true,
  throttling: {
    status: 400,
    code: 'TooManyRequestsException',
    message: 'AWS Organizations can’t complete your request because you called the API too frequently.',
  },
  operations: OPERATIONS,
};

const organizationOf = (call: ServiceCall): { id: string; managementAccountId: string } => {
  if (call.world.organization === null || call.account.index < 0) {
    throw new ApiError(400, 'AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.');
  }
  return call.world.organization;
};

const administratorOnly = (call: ServiceCall): void => {
  const { managementAccountId } = organizationOf(call);
  if (call.account.id === managementAccountId || call.world.delegatedAdministrators.includes(call.account.id)) return;
  throw new ApiError(400, 'AccessDeniedException', "You don't have permissions to access this resource.");
};

const page20 = (call: ServiceCall, count: number, list: string) => {
  const { MaxResults, NextToken } = call.input;
  if (
    MaxResults !== undefined &&
    !(Number.isInteger(MaxResults) && Number(MaxResults) >= 1 && Number(MaxResults) <= 20)
  ) {
    throw new ApiError(400, 'InvalidInputException', 'You specified an invalid value for MaxResults.', {
      extra: { Reason: Number(MaxResults) > 20 ? 'MAX_VALUE_EXCEEDED' : 'MIN_VALUE_EXCEEDED' },
    });
  }
  return pageOf({
    count,
    token: NextToken,
    size: Math.min(call.rules.pageSize, Number(MaxResults ?? 20)),
    list,
    rules: call.rules,
    invalid: new ApiError(
      400,
      'InvalidInputException',
      'You provided a value that does not match the required pattern.',
      {
        extra: { Reason: 'INVALID_NEXT_TOKEN' },
      },
    ),
  });
};

/** A page of a list as the answer that holds it. */
const listed = <T>(
  call: ServiceCall,
  list: string,
  things: readonly T[],
  member: string,
  json: (thing: T) => object,
): object => {
  const page = page20(call, things.length, list);
  return { [member]: things.slice(page.from, page.to).map(json), ...next(page.nextToken) };
};

const next = (token: string | null): { NextToken?: string } => (token === null ? {} : { NextToken: token });

const accountJson = (call: ServiceCall, account: SimAccount): object => {
  const { world, rules } = call;
  const { id, managementAccountId } = organizationOf(call);
  const unit = world.units.all[account.unit];
  return {
    Id: account.id,
    Arn: `arn:${world.partition}:organizations::${managementAccountId}:account/${id}/${account.id}`,
    Email: account.email,
    Name: account.name,
    ...(rules.legacyStatus
      ? { Status: LEGACY[account.state] }
      : { State: account.state, Paths: unit ? [`${unit.ids}${account.id}/`] : [] }),
    JoinedMethod: account.joinedMethod,
    JoinedTimestamp: account.joinedAt / 1_000,
  };
};

/** What the retired `Status` showed. It had no word for an account that is not yet active. */
const LEGACY = {
  ACTIVE: 'ACTIVE',
  PENDING_CLOSURE: 'PENDING_CLOSURE',
  SUSPENDED: 'SUSPENDED',
  CLOSED: 'SUSPENDED',
  PENDING_ACTIVATION: 'SUSPENDED',
} as const;

const unitArn = (call: ServiceCall, unit: Unit): string => {
  const { id, managementAccountId } = organizationOf(call);
  const kind = unit.parent < 0 ? 'root' : 'ou';
  return `arn:${call.world.partition}:organizations::${managementAccountId}:${kind}/${id}/${unit.id}`;
};

const unitJson = (call: ServiceCall, unit: Unit): object => ({
  Id: unit.id,
  Arn: unitArn(call, unit),
  Name: unit.name,
  ...(call.rules.legacyStatus ? {} : { Path: unit.ids }),
});

const unitNamed = (call: ServiceCall, member: string, notFound: string): Unit => {
  const unit = call.world.units.byId(textOf(call.input, member));
  if (!unit) throw new ApiError(400, notFound, "You specified a target that doesn't exist.");
  return unit;
};

const memberNamed = (call: ServiceCall, member: string, notFound: string): SimAccount => {
  const account = call.world.account(textOf(call.input, member));
  if (!account || account.index < 0) throw new ApiError(400, notFound, "You specified an account that doesn't exist.");
  return account;
};
