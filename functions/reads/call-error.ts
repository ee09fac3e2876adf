import type { CallFailure } from '../domain/model/reading.ts';

/** A failed call, classified. `read` turns it into a `Reading`. */
export class CallError extends Error {
  readonly failure: CallFailure;
  constructor(failure: CallFailure, options?: { cause?: unknown }) {
    // A refusal is data on its way to a `Reading`: where it was made is never shown, and costs more than the rest of it.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(failure.message, options);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'CallError';
    this.failure = failure;
  }
}

/** An answer that came, but not in the shape AWS documents. Taking it for "nothing there" would lose findings. */
export const malformed = (operation: string, what: string): CallError =>
  new CallError({ kind: 'ERROR', operation, code: 'MalformedAnswer', message: `the answer has no ${what}` });
