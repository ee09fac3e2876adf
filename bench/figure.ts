/** One measured number. A goal is told apart from a check: a goal that is missed is shown, a check that fails ends the run. */
export interface Figure {
  scenario: string;
  /** What was measured, sizes included. */
  name: string;
  value: number;
  unit: string;
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
  /** Progress, for whoever waits. */
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
  value: number,
  unit: string,
  more: { goal?: number; note?: string } = {},
): Figure => ({ scenario, name, value, unit, ...more });

/** Broken means wrong, never slow. @throws Error */
export function mustHold(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(sentence);
}

const three = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
export const readable = (value: number): string => (Math.abs(value) >= 100 ? whole.format(value) : three.format(value));

/** Figures as lines of equal columns. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, goal, note }) => [
    name,
    `${readable(value)} ${unit}`.trim(),
    goal === undefined ? '' : `≤ ${readable(goal)}`,
    goal === undefined ? '' : value <= goal ? 'met' : 'MISSED',
    note ?? '',
  ]);
  const head = ['figure', 'value', 'goal', '', 'note'];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (column === 4 ? 0 : (row[column]?.length ?? 0)))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line).join('\n');
}
