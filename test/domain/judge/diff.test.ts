import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  CHANGE_KINDS,
  type ComparedFinding,
  type ComparedTarget,
  carryFirstSeen,
  diffRuns,
  type RunChange,
} from '../../../functions/domain/judge/diff.ts';
import { isUnmet } from '../../../functions/domain/model/vocabulary.ts';

const A = '111111111111';
const B = '222222222222';
const SINCE = '2026-10-01T00:00:00.000Z';

const finding = (change: Partial<ComparedFinding> = {}): ComparedFinding => ({
  finding_id: 'f',
  status: 'FAIL',
  account_id: A,
  region: 'eu-west-1',
  resource_type: 'trail',
  first_seen_at: SINCE,
  ...change,
});
const target = (account_id: string, region = 'eu-west-1', state = 'SCANNED'): ComparedTarget => ({
  account_id,
  region,
  state,
});
const both = [target(A), target(A, 'us-east-1'), target(B), target(B, 'us-east-1')];

interface Rows {
  findings?: ComparedFinding[];
  coverage?: ComparedTarget[];
}
async function* stream<T>(rows: Iterable<T>): AsyncGenerator<T> {
  yield* rows;
}
const run = ({ findings = [], coverage = both }: Rows) => ({ findings: stream(findings), coverage: stream(coverage) });
const diff = async (before: Rows, after: Rows): Promise<RunChange<ComparedFinding>[]> => {
  const changes: RunChange<ComparedFinding>[] = [];
  for await (const change of diffRuns({ before: run(before), after: run(after) })) changes.push(change);
  return changes;
};
const kinds = async (before: Rows, after: Rows) =>
  (await diff(before, after)).map((change) => ('because' in change ? `${change.kind} ${change.because}` : change.kind));
const withStatus = (status: string | null): Rows => ({ findings: status === null ? [] : [finding({ status })] });

describe('what becomes of a finding', () => {
  test.each<[string | null, Record<string, string | null>]>([
    [
      null,
      {
        FAIL: 'NEWLY_FAILING NEW',
        UNVERIFIED: 'NEWLY_UNVERIFIED NEW',
        WAIVED: 'WAIVED_SINCE',
        PASS: null,
        NOT_APPLICABLE: null,
      },
    ],
    [
      'PASS',
      {
        FAIL: 'NEWLY_FAILING REGRESSED',
        UNVERIFIED: 'NEWLY_UNVERIFIED REGRESSED',
        WAIVED: 'WAIVED_SINCE',
        PASS: null,
        NOT_APPLICABLE: null,
        none: null,
      },
    ],
    [
      'NOT_APPLICABLE',
      {
        FAIL: 'NEWLY_FAILING REGRESSED',
        UNVERIFIED: 'NEWLY_UNVERIFIED REGRESSED',
        WAIVED: 'WAIVED_SINCE',
        PASS: null,
        NOT_APPLICABLE: null,
        none: null,
      },
    ],
    [
      'FAIL',
      {
        FAIL: 'STILL_FAILING',
        UNVERIFIED: 'NO_LONGER_VERIFIED',
        WAIVED: 'WAIVED_SINCE',
        PASS: 'FIXED',
        NOT_APPLICABLE: 'NO_LONGER_APPLICABLE',
        none: 'GONE',
      },
    ],
    [
      'UNVERIFIED',
      {
        FAIL: 'NEWLY_FAILING NOW_VERIFIED',
        UNVERIFIED: 'STILL_UNVERIFIED',
        WAIVED: 'WAIVED_SINCE',
        PASS: 'FOUND_MET',
        NOT_APPLICABLE: 'NO_LONGER_APPLICABLE',
        none: 'GONE',
      },
    ],
    [
      'WAIVED',
      {
        FAIL: 'NEWLY_FAILING WAIVER_ENDED',
        UNVERIFIED: 'NEWLY_UNVERIFIED WAIVER_ENDED',
        WAIVED: 'STILL_WAIVED',
        PASS: 'FIXED',
        NOT_APPLICABLE: 'NO_LONGER_APPLICABLE',
        none: 'GONE',
      },
    ],
  ])('that was %s', async (before, expected) => {
    for (const [after, kind] of Object.entries(expected)) {
      const found = await kinds(withStatus(before), withStatus(after === 'none' ? null : after));
      expect([after, found]).toEqual([after, kind === null ? [] : [kind]]);
    }
  });

  test('still failing since when, with both rows as they came', async () => {
    const before = { ...finding(), extra: 1 };
    const after = { ...finding(), extra: 2 };
    const [change] = await diff({ findings: [before] }, { findings: [after] });
    expect(change).toEqual({ kind: 'STILL_FAILING', since: SINCE, before, after });
  });
});

