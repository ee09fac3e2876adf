import { styleText } from 'node:util';

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

/** Text from other people's accounts, made harmless: control characters and escape sequences are shown, not obeyed. */
export const harmless = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`,
  );

/** Rows as columns two spaces apart; numbers are the caller's to align. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), []);
  return rows
    .map((row) =>
      `  ${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  ')}`.trimEnd(),
    )
    .join('\n');
}
