import { describe, expect, test } from '@jest/globals';
import {
  type AccountSessionOptions,
  accountSessionsOf,
  createAccountSessions,
} from '../../../functions/aws/account/account-session.ts';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import type { AccountSession } from '../../../functions/domain/model/account-access.ts';
import type { EvidenceRecord } from '../../../functions/domain/model/evidence.ts';
import { defaultSettings } from '../../../functions/domain/settings/run-settings.ts';
import { assumed, jsonError, keyOf, queryError, type WireAnswer, type WireCall, wire } from '../wire.ts';

const SELF = '999999999999';
const RUN = '01JD0000000000000000000000';
const OWN = {
  accessKeyId: 'AKIAOWNOWNOWNOWNOWN',
  secretAccessKey: 'own-secret-marker',
  sessionToken: 'own-token-marker',
};

const openSessions = (
  answer: (call: WireCall) => WireAnswer | Promise<WireAnswer>,
  options: Partial<AccountSessionOptions> & { maxAttempts?: number; clock?: () => Date } = {},
) => {
  const { handler, calls } = wire(answer);
  const { maxAttempts = 4, clock, ...rest } = options;
  const access = createAwsAccess({
    region: 'eu-west-1',
    credentials: OWN,
    requestHandler: handler,
    version: '1.2.3',
    retry: { delayFactor: 0, maxAttempts },
    clock,
  });
  const caller = { accountId: SELF, arn: `arn:aws:sts::${SELF}:assumed-role/Scanner/x`, partition: 'aws' };
  return {
    calls,
    sessions: createAccountSessions({ access, caller, roleName: 'TrailSealAudit', externalId: null, ...rest }),
  };
};

const openSession = async (
  sessions: ReturnType<typeof createAccountSessions>,
  accountId: string,
  signal?: AbortSignal,
) => {
  const opened = await sessions.open({ accountId, runId: RUN, ...(signal ? { signal } : {}) });
  if (!opened.ok) throw new Error(`not assumed: ${opened.failure.message}`);
  return opened.value;
};

const noTrails = (call: WireCall): WireAnswer =>
  call.operation === 'AssumeRole' ? assumed(call) : { body: { trailList: [] } };

describe('assuming the role of an account', () => {
  test('assumes the role that the account was named with, and elsewhere the role of all', async () => {
    const roleNames = new Map([['111111111111', 'audit/Reader']]);
    const { sessions, calls } = openSessions(noTrails, { roleNames });
    for (const id of ['111111111111', '222222222222']) await openSession(sessions, id);
    expect(calls.map(({ input }) => input.RoleArn)).toEqual([
      'arn:aws:iam::111111111111:role/audit/Reader',
      'arn:aws:iam::222222222222:role/TrailSealAudit',
    ]);
  });

  test('assumes the role once, at the home Region, under a session named for the run', async () => {
    const { sessions, calls } = openSessions(noTrails, { externalId: 'between-us-two' });
    const account = await openSession(sessions, '111111111111');
    expect(calls).toHaveLength(1);
    const [call] = calls;
    expect(call).toMatchObject({
      host: 'sts.eu-west-1.amazonaws.com',
      region: 'eu-west-1',
      accessKeyId: OWN.accessKeyId,
    });
    expect(call?.input).toMatchObject({
      RoleArn: 'arn:aws:iam::111111111111:role/TrailSealAudit',
      RoleSessionName: `TrailSeal-${RUN}`,
      ExternalId: 'between-us-two',
    });
    expect(call?.userAgent).toContain('trailseal/1.2.3');
    expect(account.principalArn).toBe(`arn:aws:sts::111111111111:assumed-role/TrailSealAudit/TrailSeal-${RUN}`);
    expect(account.calls()).toBe(1);
  });

  test("the caller's own account needs no role and no call", async () => {
    const { sessions, calls } = openSessions(noTrails);
    const account = await openSession(sessions, SELF);
    expect(calls).toHaveLength(0);
    expect(account.calls()).toBe(0);
    await account.trails('us-east-1');
    expect(calls.map(({ accessKeyId }) => accessKeyId)).toEqual([OWN.accessKeyId]);
  });

  test('a role that may not be assumed is a refusal, not an exception', async () => {
    const { sessions } = openSessions(() =>
      queryError('AccessDenied', 'User: x is not authorized to perform: sts:AssumeRole', 403),
    );
    const kept: EvidenceRecord[] = [];
    const keepRefusal = (records: EvidenceRecord[]) => kept.push(...records);
    const opened = await sessions.open({ accountId: '111111111111', runId: RUN, keepRefusal });
    expect(opened).toMatchObject({
      ok: false,
      failure: { kind: 'DENIED', operation: 'AssumeRole', code: 'AccessDenied' },
    });
    expect(kept.map(({ accountId, operation, outcome }) => [accountId, operation, outcome.ok])).toEqual([
      ['111111111111', 'AssumeRole', false],
    ]);
  });

  test('credentials of another account than the one asked for are refused', async () => {
    const { sessions } = openSessions((call) =>
      assumed({ ...call, input: { ...call.input, RoleArn: 'arn:aws:iam::222222222222:role/TrailSealAudit' } }),
    );
    const opened = await sessions.open({ accountId: '111111111111', runId: RUN });
    expect(opened).toMatchObject({ ok: false, failure: { kind: 'ERROR', code: 'WrongAccount' } });
  });
});

