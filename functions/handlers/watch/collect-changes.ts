import { createHash } from 'node:crypto';
import type { ReportStore } from '../../domain/model/store.ts';
import { isJoining } from '../../domain/watch/affected-accounts.ts';
import { type ChangeEvent, parseChangeEvent, type Unchanged } from '../../domain/watch/change-event.ts';
import { GRACE_SECONDS } from '../../domain/watch/tick.ts';
import { answeredOf } from '../../report/current/answered.ts';
import type { Handler } from '../ports.ts';
import { comeAgain, jsonOf, type Message, readMessages } from './queue-payload.ts';
import { noteRegions } from './seen-regions.ts';
import { endOf, eventsOf, windowAt } from './windows.ts';

export interface CollectPorts {
  store: ReportStore;
  /** Milliseconds since 1970. */
  now(): number;
  windowSeconds: number;
  /** The queue in which accounts that joined wait for their role. */
  newcomersArn: string;
  /** Has a window looked into once it has ended; the same window again within five minutes is one. */
  tick(window: string): Promise<void>;
}

/** Times that a newcomer is tried, a quarter of an hour apart; then the whole runs go on with it. */
export const PATIENCE = 8;

/**
 * Keeps the events of a batch with the window of their arrival, and has that window looked into once it has ended. What
 * cannot be read comes again, and ends among the dead letters. An account that joined is tried until it has answered.
 */
export const createCollect =
  (ports: CollectPorts): Handler =>
  async (payload) => {
    const { store } = ports;
    const again: Message[] = [];
    const kept: { id: string; event: unknown }[] = [];
    const seen = new Map<string, string>();
    const received: { message: Message; event: unknown; change: ChangeEvent; waits: boolean }[] = [];
    for (const message of readMessages(payload)) {
      const event = jsonOf(message.body);
      const change = changeIn(event);
      if (change === null) again.push(message);
      if (change === null || typeof change === 'string') continue;
      seen.set(change.region, change.at);
      const waits = message.eventSourceARN === ports.newcomersArn;
      // It comes through both queues: here for those that are there, there for those that are awaited.
      if (isJoining(change) === waits) received.push({ message, event, change, waits });
    }
    const awaited = received.flatMap(({ waits, change }) => (waits ? [...change.accounts] : []));
    const answered = awaited.length > 0 ? await answeredOf(store, awaited) : new Set();
    for (const { message, event, change, waits } of received) {
      if (waits && [...change.accounts].every((account) => answered.has(account))) continue;
      kept.push({ id: change.eventId, event });
      if (waits && Number(message.attributes.ApproximateReceiveCount) < PATIENCE) again.push(message);
    }
    if (kept.length > 0) await keep(ports, kept);
    await noteRegions(store, seen);
    return { ...comeAgain(again), kept: kept.length };
  };

function changeIn(event: unknown): ChangeEvent | Unchanged | null {
  try {
    return parseChangeEvent(event);
  } catch {
    return null;
  }
}

async function keep(
  { store, now, windowSeconds, tick }: CollectPorts,
  kept: readonly { id: string; event: unknown }[],
): Promise<void> {
  // Named by what it holds: a batch that comes twice is one file.
  const ids = kept.map(({ id }) => id).sort();
  const name = createHash('sha256').update(ids.join('\n')).digest('hex').slice(0, 24);
  const body = `${JSON.stringify(kept.map(({ event }) => event))}\n`;
  for (;;) {
    const window = windowAt(now(), windowSeconds);
    await store.write(`${eventsOf(window)}${name}.json`, body);
    await tick(window);
    if (now() <= endOf(window, windowSeconds) + (GRACE_SECONDS * 1_000) / 2) return;
  }
}