describe('a finding whose row is gone', () => {
  const missing = async (change: Partial<ComparedFinding>, coverage: ComparedTarget[], before = both) => {
    const changes = await diff({ findings: [finding(change)], coverage: before }, { coverage });
    return changes.filter((one) => !('account_id' in one)).map(({ kind }) => kind);
  };
  const replaced = (...changed: ComparedTarget[]) =>
    both.map(
      (one) => changed.find(({ account_id, region }) => account_id === one.account_id && region === one.region) ?? one,
    );

  test.each<[string, Partial<ComparedFinding>, ComparedTarget[], string]>([
    ['everything answered', {}, both, 'GONE'],
    ['its account is not in the later run', {}, [target(B), target(B, 'us-east-1')], 'NOT_IN_SCOPE'],
    [
      'its account was excluded',
      {},
      replaced(target(A, 'eu-west-1', 'EXCLUDED'), target(A, 'us-east-1', 'EXCLUDED')),
      'NOT_IN_SCOPE',
    ],
    ['its region was excluded', {}, replaced(target(A, 'eu-west-1', 'EXCLUDED')), 'NOT_IN_SCOPE'],
    [
      'its account was suspended',
      {},
      replaced(target(A, 'eu-west-1', 'ACCOUNT_INACTIVE'), target(A, 'us-east-1', 'ACCOUNT_INACTIVE')),
      'NOT_IN_SCOPE',
    ],
    ['its Region is not of the later run', {}, [target(A, 'us-east-1'), target(B, 'us-east-1')], 'NOT_IN_SCOPE'],
    ['its region did not answer', {}, replaced(target(A, 'eu-west-1', 'ACCESS_DENIED')), 'NOT_SEEN'],
    ['its Region is denied by policy now', {}, replaced(target(A, 'eu-west-1', 'REGION_DENIED')), 'NOT_SEEN'],
    ['another Region did not answer', {}, replaced(target(A, 'us-east-1', 'THROTTLED')), 'GONE'],
    [
      'it had no Region, and one did not answer',
      { region: null },
      replaced(target(A, 'us-east-1', 'ERROR')),
      'NOT_SEEN',
    ],
    [
      'it had no Region, and all were excluded',
      { region: null },
      replaced(target(A, 'eu-west-1', 'EXCLUDED'), target(A, 'us-east-1', 'EXCLUDED')),
      'NOT_IN_SCOPE',
    ],
    ['it had no Region, and one was excluded', { region: null }, replaced(target(A, 'us-east-1', 'EXCLUDED')), 'GONE'],
    ['a key, everything answered', { resource_type: 'key' }, both, 'GONE'],
    [
      'a key, another account did not answer: its trail may be there',
      { resource_type: 'key' },
      replaced(target(B, 'eu-west-1', 'NOT_SCANNED')),
      'NOT_SEEN',
    ],
    [
      'a key, another account was left out',
      { resource_type: 'key' },
      both.filter(({ account_id }) => account_id === A),
      'NOT_IN_SCOPE',
    ],
    [
      'a key, another account was left out and one did not answer',
      { resource_type: 'bucket' },
      [target(A), target(A, 'us-east-1', 'ERROR')],
      'NOT_SEEN',
    ],
    [
      'a key, another account was suspended',
      { resource_type: 'key' },
      replaced(target(B, 'eu-west-1', 'ACCOUNT_INACTIVE')),
      'GONE',
    ],
    ['of an account that is nobody’s', { account_id: '999999999999', resource_type: 'key' }, both, 'GONE'],
    ['of an unknown account, all answered', { account_id: null, resource_type: 'bucket' }, both, 'GONE'],
    [
      'of an unknown account, one did not',
      { account_id: null, resource_type: 'bucket' },
      replaced(target(B, 'eu-west-1', 'ERROR')),
      'NOT_SEEN',
    ],
  ])('%s', async (_, change, coverage, expected) => expect(await missing(change, coverage)).toEqual([expected]));

  test('what did not answer before either hides nothing new', async () => {
    const before = replaced(target(B, 'eu-west-1', 'ERROR'));
    expect(await missing({ resource_type: 'key' }, before, before)).toEqual(['GONE']);
  });
});

