import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TrailSealError } from '../../../functions/domain/model/errors.ts';
import { newRunId, runDate } from '../../../functions/domain/model/run-id.ts';
import { createCollect } from '../../../functions/handlers/watch/collect-changes.ts';
import { createStart } from '../../../functions/handlers/watch/start-runs.ts';
import { currentParts, currentRuns } from '../../../functions/report/current/current-runs.ts';
import { writeTable } from '../../../functions/report/tables/tables.ts';
import { inDepth } from '../../depth.ts';
import { apiCall } from '../../domain/watch/events.ts';
import { runRow, trailRow } from '../../report/tables/sample-rows.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';
import { FifoQueue, ModelClock, StandardQueue } from './queue-model.ts';

/**
 * The debounce as a model: the real handlers between queues that behave as SQS does, in a time of their own. Events are
 * lost, come twice and in any order; functions fail; runs last longer than windows.
 */
const START = Date.parse('2026-11-20T06:02:10Z');
const WINDOW = 300;

interface Storm {
  /** Changes: seconds after the start, and in which of a few accounts. Account 0 owns the organization's trail. */
  changes: { after: number; account: number; lost: boolean; copies: number; delay: number }[];
  /** The least and the most that a run lasts: one may end after others that began later. */
  runSeconds: [number, number];
  /** Share of calls of a function that fail, before or after they did their work. */
  failing: number;
  /** Seconds that a write takes, once in a while. */
  slowWrite: number;
  runsAtOnce: number;
  seed: number;
}

interface Run {
  name: string;
  id: string;
  at: number;
  until: number;
  /** null for all. */
  accounts: string[] | null;
}

interface Outcome {
  runs: Run[];
  failed: number;
  mostAtOnce: number;
  latest: number;
  /** Which run showed the present of an account in the end. */
  shown: Map<string, Run>;
  /** Where an older run took the place of a newer one meanwhile. */
  wentBack: string[];
}

const accountOf = (index: number): string => String(100_000_000_000 + index);
const atMs = (after: number): number => START + after * 1_000;
const TRAIL = `arn:aws:cloudtrail:us-east-1:${accountOf(0)}:trail/organization`;
/** The shortest time between two whole runs. */
const WHOLE_HOURS = 0.5;

