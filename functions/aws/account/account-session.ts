import { setMaxListeners } from 'node:events';
import { AssumeRoleCommand, type AssumeRoleCommandOutput, STSClient } from '@aws-sdk/client-sts';
import type { AccountSession, AccountSessions, TrailReader } from '../../domain/model/account-access.ts';
import type { Caller } from '../../domain/model/organization.ts';
import type { RunSettings, ScanPlan } from '../../domain/model/plan.ts';
import { answered } from '../../domain/model/reading.ts';
import { CallError, malformed } from '../../reads/call-error.ts';
import { cloudTrailReads } from '../../reads/cloudtrail.ts';
import { kmsReads } from '../../reads/kms.ts';
import { logGroupReads } from '../../reads/log-groups.ts';
import { logObjectReads } from '../../reads/log-objects.ts';
import { regionReads } from '../../reads/regions.ts';
import { bucketReads } from '../../reads/s3.ts';
import { accountBlockReads } from '../../reads/s3-control.ts';
import {
  type AccountCalls,
  type CallLog,
  createAccountCalls,
  createCallLog,
  delaysIn,
  isEnding,
  readingOf,
  type Session,
  sendOnce,
} from '../calls/account-calls.ts';
import type { AwsAccess } from '../calls/clients.ts';
import { abortError } from '../calls/failure.ts';
import { createGate, type Gate } from '../calls/gate.ts';
import { sessionPolicy } from './session-policy.ts';

/** The shortest AWS gives. A scan of an account takes seconds; one that takes longer assumes the role again. */
const SESSION_SECONDS = 900;

/**
 * An account that is opened again within a run, by its inspection or by the search for a bucket's owner, needs no other
 * AssumeRole, which would be two more events in trails. The first ones are kept: searches go through the accounts in order.
 */
const SESSIONS_KEPT = 2_000;

export interface AccountSessionOptions {
  access: AwsAccess;
  /** The scanner itself: its own account needs no role. */
  caller: Caller;
  /** With its path, where the role has one. */
  roleName: string;
  /** Roles of accounts that have another, by account id. */
  roleNames?: ReadonlyMap<string, string>;
  externalId: string | null;
  /** Lets the session list and head delivered log objects. */
  sampleLogs?: boolean;
}

/**
 * Opens accounts by `sts:AssumeRole` at the home region's own endpoint, whose tokens work in every region.
 * STS counts these calls against the scanner's own account (600 a second, shared with whatever else assumes roles from
 * it), so all accounts pass one gate that narrows when STS throttles: fewer accounts are then opened at once.
 * Credentials live in memory only: never in evidence, a log line or a file.
 */
export const createAccountSessions = (options: AccountSessionOptions): AccountSessions =>
  sessionsWith(options, (calls) =>
    together(
      regionReads(calls),
      cloudTrailReads(calls),
      kmsReads(calls),
      bucketReads(calls),
      accountBlockReads(calls),
      logObjectReads(calls),
      logGroupReads(calls),
    ),
  );

/** The same, where only trails can be read. */
export const createTrailSessions = (options: AccountSessionOptions): AccountSessions<TrailReader> =>
  sessionsWith(options, (calls) => together(regionReads(calls), cloudTrailReads(calls)));

/** As spreads into one object, which take five times as long: a search for a bucket's owner opens thousands of accounts. */
const together = <T extends object[]>(...parts: T): Together<T> => Object.assign({}, ...parts);
type Together<T extends object[]> = T extends [infer A, ...infer Rest extends object[]] ? A & Together<Rest> : unknown;

/** What a session needs of a run's plan: who asks, and with which role. */
export type SessionPlan = Pick<ScanPlan, 'callerAccountId' | 'callerArn' | 'partition'> & {
  settings: Pick<RunSettings, 'roleName' | 'externalId' | 'listedAccounts' | 'sampleLogs'>;
};

/** Account sessions as a run's plan says. */
export const accountSessionsOf = (access: AwsAccess): ((plan: SessionPlan & { runId: string }) => AccountSessions) => {
  // Scan and Inspect of one run in one process share what they open.
  let last: { runId: string; sessions: AccountSessions } | null = null;
  return (plan) => {
    // A plan of `doctor` has no run.
    if (last === null || last.runId !== plan.runId) {
      last = { runId: plan.runId, sessions: createAccountSessions(sessionOptions(access, plan)) };
    }
    return last.sessions;
  };
};

/** The same, for trails only. */
export const trailSessionsOf =
  (access: AwsAccess) =>
  (plan: SessionPlan): AccountSessions<TrailReader> =>
    createTrailSessions(sessionOptions(access, plan));