describe('a finding that is new', () => {
  test.each<[string, ComparedTarget[], Partial<ComparedFinding>, string]>([
    ['where everything answered before', both, {}, 'NEW'],
    ['in an account that was not in scope', both.slice(2), {}, 'NEW_IN_SIGHT'],
    [
      'in a Region that did not answer',
      [target(A, 'eu-west-1', 'ACCESS_DENIED'), ...both.slice(1)],
      {},
      'NEW_IN_SIGHT',
    ],
    ['in a Region that was not there', both.filter(({ region }) => region === 'us-east-1'), {}, 'NEW_IN_SIGHT'],
    ['of an unknown account', both, { account_id: null }, 'NEW'],
    ['of an account that is nobody’s', both, { account_id: '999999999999' }, 'NEW'],
  ])('%s', async (_, coverage, change, because) => {
    const changes = await kinds({ coverage }, { findings: [finding(change)] });
    expect(changes.filter((kind) => kind.startsWith('NEWLY_FAILING'))).toEqual([`NEWLY_FAILING ${because}`]);
  });
});

describe('a target that a filter left out', () => {
  const excluded = [target(A, 'eu-west-1', 'EXCLUDED'), ...both.slice(1)];
  const of = (status: string) => [finding({ status, resource_type: 'target' })];
  test.each([
    ['PASS', 'UNVERIFIED', ['LEFT_SCOPE']],
    ['FAIL', 'UNVERIFIED', ['LEFT_SCOPE', 'NOT_IN_SCOPE']],
    ['FAIL', 'WAIVED', ['LEFT_SCOPE', 'NOT_IN_SCOPE']],
  ])('%s before is no regression', async (before, after, expected) => {
    expect(await kinds({ findings: of(before) }, { findings: of(after), coverage: excluded })).toEqual(expected);
  });
  test.each([
    ['PASS', ['ENTERED_SCOPE']],
    ['FAIL', ['ENTERED_SCOPE', 'NEWLY_FAILING NEW_IN_SIGHT']],
    ['UNVERIFIED', ['ENTERED_SCOPE', 'NEWLY_UNVERIFIED NEW_IN_SIGHT']],
  ])('%s after is new in sight', async (after, expected) => {
    const before = { findings: of('UNVERIFIED'), coverage: excluded };
    expect(await kinds(before, { findings: of(after) })).toEqual(expected);
  });
});

describe('what becomes of an account and Region', () => {
  test.each<[string | null, string | null, string | null]>([
    ['SCANNED', 'SCANNED', null],
    ['SCANNED', 'ACCESS_DENIED', 'NEWLY_UNREACHABLE'],
    ['SCANNED', 'THROTTLED', 'NEWLY_UNREACHABLE'],
    ['SCANNED', 'ERROR', 'NEWLY_UNREACHABLE'],
    ['SCANNED', 'NOT_SCANNED', 'NEWLY_UNREACHABLE'],
    ['SCANNED', 'REGION_DENIED', 'NEWLY_UNREACHABLE'],
    ['ACCESS_DENIED', 'THROTTLED', null],
    ['ACCESS_DENIED', 'SCANNED', 'REACHABLE_AGAIN'],
    [null, 'SCANNED', 'ENTERED_SCOPE'],
    [null, 'ACCESS_DENIED', 'NEWLY_UNREACHABLE'],
    [null, 'EXCLUDED', null],
    ['REGION_DISABLED', 'SCANNED', 'ENTERED_SCOPE'],
    ['SCANNED', 'ACCOUNT_INACTIVE', 'LEFT_SCOPE'],
    ['ERROR', 'EXCLUDED', 'LEFT_SCOPE'],
    ['SCANNED', null, 'LEFT_SCOPE'],
    ['EXCLUDED', null, null],
  ])('from %s to %s: %s', async (before, after, kind) => {
    const rows = (state: string | null) => ({ coverage: state === null ? [] : [target(A, 'eu-west-1', state)] });
    const expected = kind === null ? [] : [{ kind, account_id: A, region: 'eu-west-1', before, after }];
    expect(await diff(rows(before), rows(after))).toEqual(expected);
  });
});

