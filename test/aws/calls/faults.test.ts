import { expect, test } from '@jest/globals';
import { createAccountSessions } from '../../../functions/aws/account/account-session.ts';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import { createOrganizationReader } from '../../../functions/aws/organization/organization-reader.ts';
import type { AccountSession } from '../../../functions/domain/model/account-access.ts';
import type { Account } from '../../../functions/domain/model/organization.ts';
import type { FailureKind, Reading } from '../../../functions/domain/model/reading.ts';
import { createSimulation, type SimulationSpec } from '../../../functions/simulator/simulation.ts';
import { atDepth } from '../../depth.ts';

const WORLD: SimulationSpec = {
  accounts: atDepth({ quick: 6, deep: 12 }),
  regions: 2,
  seed: 11,
  now: '2026-11-20T12:00:00.000Z',
};
const FREE = { perSecond: 1_000_000, burst: 1_000_000 };
const UNLIMITED = {
  ListAccounts: FREE,
  ListAccountsForParent: FREE,
  ListOrganizationalUnitsForParent: FREE,
  ListRoots: FREE,
};

/** Everything the adapters can read of a simulated organization, by what was asked. */
const readAll = async (spec: SimulationSpec, maxAttempts: number) => {
  const simulation = createSimulation({ ...WORLD, ...spec });
  const accessWith = (attempts: number) =>
    createAwsAccess({
      region: 'us-east-1',
      credentials: simulation.credentials,
      requestHandler: simulation.requestHandler({ requestTimeoutMs: 5 }) as never,
      retry: { delayFactor: 0, maxAttempts: attempts },
    });
  // The listing always has attempts to spare: without it there are no accounts to be read.
  const organization = createOrganizationReader({ access: accessWith(25), rates: UNLIMITED });
  const access = accessWith(maxAttempts);
  const caller = await organization.caller();
  const accounts: Account[] = [];
  for await (const account of organization.accounts()) accounts.push(account);
  const sessions = createAccountSessions({
    access,
    caller,
    roleName: simulation.roleName,
    externalId: null,
    sampleLogs: true,
  });
  const readings = new Map<string, Reading<unknown>>();
  await Promise.all(
    accounts.map(async ({ accountId }) => {
      const opened = await sessions.open({ accountId, runId: 'RUN' });
      readings.set(`${accountId} enter`, opened.ok ? { ok: true, value: opened.value.principalArn } : opened);
      if (opened.ok) await readAccount(opened.value, simulation.regions, readings);
    }),
  );
  return { accounts, readings, faults: simulation.faults() };
};

const readAccount = async (
  account: AccountSession,
  regions: readonly string[],
  readings: Map<string, Reading<unknown>>,
) => {
  const keep = async <T>(name: string, reading: Promise<Reading<T>>): Promise<T | null> => {
    const answer = await reading;
    readings.set(`${account.accountId} ${name}`, answer);
    return answer.ok ? answer.value : null;
  };
  await keep('regions', account.regions());
  const seen = new Set<string>();
  for (const region of regions) {
    await keep(`stores ${region}`, account.eventDataStores(region));
    for (const trail of (await keep(`trails ${region}`, account.trails(region))) ?? []) {
      const at = trail.trailArn;
      if (seen.has(at)) continue;
      seen.add(at);
      await keep(`status ${at}`, account.trailStatus(trail.homeRegion, trail.trailArn));
      await keep(`selectors ${at}`, account.eventSelectors(trail.homeRegion, trail.trailArn));
      if (trail.kmsKeyId) {
        await keep(`key ${at}`, account.key(trail.kmsKeyId));
        await keep(`rotation ${at}`, account.keyRotation(trail.kmsKeyId));
        await keep(`policy ${at}`, account.keyPolicy(trail.kmsKeyId));
      }
      if (trail.logGroupArn) await keep(`group ${at}`, account.logGroup(trail.homeRegion, trail.logGroupArn));
      const owned = trail.bucket && (await keep(`bucket ${at}`, account.ownBucket(trail.bucket)));
      if (!owned || !trail.bucket) continue;
      const bucket = { bucket: trail.bucket, region: owned.region };
      await keep(`blocked ${at}`, account.bucketPublicAccessBlock(bucket));
      await keep(`account-blocked ${account.accountId}`, account.accountPublicAccessBlock());
      await keep(`versioning ${at}`, account.bucketVersioning(bucket));
      await keep(`logging ${at}`, account.bucketAccessLogging(bucket));
      await keep(`encryption ${at}`, account.bucketEncryption(bucket));
      await keep(`lock ${at}`, account.bucketObjectLock(bucket));
      await keep(`expiry ${at}`, account.bucketExpiry({ ...bucket, folders: ['AWSLogs/1/CloudTrail'] }));
      const prefix = `AWSLogs/${account.accountId}/CloudTrail/`;
      await keep(`log ${at}`, account.newestLogObject({ ...bucket, prefix }));
    }
  }
};

