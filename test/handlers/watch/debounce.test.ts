import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TrailSealError } from '../../../functions/domain/model/errors.ts';
import { createCollect } from '../../../functions/handlers/watch/collect-changes.ts';
import { createStart } from '../../../functions/handlers/watch/start-narrowed-run.ts';
import { inDepth } from '../../depth.ts';
import { apiCall } from '../../domain/watch/events.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';
import { FifoQueue, ModelClock, StandardQueue } from './queue-model.ts';

/**
 * The debounce as a model: the real handlers between queues that behave as SQS does, in a time of their own. Events are
 * lost, come twice and in any order; functions fail; runs last longer than windows.
 */
const START = Date.parse('2026-11-20T06:02:10Z');
const WINDOW = 300;

interface Storm {
  /** Changes: seconds after the start, and in which of a few accounts. */
  changes: { after: number; account: number; lost: boolean; copies: number; delay: number }[];
  runSeconds: number;
  /** Share of calls of a function that fail, before or after they did their work. */
  failing: number;
  /** Seconds that a write takes, once in a while. */
  slowWrite: number;
  runsAtOnce: number;
  seed: number;
}

interface Outcome {
  runs: { name: string; at: number; until: number; accounts: string[] }[];
  failed: number;
  mostAtOnce: number;
  latest: number;
}

const accountOf = (index: number): string => String(100_000_000_000 + index);
const atMs = (after: number): number => START + after * 1_000;

async function play(storm: Storm): Promise<Outcome> {
  const clock = new ModelClock(START);
  const random = mulberry(storm.seed);
  const store = memoryStore();
  const outcome: Outcome = { runs: [], failed: 0, mostAtOnce: 0, latest: 0 };
  const underWay = () => outcome.runs.filter(({ until }) => until > clock.now).length;
  const slow = {
    ...store,
    async write(...[key, body]: Parameters<typeof store.write>) {
      if (random() < 0.2) await clock.sleep(storm.slowWrite * 1_000);
      return store.write(key, body);
    },
  };
  /** Fails before or after the work: Lambda cannot tell which. */
  const faulty =
    (handler: (payload: unknown, context: { signal: AbortSignal }) => Promise<unknown>) =>
    async (payload: unknown, context: { signal: AbortSignal }): Promise<unknown> => {
      if (random() >= storm.failing) return handler(payload, context);
      outcome.failed += 1;
      if (random() < 0.5) await handler(payload, context);
      throw new TrailSealError('LOST', 'the function was lost');
    };
  const start = createStart({
    store,
    runsAtOnce: storm.runsAtOnce,
    running: async () => underWay(),
    async start(name) {
      if (outcome.runs.some((run) => run.name === name)) return;
      const { accounts } = JSON.parse(store.text(`runs/${name}/because.json`)) as { accounts: string[] };
      outcome.runs.push({ name, accounts, at: clock.now, until: clock.now + storm.runSeconds * 1_000 });
      outcome.mostAtOnce = Math.max(outcome.mostAtOnce, underWay());
    },
  });
  const ticks = new FifoQueue(clock, { handler: faulty(start), windowSeconds: WINDOW, visibleAfterMs: 90_000 });
  const collect = createCollect({
    store: slow,
    now: () => clock.now,
    windowSeconds: WINDOW,
    newcomersArn: 'newcomers',
    async tick(window) {
      ticks.send(JSON.stringify({ window }));
    },
  });
  const events = new StandardQueue(clock, {
    arn: 'events',
    handler: faulty(collect),
    batchMs: 20_000,
    visibleAfterMs: 360_000,
    random,
  });
  for (const [index, { after, account, lost, copies, delay }] of storm.changes.entries()) {
    const event = apiCall('StopLogging', {
      account: accountOf(account),
      at: new Date(atMs(after)).toISOString(),
      eventID: `e-${index}`,
    });
    if (lost) continue;
    for (let copy = 0; copy < copies; copy++)
      clock.at(atMs(after) + delay * 1_000 * (copy + 1), async () => {
        outcome.latest = Math.max(outcome.latest, clock.now);
        events.send(JSON.stringify(event), `m-${index}-${copy}`);
      });
  }
  await clock.runAll();
  return outcome;
}

/** When a change was seen: by the first run in its account that started after it. */
const seenAfter = (storm: Storm, { runs }: Outcome) =>
  storm.changes
    .filter(({ lost }) => !lost)
    .map(({ after, account }) => {
      const at = atMs(after);
      const run = runs.find((candidate) => candidate.at >= at && candidate.accounts.includes(accountOf(account)));
      return run === undefined ? Number.POSITIVE_INFINITY : (run.at - at) / 1_000;
    });

