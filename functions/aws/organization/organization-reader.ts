import { setMaxListeners } from 'node:events';
import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeOrganizationCommand,
  ListAccountsCommand,
  type Account as ListedAccount,
  ListTagsForResourceCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { TrailSealError } from '../../domain/model/errors.ts';
import type { EvidenceRecord } from '../../domain/model/evidence.ts';
import { ACCOUNT_STATES, type Account, type Caller } from '../../domain/model/organization.ts';
import type { OrganizationReader } from '../../domain/model/organization-reader.ts';
import { CallError, malformed } from '../../reads/call-error.ts';
import type { Answer, Question } from '../../reads/read.ts';
import { createCallLog, readingOf, sendOnce } from '../calls/account-calls.ts';
import type { AwsAccess } from '../calls/clients.ts';
import { failureOf, isAbort } from '../calls/failure.ts';
import type { Rate, Timer } from '../calls/rate.ts';
import { createOrganizationCalls, type LimitedOperation, type OrganizationCalls } from './organization-calls.ts';
import { accountsError, callerError, regionsError } from './organization-errors.ts';
import { eachOf, NOWHERE, type OuPlace, type OuTree, placeOfPath, walkMembers, walkOus } from './ou-tree.ts';

export interface OrganizationReaderOptions {
  access: AwsAccess;
  /** Instead of AWS's quotas, e.g. where an endpoint has none. */
  rates?: Partial<Record<LimitedOperation, Rate>>;
  timer?: Timer;
  signal?: AbortSignal;
}

/** Reads the organization with the scanner's own credentials, and keeps what was answered: the population is evidence too. */
export const createOrganizationReader = ({
  access,
  rates,
  timer,
  signal,
}: OrganizationReaderOptions): OrganizationReader & { takeEvidence(): EvidenceRecord[] } => {
  const log = createCallLog();
  const identity = { credentials: access.ownCredentials, signal };
  let known: Promise<Caller> | null = null;
  let taken = { calls: 0, throttled: 0, waitedMs: 0 };

  const identify = async (): Promise<Caller> => {
    const operation = 'GetCallerIdentity';
    const own = createCallLog();
    const question = {
      service: 'sts',
      operation,
      region: access.globalRegion,
      input: {},
      send: () => access.own(STSClient, access.globalRegion).send(new GetCallerIdentityCommand({})),
    };
    const asked = sendOnce({ question, access, identity, accountId: '', principalArn: '', log: own });
    const { Account: accountId, Arn: arn } = await asked;
    const partition = arn?.split(':')[1];
    if (!accountId || !arn || !partition) throw malformed(operation, 'account or ARN');
    for (const record of own.takeEvidence()) {
      log.keep({ ...record, ref: `${accountId}${record.ref}`, accountId, principalArn: arn });
    }
    return { accountId, arn, partition };
  };
  const caller = async (): Promise<Caller> => {
    known ??= identify();
    try {
      return await known;
    } catch (error) {
      known = null;
      throw error;
    }
  };
  const ask = async <O extends Answer>(question: Omit<Question<O>, 'region' | 'input'> & { input?: object }) => {
    const { accountId, arn: principalArn } = await caller();
    log.sent();
    const whole = { region: access.globalRegion, input: {}, ...question };
    return sendOnce<O>({ question: whole, access, identity, accountId, principalArn, log });
  };

  return {
    caller: () => orThrow('GetCallerIdentity', caller, (error) => callerError(error, access)),

    organization: () =>
      readingOf('DescribeOrganization', async () => {
        const operation = 'DescribeOrganization';
        const { Organization } = await ask({
          service: 'organizations',
          operation,
          send: () => access.own(OrganizationsClient, access.globalRegion).send(new DescribeOrganizationCommand({})),
        });
        const { Id, MasterAccountId } = Organization ?? {};
        if (!Id || !MasterAccountId) throw malformed(operation, 'organization id or management account');
        return { organizationId: Id, managementAccountId: MasterAccountId };
      }),

    accounts: async function* ({ units = true, tags = false } = {}) {
      yield* await orThrow(
        'ListAccounts',
        async () => {
          // The first of the two listings to fail ends the other.
          const stop = new AbortController();
          const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
          setMaxListeners(0, either);
          const self = await caller();
          const calls = createOrganizationCalls({ access, caller: self, log, rates, timer, signal: either });
          try {
            const accounts = await listAccounts(calls, units);
            if (!tags) return accounts;
            return await eachOf(accounts, async (account) => ({
              ...account,
              tags: await tagsOf(calls, account.accountId),
            }));
          } finally {
            stop.abort();
          }
        },
        accountsError,
      );
    },

    regions: () =>
      orThrow(
        'DescribeRegions',
        async () => {
          const operation = 'DescribeRegions';
          const input = { AllRegions: true };
          const { Regions } = await ask({
            service: 'ec2',
            operation,
            input,
            send: () => access.own(EC2Client, access.globalRegion).send(new DescribeRegionsCommand(input)),
          });
          const names = (Regions ?? []).map(({ RegionName }) => RegionName).filter((name) => name !== undefined);
          if (names.length === 0) throw malformed(operation, 'regions');
          return names.sort();
        },
        regionsError,
      ),

    takeEffort: () => {
      const now = { calls: log.count(), ...log.delays() };
      const since = {
        calls: now.calls - taken.calls,
        throttled: now.throttled - taken.throttled,
        waitedMs: now.waitedMs - taken.waitedMs,
      };
      taken = now;
      return since;
    },
    takeEvidence: log.takeEvidence,
  };
};

