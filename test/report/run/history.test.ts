import { describe, expect, test } from '@jest/globals';
import type { ScanPlan } from '../../../functions/domain/model/plan.ts';
import { openHistory } from '../../../functions/report/run/history.ts';
import type { FindingRow, RunRow } from '../../../functions/report/tables/columns.ts';
import { writeTable } from '../../../functions/report/tables/tables.ts';
import { MemoryStore } from '../memory-store.ts';
import { findingRow, runRow } from '../tables/sample-rows.ts';

const BEFORE = '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0A';
const NOW = '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0B';
const SINCE = '2026-10-01T00:00:00.000Z';
const EARLIER = '2026-11-01T00:00:00.000Z';
const observed_at = '2026-11-02T00:00:00.000Z';

const history = async (rows: Partial<FindingRow>[], run: Partial<RunRow> = {}) => {
  const store = new MemoryStore();
  const at = { store, runId: BEFORE, runDate: '2026-11-01' };
  await writeTable({ ...at, table: 'findings', rows: rows.map((row) => findingRow({ run_id: BEFORE, ...row })) });
  await writeTable({
    ...at,
    table: 'runs',
    rows: [runRow({ run_id: BEFORE, scope: 'ORGANIZATION', scope_filter: null, ...run })],
  });
  const { runId, scope, scopeFilter } = { runId: NOW, scope: 'ORGANIZATION' as const, scopeFilter: null };
  // Only who the run is matters here.
  return openHistory(store, { runId, scope, scopeFilter } as ScanPlan);
};

describe('since when a finding has been unmet', () => {
  const unmet = { finding_id: 'f', status: 'FAIL', first_seen_at: SINCE, observed_at: EARLIER } as const;
  test.each<[string, Partial<FindingRow>, string, string | null]>([
    ['still failing', unmet, 'FAIL', SINCE],
    ['waived before', { ...unmet, status: 'WAIVED' }, 'FAIL', SINCE],
    ['unverified now', unmet, 'UNVERIFIED', SINCE],
    ['fixed', unmet, 'PASS', null],
    ['met before', { ...unmet, status: 'PASS', first_seen_at: null }, 'FAIL', observed_at],
    ['another finding', { ...unmet, finding_id: 'g' }, 'FAIL', observed_at],
    ['a row without the time', { ...unmet, first_seen_at: null }, 'FAIL', EARLIER],
    [
      'a row with no time at all',
      { ...unmet, first_seen_at: null, observed_at: null },
      'FAIL',
      '2026-10-31T00:00:00.000Z',
    ],
  ])('%s', async (_, row, status, expected) => {
    const { firstSeenAt } = await history([row], { started_at: '2026-10-31T00:00:00.000Z' });
    expect(firstSeenAt('f', { status, observed_at })).toBe(expected);
  });

  test('runs of another scope do not count', async () => {
    const { firstSeenAt, previous } = await history([unmet], { scope: 'FILTERED', scope_filter: 'accounts=1' });
    expect(previous).toBeNull();
    expect(firstSeenAt('f', { status: 'FAIL', observed_at })).toBe(observed_at);
  });
});

test('what changed is counted, and a trail with a new fault is not fixed', async () => {
  const at = (finding_id: string, status: FindingRow['status'], resource_arn = 'arn:a') =>
    findingRow({ run_id: NOW, finding_id, status, resource_type: 'trail', resource_arn });
  const { compare, changes } = await history([
    { finding_id: 'still', status: 'FAIL' },
    { finding_id: 'fixed', status: 'FAIL' },
    { finding_id: 'fixed too', status: 'UNVERIFIED' },
  ]);
  for (const row of [
    at('still', 'FAIL', 'arn:c'),
    at('fixed', 'PASS'),
    at('fixed too', 'PASS', 'arn:b'),
    at('new', 'FAIL'),
  ])
    compare(row);
  expect(changes()).toEqual({
    previous_run_id: BEFORE,
    newly_failing: 1,
    fixed: 2,
    still_failing: 1,
    trails_newly_failing: ['arn:a'],
    trails_fixed: ['arn:b'],
  });
});
