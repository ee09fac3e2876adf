/**
 * What one AWS call came to: a value, or a failure that travels as data.
 * Only programming errors and aborts are thrown; everything AWS answers is a `Reading`.
 */
export type Reading<T> = { ok: true; value: T } | { ok: false; failure: CallFailure };

/**
 * - `DENIED`: refused for want of permission (any AccessDenied flavour)
 * - `DENIED_BY_SCP`: refused by a service control policy: its explicit deny, or because none allows the action
 * - `THROTTLED`: retries exhausted on throttling
 * - `NOT_FOUND`: the thing named does not exist (NoSuchBucket, NotFoundException, TrailNotFoundException…)
 * - `UNAVAILABLE`: the region or account has no such feature, and AWS says so for good
 * - `CREDENTIALS`: the caller's token is missing, invalid or expired
 * - `ERROR`: anything else, network faults and time-outs included
 */
export type FailureKind =
  | 'DENIED'
  | 'DENIED_BY_SCP'
  | 'THROTTLED'
  | 'NOT_FOUND'
  | 'UNAVAILABLE'
  | 'CREDENTIALS'
  | 'ERROR';

export interface CallFailure {
  kind: FailureKind;
  /** The SDK operation that failed, e.g. `DescribeTrails`. */
  operation: string;
  /** The service's error code, or the error's name. */
  code: string;
  /** As it came, cut to 1,000 characters; untrusted text. */
  message: string;
}

export const answered = <T>(value: T): Reading<T> => ({ ok: true, value });
export const failed = <T = never>(failure: CallFailure): Reading<T> => ({ ok: false, failure });

/** The value, or null where the call failed. */
export const valueIn = <T>(reading: Reading<T> | undefined | null): T | null => (reading?.ok ? reading.value : null);

/** Whether asking again may give an answer: a refusal is one, a throttle, a fault or worn-out credentials is none. */
export const mayPass = (failure: CallFailure | null): boolean =>
  failure !== null && (failure.kind === 'THROTTLED' || failure.kind === 'ERROR' || failure.kind === 'CREDENTIALS');
