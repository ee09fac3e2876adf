import { expect, test } from '@jest/globals';
import { timingsOf } from '../../../functions/cli/scan/timings.ts';
import type { RunReport } from '../../../functions/report/run/run-report.ts';

const style = (_: string, text: string) => text;

test('tells time, calls, throttling and waiting of each step, a step a line', () => {
  const efforts = [
    { state: 'Plan', wall_ms: 125_040, calls: 2_500, throttled: 12, waited_ms: 118_000 },
    { state: 'Scan', wall_ms: 41_000, calls: 36_000, throttled: 0, waited_ms: 0 },
  ] as const;
  const lines = timingsOf({ efforts } as unknown as RunReport, { style } as never).split('\n');
  expect(lines.find((line) => line.includes('Listing'))?.trim()).toMatch(
    /^Listing the organization +125\.0 s +2500 +12 +118\.0 s$/,
  );
  expect(lines.find((line) => line.includes('Scanning'))?.trim()).toMatch(
    /^Scanning accounts +41\.0 s +36000 +0 +0\.0 s$/,
  );
});

test('a run of an earlier version says that it kept none', () => {
  expect(timingsOf({} as RunReport, { style } as never)).toContain('kept no times');
});
