import { describe, expect, test } from '@jest/globals';
import { scheduleFault } from '../../../infra/settings/schedule-expression.ts';

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