describe('two runs as a whole', () => {
  const status = fc.constantFrom('PASS', 'FAIL', 'UNVERIFIED', 'NOT_APPLICABLE', 'WAIVED');
  const rows = fc.uniqueArray(
    fc.record({ finding_id: fc.stringMatching(/^[0-9a-f]{2}$/), status, account_id: fc.constantFrom(A, B) }),
    { selector: ({ finding_id }) => finding_id },
  );
  const asRun = (list: Partial<ComparedFinding>[]) => ({
    findings: list.map(finding).sort((a, b) => (a.finding_id < b.finding_id ? -1 : 1)),
  });

  test('that are the same have no news', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (list) => {
        const unmet = list.filter((one) => isUnmet(one.status));
        const changes = await diff(asRun(list), asRun(list));
        expect(changes.every(({ kind }) => kind.startsWith('STILL_'))).toBe(true);
        expect(changes).toHaveLength(unmet.length);
      }),
    );
  });

  test('account for every unmet finding of both exactly once, and call fixed only what passes', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, async (one, other) => {
        const changes = await diff(asRun(one), asRun(other));
        const told = changes.map((change) =>
          'account_id' in change ? '' : (change.after ?? change.before)?.finding_id,
        );
        const unmet = [...one, ...other].filter((each) => isUnmet(each.status)).map((each) => each.finding_id);
        expect([...told].sort()).toEqual([...new Set(unmet)].sort());
        for (const change of changes) {
          if (change.kind === 'FIXED' || change.kind === 'FOUND_MET') expect(change.after.status).toBe('PASS');
          expect(CHANGE_KINDS).toContain(change.kind);
        }
      }),
    );
  });

  test('stream: no row is asked for before the one ahead of it was told', async () => {
    let asked = 0;
    const generate = async function* (status: string) {
      for (let at = 0; at < 20_000; at += 1) {
        asked += 1;
        yield finding({ finding_id: String(at).padStart(8, '0'), status });
      }
    };
    const before = { coverage: stream(both), findings: generate('FAIL') };
    const after = { coverage: stream(both), findings: generate('PASS') };
    let told = 0;
    let furthest = 0;
    for await (const _ of diffRuns({ before, after })) {
      told += 1;
      furthest = Math.max(furthest, asked - 2 * told);
    }
    expect(told).toBe(20_000);
    expect(furthest).toBeLessThanOrEqual(2);
  });

  test.each<[string, Rows]>([
    ['not sorted', { findings: [finding({ finding_id: 'b' }), finding({ finding_id: 'a' })] }],
    ['twice', { findings: [finding(), finding()] }],
    ['not sorted by account', { coverage: [target(B), target(A)] }],
  ])('rows that come %s are refused', async (_, rows) => {
    await expect(diff(rows, {})).rejects.toThrow('rows of the earlier run are not sorted');
    await expect(diff({}, rows)).rejects.toThrow('rows of the later run are not sorted');
  });

  test('both streams are closed when the reader leaves', async () => {
    const closed: string[] = [];
    const watched = async function* <T>(name: string, rowsOf: T[]) {
      try {
        yield* rowsOf;
      } finally {
        closed.push(name);
      }
    };
    const findings = [finding({ finding_id: 'a' }), finding({ finding_id: 'b' })];
    const before = { coverage: stream(both), findings: watched('before', findings) };
    const after = { coverage: stream(both), findings: watched('after', findings) };
    for await (const _ of diffRuns({ before, after })) break;
    expect(closed.sort()).toEqual(['after', 'before']);
  });
});

describe('carryFirstSeen', () => {
  const observed_at = '2026-11-23T00:00:00.000Z';
  const earlier = '2026-11-22T00:00:00.000Z';
  const row = (status: string, first_seen_at: string | null) => ({ status, first_seen_at, observed_at: earlier });
  test.each<[string, Parameters<typeof carryFirstSeen>[0], string, string | null]>([
    ['met', null, 'PASS', null],
    ['does not apply', row('FAIL', SINCE), 'NOT_APPLICABLE', null],
    ['fixed', row('FAIL', SINCE), 'PASS', null],
    ['first seen', null, 'FAIL', observed_at],
    ['failing again', row('PASS', null), 'FAIL', observed_at],
    ['applies again', row('NOT_APPLICABLE', null), 'UNVERIFIED', observed_at],
    ['still failing', row('FAIL', SINCE), 'FAIL', SINCE],
    ['failing, then unverified', row('FAIL', SINCE), 'UNVERIFIED', SINCE],
    ['unverified, then failing', row('UNVERIFIED', SINCE), 'FAIL', SINCE],
    ['waived: it is not met', row('FAIL', SINCE), 'WAIVED', SINCE],
    ['after its waiver', row('WAIVED', SINCE), 'FAIL', SINCE],
    ['a row of before that has no time', row('FAIL', null), 'FAIL', earlier],
    ['a row of before that has neither', { ...row('FAIL', null), observed_at: null }, 'FAIL', observed_at],
  ])('%s', (_, previous, status, expected) => {
    expect(carryFirstSeen(previous, { status, observed_at })).toBe(expected);
  });
});