async function play(storm: Storm): Promise<Outcome> {
  const clock = new ModelClock(START);
  const random = mulberry(storm.seed);
  const store = memoryStore();
  const outcome: Outcome = { runs: [], failed: 0, mostAtOnce: 0, latest: 0, shown: new Map(), wentBack: [] };
  const underWay = () => outcome.runs.filter(({ until }) => until > clock.now);
  const narrowed = () => underWay().filter(({ accounts }) => accounts !== null);
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
  /** Writes what a run ends with, whatever has ended before it; what is shown of an account never goes back. */
  async function end(run: Run): Promise<void> {
    const of = { store, runId: run.id, runDate: runDate(run.id) };
    const trail = trailRow({ run_id: run.id, trail_arn: TRAIL, account_id: accountOf(0), is_organization: true });
    await writeTable({ ...of, table: 'trails', rows: [trail] });
    await writeTable({ ...of, table: 'keys', rows: [] });
    const whole = run.accounts === null;
    const row = runRow({
      ...{ run_id: run.id, scope: whole ? 'ORGANIZATION' : 'FILTERED', because_accounts: run.accounts ?? [] },
      ...{ because_events: whole ? null : 1, started_at: new Date(run.at).toISOString() },
      execution_arn: `arn:aws:states:eu-west-1:111122223333:execution:TrailSeal:${run.name}`,
    });
    await writeTable({ ...of, table: 'runs', rows: [row] });
    const current = await currentRuns(store);
    for (let index = 0; index <= 60; index++) {
      const account = accountOf(index);
      const part = [...currentParts(current)].find(({ shows }) => shows(account));
      const shown = outcome.runs.find(({ id }) => id === part?.run.row.run_id);
      const before = outcome.shown.get(account);
      if (before && (shown?.at ?? 0) < before.at)
        outcome.wentBack.push(`${account} from ${before.name} to ${shown?.name}`);
      if (shown) outcome.shown.set(account, shown);
    }
  }
  async function begin(name: string, accounts: string[] | null): Promise<void> {
    if (outcome.runs.some((run) => run.name === name)) return;
    const [least, most] = storm.runSeconds;
    const until = clock.now + Math.round(least + random() * (most - least)) * 1_000;
    const run = { name, id: newRunId(clock.now), at: clock.now, until, accounts };
    outcome.runs.push(run);
    outcome.mostAtOnce = Math.max(outcome.mostAtOnce, narrowed().length);
    clock.at(until, () => end(run));
  }
  const first = { name: 'daily', id: newRunId(START - 3_600_000), at: START - 3_600_000, until: START, accounts: null };
  await end(first);
  const wholes: { queue?: FifoQueue } = {};
  const start = createStart({
    store,
    now: () => clock.now,
    ...{ windowSeconds: WINDOW, runsAtOnce: storm.runsAtOnce, wholeRunHours: WHOLE_HOURS },
    running: async () => underWay().map(({ name }) => name),
    async start(name, input) {
      if (!input.because) return begin(name, null);
      const { accounts } = JSON.parse(store.text(`runs/${name}/because.json`)) as { accounts: string[] };
      return begin(name, accounts);
    },
    async wholeLater(window) {
      wholes.queue?.send(JSON.stringify({ window }));
    },
  });
  const fifo = () => new FifoQueue(clock, { handler: faulty(start), windowSeconds: WINDOW, visibleAfterMs: 90_000 });
  // A group of the queue each.
  const ticks = fifo();
  wholes.queue = fifo();
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
      ...(account === 0 ? { requestParameters: { name: TRAIL } } : {}),
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

const delivered = ({ changes }: Storm) => changes.filter(({ lost }) => !lost);
const narrowedOf = ({ runs }: Outcome) => runs.filter(({ accounts }) => accounts !== null);

/** When a change was seen: by the first run of its account, or of all, that started after it. */
const seenAfter = (storm: Storm, outcome: Outcome) =>
  delivered(storm).map(({ after, account }) => {
    const at = atMs(after);
    const run = outcome.runs.find(
      ({ at: began, accounts }) => began >= at && (accounts === null || accounts.includes(accountOf(account))),
    );
    return run === undefined ? Number.POSITIVE_INFINITY : (run.at - at) / 1_000;
  });

/** However late runs end and in which order: in the end each account is shown by one that began after its last change. */
function presentIsRight(storm: Storm, { shown, wentBack }: Outcome): void {
  expect(wentBack).toEqual([]);
  for (const { after, account } of delivered(storm))
    expect(shown.get(accountOf(account))?.at).toBeGreaterThanOrEqual(atMs(after));
}

/** A change of the organization's trail is followed by a run of all accounts; those are apart, and one at a time. */
function wholeRunsFollow(storm: Storm, { runs }: Outcome): void {
  const wholes = runs.filter(({ accounts }) => accounts === null);
  for (const { after, account } of delivered(storm))
    if (account === 0) expect(wholes.some(({ at }) => at >= atMs(after))).toBe(true);
  if (delivered(storm).every(({ account }) => account !== 0)) expect(wholes).toEqual([]);
  for (const [index, { at }] of wholes.entries()) {
    const before = wholes[index - 1];
    if (!before) continue;
    expect(at - before.at).toBeGreaterThanOrEqual(WHOLE_HOURS * 3_600_000);
    expect(at).toBeGreaterThanOrEqual(before.until);
  }
}

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
type Numbers = Partial<Record<'failing' | 'slowWrite' | 'runsAtOnce', fc.Arbitrary<number>>>;
const seconds = (min: number, max: number): fc.Arbitrary<[number, number]> => {
  const some = fc.integer({ min, max });
  return fc.tuple(some, some).map(([one, other]) => [Math.min(one, other), Math.max(one, other)]);
};
const storms = (more: Numbers & { runSeconds?: fc.Arbitrary<[number, number]> } = {}): fc.Arbitrary<Storm> =>
  fc.record({
    changes: fc.array(change, { minLength: 1, maxLength: 40 }),
    runSeconds: more.runSeconds ?? seconds(10, 200),
    failing: more.failing ?? fc.constant(0),
    slowWrite: more.slowWrite ?? fc.integer({ min: 0, max: 20 }),
    runsAtOnce: more.runsAtOnce ?? fc.constant(3),
    seed: fc.integer(),
  });

const calm = async (storm: Storm): Promise<void> => {
  const outcome = await play(storm);
  for (const seconds of seenAfter(storm, outcome)) expect(seconds).toBeLessThanOrEqual(2 * WINDOW);
  expect(narrowedOf(outcome).length).toBeLessThanOrEqual(windowsOf(storm, outcome));
  expect(outcome.mostAtOnce).toBeLessThanOrEqual(storm.runsAtOnce);
  presentIsRight(storm, outcome);
  wholeRunsFollow(storm, outcome);
};

const rough = async (storm: Storm): Promise<void> => {
  const outcome = await play(storm);
  // However late: nothing that was delivered is lost, and no more runs than windows and failures account for.
  for (const seconds of seenAfter(storm, outcome)) expect(seconds).toBeLessThan(Number.POSITIVE_INFINITY);
  expect(narrowedOf(outcome).length).toBeLessThanOrEqual(windowsOf(storm, outcome) + outcome.failed * 3);
  expect(outcome.mostAtOnce).toBeLessThanOrEqual(storm.runsAtOnce);
  presentIsRight(storm, outcome);
  wholeRunsFollow(storm, outcome);
};

const ROUGH = {
  failing: fc.double({ min: 0, max: 0.4, noNaN: true }),
  runSeconds: seconds(100, 2_000),
  slowWrite: fc.integer({ min: 0, max: 200 }),
  runsAtOnce: fc.integer({ min: 1, max: 2 }),
};

describe('changes become runs', () => {
  test('no change that is delivered stays unseen for longer than two windows, and each window is one run at most', async () => {
    await fc.assert(fc.asyncProperty(storms(), calm), { numRuns: 15 });
  }, 30_000);

  test('whatever fails, and however long runs last, nothing is lost and no more run at once than may', async () => {
    await fc.assert(fc.asyncProperty(storms(ROUGH), rough), { numRuns: 15 });
  }, 30_000);

  inDepth('ten thousand events within two minutes are one run', async () => {
    const storm: Storm = {
      changes: Array.from({ length: 10_000 }, (_, i) => ({
        after: i % 120,
        account: 1 + (i % 3_000),
        lost: false,
        copies: 1,
        delay: 1,
      })),
      ...{ runSeconds: [600, 600], failing: 0, slowWrite: 0, runsAtOnce: 3, seed: 7 },
    };
    const outcome = await play(storm);
    expect(outcome.runs.map(({ accounts }) => accounts?.length)).toEqual([3_000]);
    expect(Math.max(...seenAfter(storm, outcome))).toBeLessThanOrEqual(2 * WINDOW);
  });

  test('what comes in while as many runs are under way as may be waits, and becomes one run', async () => {
    const storm: Storm = {
      changes: [0, 400, 800, 1_200].map((after, index) => ({
        after,
        account: index + 1,
        lost: false,
        copies: 1,
        delay: 0,
      })),
      ...{ runSeconds: [2_000, 2_000], failing: 0, slowWrite: 0, runsAtOnce: 1, seed: 7 },
    };
    const { runs } = await play(storm);
    expect(runs.map(({ accounts }) => accounts)).toEqual([[accountOf(1)], [2, 3, 4].map(accountOf)]);
  });

  test('a run that ends long after one that began later does not take its place', async () => {
    const at = (after: number) => ({ after, account: 1, lost: false, copies: 1, delay: 0 });
    // The first run lasts 2,000 s, the second a few.
    for (let seed = 0; ; seed++) {
      const storm: Storm = {
        changes: [at(0), at(400)],
        ...{ runSeconds: [10, 2_000], failing: 0, slowWrite: 0, runsAtOnce: 3, seed },
      };
      const outcome = await play(storm);
      const [first, second] = narrowedOf(outcome);
      if (!first || !second || first.until <= second.until) continue;
      expect(outcome.shown.get(accountOf(1))).toBe(second);
      return;
    }
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
