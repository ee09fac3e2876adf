/** One measured number. A goal is no check: a goal that is missed is shown, a check that fails ends the run. */
export interface Figure {
  scenario: string;
  /** What was measured, sizes included. */
  name: string;
  /** null: not measured, the note says why. */
  value: number | null;
  unit: string;
  /** Whose figure it is, where several are set side by side: figures of one name stand in one row. */
  subject?: string;
  /** Met at or below this; absent where there is none. */
  goal?: number;
  note?: string;
}

export interface ScenarioContext {
  /** Sizes that end within CI's patience. */
  quick: boolean;
  /** Sizes that take more than about ten minutes too. */
  long: boolean;
  /** A private folder, removed afterwards. */
  folder: string;
  /** Progress, printed while one waits. */
  say(line: string): void;
}

export interface Scenario {
  name: string;
  title: string;
  run(context: ScenarioContext): Promise<Figure[]>;
}

export const figure = (
  scenario: string,
  name: string,
  value: number | null,
  unit: string,
  more: { goal?: number; note?: string; subject?: string } = {},
): Figure => ({ scenario, name, value, unit, ...more });

/** Broken means wrong, never slow. @throws Error */
export function mustHold(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(sentence);
}

const three = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
export const readable = (value: number): string => (Math.abs(value) >= 100 ? whole.format(value) : three.format(value));

/** Figures as lines of equal columns; those with a subject side by side. */
export function table(figures: readonly Figure[]): string {
  const compared = figures.filter(({ subject }) => subject !== undefined);
  const others = figures.filter(({ subject }) => subject === undefined);
  return [
    ...(compared.length > 0 ? [aligned(sideBySide(compared))] : []),
    ...(others.length > 0 ? [aligned([['figure', 'value', 'goal', '', 'note'], ...others.map(cells)], 1)] : []),
  ].join('\n\n');
}

/** A head and a row for each name: what each subject's figure of that name is. */
export function sideBySide(figures: readonly Figure[]): string[][] {
  const subjects = [...new Set(figures.map(({ subject }) => subject ?? ''))];
  const names = [...new Set(figures.map(({ name }) => name))];
  const cell = (name: string, of: string): string => {
    const found = figures.find((one) => one.name === name && one.subject === of);
    if (!found) return '–';
    return `${withUnit(found)}${found.note === undefined ? '' : ` (${found.note})`}`;
  };
  return [['', ...subjects], ...names.map((name) => [name, ...subjects.map((of) => cell(name, of))])];
}

/** Name, value, goal, whether it is met, note. */
export const cells = (one: Figure): string[] => [
  one.name,
  withUnit(one),
  one.goal === undefined ? '' : `≤ ${readable(one.goal)}`,
  one.goal === undefined || one.value === null ? '' : one.value <= one.goal ? 'met' : 'MISSED',
  one.note ?? '',
];

const withUnit = ({ value, unit }: Figure): string =>
  value === null ? 'not measured' : `${readable(value)} ${unit}`.trim();

/** Rows as wide as their widest cell; the last column is left as it is, column `right` is flush right. */
function aligned(rows: readonly string[][], right = -1): string {
  const last = (rows[0]?.length ?? 1) - 1;
  const widths = (rows[0] ?? []).map((_, column) =>
    column === last ? 0 : Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((text, column) =>
          column === right ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
