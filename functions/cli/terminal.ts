import { styleText } from 'node:util';
import { padText, textWidth } from '../report/text-width.ts';

export { harmless } from '../domain/harmless.ts';

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

/** Rows as columns two spaces apart; numbers are the caller's to align. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, textWidth(cell))), []);
  return rows
    .map((row) =>
      `  ${row.map((cell, i) => (i === row.length - 1 ? cell : padText(cell, widths[i] ?? 0, 'left'))).join('  ')}`.trimEnd(),
    )
    .join('\n');
}
