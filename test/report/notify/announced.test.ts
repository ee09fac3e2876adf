import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newRunId, runDate } from '../../../functions/domain/model/run-id.ts';
import { type EndedRun, type TrailNews, trailNews } from '../../../functions/report/notify/announced.ts';
import type { FindingRow } from '../../../functions/report/tables/columns.ts';
import { writeTable } from '../../../functions/report/tables/tables.ts';
import { atDepth } from '../../depth.ts';
import { MemoryStore } from '../memory-store.ts';
import { coverageRow, findingRow, runRow } from '../tables/sample-rows.ts';
import { sharedMemory } from './shared-memory.ts';

const START = Date.parse('2026-11-20T06:00:00Z');
const A = '222222222222';
const B = '444444444444';
const trailOf = (account: string, name = 'main') => `arn:aws:cloudtrail:us-east-1:${account}:trail/${name}`;
type Status = FindingRow['status'];
/** Of each trail the status of each of its controls. */
type State = Record<string, Record<string, Status>>;
const failing = (control: Status = 'FAIL') => ({ 'trail-delivering': control });

/** Runs that end in a root, as Report leaves them to Notify. */
function root() {
  const store = new MemoryStore();
  const shared = sharedMemory();
  async function ended(run: {
    at: number;
    state: State;
    accounts?: string[];
    because?: boolean;
    status?: 'COMPLETE' | 'PARTIAL';
    finished?: number;
    id?: string;
  }): Promise<EndedRun> {
    const { at, state, accounts = [], because = accounts.length > 0, status = 'COMPLETE', finished = at + 60 } = run;
    const run_id = run.id ?? newRunId(START + at * 1_000);
    const where = { store, runId: run_id, runDate: runDate(run_id) };
    const has = (account: string) => accounts.length === 0 || accounts.includes(account);
    const rows = Object.entries(state).flatMap(([arn, controls]) =>
      Object.entries(controls).map(([control_id, status]) =>
        findingRow({
          ...{ run_id, control_id, status, resource_arn: arn, account_id: arn.split(':')[4] ?? null },
          finding_id: `${control_id} ${arn}`,
        }),
      ),
    );
    await writeTable({ ...where, table: 'findings', rows: rows.filter((row) => has(row.account_id ?? '')) });
    const coverage = [A, B].map((account_id) =>
      coverageRow({ run_id, account_id, state: has(account_id) ? 'SCANNED' : 'EXCLUDED' }),
    );
    await writeTable({ ...where, table: 'coverage', rows: coverage });
    const row = runRow({
      ...{ run_id, status, scope: accounts.length > 0 ? 'FILTERED' : 'ORGANIZATION' },
      scope_filter: accounts.length > 0 ? `accounts ${accounts.join(',')}` : null,
      because_accounts: because ? accounts : [],
      because_events: because ? 1 : null,
      finished_at: new Date(START + finished * 1_000).toISOString(),
    });
    await writeTable({ ...where, table: 'runs', rows: [row] });
    return { ...row, run_date: where.runDate };
  }
  const news = (run: EndedRun) => trailNews(store, shared, run);
  return { shared, ended, news, of: async (run: Parameters<typeof ended>[0]) => news(await ended(run)) };
}

const NONE: TrailNews = { failing: [], fixed: [] };
const good: State = { [trailOf(A)]: failing('PASS'), [trailOf(B)]: failing('PASS') };
const bad: State = { ...good, [trailOf(A)]: failing() };

