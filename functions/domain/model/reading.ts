import * as z from 'zod';

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
 * - `NOT_PERMITTED`: the account may not use the service or feature, whatever its policies allow; for good
 * - `UNAVAILABLE`: the region has no such feature, and AWS says so for good
 * - `CREDENTIALS`: the caller's token is missing, invalid or expired
 * - `ERROR`: anything else, network faults and time-outs included
 */
export const FAILURE_KINDS = [
  'DENIED',
  'DENIED_BY_SCP',
  'THROTTLED',
  'NOT_FOUND',
  'NOT_PERMITTED',
  'UNAVAILABLE',
  'CREDENTIALS',
  'ERROR',
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

export const callFailureSchema = z.object({
  kind: z.enum(FAILURE_KINDS),
  /** The SDK operation that failed, e.g. `DescribeTrails`. */
  operation: z.string(),
  /** The service's error code, or the error's name. */
  code: z.string(),
  /** As it came, cut to 1,000 characters; untrusted text. */
  message: z.string(),
});
export type CallFailure = z.infer<typeof callFailureSchema>;

/** A stored `Reading` of what `value` describes. */
export const readingSchema = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), value }),
    z.object({ ok: z.literal(false), failure: callFailureSchema }),
  ]);

export const answered = <T>(value: T): Reading<T> => ({ ok: true, value });
export const failed = <T = never>(failure: CallFailure): Reading<T> => ({ ok: false, failure });

/** The value, or null where the call failed. */
export const valueIn = <T>(reading: Reading<T> | undefined | null): T | null => (reading?.ok ? reading.value : null);

/**
 * Errors that stay until somebody in the management account changes something: without this no run would be COMPLETE in
 * an organization that never wanted organization trails or Lake.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListEventDataStores.html
 */
const LASTING: ReadonlySet<string> = new Set(['NoManagementAccountSLRExistsException']);

/** Whether asking again may give an answer: a refusal is one, a throttle, a fault or worn-out credentials is none. */
export const mayPass = (failure: CallFailure | null): boolean =>
  failure !== null &&
  !LASTING.has(failure.code) &&
  (failure.kind === 'THROTTLED' || failure.kind === 'ERROR' || failure.kind === 'CREDENTIALS');

/** The state of a region, or of a whole account, whose question failed so. */
export const stateOf = ({ kind }: CallFailure): 'THROTTLED' | 'ACCESS_DENIED' | 'ERROR' => STATE_OF_KIND[kind];
const STATE_OF_KIND = {
  DENIED: 'ACCESS_DENIED',
  DENIED_BY_SCP: 'ACCESS_DENIED',
  NOT_PERMITTED: 'ACCESS_DENIED',
  CREDENTIALS: 'ACCESS_DENIED',
  THROTTLED: 'THROTTLED',
  NOT_FOUND: 'ERROR',
  UNAVAILABLE: 'ERROR',
  ERROR: 'ERROR',
} as const satisfies Record<FailureKind, string>;

/**
 * Every failure that a stored answer holds, however deep: those of its readings, and those in place of what could not
 * be asked at all. A new reading needs no mention anywhere to be counted.
 */
export function failuresIn(stored: unknown, found: CallFailure[] = []): CallFailure[] {
  if (typeof stored !== 'object' || stored === null) return found;
  if (isFailure(stored)) found.push(stored);
  else for (const within of Object.values(stored)) failuresIn(within, found);
  return found;
}

/** How many readings in a stored answer, however deep, were answered. */
export function answeredIn(stored: unknown): number {
  if (typeof stored !== 'object' || stored === null) return 0;
  if ('ok' in stored) return stored.ok === true ? 1 : 0;
  return Object.values(stored).reduce((sum: number, within) => sum + answeredIn(within), 0);
}

/** No value that AWS answers is one by accident: the parsers keep only the fields that each of them knows. */
const isFailure = (value: object): value is CallFailure =>
  'kind' in value &&
  'operation' in value &&
  'code' in value &&
  'message' in value &&
  (FAILURE_KINDS as readonly unknown[]).includes(value.kind);

/** What held calls up: attempts that AWS throttled, and milliseconds in which a call waited to be made (again). */
export const delaysSchema = z.object({
  throttled: z.number().int().nonnegative(),
  /** Summed over calls, which wait side by side. */
  waitedMs: z.number().nonnegative(),
});
export type Delays = z.infer<typeof delaysSchema>;

/** What a part of a run came to. Absent from files of before it was kept. */
export const effortSchema = delaysSchema.extend({ calls: z.number().int().nonnegative() });
export type Effort = z.infer<typeof effortSchema>;