const windowsOf = (storm: Storm, { latest }: Outcome): number => {
  const first = Math.min(...storm.changes.map(({ after }) => atMs(after)));
  if (latest === 0) return 0;
  // A slow write may move the last batch into the window after.
  return Math.floor(latest / (WINDOW * 1_000)) - Math.floor(first / (WINDOW * 1_000)) + 2;
};

const change = fc.record({
  after: fc.integer({ min: 0, max: 1_500 }),
  account: fc.integer({ min: 0, max: 60 }),
  lost: fc.boolean(),
  copies: fc.integer({ min: 1, max: 3 }),
  delay: fc.integer({ min: 0, max: 60 }),
});
const storms = (more: Partial<Record<keyof Storm, fc.Arbitrary<number>>> = {}): fc.Arbitrary<Storm> =>
  fc.record({
    changes: fc.array(change, { minLength: 1, maxLength: 40 }),
    runSeconds: more.runSeconds ?? fc.integer({ min: 10, max: 200 }),
    failing: more.failing ?? fc.constant(0),
    slowWrite: more.slowWrite ?? fc.integer({ min: 0, max: 20 }),
    runsAtOnce: more.runsAtOnce ?? fc.constant(3),
    seed: fc.integer(),
  });

const calm = async (storm: Storm): Promise<void> => {
  const outcome = await play(storm);
  for (const seconds of seenAfter(storm, outcome)) expect(seconds).toBeLessThanOrEqual(2 * WINDOW);
  expect(outcome.runs.length).toBeLessThanOrEqual(windowsOf(storm, outcome));
  expect(outcome.mostAtOnce).toBeLessThanOrEqual(storm.runsAtOnce);
};

const rough = async (storm: Storm): Promise<void> => {
  const outcome = await play(storm);
  // However late: nothing that was delivered is lost, and no more runs than windows and failures account for.
  for (const seconds of seenAfter(storm, outcome)) expect(seconds).toBeLessThan(Number.POSITIVE_INFINITY);
  expect(outcome.runs.length).toBeLessThanOrEqual(windowsOf(storm, outcome) + outcome.failed * 3);
  expect(outcome.mostAtOnce).toBeLessThanOrEqual(storm.runsAtOnce);
};

const ROUGH = {
  failing: fc.double({ min: 0, max: 0.4, noNaN: true }),
  runSeconds: fc.integer({ min: 200, max: 2_000 }),
  slowWrite: fc.integer({ min: 0, max: 200 }),
  runsAtOnce: fc.integer({ min: 1, max: 2 }),
};

describe('changes become runs', () => {
  test('no change that is delivered stays unseen for longer than two windows, and each window is one run at most', async () => {
    await fc.assert(fc.asyncProperty(storms(), calm), { numRuns: 40 });
  }, 30_000);

  test('whatever fails, and however long runs last, nothing is lost and no more run at once than may', async () => {
    await fc.assert(fc.asyncProperty(storms(ROUGH), rough), { numRuns: 40 });
  }, 30_000);

  inDepth('ten thousand events within two minutes are one run', async () => {
    const storm: Storm = {
      changes: Array.from({ length: 10_000 }, (_, i) => ({
        after: i % 120,
        account: i % 3_000,
        lost: false,
        copies: 1,
        delay: 1,
      })),
      ...{ runSeconds: 600, failing: 0, slowWrite: 0, runsAtOnce: 3, seed: 7 },
    };
    const outcome = await play(storm);
    expect(outcome.runs.map(({ accounts }) => accounts.length)).toEqual([3_000]);
    expect(Math.max(...seenAfter(storm, outcome))).toBeLessThanOrEqual(2 * WINDOW);
  });

  test('what comes in while as many runs are under way as may be waits, and becomes one run', async () => {
    const storm: Storm = {
      changes: [0, 400, 800, 1_200].map((after, account) => ({ after, account, lost: false, copies: 1, delay: 0 })),
      ...{ runSeconds: 2_000, failing: 0, slowWrite: 0, runsAtOnce: 1, seed: 7 },
    };
    const { runs } = await play(storm);
    expect(runs.map(({ accounts }) => accounts)).toEqual([[accountOf(0)], [1, 2, 3].map(accountOf)]);
  });

  inDepth('the same for many more storms', async () => {
    await fc.assert(fc.asyncProperty(storms(), calm), { numRuns: 200 });
    await fc.assert(fc.asyncProperty(storms(ROUGH), rough), { numRuns: 200 });
  });
});

/** A small generator of numbers between 0 and 1, the same for the same seed. */
const mulberry = (seed: number) => {
  let state = seed >>> 0;
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};