describe('what of a run is announced', () => {
  test('is what failed by the run after a change, and not again by the daily run', async () => {
    const { of } = root();
    expect(await of({ at: 0, state: good })).toEqual(NONE);
    expect(await of({ at: 3_600, state: bad, accounts: [A] })).toEqual({ failing: [trailOf(A)], fixed: [] });
    expect(await of({ at: 86_400, state: bad })).toEqual(NONE);
    expect(await of({ at: 90_000, state: good, accounts: [A] })).toEqual({ failing: [], fixed: [trailOf(A)] });
    expect(await of({ at: 172_800, state: good })).toEqual(NONE);
  });

  test('is what the daily run alone sees', async () => {
    const { of } = root();
    await of({ at: 0, state: good });
    expect(await of({ at: 86_400, state: bad })).toEqual({ failing: [trailOf(A)], fixed: [] });
    expect(await of({ at: 172_800, state: good })).toEqual({ failing: [], fixed: [trailOf(A)] });
  });

  test('is nothing of the first run, however much fails', async () => {
    const { of } = root();
    expect(await of({ at: 0, state: bad })).toEqual(NONE);
    expect(await of({ at: 1, state: good })).toEqual({ failing: [], fixed: [trailOf(A)] });
  });

  test('goes by the runs before where nothing was kept of them', async () => {
    const { ended, of } = root();
    await ended({ at: 0, state: good });
    await ended({ at: 3_600, state: bad, accounts: [A] });
    expect(await of({ at: 86_400, state: { ...bad, [trailOf(B)]: failing() } })).toEqual({
      failing: [trailOf(B)],
      fixed: [],
    });
  });

  test('is the same where the step is tried again, and what is new where the run was resumed', async () => {
    const { ended, news } = root();
    await news(await ended({ at: 0, state: good }));
    const run = await ended({ at: 3_600, state: bad, status: 'PARTIAL' });
    expect(await news(run)).toEqual({ failing: [trailOf(A)], fixed: [] });
    expect(await news(run)).toEqual({ failing: [trailOf(A)], fixed: [] });
    const resumed = { at: 3_600, finished: 9_000, id: run.run_id, state: { ...bad, [trailOf(B)]: failing() } };
    expect(await news(await ended(resumed))).toEqual({ failing: [trailOf(B)], fixed: [] });
  });

  test('is nothing of an older run that ends after a newer one of the account', async () => {
    const { ended, news } = root();
    await news(await ended({ at: 0, state: good }));
    const slow = await ended({ at: 100, state: bad, finished: 9_000 });
    expect(await news(await ended({ at: 200, state: good, accounts: [A] }))).toEqual(NONE);
    expect(await news(slow)).toEqual(NONE);
    const slower = await ended({ at: 300, state: bad, accounts: [A], finished: 90_000 });
    expect(await news(await ended({ at: 400, state: good }))).toEqual(NONE);
    expect(await news(slower)).toEqual(NONE);
  });

  test('is a second fault of a trail too; one right and one wrong is no repair', async () => {
    const { of } = root();
    const both = (delivering: Status, key: Status): State => ({
      [trailOf(A)]: { 'trail-delivering': delivering, 'trail-key-usable': key },
    });
    await of({ at: 0, state: both('PASS', 'PASS') });
    expect(await of({ at: 1, state: both('FAIL', 'PASS') })).toEqual({ failing: [trailOf(A)], fixed: [] });
    expect(await of({ at: 2, state: both('PASS', 'FAIL') })).toEqual({ failing: [trailOf(A)], fixed: [] });
    expect(await of({ at: 3, state: both('PASS', 'PASS') })).toEqual({ failing: [], fixed: [trailOf(A)] });
  });

  test.each<[string, Status[], ('failing' | 'fixed' | '')[]]>([
    ['what is unverified meanwhile is not news twice', ['PASS', 'FAIL', 'UNVERIFIED', 'FAIL'], ['', 'failing', '', '']],
    [
      'what fails after it was unverified is news',
      ['UNVERIFIED', 'FAIL', 'UNVERIFIED', 'PASS'],
      ['', 'failing', '', 'fixed'],
    ],
    ['a waiver that ends is news', ['FAIL', 'WAIVED', 'FAIL', 'PASS'], ['', '', 'failing', 'fixed']],
    [
      'what does not apply any more is not repaired',
      ['FAIL', 'NOT_APPLICABLE', 'PASS', 'FAIL'],
      ['', '', '', 'failing'],
    ],
  ])('%s', async (_, statuses, expected) => {
    const { of } = root();
    const seen: string[] = [];
    for (const [index, status] of statuses.entries()) {
      const { failing: now, fixed } = await of({ at: index * 1_000, state: { [trailOf(A)]: failing(status) } });
      seen.push(now.length > 0 ? 'failing' : fixed.length > 0 ? 'fixed' : '');
    }
    expect(seen).toEqual(expected);
  });

  test('a trail that is deleted is forgotten, so that one of its name is news; where a run is PARTIAL it may be there still', async () => {
    const { of } = root();
    await of({ at: 0, state: bad });
    expect(await of({ at: 1, state: {}, status: 'PARTIAL' })).toEqual(NONE);
    expect(await of({ at: 2, state: bad })).toEqual(NONE);
    expect(await of({ at: 3, state: {}, accounts: [A] })).toEqual(NONE);
    expect(await of({ at: 4, state: bad, accounts: [A] })).toEqual({ failing: [trailOf(A)], fixed: [] });
  });

  test('a file that cannot be read is made again from the runs', async () => {
    const { shared, of } = root();
    await of({ at: 0, state: good });
    shared.text = '{"version":1';
    expect(await of({ at: 1, state: bad })).toEqual({ failing: [trailOf(A)], fixed: [] });
    expect(await of({ at: 2, state: bad })).toEqual(NONE);
  });

  test('runs that end at once announce a change once', async () => {
    const { shared, ended, news } = root();
    await news(await ended({ at: 0, state: good }));
    const runs: EndedRun[] = [];
    for (let i = 1; i <= 6; i++) runs.push(await ended({ at: i, state: bad, accounts: i % 2 ? [A] : [] }));
    const all = await Promise.all(runs.map(news));
    expect(all.flatMap((one) => one.failing)).toEqual([trailOf(A)]);
    expect(shared.lost).toBeGreaterThan(0);
  });
});

