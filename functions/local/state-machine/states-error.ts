/**
 * A failure as the state machine sees it: `name` is what Retry and Catch match, `message` becomes the Cause. The engine
 * reads the two flags; the errors that `States.ALL` does not match have them false.
 */
export class StatesError extends Error {
  readonly isRetryable: boolean;
  readonly isCatchable: boolean;
  constructor(
    name: string,
    cause: string,
    options: { retryable?: boolean; catchable?: boolean; thrown?: unknown } = {},
  ) {
    super(cause, { cause: options.thrown });
    this.name = name;
    this.isRetryable = options.retryable ?? true;
    this.isCatchable = options.catchable ?? true;
  }
}

/** Bytes of JSON that a state's input or output may have (Step Functions quotas). */
export const PAYLOAD_LIMIT = 262_144;

/** A Cause holds no more characters than this (Step Functions API, TaskFailedEventDetails). */
export const CAUSE_LIMIT = 32_768;

/**
 * AWS does not let `States.ALL` match this one: it must be named.
 * @param named whether the state's Catch names it
 */
export function dataLimitExceeded(what: string, bytes: number, named: boolean): StatesError {
  const cause = `${what} has ${bytes} bytes, more than the limit of ${PAYLOAD_LIMIT}`;
  return new StatesError('States.DataLimitExceeded', cause, { retryable: false, catchable: named });
}

/** What a thrown value looks like once the Lambda runtime has reported it. */
export function lambdaError(thrown: unknown): StatesError {
  const isError = thrown instanceof Error;
  const errorType = isError ? thrown.name : typeof thrown;
  const report = isError
    ? { errorType, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') }
    : { errorType, errorMessage: String(thrown), trace: [] };
  let cause = JSON.stringify(report);
  if (cause.length > CAUSE_LIMIT) {
    // A report that was cut would not be JSON any more, so it is shortened before.
    const room = Math.floor(CAUSE_LIMIT / 4);
    cause = JSON.stringify({ errorType, errorMessage: report.errorMessage.slice(0, room), trace: [] });
    if (cause.length > CAUSE_LIMIT) cause = cause.slice(0, CAUSE_LIMIT);
  }
  return new StatesError(errorType, cause, { thrown });
}