/** The accounts and the units side by side: each has a quota of its own, and both are slow at 50,000 accounts. */
const listAccounts = async (calls: OrganizationCalls, units: boolean): Promise<Account[]> => {
  const [listed, tree] = await Promise.all([everyAccount(calls), units ? namedUnits(calls) : new Map()]);
  const pathsAreSent = !units || [...listed.values()].every(({ Paths }) => Paths?.length);
  const members = pathsAreSent ? new Map<string, OuPlace>() : await walkMembers(calls, tree);
  return [...listed].map(([accountId, account]) => {
    const [path] = units ? (account.Paths ?? []) : [];
    const place = path === undefined ? (members.get(accountId) ?? NOWHERE) : placeOfPath(path, tree);
    return {
      accountId,
      accountName: account.Name ?? '',
      accountState: stateOf(account),
      joinedAt: account.JoinedTimestamp?.toISOString() ?? null,
      ouPath: place.names,
      ouIds: place.ids,
    };
  });
};

const tagsOf = async (calls: OrganizationCalls, ResourceId: string): Promise<Record<string, string>> => {
  const tags: Record<string, string> = {};
  const listed = calls.list({
    operation: 'ListTagsForResource',
    input: { ResourceId },
    send: (client, input) => client.send(new ListTagsForResourceCommand({ ...input, ResourceId })),
    items: (output) => output.Tags,
    subject: ResourceId,
  });
  for await (const { Key, Value } of listed) if (Key !== undefined) tags[Key] = Value ?? '';
  return tags;
};

const everyAccount = async (calls: OrganizationCalls): Promise<Map<string, ListedAccount>> => {
  const listed = new Map<string, ListedAccount>();
  const accounts = calls.list({
    operation: 'ListAccounts',
    input: {},
    send: (client, input) => client.send(new ListAccountsCommand(input)),
    items: (output) => output.Accounts,
  });
  for await (const account of accounts) {
    if (!account.Id) throw malformed('ListAccounts', 'Id');
    listed.set(account.Id, account);
  }
  // The management account is a member of its own organization. Some emulators list nothing where there is none.
  if (listed.size === 0) {
    const code = 'AWSOrganizationsNotInUseException';
    throw new CallError({ kind: 'NOT_FOUND', operation: 'ListAccounts', code, message: 'no account is listed' });
  }
  return listed;
};

/** Names are a courtesy, the ids come with the accounts: a scanner that may not see the units still scans. */
const namedUnits = async (calls: OrganizationCalls): Promise<OuTree> => {
  try {
    return await walkOus(calls);
  } catch (error) {
    const { kind } = failureOf('ListRoots', error);
    if (isAbort(error) || (kind !== 'DENIED' && kind !== 'DENIED_BY_SCP')) throw error;
    return new Map();
  }
};

/** A state that is not known yet is scanned rather than left out. */
const stateOf = ({ State, Status }: ListedAccount): Account['accountState'] =>
  ACCOUNT_STATES.find((state) => state === (State ?? Status)) ?? 'ACTIVE';

const orThrow = async <T>(
  operation: string,
  work: () => Promise<T>,
  explain: (error: CallError) => Error,
): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    // What was said already, e.g. of an identity that cannot be had, needs no other words.
    if (isAbort(error)) throw error;
    const said = error instanceof CallError ? error.cause : error;
    if (said instanceof TrailSealError) throw said;
    throw explain(error instanceof CallError ? error : new CallError(failureOf(operation, error), { cause: error }));
  }
};