test('throttled by STS, fewer roles are assumed at once, and none is given up', async () => {
  let waiting: (() => void)[] = [];
  const refused = new Set<string>();
  let most = 0;
  const { sessions } = openSessions(async (call) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      most = Math.max(most, waiting.length);
    });
    const arn = String(call.input.RoleArn);
    // The first sixteen are throttled once; later ones are not.
    if (refused.size < 16 && !refused.has(arn)) {
      refused.add(arn);
      return queryError('Throttling', 'Rate exceeded', 400);
    }
    return assumed(call);
  });
  const entering = Promise.all(
    Array.from({ length: 40 }, (_, i) => sessions.open({ accountId: String(100000000000 + i), runId: RUN })),
  );
  const underWay = async (calls: number) => {
    while (waiting.length < calls) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const answerAll = () => {
    const answered = waiting;
    waiting = [];
    for (const answer of answered) answer();
    return answered.length;
  };
  await underWay(32);
  answerAll();
  most = 0;
  for (let left = 24; left > 0; left -= answerAll()) {
    await underWay(1);
    // Long enough for all that the gate lets through.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect((await entering).filter(({ ok }) => ok)).toHaveLength(40);
  // Half of the 32: those that were throttled, asked again. Wider by one for each round of answers.
  expect(most).toBeLessThanOrEqual(18);
}, 60_000);

test("every call is signed with the key of the account it is for, however the accounts' calls interleave", async () => {
  const { sessions, calls } = openSessions(
    async (call) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
      if (call.operation === 'AssumeRole') return assumed(call);
      if (Math.random() < 0.2) return jsonError('ThrottlingException', 'Rate exceeded');
      if (call.operation === 'GetTrailStatus') return { body: { IsLogging: true } };
      return { body: { trailList: [] } };
    },
    { maxAttempts: 30 },
  );
  const accounts = Array.from({ length: 60 }, (_, i) => String(100000000000 + i));
  const regions = ['us-east-1', 'eu-west-1', 'ap-south-1'];
  await Promise.all(
    accounts.map(async (accountId) => {
      const account = await openSession(sessions, accountId);
      await Promise.all(
        regions.flatMap((region) => [
          account.trails(region),
          account.trailStatus(region, `arn:aws:cloudtrail:${region}:${accountId}:trail/t`),
        ]),
      );
    }),
  );
  const named = calls.filter(({ operation }) => operation === 'GetTrailStatus');
  expect(named.length).toBeGreaterThanOrEqual(accounts.length * regions.length);
  for (const { input, accessKeyId, sessionToken } of named) {
    const accountId = String(input.Name).split(':')[4] ?? '';
    expect(accessKeyId).toBe(keyOf(accountId));
    expect(sessionToken).toBe(`token-of-${accountId}-1`);
  }
  for (const accountId of accounts) {
    const lists = calls.filter(
      ({ operation, accessKeyId }) => operation === 'DescribeTrails' && accessKeyId === keyOf(accountId),
    );
    expect(new Set(lists.map(({ region }) => region))).toEqual(new Set(regions));
  }
});