const sessionOptions = (access: AwsAccess, plan: SessionPlan): AccountSessionOptions => ({
  access,
  caller: { accountId: plan.callerAccountId, arn: plan.callerArn, partition: plan.partition },
  roleName: plan.settings.roleName,
  roleNames: new Map(
    (plan.settings.listedAccounts ?? []).flatMap((entry) =>
      entry.length > 12 ? [[entry.slice(0, 12), entry.slice(13)] as const] : [],
    ),
  ),
  externalId: plan.settings.externalId,
  sampleLogs: plan.settings.sampleLogs,
});

const sessionsWith = <R extends object>(
  options: AccountSessionOptions,
  reads: (calls: AccountCalls) => R,
): AccountSessions<R & SessionFacts> => {
  const gate = createGate();
  const policy = sessionPolicy({ partition: options.caller.partition, sampleLogs: options.sampleLogs ?? false });
  const kept = new Map<string, Session>();
  return {
    open: async ({ accountId, runId, signal, keepRefusal }) => {
      if (signal?.aborted) throw abortError(signal);
      // Every call under way listens to the one signal of its task: that is no leak.
      if (signal) setMaxListeners(0, signal);
      const { access, caller } = options;
      const log = createCallLog();
      if (accountId === caller.accountId) {
        const session = { principalArn: caller.arn, credentials: access.ownCredentials, expiresAt: null };
        return answered(sessionOf(createAccountCalls({ accountId, access, session, signal, log }), reads));
      }
      const assume = async () => {
        const assumed = await assumeRole({ ...options, gate, policy, accountId, runId, signal, log });
        if (kept.size < SESSIONS_KEPT || kept.has(accountId)) kept.set(accountId, assumed);
        return assumed;
      };
      const before = kept.get(accountId);
      const session =
        before && !isEnding(before, access.clock()) ? answered(before) : await readingOf('AssumeRole', assume);
      if (!session.ok) {
        keepRefusal?.(log.takeEvidence());
        return session;
      }
      const calls = createAccountCalls({ accountId, access, session: session.value, renew: assume, signal, log });
      return answered(sessionOf(calls, reads));
    },
  };
};

type SessionFacts = Pick<AccountSession, 'accountId' | 'principalArn' | 'calls' | 'delays' | 'takeEvidence'>;

const sessionOf = <R extends object>(calls: AccountCalls, reads: (calls: AccountCalls) => R): R & SessionFacts => {
  const facts: SessionFacts = {
    accountId: calls.accountId,
    get principalArn() {
      return calls.principalArn();
    },
    calls: calls.count,
    delays: calls.delays,
    takeEvidence: calls.takeEvidence,
  };
  return Object.assign(facts, reads(calls));
};

const assumeRole = async ({
  gate,
  access,
  caller,
  roleName,
  roleNames,
  externalId,
  policy,
  accountId,
  runId,
  signal,
  log,
}: AccountSessionOptions & {
  gate: Gate;
  policy: string;
  accountId: string;
  runId: string;
  signal: AbortSignal | undefined;
  log: CallLog;
}): Promise<Session> => {
  const operation = 'AssumeRole';
  const { partition } = caller;
  const input = {
    RoleArn: `arn:${partition}:iam::${accountId}:role/${roleNames?.get(accountId) ?? roleName}`,
    RoleSessionName: `TrailSeal-${runId}`,
    DurationSeconds: SESSION_SECONDS,
    Policy: policy,
  };
  const send = () =>
    access
      .own(STSClient, access.globalRegion)
      .send(new AssumeRoleCommand({ ...input, ...(externalId === null ? {} : { ExternalId: externalId }) }));
  const identity = { credentials: access.ownCredentials, signal, ...delaysIn(log, gate) };
  const question = {
    service: 'sts',
    operation,
    region: access.globalRegion,
    isGlobal: true,
    // The external id is left out: it is shared with those who may assume the role, not with those who may read a report.
    input,
    keptAsEvidence: ({ AssumedRoleUser: user }: AssumeRoleCommandOutput) => ({ AssumedRoleUser: user }),
    send,
  };
  const { Credentials, AssumedRoleUser } = await gate.run(() => {
    if (signal?.aborted) throw abortError(signal);
    log.sent();
    return sendOnce({ question, access, identity, accountId, principalArn: caller.arn, log });
  });
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken) throw malformed(operation, 'credentials');
  const principalArn = AssumedRoleUser?.Arn ?? '';
  if (principalArn.split(':')[4] !== accountId) {
    const message = `asked for account ${accountId} and was given ${principalArn}`;
    throw new CallError({ kind: 'ERROR', operation, code: 'WrongAccount', message });
  }
  const credentials: Awaited<ReturnType<Session['credentials']>> = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  };
  // By this machine's clock: AWS's own date would be in the past already where that clock is fast.
  const expiresAt = new Date(access.clock().getTime() + SESSION_SECONDS * 1_000);
  return { principalArn, credentials: async () => credentials, expiresAt };
};