/**
 * Trails fail and are repaired; runs of all or of one account look at them, last for a while, end in any order, are
 * resumed, and their last step is tried again.
 */
const story = fc.array(
  fc.record({
    account: fc.constantFrom(A, B),
    /** What happens before the run looks. */
    flips: fc.boolean(),
    whole: fc.boolean(),
    lasts: fc.integer({ min: 1, max: 900 }),
    unverified: fc.boolean(),
    again: fc.boolean(),
  }),
  { minLength: 1, maxLength: 25 },
);

test('of any order of runs every change that one of them sees last is announced once, and what is announced last is the truth', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      const { ended, news } = root();
      const truth: Record<string, Status> = { [trailOf(A)]: 'PASS', [trailOf(B)]: 'PASS' };
      const state = (unknown = false): State =>
        Object.fromEntries(
          Object.entries(truth).map(([arn, status]) => [arn, failing(unknown ? 'UNVERIFIED' : status)]),
        );
      await news(await ended({ at: 0, state: state() }));
      let at = 0;
      let flips = 0;
      const ends: { end: number; run: () => Promise<EndedRun>; again: boolean }[] = [];
      for (const { account, flips: flipped, whole, lasts, unverified, again } of steps) {
        at += 100;
        if (flipped) {
          truth[trailOf(account)] = truth[trailOf(account)] === 'PASS' ? 'FAIL' : 'PASS';
          flips += 1;
        }
        const run = { at, state: state(unverified), finished: at + lasts, ...(whole ? {} : { accounts: [account] }) };
        ends.push({ end: at + lasts, run: () => ended(run), again });
      }
      const last = { at: at + 2_000, state: state() };
      ends.push({ end: at + 3_000, run: () => ended(last), again: true });
      const announced: Record<string, string[]> = { [trailOf(A)]: [], [trailOf(B)]: [] };
      for (const { run, again } of ends.sort((a, b) => a.end - b.end)) {
        const row = await run();
        const said = await news(row);
        for (const kind of ['failing', 'fixed'] as const) for (const arn of said[kind]) announced[arn]?.push(kind);
        if (again) expect(await news(row)).toEqual(said);
      }
      for (const [arn, kinds] of Object.entries(announced)) {
        // Failing and fixed in turn, beginning with failing: no change twice.
        expect(kinds).toEqual(kinds.map((_, index) => (index % 2 === 0 ? 'failing' : 'fixed')));
        expect(kinds.length % 2).toBe(truth[arn] === 'FAIL' ? 1 : 0);
      }
      expect(Object.values(announced).flat().length).toBeLessThanOrEqual(flips);
    }),
    { numRuns: atDepth({ quick: 15, deep: 400 }) },
  );
}, 60_000);

test('where runs end in the order in which they began, each change is announced by the first run that looks at it', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      const { of } = root();
      const truth: Record<string, Status> = { [trailOf(A)]: 'PASS', [trailOf(B)]: 'PASS' };
      const known = { ...truth };
      const state = (): State =>
        Object.fromEntries(Object.entries(truth).map(([arn, status]) => [arn, failing(status)]));
      await of({ at: 0, state: state() });
      for (const [index, { account, flips, whole }] of steps.entries()) {
        if (flips) truth[trailOf(account)] = truth[trailOf(account)] === 'PASS' ? 'FAIL' : 'PASS';
        const looked = whole ? [A, B] : [account];
        const said = await of({ at: (index + 1) * 100, state: state(), ...(whole ? {} : { accounts: [account] }) });
        const changed = looked.map((id) => trailOf(id)).filter((arn) => truth[arn] !== known[arn]);
        for (const arn of changed) known[arn] = truth[arn] as Status;
        expect([...said.failing, ...said.fixed].sort()).toEqual(changed.sort());
        for (const arn of said.failing) expect(truth[arn]).toBe('FAIL');
      }
    }),
    { numRuns: atDepth({ quick: 15, deep: 400 }) },
  );
}, 60_000);