describe('a session that ends mid-scan', () => {
  const expiring = () => {
    let generation = 0;
    return openSessions((call) => {
      if (call.operation === 'AssumeRole') return assumed(call, { generation: ++generation });
      return call.sessionToken?.endsWith('-1')
        ? jsonError('ExpiredTokenException', 'The security token included in the request is expired')
        : { body: { trailList: [] } };
    });
  };

  test('is renewed once for all the calls that met it', async () => {
    const { sessions, calls } = expiring();
    const account = await openSession(sessions, '111111111111');
    const readings = await Promise.all(['us-east-1', 'eu-west-1', 'eu-west-2'].map((region) => account.trails(region)));
    expect(readings.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(calls.filter(({ operation }) => operation === 'AssumeRole')).toHaveLength(2);
    expect(account.calls()).toBe(5);
    expect(
      account
        .takeEvidence()
        .map(({ operation, outcome }) => `${operation} ${outcome.ok}`)
        .sort(),
    ).toEqual([
      'AssumeRole true',
      'AssumeRole true',
      'DescribeTrails true',
      'DescribeTrails true',
      'DescribeTrails true',
    ]);
  });

  test('is renewed before its end is reached, by the time since it began', async () => {
    // A clock that is hours fast must not make every session look spent.
    let now = Date.now() + 10_000_000;
    let generation = 0;
    const { sessions, calls } = openSessions(
      (call) =>
        call.operation === 'AssumeRole' ? assumed(call, { generation: ++generation }) : { body: { trailList: [] } },
      { clock: () => new Date(now) },
    );
    const account = await openSession(sessions, '111111111111');
    await account.trails('us-east-1');
    now += 800_000;
    await account.trails('us-east-1');
    now += 90_000;
    await account.trails('us-east-1');
    const [first, second] = [keyOf('111111111111', 1), keyOf('111111111111', 2)];
    const keys = calls.map(({ accessKeyId }) => accessKeyId);
    expect(keys).toEqual([OWN.accessKeyId, first, first, OWN.accessKeyId, second]);
  });

  test('that cannot be renewed is a failure', async () => {
    let asked = 0;
    const { sessions } = openSessions((call) => {
      if (call.operation !== 'AssumeRole') return jsonError('ExpiredTokenException', 'expired');
      return ++asked === 1 ? assumed(call) : queryError('AccessDenied', 'no longer', 403);
    });
    const account = await openSession(sessions, '111111111111');
    expect(await account.trails('us-east-1')).toMatchObject({
      ok: false,
      failure: { kind: 'DENIED', operation: 'AssumeRole' },
    });
  });
});

describe('an account that is opened again', () => {
  test('by Inspect after Scan needs no other role, until the session ends; refused, it is asked again', async () => {
    let now = Date.now();
    let generation = 0;
    const { handler, calls } = wire((call) => {
      if (call.operation !== 'AssumeRole') return { body: { trailList: [] } };
      if (String(call.input.RoleArn).includes('222222222222')) return queryError('AccessDenied', 'no', 403);
      return assumed(call, { generation: ++generation });
    });
    const access = createAwsAccess({
      ...{ region: 'eu-west-1', credentials: OWN, requestHandler: handler, retry: { delayFactor: 0 } },
      clock: () => new Date(now),
    });
    const open = accountSessionsOf(access);
    const planOf = (runId: string) => ({
      ...{ runId, callerAccountId: SELF, callerArn: `arn:aws:iam::${SELF}:user/x`, partition: 'aws' },
      settings: { ...defaultSettings(), roleName: 'TrailSealAudit', externalId: null },
    });
    const [run, other] = [RUN, RUN.replace(/0$/, '1')];
    const visit = async (runId: string, accountId: string) => {
      const opened = await open(planOf(runId)).open({ accountId, runId });
      if (!opened.ok) return [opened.failure.kind];
      await opened.value.trails('us-east-1');
      return opened.value.takeEvidence().map(({ operation }) => operation);
    };
    expect(await visit(run, '111111111111')).toEqual(['AssumeRole', 'DescribeTrails']);
    expect(await visit(run, '111111111111')).toEqual(['DescribeTrails']);
    now += 850_000;
    expect(await visit(run, '111111111111')).toEqual(['AssumeRole', 'DescribeTrails']);
    expect(await visit(run, '111111111111')).toEqual(['DescribeTrails']);
    expect(await visit(other, '111111111111')).toEqual(['AssumeRole', 'DescribeTrails']);
    expect(await visit(run, '222222222222')).toEqual(['DENIED']);
    expect(await visit(run, '222222222222')).toEqual(['DENIED']);
    const trails = calls.filter(({ operation }) => operation === 'DescribeTrails');
    expect(trails.map(({ accessKeyId }) => accessKeyId)).toEqual([1, 1, 2, 2, 3].map((g) => keyOf('111111111111', g)));
    expect(calls.filter(({ operation }) => operation === 'AssumeRole')).toHaveLength(5);
  });
});

describe('abort', () => {
  test('ends the calls under way and refuses new ones', async () => {
    const stop = new AbortController();
    const { sessions, calls } = openSessions((call) => {
      if (call.operation === 'AssumeRole') return assumed(call);
      return new Promise((_, reject) => {
        call.signal?.addEventListener('abort', () =>
          reject(Object.assign(new Error('aborted'), { name: 'AbortError' })),
        );
      });
    });
    const account = await openSession(sessions, '111111111111', stop.signal);
    const under = account.trails('us-east-1');
    setTimeout(() => stop.abort(), 10);
    await expect(under).rejects.toMatchObject({ name: 'AbortError' });
    const before = calls.length;
    await expect(account.trails('us-east-1')).rejects.toMatchObject({ name: 'AbortError' });
    await expect(sessions.open({ accountId: '111111111111', runId: RUN, signal: stop.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(calls).toHaveLength(before);
  });

  test('ends the wait between two attempts', async () => {
    const stop = new AbortController();
    const { handler } = wire((call) =>
      call.operation === 'AssumeRole' ? assumed(call) : jsonError('ThrottlingException', 'slow'),
    );
    const access = createAwsAccess({
      region: 'eu-west-1',
      credentials: OWN,
      requestHandler: handler,
      // Hours: the test ends only where the wait does.
      retry: { delayFactor: 1_000_000, windowMs: Number.POSITIVE_INFINITY },
    });
    const caller = { accountId: SELF, arn: `arn:aws:iam::${SELF}:user/x`, partition: 'aws' };
    const sessions = createAccountSessions({ access, caller, roleName: 'r', externalId: null });
    const account = await openSession(sessions, '111111111111', stop.signal);
    setTimeout(() => stop.abort(), 20);
    await expect(account.trails('us-east-1')).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('evidence', () => {
  const twoPages = (call: WireCall): WireAnswer => {
    if (call.operation === 'AssumeRole') return assumed(call);
    if (call.operation === 'ListEventDataStores') {
      return call.input.NextToken
        ? { body: { EventDataStores: [{ EventDataStoreArn: 'arn:b', Name: 'b' }] } }
        : { body: { EventDataStores: [], NextToken: 'more' } };
    }
    return jsonError('AccessDeniedException', 'User is not authorized', 400);
  };
  const record = async (account: AccountSession) => {
    await account.eventDataStores('us-east-1');
    await account.trailStatus('us-east-1', 'arn:aws:cloudtrail:us-east-1:111111111111:trail/t');
    return account.takeEvidence();
  };

  test('holds each answer, each page and each refusal, once', async () => {
    const { sessions } = openSessions(twoPages);
    const account = await openSession(sessions, '111111111111');
    const evidence = await record(account);
    expect(evidence.map(({ ref }) => ref)).toEqual([
      '111111111111/*/AssumeRole',
      '111111111111/us-east-1/ListEventDataStores',
      '111111111111/us-east-1/ListEventDataStores#2',
      '111111111111/us-east-1/GetTrailStatus/arn:aws:cloudtrail:us-east-1:111111111111:trail/t',
    ]);
    expect(evidence[2]).toMatchObject({
      service: 'cloudtrail',
      requestId: 'request-3',
      principalArn: `arn:aws:sts::111111111111:assumed-role/TrailSealAudit/TrailSeal-${RUN}`,
      input: { NextToken: 'more' },
      outcome: { ok: true, output: { EventDataStores: [{ EventDataStoreArn: 'arn:b', Name: 'b' }] } },
    });
    expect(evidence[3]?.outcome).toEqual({
      ok: false,
      code: 'AccessDeniedException',
      message: 'User is not authorized',
      httpStatus: 400,
    });
    expect(account.takeEvidence()).toEqual([]);
  });

  test('holds no credential and no external id', async () => {
    const { sessions } = openSessions(twoPages, { externalId: 'external-id-marker' });
    const text = JSON.stringify(await record(await openSession(sessions, '111111111111')));
    for (const secret of [
      'secret-of-',
      'token-of-',
      'own-secret-marker',
      'own-token-marker',
      'external-id-marker',
      'ASIA1',
    ]) {
      expect(text).not.toContain(secret);
    }
  });

  test('holds no token that a service repeats in its error', async () => {
    const { sessions } = openSessions((call) =>
      call.operation === 'AssumeRole'
        ? assumed(call)
        : jsonError(
            'SignatureDoesNotMatch',
            `canonical: x-amz-security-token:${call.sessionToken} by ${call.accessKeyId}`,
            403,
          ),
    );
    const account = await openSession(sessions, '111111111111');
    const reading = await account.trails('us-east-1');
    const text = JSON.stringify([reading, account.takeEvidence()]);
    expect(reading).toMatchObject({ ok: false, failure: { kind: 'CREDENTIALS' } });
    expect(text).toContain('canonical');
    expect(text).not.toContain('token-of-');
    expect(text).not.toContain('ASIA1');
  });
});
