import { expect, test } from '@jest/globals';
import { WORST_LISTED } from '../../../functions/report/run/run-report.ts';
import { Tally } from '../../../functions/report/tables/tally.ts';
import { findingRow } from './sample-rows.ts';

/** The worst findings after these, in the order in which they are listed. */
const worstOf = (rows: Parameters<typeof findingRow>[0][]): string[] => {
  const tally = new Tally();
  for (const row of rows) tally.finding(findingRow(row), null);
  return tally.worstFindings().map(({ finding_id }) => finding_id);
};
const expected = ['critical', 'high', 'high-later', 'high-target', 'low', 'unknown-critical'];
const rows: Parameters<typeof findingRow>[0][] = [
  { finding_id: 'unknown-critical', status: 'UNVERIFIED', severity: 'CRITICAL' },
  { finding_id: 'low', severity: 'LOW' },
  { finding_id: 'passed', status: 'PASS', severity: 'CRITICAL' },
  { finding_id: 'high-target', resource_type: 'target', resource_arn: 'a' },
  { finding_id: 'high-later', resource_arn: 'c' },
  { finding_id: 'waived', status: 'WAIVED', severity: 'CRITICAL' },
  { finding_id: 'high', resource_arn: 'b' },
  { finding_id: 'critical', severity: 'CRITICAL' },
];

test('the worst findings: what fails before what is unknown, the severe first, a resource before a target', () => {
  expect(worstOf(rows)).toEqual(expected);
  expect(worstOf(rows.toReversed())).toEqual(expected);
});

test('a worse finding that comes late displaces the mildest of a full list', () => {
  const mild = Array.from({ length: WORST_LISTED }, (_, n) => ({ finding_id: `m-${n}`, severity: 'LOW' as const }));
  const listed = worstOf([...mild, { finding_id: 'late', severity: 'CRITICAL' }]);
  expect([listed.length, listed[0]]).toEqual([WORST_LISTED, 'late']);
});

test('every status is counted by severity too', () => {
  const tally = new Tally();
  for (const row of rows) tally.finding(findingRow(row), null);
  expect(tally.bySeverity.CRITICAL).toMatchObject({ FAIL: 1, UNVERIFIED: 1, PASS: 1, WAIVED: 1 });
  expect([tally.bySeverity.HIGH.FAIL, tally.bySeverity.LOW.FAIL, tally.bySeverity.MEDIUM.FAIL]).toEqual([3, 1, 0]);
});
