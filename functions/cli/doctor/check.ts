import { TrailSealError } from '../../domain/model/errors.ts';
import type { CallFailure } from '../../domain/model/reading.ts';
import { sanitize } from '../../domain/model/sanitize.ts';
import { lineWidth, type Terminal, wrapped } from '../terminal.ts';

/** One thing that the doctor looked at. `fix` is what to do where it is not as it should be, `command` the one that does it. */
export interface Check {
  name: string;
  outcome: 'ok' | 'warning' | 'wrong';
  words: string;
  fix: string | null;
  command?: string;
}

export type Say = (check: Check) => void;

export const ok = (name: string, words: string): Check => ({ name, outcome: 'ok', words, fix: null });
/** @param command The one that does what the fix says. */
export const wrong = (name: string, words: string, fix: string | null, command?: string): Check => ({
  ...{ name, outcome: 'wrong', words, fix },
  ...(command !== undefined && { command }),
});
/** As `wrong`, of what stops nothing. */
export const warning = (...about: Parameters<typeof wrong>): Check => ({ ...wrong(...about), outcome: 'warning' });

/** What was found, the fix, and its command on one line, to be copied. */
export function checkLine({ name, outcome, words, fix, command }: Check, terminal: Terminal): string {
  const { style } = terminal;
  const width = lineWidth(terminal);
  const mark = { ok: style('green', 'ok     '), warning: style('yellow', 'warning'), wrong: style('red', 'wrong  ') }[
    outcome
  ];
  const what = wrapped(`${name}: ${sanitize(words)}`, { indent: 9, width });
  const how = fix ? `\n         → ${wrapped(fix, { indent: 11, width })}` : '';
  return `${mark}  ${what}${how}${command ? `\n           ${command}` : ''}`;
}

/** The answer, or a line that says why there is none. */
export async function attempted<T>(name: string, act: () => Promise<T>, say: Say): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof TrailSealError)) throw error;
    say(wrong(name, error.message, null));
    return null;
  }
}

/** What could not be looked at is said, and is not taken for sound. */
export const unread = (name: string, { code, message }: CallFailure, action: string): Check =>
  warning(
    name,
    `could not be looked at (${code}: ${message.slice(0, 200)})`,
    `Allow these credentials ${action}, or look for yourself.`,
  );
