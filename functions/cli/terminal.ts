import { styleText } from 'node:util';
import { padText, textWidth } from '../report/queries/text-width.ts';

export { sanitize } from '../domain/model/sanitize.ts';

/** Where a command writes: data to `out`, everything else to `err`. */
export interface Terminal {
  out: NodeJS.WriteStream;
  err: NodeJS.WriteStream;
  /** Colour only on a terminal, and never with NO_COLOR. */
  style(name: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string): string;
}

export function processTerminal(): Terminal {
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  return {
    out: process.stdout,
    err: process.stderr,
    style: (name, text) => (colour ? styleText(name, text) : text),
  };
}

/** Where text for people is broken: the terminal's width, 100 where it goes elsewhere. */
export const lineWidth = ({ out }: Pick<Terminal, 'out'>): number =>
  out.isTTY ? Math.max(out.columns ?? 80, 40) : 100;

/** Broken between words, later lines indented. */
export function wrapped(text: string, { indent, width }: { indent: number; width: number }): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && textWidth(line) + textWidth(word) + 1 > width - indent) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

/** As it is where it fits; columns that do not are printed one after the other. */
const wrappedKeepingGaps = (text: string, width: number): string =>
  textWidth(text) <= width ? text : wrapped(text, { indent: 4, width });

/** Rows as columns two spaces apart; numbers are the caller's to align. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, textWidth(cell))), []);
  return rows
    .map((row) =>
      `  ${row.map((cell, i) => (i === row.length - 1 ? cell : padText(cell, widths[i] ?? 0, 'left'))).join('  ')}`.trimEnd(),
    )
    .join('\n');
}

/** As columns of which the last is prose: it is broken between words, under itself, or on lines of its own where it has no room. */
export function columnsWithProse(rows: readonly (readonly string[])[], width: number): string {
  const heads = rows.map((row) => row.slice(0, -1));
  const before = Math.max(
    0,
    ...columns(heads.map((row) => [...row, '|']))
      .split('\n')
      .map((line) => textWidth(line) - 1),
  );
  if (width - before < LEAST_PROSE) return foldedColumns(rows, { details: 1, width });
  return columns(rows.map((row) => [...row.slice(0, -1), wrapped(row.at(-1) ?? '', { indent: before, width })]));
}
const LEAST_PROSE = 24;

/** As columns where that fits; else the last cells of each row, so many, take lines of their own below it. */
export function foldedColumns(
  rows: readonly (readonly string[])[],
  { details, width }: { details: number; width: number },
): string {
  const whole = columns(rows);
  if (whole.split('\n').every((line) => textWidth(line) <= width)) return whole;
  const heads = columns(rows.map((row) => row.slice(0, row.length - details))).split('\n');
  return rows
    .flatMap((row, i) => [
      `  ${wrappedKeepingGaps((heads[i] ?? '').slice(2), width - 2)}`,
      ...row
        .slice(row.length - details)
        .filter((cell) => cell !== '')
        .map((cell) => `      ${wrapped(cell, { indent: 6, width })}`),
    ])
    .join('\n');
}