const calm = readAll({}, 1);

test('a calm organization gives something of everything', async () => {
  const { readings } = await calm;
  const kinds = new Set([...readings].filter(([, { ok }]) => ok).map(([name]) => name.split(' ')[1]));
  expect([...kinds].sort()).toEqual(
    'account-blocked blocked bucket encryption enter expiry group key lock log logging policy regions rotation selectors status stores trails versioning'.split(
      ' ',
    ),
  );
  expect(readings.size).toBeGreaterThan(atDepth({ quick: 40, deep: 80 }));
}, 60_000);

test.each<[string, SimulationSpec]>([
  ['throttling', { throttle: 0.3 }],
  ['errors of the service', { error: 0.3 }],
  ['connections that are reset', { reset: 0.2, lost: 0.2 }],
  ['calls that are never answered', { stall: 0.2 }],
  ['bodies that break off', { truncated: 0.3 }],
  ['bodies that end early, as if whole', { garbled: 0.3 }],
  ['web pages', { html: 0.3 }],
  ['everything at once', { throttle: 0.1, error: 0.1, reset: 0.05, truncated: 0.05, garbled: 0.05, html: 0.05 }],
  ['a fast clock', { clockSkewMs: 600_000 }],
  ['a slow clock', { clockSkewMs: -600_000 }],
  ['sessions that end after a few calls', { sessionCalls: 5 }],
  ['pages that are empty, short or given twice', { emptyPages: 0.3, shortPages: 0.3, repeatedPages: 0.3, pageSize: 3 }],
  ['checked signatures', { verifySignatures: true }],
])(
  '%s: with attempts enough, every answer is that of a calm day',
  async (_, spec) => {
    const [{ accounts, readings }, undisturbed] = [await readAll(spec, 25), await calm];
    expect(accounts).toEqual(undisturbed.accounts);
    const differing = [...undisturbed.readings].filter(
      ([name, reading]) => JSON.stringify(readings.get(name)) !== JSON.stringify(reading),
    );
    expect(differing.map(([name, reading]) => ({ name, reading, came: readings.get(name) }))).toEqual([]);
    expect(readings.size).toBe(undisturbed.readings.size);
  },
  60_000,
);

test.each<[Partial<SimulationSpec>, FailureKind[]]>([
  // An answer to HEAD has a status only, and 503 may mean either.
  [{ throttle: 0.15 }, ['THROTTLED', 'ERROR']],
  [{ error: 0.15 }, ['ERROR', 'THROTTLED']],
  [{ reset: 0.15 }, ['ERROR']],
  [{ truncated: 0.15 }, ['ERROR']],
  [{ garbled: 0.15 }, ['ERROR']],
  [{ html: 0.15 }, ['ERROR']],
])(
  '%j: without a second attempt, an answer is that of a calm day or a failure of its kind',
  async (spec, kinds) => {
    const undisturbed = await calm;
    const disturbed = await readAll(spec, 1);
    let failures = 0;
    for (const [name, reading] of disturbed.readings) {
      const expected = undisturbed.readings.get(name);
      if (JSON.stringify(reading) === JSON.stringify(expected)) continue;
      if (reading.ok) throw new Error(`${name}: ${JSON.stringify(reading)} instead of ${JSON.stringify(expected)}`);
      expect(kinds).toContain(reading.failure.kind);
      failures++;
    }
    expect(failures).toBeGreaterThan(3);
  },
  60_000,
);
