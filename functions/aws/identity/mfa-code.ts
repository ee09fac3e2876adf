import { createInterface } from 'node:readline/promises';
import { TrailSealError } from '../../domain/model/errors.ts';
import { sanitize } from '../../domain/model/sanitize.ts';

/** Answers the question for the six digits of an MFA device. */
export type AskMfaCode = (serial: string) => Promise<string>;

/**
 * Asks on the terminal, on stderr: stdout is for data.
 * @throws TrailSealError CREDENTIALS where there is no terminal, with the way out
 */
export const askMfaCode =
  (profile: string, signal?: AbortSignal): AskMfaCode =>
  async (serial) => {
    if (!process.stdin.isTTY || !process.stderr.isTTY) {
      throw new TrailSealError(
        'CREDENTIALS',
        `The profile ${JSON.stringify(profile)} asks for the code of ${serial}, and there is no terminal to ask on: get a session where there is one, with aws configure export-credentials --profile ${profile} --format env, and run with those variables.`,
      );
    }
    // Not in raw mode: Ctrl-C stays a signal of the process.
    const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
    try {
      const question = `MFA code of ${sanitize(serial)}: `;
      return (await lines.question(question, signal ? { signal } : {})).trim();
    } finally {
      lines.close();
    }
  };
