import { CRON_FIELDS, type CronField, numberIn, scheduleFault } from './schedule-expression.ts';

/**
 * The longest time between two runs of a schedule, in hours; null where there is none because the expression is unsound
 * or never comes round. A cron expression is unrolled over four years; its year and the hours that clocks are put
 * forward or back are left out of account.
 */
export const longestGapHours = (expression: string): number | null => {
  if (scheduleFault(expression) !== null) return null;
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate) return Number(rate[1]) * (HOURS[rate[2] ?? ''] ?? 0);
  const fields = expression.slice('cron('.length, -1).trim().split(/\s+/);
  const [minutes, hours, months] = [0, 1, 3].map((at) => valuesOf(fields[at] ?? '', CRON_FIELDS[at] as CronField));
  const times = (hours ?? []).flatMap((hour) => (minutes ?? []).map((minute) => hour + minute / 60));
  const isRunDay = dayMatcher(fields[2] ?? '?', fields[4] ?? '?');

  let last: number | null = null;
  let longest: number | null = null;
  for (let day = 0; day < 4 * 366; day++) {
    const date = new Date(FIRST_DAY + day * DAY_MS);
    if (!months?.includes(date.getUTCMonth() + 1) || !isRunDay(date)) continue;
    for (const time of times) {
      const at = day * 24 + time;
      if (last !== null) longest = Math.max(longest ?? 0, at - last);
      last = at;
    }
  }
  return longest;
};

const HOURS: Record<string, number> = { minute: 1 / 60, hour: 1, day: 24 };
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2026, 0, 1);

/** The numbers that a list of numbers, ranges and steps means, ascending. */
const valuesOf = (text: string, field: CronField): number[] => {
  const values = text.split(',').flatMap((item) => {
    const [range = '', step] = item.split('/');
    const [from, to] =
      range === '*' ? [field.min, field.max] : range.split('-').map((end) => numberIn(end, field) ?? 0);
    const first = from ?? field.min;
    // `5/10` goes on from 5, `5` alone does not.
    const end = to ?? (step === undefined ? first : field.max);
    const stride = Number(step ?? 1);
    return Array.from({ length: Math.floor((end - first) / stride) + 1 }, (_, index) => first + index * stride);
  });
  return [...new Set(values)].sort((a, b) => a - b);
};

/** Whether a day is one that the fields for day of month and day of week name; one of them is `?`. */
const dayMatcher = (dayOfMonth: string, dayOfWeek: string): ((date: Date) => boolean) => {
  if (dayOfWeek === '?') {
    if (dayOfMonth === 'L') return (date) => date.getUTCDate() === lengthOfMonth(date);
    if (dayOfMonth === 'LW') return (date) => date.getUTCDate() === nearestWeekday(date, lengthOfMonth(date));
    const near = /^(\d+)W$/.exec(dayOfMonth);
    if (near) return (date) => date.getUTCDate() === nearestWeekday(date, Number(near[1]));
    const days = valuesOf(dayOfMonth, CRON_FIELDS[2] as CronField);
    return (date) => days.includes(date.getUTCDate());
  }
  const field = CRON_FIELDS[4] as CronField;
  const weekday = (date: Date) => date.getUTCDay() + 1;
  const [, lastOf] = /^(\w+)L$/.exec(dayOfWeek) ?? [];
  if (lastOf !== undefined) {
    return (date) => weekday(date) === numberIn(lastOf, field) && date.getUTCDate() > lengthOfMonth(date) - 7;
  }
  const [, day, week] = /^(\d)#(\d)$/.exec(dayOfWeek) ?? [];
  if (day !== undefined) {
    return (date) => weekday(date) === Number(day) && Math.ceil(date.getUTCDate() / 7) === Number(week);
  }
  // `L` alone is the last day of the week.
  const days = dayOfWeek === 'L' ? [7] : valuesOf(dayOfWeek, field);
  return (date) => days.includes(weekday(date));
};

const lengthOfMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

/** The weekday nearest to a day of the month, within that month. */
const nearestWeekday = (date: Date, day: number): number => {
  const length = lengthOfMonth(date);
  const at = Math.min(day, length);
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), at)).getUTCDay();
  if (weekday === 6) return at === 1 ? 3 : at - 1;
  if (weekday === 0) return at === length ? at - 2 : at + 1;
  return at;
};
