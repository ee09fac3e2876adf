import type { CallFailure } from '../domain/model/reading.ts';

/** A failed call, classified. `read` turns it into a `Reading`. */
export class CallError extends Error {
  readonly failure: CallFailure;
  constructor(failure: CallFailure, options?: { cause?: unknown }) {
    super(failure.message, options);
    this.name = 'CallError';
    this.failure = failure;
  }
}

/** An answer that came, but not in the shape AWS documents. Taking it for "nothing there" would lose findings. */
export const malformed = (operation: string, what: string): CallError =>
  new CallError({ kind: 'ERROR', operation, code: 'MalformedAnswer', message: `the answer has no ${what}` });
