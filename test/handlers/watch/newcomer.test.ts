import { expect, test } from '@jest/globals';
import { createCollect, PATIENCE } from '../../../functions/handlers/watch/collect-changes.ts';
import { createStart } from '../../../functions/handlers/watch/start-runs.ts';
import { createSimulation } from '../../../functions/simulator/simulation.ts';
import { apiCall } from '../../domain/watch/events.ts';
import { OWNER, world } from '../../report/current/changed-world.ts';
import { scanWorld } from '../../scan-world.ts';
import { batchOf } from './queue-model.ts';

const NEWCOMER = '555555555555';
const context = { signal: new AbortController().signal };
const withNewcomer = (role: boolean) => {
  const before = world();
  return { ...before, accounts: [...before.accounts, { name: 'newcomer', id: NEWCOMER, role }] };
};

test('an account that joined is looked at every quarter of an hour until its role is there, then as every other', async () => {
  const morning = await scanWorld({ world: world() });
  const { store } = morning;
  const clock = { now: Date.parse('2026-11-20T13:00:00Z') };
  const ticks: string[] = [];
  const collect = createCollect({
    store,
    now: () => clock.now,
    windowSeconds: 300,
    newcomersArn: 'newcomers',
    tick: async (window) => {
      ticks.push(window);
    },
  });
  const joined = JSON.stringify(
    apiCall('CreateAccountResult', {
      ...{ service: 'organizations', account: OWNER, region: 'us-east-1', at: '2026-11-20T13:00:00Z' },
      serviceEventDetails: { createAccountStatus: { state: 'SUCCEEDED', accountId: NEWCOMER } },
    }),
  );
  /** One turn of the queue, and the run that comes of it; null once the account is not waited for any more. */
  const turn = async (received: number, role: boolean) => {
    const batch = batchOf('newcomers', [{ id: 'm', body: joined, received }]);
    const { kept, batchItemFailures: again } = (await collect(batch, context)) as {
      kept: number;
      batchItemFailures: unknown[];
    };
    if (kept === 0) return null;
    const window = ticks.at(-1) ?? '';
    let because: unknown;
    const start = createStart({
      ...{ store, now: () => clock.now, windowSeconds: 300, wholeRunHours: 6, runsAtOnce: 3 },
      ...{ running: async () => [], wholeLater: async () => {} },
      async start(name) {
        because = JSON.parse(store.text(`runs/${name}/because.json`));
      },
    });
    await start(batchOf('ticks', [{ id: 't', body: JSON.stringify({ window }), received: 1 }]), context);
    const simulation = createSimulation({ now: new Date(clock.now).toISOString(), world: withNewcomer(role) });
    const run = await scanWorld({}, { simulation, store, because: because as never });
    clock.now += 15 * 60_000;
    const states = (await run.rows('coverage'))
      .filter(({ account_id: id }) => id === NEWCOMER)
      .map(({ state }) => state);
    return { again: again.length, states, status: run.report.run.status };
  };
  const refused = { again: 1, states: ['ACCESS_DENIED', 'ACCESS_DENIED'], status: 'PARTIAL' };
  expect(await turn(1, false)).toEqual(refused);
  expect(await turn(2, false)).toEqual(refused);
  expect(await turn(3, true)).toEqual({ again: 1, states: ['SCANNED', 'SCANNED'], status: 'COMPLETE' });
  // It has answered: the message is deleted, and no run is started for it.
  expect(await turn(4, true)).toBeNull();
  expect(ticks).toHaveLength(3);
  expect(PATIENCE).toBeGreaterThan(4);
});
