import { becauseKey } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { becauseOf } from '../../domain/watch/because.ts';
import { type ChangeEvent, parseChangeEvent } from '../../domain/watch/change-event.ts';
import { affectedIn } from '../../report/current/known-resources.ts';
import type { Handler } from '../ports.ts';
import { comeAgain, jsonOf, readMessages } from './queue-payload.ts';
import { eventsOf, WINDOW } from './windows.ts';

export interface StartPorts {
  store: ReportStore;
  /** Runs that changes started and that have not ended. */
  running(): Promise<number>;
  runsAtOnce: number;
  /** Starts the workflow under this name; one that has been started before is not started again. */
  start(name: string, input: Record<string, string>): Promise<void>;
}

/**
 * Starts one run for the windows of a batch, if their events affect any account. The queue has one group, so that this
 * runs once at a time; where as many runs are under way as may be, the windows wait and become one run later.
 */
export const createStart =
  ({ store, running, runsAtOnce, start }: StartPorts): Handler =>
  async (payload) => {
    const messages = readMessages(payload);
    const windows = new Set(messages.flatMap(({ body }) => windowIn(body) ?? []));
    const name = [...windows].sort().at(-1);
    if (name === undefined) return { ...comeAgain([]), started: null };
    if ((await running()) >= runsAtOnce) return { ...comeAgain(messages), started: null };
    const events: ChangeEvent[] = [];
    for (const window of windows) for await (const event of eventsIn(store, window)) events.push(event);
    const because = becauseOf(await affectedIn(store, events));
    if (because === null) return { ...comeAgain([]), started: null, events: events.length };
    await store.write(becauseKey(name), `${JSON.stringify(because, null, 1)}\n`);
    await start(name, { because: name });
    return { ...comeAgain([]), started: name, events: events.length, accounts: because.accounts.length };
  };

/** `{"window": "watch-…"}`, as EventBridge takes it from the tick. */
function windowIn(body: string): string | null {
  const { window } = (jsonOf(body) ?? {}) as { window?: unknown };
  return typeof window === 'string' && WINDOW.test(window) ? window : null;
}

async function* eventsIn(store: ReportStore, window: string): AsyncGenerator<ChangeEvent> {
  for await (const key of store.list(eventsOf(window))) {
    const body = jsonOf(new TextDecoder().decode((await store.read(key)) ?? new Uint8Array()));
    for (const event of Array.isArray(body) ? body : []) {
      const change = parseChangeEvent(event);
      if (typeof change !== 'string') yield change;
    }
  }
}
