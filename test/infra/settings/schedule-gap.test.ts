import { expect, test } from '@jest/globals';
import { longestGapHours } from '../../../infra/settings/schedule-gap.ts';

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
