import { becauseOf } from '../../../functions/domain/watch/because.ts';
import { parseChangeEvent } from '../../../functions/domain/watch/change-event.ts';
import { affectedIn } from '../../../functions/report/current/known-resources.ts';
import { createSimulation } from '../../../functions/simulator/simulation.ts';
import type { WorldSpec } from '../../../functions/simulator/world/world-spec.ts';
import { apiCall } from '../../domain/watch/events.ts';
import { type ScannedWorld, scanWorld } from '../../scan-world.ts';

export const OWNER = '111111111111';
export const PAYMENTS = '222222222222';
export const ARCHIVE = '333333333333';
export const SHOP = '444444444444';

/** An organization trail of the management account, and trails of two members that log to a third one's bucket. */
export const world = (trails: { payments?: object; shop?: object } = {}): WorldSpec => ({
  accounts: [
    { name: 'management', id: OWNER },
    { name: 'payments', id: PAYMENTS },
    { name: 'archive', id: ARCHIVE },
    { name: 'shop', id: SHOP },
  ],
  trails: [
    { name: 'org', organization: true, key: 'org-key', bucket: 'org-logs', events: 'read' },
    { name: 'payments', owner: 'payments', key: 'shared', bucket: 'member-logs', ...trails.payments },
    { name: 'shop', owner: 'shop', key: 'shared', bucket: 'member-logs', ...trails.shop },
  ],
  keys: [
    { name: 'org-key', owner: 'management' },
    { name: 'shared', owner: 'archive' },
  ],
  buckets: [{ name: 'member-logs', owner: 'archive' }],
});

export const STOPPED = apiCall('StopLogging', {
  account: PAYMENTS,
  region: 'us-east-1',
  at: '2026-11-20T12:59:00Z',
  requestParameters: { name: `arn:aws:cloudtrail:us-east-1:${PAYMENTS}:trail/payments` },
});

/** A whole run, then what `events` narrow a run to in the world as it is an hour later. */
export async function changedWorld(
  after: WorldSpec,
  events: readonly object[],
): Promise<{ whole: ScannedWorld; narrowed: ScannedWorld }> {
  const whole = await scanWorld({ world: world() });
  return { whole, narrowed: await scannedAgain(whole, after, events) };
}

export async function scannedAgain(
  earlier: ScannedWorld,
  after: WorldSpec,
  events: readonly object[],
  now = '2026-11-20T13:00:00.000Z',
): Promise<ScannedWorld> {
  const changes = events.map((event) => parseChangeEvent(event)).filter((change) => typeof change !== 'string');
  const because = becauseOf(await affectedIn(earlier.store, changes));
  if (!because) throw new Error('the events affect nobody');
  return scanWorld({}, { simulation: createSimulation({ now, world: after }), store: earlier.store, because });
}
