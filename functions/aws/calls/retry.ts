import { setTimeout as delay } from 'node:timers/promises';
import { getRetryAfterHint, isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import { TrailSealError } from '../../domain/model/errors.ts';
import { isUnreadable } from './failure.ts';

/** Beyond this an operation's next attempt is not made, whatever the count: a dead region costs a minute, not five. */
const WINDOW_MS = 60_000;
/**
 * A fault that lasts (no network, no such host) is reported within seconds. Throttling is waited out: the window ends it, for
 * with full jitter any count comes to its end too soon for some. The count is for clocks that stand still.
 */
const MAX_ATTEMPTS = { THROTTLING: 30, other: 10 };
const BASE_DELAY_MS = { THROTTLING: 250, other: 50 };
const MAX_DELAY_MS = { THROTTLING: 10_000, other: 2_000 };

export interface RetryStrategyOptions {
  /** Attempts per operation, the first included. Default `AWS_MAX_ATTEMPTS`, else by kind: 10, for throttling 30. */
  maxAttempts?: number;
  /** Milliseconds from the first attempt after which none is added. */
  windowMs?: number;
  /** Scales every wait; tests set 0. */
  delayFactor?: number;
}

interface Token {
  getRetryCount(): number;
  getRetryDelay(): number;
  startedAt: number;
  failed: Failed;
}

/** Attempts by how they failed. */
type Failed = Record<keyof typeof MAX_ATTEMPTS, number>;

interface AttemptError {
  error?: unknown;
  errorType: 'TRANSIENT' | 'THROTTLING' | 'SERVER_ERROR' | 'CLIENT_ERROR';
  retryAfterHint?: Date;
}

/** As the SDK takes one. */
export type RetryStrategy = ReturnType<ReturnType<typeof createRetries>['strategy']>;

/** Who counts what holds a call up, and what ends its waits. */
interface WatchedCall {
  signal?: AbortSignal | undefined;
  onThrottle?(): void;
  onWait?(ms: number): void;
}

/**
 * The SDK's standard mode (full jitter, exponential) without its token bucket. That bucket belongs to a client, and our
 * clients are shared: one throttled account would use up the retries of all the others. `Gate` holds an account back instead.
 */
export const createRetries = ({
  maxAttempts,
  windowMs = WINDOW_MS,
  delayFactor = 1,
  onThrottle,
}: RetryStrategyOptions & {
  /** Of any account. */
  onThrottle?: () => void;
}) => {
  const asked = maxAttempts ?? attemptsFromEnvironment();
  const token = (failed: Failed, startedAt: number): Token => ({
    getRetryCount: () => failed.THROTTLING + failed.other,
    getRetryDelay: () => 0,
    startedAt,
    failed,
  });
  const strategy = (call?: WatchedCall) => ({
    mode: 'standard',
    acquireInitialRetryToken: async () => token({ THROTTLING: 0, other: 0 }, performance.now()),
    refreshRetryTokenForRetry: async (spent: Token, attempt: AttemptError): Promise<Token> => {
      const kind = attempt.errorType === 'THROTTLING' ? 'THROTTLING' : 'other';
      if (kind === 'THROTTLING') {
        onThrottle?.();
        call?.onThrottle?.();
      }
      const failed = { ...spent.failed, [kind]: spent.failed[kind] + 1 };
      const retries = spent.getRetryCount() + 1;
      const isLast = asked === undefined ? failed[kind] >= MAX_ATTEMPTS[kind] : retries >= asked;
      const wait = delayFactor * waitBefore(retries, kind, attempt.retryAfterHint);
      const inTime = performance.now() - spent.startedAt + wait < windowMs;
      if (!isRetryable(attempt) || isLast || !inTime) throw new Error('no further attempt');
      call?.onWait?.(wait);
      if (wait > 0) await delay(wait, undefined, call?.signal ? { signal: call.signal } : {});
      return token(failed, spent.startedAt);
    },
    recordSuccess: () => {},
  });
  return {
    /** What the SDK tells AWS in a header. */
    attempts: asked ?? MAX_ATTEMPTS.THROTTLING,
    strategy,
  };
};

/**
 * Attempts until one is answered or the strategy allows no other; then what the last one failed with is thrown. The SDK's own loop
 * around the same strategy takes a stack trace and a dozen promises a call where nothing fails.
 * @param attempt gets how many have failed
 */
export const retried = async <T>(attempt: (failed: number) => Promise<T>, strategy: RetryStrategy): Promise<T> => {
  let token = await strategy.acquireInitialRetryToken();
  for (;;) {
    try {
      return await attempt(token.getRetryCount());
    } catch (error) {
      token = await strategy.refreshRetryTokenForRetry(token, attemptErrorOf(error)).catch(() => {
        throw error;
      });
    }
  }
};

/** As the SDK classifies it. */
const attemptErrorOf = (error: unknown): AttemptError => {
  const failure = error as Parameters<typeof isServerError>[0] & { $response?: unknown };
  const retryAfterHint = getRetryAfterHint(failure.$response);
  const errorType = isThrottlingError(failure)
    ? 'THROTTLING'
    : isTransientError(failure)
      ? 'TRANSIENT'
      : isServerError(failure)
        ? 'SERVER_ERROR'
        : 'CLIENT_ERROR';
  return { error, errorType, ...(retryAfterHint && { retryAfterHint }) };
};

/** An answer that cannot be read was lost on the way: AWS has another. */
const isRetryable = ({ error, errorType }: AttemptError): boolean =>
  errorType !== 'CLIENT_ERROR' || isUnreadable(error);

const waitBefore = (retries: number, kind: keyof Failed, retryAfterHint: Date | undefined): number => {
  const most = MAX_DELAY_MS[kind];
  const jittered = Math.random() * Math.min(BASE_DELAY_MS[kind] * 2 ** (retries - 1), most);
  const asked = retryAfterHint ? Math.min(retryAfterHint.getTime() - Date.now(), most) : 0;
  return Math.max(jittered, asked);
};

const attemptsFromEnvironment = (): number | undefined => {
  const text = process.env.AWS_MAX_ATTEMPTS;
  if (!text) return undefined;
  const attempts = Number(text);
  if (!Number.isInteger(attempts) || attempts < 1) {
    const sentence = `AWS_MAX_ATTEMPTS must be a whole number of at least 1, got ${JSON.stringify(text)}.`;
    throw new TrailSealError('CONFIGURATION', sentence);
  }
  return attempts;
};
