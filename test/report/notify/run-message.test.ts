import { describe, expect, test } from '@jest/globals';
import { isWorthTelling, runMessage } from '../../../functions/report/notify/run-message.ts';
import type { RootCauseTally, RunReport } from '../../../functions/report/run/run-report.ts';
import { NO_NEWS, sampleReport } from '../sample-report.ts';
import { RUN } from '../tables/sample-rows.ts';

const ROOT = 's3://reports';
const cause = (title: string): RootCauseTally =>
  ({ id: title, title, accounts: 3, targets: 51, findings: 4 }) as RootCauseTally;

test('a run after a change is told of where something is new that no other run has announced', () => {
  const ARN = 'arn:aws:cloudtrail:us-east-1:111111111111:trail/a';
  const none = { previous_run_id: 'OLD', newly_failing: 0, fixed: 0, still_failing: 0 };
  const run = (changes: object, status: 'COMPLETE' | 'PARTIAL' = 'COMPLETE', because = true) =>
    sampleReport({
      run: { status },
      changes: { ...none, trails_newly_failing: [], trails_fixed: [], ...changes },
      ...(because && { because: { changes: [] } as unknown as RunReport['because'] }),
    });
  const stopped = { newly_failing: 1, trails_newly_failing: [ARN] };
  const told = [
    isWorthTelling(run(stopped), { failing: [ARN], fixed: [] }),
    isWorthTelling(run({ newly_failing: 1 }), NO_NEWS),
    isWorthTelling(run({}, 'PARTIAL'), NO_NEWS),
    isWorthTelling(run({}, 'COMPLETE', false), NO_NEWS),
  ];
  expect(told).toEqual([true, true, true, true]);
  // The same stop, announced by the run that ended a moment before; and nothing at all.
  expect([isWorthTelling(run(stopped), NO_NEWS), isWorthTelling(run({}), NO_NEWS)]).toEqual([false, false]);
});

describe('the message at the end of a run', () => {
  test('says what it came to, what changed and where to look', () => {
    const { subject, body } = runMessage(
      sampleReport({
        run: { status: 'COMPLETE', findings_failed: 4, findings_unverified: 1, accounts: 5, regions: 17, targets: 85 },
        root_causes: [cause('Trail organization has no KMS key')],
        root_causes_total: 1,
        changes: {
          previous_run_id: 'OLD',
          newly_failing: 2,
          fixed: 1,
          still_failing: 3,
          trails_newly_failing: [],
          trails_fixed: [],
        },
      }),
      { root: ROOT, overdue: [], trails: NO_NEWS },
    );
    expect(subject).toBe('TrailSeal: COMPLETE, 4 failed, 1 unverified');
    expect(body).toContain('5 accounts x 17 Regions = 85 account/Region pairs');
    expect(body).toContain('Since run OLD: 2 newly failing, 1 fixed, 3 still failing.');
    expect(body).toContain('- Trail organization has no KMS key: 4 findings, affects 51 Regions in 3 accounts');
    expect(body).toContain(`${ROOT}/reports/${RUN}/`);
    expect(body).not.toContain('resume');
  });

  test('of a PARTIAL run says how to finish it, and which accounts are long overdue', () => {
    const overdue = Array.from({ length: 12 }, (_, index) => String(111111111100 + index));
    const { body } = runMessage(sampleReport({ run: { status: 'PARTIAL' } }), { root: ROOT, overdue, trails: NO_NEWS });
    expect(body).toContain(`{"resume": "${RUN}"}`);
    expect(body).toContain('Unreachable for too long: 12 accounts (111111111100, ');
    expect(body).not.toContain('111111111111');
  });

  test('names the worst causes and counts the rest', () => {
    const causes = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(cause);
    const { body } = runMessage(sampleReport({ root_causes: causes, root_causes_total: 40 }), {
      root: ROOT,
      overdue: [],
      trails: NO_NEWS,
    });
    expect(body).toContain('- e: ');
    expect(body).not.toContain('- f: ');
    expect(body).toContain('and 35 more');
  });

  test('holds no control character and no second line that a hostile name smuggled in', () => {
    const hostile = cause('trail\r\nSubject: you won\u001b[31m\u202e');
    const { subject, body } = runMessage(
      sampleReport({
        run: { scope: 'FILTERED', scope_filter: 'ou x\ny' },
        root_causes: [hostile],
        root_causes_total: 1,
      }),
      { root: ROOT, overdue: [], trails: NO_NEWS },
    );
    expect(subject).toMatch(/^[\x20-\x7e]{1,100}$/);
    expect(body).not.toMatch(/[^\x20-\x7e\n…]/);
    expect(body).not.toMatch(/^Subject:/m);
    expect(body).toContain('narrowed: ou x y');
  });
});
