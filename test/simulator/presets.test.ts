import { DescribeTrailsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import { ListAccountsCommand } from '@aws-sdk/client-organizations';
import { describe, expect, test } from '@jest/globals';
import {
  createSimulation,
  PRESETS,
  type Simulation,
  type SimulationSpec,
} from '../../functions/simulator/simulation.ts';
import { clientsOf, openSession } from './clients.ts';

const accountsOf = ({ accountCount, accountAt }: Simulation) =>
  Array.from({ length: accountCount }, (_, index) => accountAt(index));

describe.each(PRESETS)('the %s organization', (preset) => {
  test.each([1, 2, 3, 60, 300])('of %i accounts holds together', (accounts) => {
    for (const seed of [7, 2_147_483_646]) {
      const simulation = createSimulation({ preset, accounts, seed, regions: 34 });
      const { world } = simulation;
      const all = accountsOf(simulation);
      expect(new Set(all.map(({ id }) => id)).size).toBe(accounts);
      expect(all[0]?.state).toBe('ACTIVE');
      // Collected rather than expected one by one: there are some hundred thousand of them.
      const wrong: string[] = [];
      const hold = (condition: boolean, what: string) => {
        if (!condition) wrong.push(what);
      };
      for (const account of all) {
        hold(
          /^\d{12}$/.test(account.id) && world.account(account.id)?.index === account.index,
          `account ${account.id}`,
        );
        hold(world.units.all[account.unit] !== undefined, `unit of ${account.id}`);
        const { trails, buckets } = world.holdingsOf(account.id);
        hold(new Set(trails.map(({ arn }) => arn)).size === trails.length, `trail ARNs of ${account.id}`);
        for (const region of simulation.regions) {
          hold(trails.filter(({ home }) => home === region).length <= 5, `trails of ${account.id} in ${region}`);
        }
        for (const { arn, key, bucket } of trails) {
          hold(key === null || /^arn:aws:kms:[a-z0-9-]+:\d{12}:key\//.test(key), `key of ${arn}`);
          hold(/^[a-z0-9.-]{3,63}$/.test(bucket), `bucket of ${arn}`);
        }
        for (const bucket of buckets) hold(world.bucket(bucket.name)?.owner === account.id, `bucket ${bucket.name}`);
      }
      expect(wrong).toEqual([]);
    }
  });

  test('is the same for the same seed, and another for another', () => {
    const picture = (spec: SimulationSpec) => {
      const simulation = createSimulation({ preset, now: '2026-11-02T10:00:00Z', ...spec });
      return accountsOf(simulation).map((account) => [account, simulation.world.holdingsOf(account.id)]);
    };
    expect(picture({ seed: 5 })).toEqual(picture({ seed: 5 }));
    expect(picture({ seed: 5 })).not.toEqual(picture({ seed: 6 }));
  });

  test('does not depend on what was asked before', () => {
    const one = createSimulation({ preset, accounts: 1_500, now: '2026-11-02T10:00:00Z' });
    const two = createSimulation({ preset, accounts: 1_500, now: '2026-11-02T10:00:00Z' });
    // More accounts than are kept at hand, in the other order.
    for (let index = 1_499; index >= 0; index--) two.world.holdingsOf(two.accountAt(index).id);
    for (const index of [0, 1, 500, 1_499]) {
      expect(two.accountAt(index)).toEqual(one.accountAt(index));
      expect(two.world.holdingsOf(two.accountAt(index).id)).toEqual(one.world.holdingsOf(one.accountAt(index).id));
    }
  });
});

const trailsOf = (simulation: Simulation) =>
  accountsOf(simulation).flatMap(({ id }) => simulation.world.holdingsOf(id).trails);

test('Control Tower: one organization trail with the landing zone’s names, key in the management account, bucket in Log Archive', () => {
  const simulation = createSimulation({ preset: 'control-tower', accounts: 300 });
  const [management, archive] = accountsOf(simulation);
  const [trail, ...others] = simulation.world.organizationTrails();
  expect(others).toEqual([]);
  expect(trail).toMatchObject({
    name: 'aws-controltower-BaselineCloudTrail',
    owner: management?.id,
    multiRegion: true,
  });
  expect(simulation.world.key(trail?.key ?? '')).toMatchObject({ owner: management?.id, state: 'Enabled' });
  expect(simulation.world.bucket(trail?.bucket ?? '')).toMatchObject({ owner: archive?.id });
  expect(archive?.name).toBe('Log Archive');
  expect(simulation.world.regionDeny?.allow).toHaveLength(4);
  expect(accountsOf(simulation).some(({ role }) => !role)).toBe(true);
  const plain = createSimulation({ preset: 'control-tower-no-kms', accounts: 300 });
  expect(plain.world.organizationTrails()[0]?.key).toBeNull();
});

test('tidy: every trail has a key that is there, enabled, ours and in the bucket’s region', () => {
  const simulation = createSimulation({ preset: 'tidy', accounts: 500 });
  const { world } = simulation;
  for (const trail of trailsOf(simulation)) {
    const key = world.key(trail.key ?? '');
    expect(key).toMatchObject({ state: 'Enabled', manager: 'CUSTOMER', rotation: true });
    expect(world.bucket(trail.bucket)?.region).toBe(key?.region);
    expect(trail.logging && trail.validation).toBe(true);
  }
  expect(accountsOf(simulation).every(({ role }) => role)).toBe(true);
});

test('grown: thousands of local trails, most of them without a key', () => {
  const simulation = createSimulation({ preset: 'grown', accounts: 1_000, seed: 8 });
  const trails = trailsOf(simulation);
  expect(trails.length).toBeGreaterThan(2_000);
  expect(trails.filter(({ key }) => key === null).length / trails.length).toBeGreaterThan(0.8);
  expect(simulation.world.organizationTrails()).toEqual([]);
  const partial = createSimulation({ preset: 'grown', seed: 7 }).world.organizationTrails();
  expect(partial.map(({ multiRegion }) => multiRegion)).toEqual([false]);
  const names = accountsOf(simulation).map(({ name }) => name);
  expect(new Set(names).size).toBeLessThan(names.length / 2);
});

test('the showcase shows everything, at its default size', () => {
  const simulation = createSimulation();
  const { world } = simulation;
  const accounts = accountsOf(simulation);
  expect([accounts.length, simulation.regions.length]).toEqual([60, 20]);
  expect(new Set(accounts.map(({ state }) => state))).toEqual(
    new Set(['ACTIVE', 'PENDING_CLOSURE', 'SUSPENDED', 'CLOSED', 'PENDING_ACTIVATION']),
  );
  const trails = trailsOf(simulation);
  const keys = trails.flatMap(({ key }) => (key === null ? [] : [world.key(key)]));
  expect(keys.some((key) => key === undefined)).toBe(true);
  const states = new Set(keys.map((key) => key?.state));
  for (const state of ['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport', 'Unavailable'])
    expect(states).toContain(state);
  expect(keys.some((key) => key?.manager === 'AWS')).toBe(true);
  expect(keys.some((key) => key && world.account(key.owner)?.index === -1)).toBe(true);
  expect(keys.some((key) => key?.origin === 'EXTERNAL')).toBe(true);
  expect(keys.some((key) => key?.rotation === false)).toBe(true);
  expect(trails.some(({ key }) => key === null)).toBe(true);
  expect(trails.some(({ logging }) => !logging)).toBe(true);
  expect(trails.some(({ deliveryError }) => deliveryError !== null)).toBe(true);
  expect(trails.some(({ bucket }) => world.bucket(bucket) === undefined)).toBe(true);
  expect(
    trails.some(
      ({ key, bucket }) => world.key(key ?? '') && world.bucket(bucket)?.region !== world.key(key ?? '')?.region,
    ),
  ).toBe(true);
  expect(trails.some(({ memberErrors }) => Object.keys(memberErrors).length > 0)).toBe(true);
  expect(accounts.some(({ optedIn }) => optedIn.length > 0)).toBe(true);
  expect(accounts.some(({ organizationTrails }) => !organizationTrails)).toBe(true);
  expect(accounts.some(({ role }) => !role)).toBe(true);
  const names = accounts.map(({ name }) => name);
  expect(new Set(names).size).toBeLessThan(names.length);
  expect(world.units.all.some(({ path }) => path.split('/').length === 5)).toBe(true);
});

test('two runs see the same times within the hour, and 27 hours of silence are more than 26 by any clock', async () => {
  const simulation = createSimulation();
  expect(simulation.present % 3_600_000).toBe(0);
  expect(Date.now() - simulation.present).toBeLessThan(3_600_000);
  expect(Math.abs(simulation.now() - Date.now())).toBeLessThan(1_000);
  const silent = accountsOf(simulation).find(({ name }) => name === 'search-prod');
  const credentials = await openSession({ simulation }, silent?.id ?? '');
  const { cloudtrail } = clientsOf({ simulation }, { credentials });
  const { LatestDeliveryTime } = await cloudtrail.send(new GetTrailStatusCommand({ Name: 'account-trail' }));
  expect(Date.now() - (LatestDeliveryTime?.getTime() ?? Date.now())).toBeGreaterThan(26.5 * 3_600_000);
  const pinned = createSimulation({ now: '2026-11-02T10:00:00Z' });
  expect(pinned.now() - Date.parse('2026-11-02T10:00:00Z')).toBeLessThan(5_000);
});

test('hostile names arrive as they are', async () => {
  const simulation = createSimulation({ hostile: true, accounts: 40 });
  const { organizations } = clientsOf({ simulation });
  const { Accounts = [] } = await organizations.send(new ListAccountsCommand({}));
  const names = Accounts.map(({ Name }) => Name);
  for (const name of [
    '<script>alert(1)</script>',
    '__proto__',
    '\u001b[2J\u001b]0;owned\u0007',
    'lone \ud800 surrogate',
  ]) {
    expect(names).toContain(name);
  }
  const own = accountsOf(simulation).find(
    ({ id, role, state }) =>
      role && state === 'ACTIVE' && simulation.world.holdingsOf(id).trails.some(({ organization }) => !organization),
  );
  const { cloudtrail } = clientsOf({ simulation }, { credentials: await openSession({ simulation }, own?.id ?? '') });
  const { trailList = [] } = await cloudtrail.send(new DescribeTrailsCommand({}));
  const local = trailList.find(({ IsOrganizationTrail }) => IsOrganizationTrail === false);
  await cloudtrail.send(new GetTrailStatusCommand({ Name: local?.TrailARN }));
  expect(local?.S3KeyPrefix).toBeDefined();
});

test('an older endpoint sends Status alone', async () => {
  const simulation = createSimulation({ legacyStatus: true });
  const { Accounts = [] } = await clientsOf({ simulation }).organizations.send(new ListAccountsCommand({}));
  for (const account of Accounts) {
    expect(account.Status).toBeDefined();
    expect(account.State).toBeUndefined();
    expect(account.Paths).toBeUndefined();
  }
});

test('50,000 accounts × 34 Regions are answered from a flat memory', async () => {
  const simulation = createSimulation({ accounts: 50_000, regions: 34, preset: 'grown' });
  const ask = async (index: number): Promise<void> => {
    const { id, role, state } = simulation.accountAt(index);
    if (!role || state !== 'ACTIVE') return;
    const reach = { simulation };
    const { cloudtrail } = clientsOf(reach, { credentials: await openSession(reach, id), region: 'eu-west-1' });
    const { trailList = [] } = await cloudtrail.send(new DescribeTrailsCommand({}));
    expect(trailList.every(({ TrailARN }) => TrailARN?.startsWith('arn:aws:cloudtrail:'))).toBe(true);
  };
  for (const index of [49_999, 0, 31_415]) await ask(index);
  global.gc?.();
  const before = process.memoryUsage().heapUsed;
  // Twice as many accounts as are kept at hand.
  let trails = 0;
  for (let index = 0; index < 50_000; index += 20) {
    trails += simulation.world.holdingsOf(simulation.accountAt(index).id).trails.length;
  }
  global.gc?.();
  expect(trails).toBeGreaterThan(6_000);
  const grown = process.memoryUsage().heapUsed - before;
  // Without --expose-gc garbage counts too, so the bound is generous.
  expect(grown).toBeLessThan(global.gc ? 30e6 : 150e6);
});
