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

export interface CronField {
  name: string;
  min: number;
  max: number;
  names: readonly string[];
  /** What the field takes beyond numbers, ranges, lists and steps. */
  special: RegExp | null;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
export const CRON_FIELDS: readonly CronField[] = [
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
    if (!fits(parts[index] ?? '', field))
      return `has a value for ${field.name} that cron does not take: "${parts[index]}"`;
  }
  const unset = [parts[2], parts[4]].filter((part) => part === '?').length;
  if (unset !== 1) return 'must have "?" as exactly one of day of month and day of week';
  return null;
};

const fits = (text: string, field: CronField): boolean => {
  if (field.special?.test(text)) return true;
  return text.split(',').every((item) => {
    const [range = '', step, ...rest] = item.split('/');
    if (rest.length > 0 || (step !== undefined && !(/^\d+$/.test(step) && Number(step) > 0))) return false;
    if (range === '*') return true;
    const ends = range.split('-').map((end) => numberIn(end, field));
    if (ends.length > 2 || ends.includes(null)) return false;
    return ends.length === 1 || Number(ends[0]) <= Number(ends[1]);
  });
};

/** A number, or a name as its number; null where the field takes neither. */
export const numberIn = (text: string, field: CronField): number | null => {
  const named = field.names.indexOf(text.toUpperCase());
  if (named >= 0) return named + field.min;
  if (!/^\d+$/.test(text)) return null;
  const value = Number(text);
  return value >= field.min && value <= field.max ? value : null;
};
