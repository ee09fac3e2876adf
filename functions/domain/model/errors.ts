import { LIMITS } from '../limits/limits.ts';
import { sanitize, sanitizeLines } from './sanitize.ts';

/**
 * An error a person can act on: a stable code, one sentence, the cause kept. The CLI prints the sentence alone. Whatever
 * it quotes of other people's accounts or files is shown, never obeyed: no control character, no line of its own.
 */
export class TrailSealError extends Error {
  readonly code: string;
  /** @param message several sentences become lines */
  constructor(code: string, message: string | readonly string[], options?: { cause?: unknown }) {
    super(toldIn(typeof message === 'string' ? [message] : message), options);
    this.name = 'TrailSealError';
    this.code = code;
  }
}

/** What was asked for cannot be done as it was asked: options, arguments, files that they name. */
export const usageError = (message: string, options?: { cause?: unknown }): TrailSealError =>
  new TrailSealError('USAGE', message, options);

/** The report root could not be read or written. */
export class StoreError extends TrailSealError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('STORE', message, options);
    this.name = 'StoreError';
  }
}

const toldIn = (sentences: readonly string[]): string => {
  const text = sentences.map(sanitize).join('\n');
  // Half of a pair that the cut may leave is made sanitize too.
  return text.length > LIMITS.message.most ? `${sanitizeLines(text.slice(0, LIMITS.message.most - 10))}…` : text;
};
