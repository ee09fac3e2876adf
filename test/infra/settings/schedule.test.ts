import { describe, expect, test } from '@jest/globals';
import { longestGapHours, scheduleFault } from '../../../infra/settings/schedule.ts';

describe('a schedule expression', () => {
  test.each([
    'cron(0 6 * * ? *)',
    'cron(15 10 ? * 6L 2026-2030)',
    'cron(0/30 8-17 ? * MON-FRI *)',
    'cron(0 4 L * ? *)',
    'cron(0 4 LW * ? *)',
    'cron(0 4 15W JAN,JUL ? *)',
    'cron(0 4 ? * 3#2 *)',
    'rate(1 hour)',
    'rate(12 hours)',
    'rate(90 minutes)',
  ])('%s is sound', (expression) => {
    expect(scheduleFault(expression)).toBeNull();
  });

  test.each([
    ['every day', /cron\(.*\) or rate/],
    ['at(2026-12-01T00:00:00)', /cron\(.*\) or rate/],
    ['0 6 * * ? *', /cron\(.*\) or rate/],
    ['cron(0 6 * * ?)', /six cron fields, not 5/],
    ['cron(0 6 * * * *)', /exactly one of day of month and day of week/],
    ['cron(0 6 ? * ? *)', /exactly one of day of month and day of week/],
    ['cron(60 6 * * ? *)', /minute .* "60"/],
    ['cron(0 24 * * ? *)', /hour .* "24"/],
    ['cron(0 6 32 * ? *)', /day of month .* "32"/],
    ['cron(0 6 ? * 8 *)', /day of week .* "8"/],
    ['cron(0 6 ? * FRI-MON *)', /day of week/],
    ['cron(0 6 ? JANUARY * *)', /month .* "JANUARY"/],
    ['cron(0 6 * * ? 1969)', /year .* "1969"/],
    ['cron(0/0 6 * * ? *)', /minute/],
    ['cron(, 6 * * ? *)', /minute/],
    ['rate(0 hours)', /at least 1/],
    ['rate(5 minutes)', /once an hour/],
    ['rate(1 week)', /cron\(.*\) or rate/],
  ])('%s is refused', (expression, reason) => {
    expect(scheduleFault(expression)).toMatch(reason);
  });
});

const DAY = 24;
test.each([
  ['rate(2 days)', 2 * DAY],
  ['rate(90 minutes)', 1.5],
  ['cron(0 6 * * ? *)', DAY],
  ['cron(0 6,18 * * ? *)', 12],
  ['cron(0 6,8 * * ? *)', 22],
  ['cron(0/20 * * * ? *)', 1 / 3],
  ['cron(30 4 ? * MON-FRI *)', 3 * DAY],
  ['cron(30 4 ? * 2-6 *)', 3 * DAY],
  ['cron(0 4 ? * SUN *)', 7 * DAY],
  ['cron(0 4 ? * L *)', 7 * DAY],
  ['cron(0 4 1 * ? *)', 31 * DAY],
  ['cron(0 4 L * ? *)', 31 * DAY],
  ['cron(0 4 1/2 * ? *)', 2 * DAY],
  ['cron(0 4 ? * 3#2 *)', 5 * 7 * DAY],
  ['cron(0 4 ? * 6L *)', 5 * 7 * DAY],
  // From Friday 26 February 2027 to Wednesday 31 March.
  ['cron(0 4 LW * ? *)', 33 * DAY],
  // 15 July 2028 is a Saturday, 15 January 2029 a Monday.
  ['cron(0 4 15W JAN,JUL ? *)', 185 * DAY],
  ['cron(0 4 1 JAN ? *)', 366 * DAY],
])('%s leaves %d hours between two runs at most', (expression, hours) => {
  expect(longestGapHours(expression)).toBeCloseTo(hours);
});

test.each(['daily', 'cron(0 4 31 FEB ? *)'])('%s has no time between two runs', (expression) => {
  expect(longestGapHours(expression)).toBeNull();
});
