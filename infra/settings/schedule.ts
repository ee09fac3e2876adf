/**
 * Why an EventBridge Scheduler expression would be refused, or null where it is sound: `cron(…)` of six fields or `rate(…)`.
 * One-off `at(…)` schedules are not offered: a scanner that runs once proves nothing tomorrow.
 * Source: EventBridge Scheduler user guide, "Schedule types".
 */
export const scheduleFault = (expression: string): string | null => {
  const rate = /^rate\((\d+) (minutes?|hours?|days?)\)$/.exec(expression);
  if (rate) return rateFault(Number(rate[1]), rate[2] ?? '');
  const cron = /^cron\((.*)\)$/.exec(expression);
  if (!cron) return 'must be cron(minute hour day-of-month month day-of-week year) or rate(value unit)';
  return cronFault((cron[1] ?? '').trim().split(/\s+/));
};

const rateFault = (value: number, unit: string): string | null => {
  if (value < 1) return 'must have a rate of at least 1';
  if (unit.startsWith('minute') && value < 60) return 'must not run more often than once an hour';
  return null;
};

interface CronField {
  name: string;
  min: number;
  max: number;
  names: readonly string[];
  /** What the field takes beyond numbers, ranges, lists and steps. */
  special: RegExp | null;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const CRON_FIELDS: readonly CronField[] = [
  { name: 'minute', min: 0, max: 59, names: [], special: null },
  { name: 'hour', min: 0, max: 23, names: [], special: null },
  { name: 'day of month', min: 1, max: 31, names: [], special: /^(\?|L|LW|\d{1,2}W)$/ },
  { name: 'month', min: 1, max: 12, names: MONTHS, special: null },
  {
    name: 'day of week',
    min: 1,
    max: 7,
    names: DAYS,
    special: /^(\?|L|[1-7]L|(SUN|MON|TUE|WED|THU|FRI|SAT)L|[1-7]#[1-5])$/,
  },
  { name: 'year', min: 1970, max: 2199, names: [], special: null },
];

const cronFault = (parts: string[]): string | null => {
  if (parts.length !== CRON_FIELDS.length) return `must have six cron fields, not ${parts.length}`;
  for (const [index, field] of CRON_FIELDS.entries()) {
    const part = parts[index] ?? '';
    if (!field.special?.test(part) && valuesOf(part, field) === null)
      return `has a value for ${field.name} that cron does not take: "${part}"`;
  }
  const unset = [parts[2], parts[4]].filter((part) => part === '?').length;
  if (unset !== 1) return 'must have "?" as exactly one of day of month and day of week';
  return null;
};

/** A number, or a name as its number; null where the field takes neither. */
const numberIn = (text: string, field: CronField): number | null => {
  const named = field.names.indexOf(text.toUpperCase());
  if (named >= 0) return named + field.min;
  if (!/^\d+$/.test(text)) return null;
  const value = Number(text);
  return value >= field.min && value <= field.max ? value : null;
};

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

/** The numbers that a list of numbers, ranges and steps means, ascending; null where the field does not take it. */
const valuesOf = (text: string, field: CronField): number[] | null => {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const [, range = '', step] = /^([^/]+)(?:\/(0*[1-9]\d*))?$/.exec(item) ?? [];
    const ends = range === '*' ? [field.min, field.max] : range.split('-').map((end) => numberIn(end, field));
    // `5/10` goes on from 5, `5` alone does not.
    const [first, last = step === undefined ? first : field.max] = ends;
    if (ends.length > 2 || first == null || last == null || first > last) return null;
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
};

/** Whether a day is one that the fields for day of month and day of week name; one of them is `?`. */
const dayMatcher = (dayOfMonth: string, dayOfWeek: string): ((date: Date) => boolean) => {
  if (dayOfWeek === '?') {
    if (dayOfMonth === 'L') return (date) => date.getUTCDate() === lengthOfMonth(date);
    if (dayOfMonth === 'LW') return (date) => date.getUTCDate() === nearestWeekday(date, lengthOfMonth(date));
    const near = /^(\d+)W$/.exec(dayOfMonth);
    if (near) return (date) => date.getUTCDate() === nearestWeekday(date, Number(near[1]));
    const days = valuesOf(dayOfMonth, CRON_FIELDS[2] as CronField);
    return (date) => days?.includes(date.getUTCDate()) === true;
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
  return (date) => days?.includes(weekday(date)) === true;
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
