import { becauseKey } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { becauseOf } from '../../domain/watch/because.ts';
import { type ChangeEvent, parseChangeEvent } from '../../domain/watch/change-event.ts';
import { affectedIn } from '../../report/current/known-resources.ts';
import type { Handler } from '../ports.ts';
import { comeAgain, jsonOf, type Message, readMessages } from './queue-payload.ts';
import { needsWholeRun, type WholeRunPorts } from './whole-run.ts';
import { eventsOf, isWholeRun, WINDOW, wholeRunOf } from './windows.ts';

export interface StartPorts extends WholeRunPorts {
  /** Names of the runs that changes started and that have not ended. */
  running(): Promise<string[]>;
  /** Of narrowed runs; a whole one is beside them, one at a time. */
  runsAtOnce: number;
  /** Starts the workflow under this name; one that has been started before is not started again. */
  start(name: string, input: Record<string, string>): Promise<void>;
  /** Has a whole run considered later: once the narrowed run has announced what it finds. */
  wholeLater(window: string): Promise<void>;
}

/**
 * Starts one run for the windows of a batch, if their events affect any account. Windows have a group of the queue, so
 * that this runs once at a time; where as many runs are under way as may be, the windows wait and become one run later.
 * Where every account may be recorded otherwise, a whole run follows.
 */
export const createStart =
  (ports: StartPorts): Handler =>
  async (payload) => {
    const messages = readMessages(payload).map((message) => ({ message, window: windowIn(message.body) ?? '' }));
    const running = await ports.running();
    const again: Message[] = [];
    const windows = messages.filter(({ window }) => WINDOW.test(window));
    const full = running.filter((name) => !isWholeRun(name)).length >= ports.runsAtOnce;
    if (full) again.push(...windows.map(({ message }) => message));
    const narrowed = full ? null : await startNarrowed(ports, [...new Set(windows.map(({ window }) => window))].sort());
    // The newest one speaks for those before it.
    const wholes = messages.filter(({ window }) => isWholeRun(window)).sort((a, b) => (a.window < b.window ? 1 : -1));
    const [newest] = wholes;
    const whole = newest ? await needsWholeRun(ports, newest.window, running) : 'NO';
    if (newest && whole === 'NOW') await ports.start(newest.window, {});
    if (whole === 'LATER') again.push(...wholes.map(({ message }) => message));
    return { ...comeAgain(again), started: narrowed?.started ?? null, events: narrowed?.events ?? 0, whole };
  };

async function startNarrowed(
  { store, start, wholeLater }: StartPorts,
  windows: readonly string[],
): Promise<{ started: string; events: number } | null> {
  const name = windows.at(-1);
  if (name === undefined) return null;
  const because = becauseOf(await affectedIn(store, eventsIn(store, windows), { onlyUnseen: true }));
  if (because === null) return null;
  await store.write(becauseKey(name), `${JSON.stringify(because, null, 1)}\n`);
  await start(name, { because: name });
  if (because.everywhereAt !== null) await wholeLater(wholeRunOf(name));
  return { started: name, events: because.events };
}

/** `{"window": "watch-…"}`, as EventBridge takes it from the tick. */
function windowIn(body: string): string | null {
  const { window } = (jsonOf(body) ?? {}) as { window?: unknown };
  return typeof window === 'string' ? window : null;
}

async function* eventsIn(store: ReportStore, windows: readonly string[]): AsyncGenerator<ChangeEvent> {
  for (const window of windows) {
    for await (const key of store.list(eventsOf(window))) {
      const body = jsonOf(new TextDecoder().decode((await store.read(key)) ?? new Uint8Array()));
      for (const event of Array.isArray(body) ? body : []) {
        const change = parseChangeEvent(event);
        if (typeof change !== 'string') yield change;
      }
    }
  }
}
