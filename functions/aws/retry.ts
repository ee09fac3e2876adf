import { setTimeout as delay } from 'node:timers/promises';
import { TrailSealError } from '../domain/errors.ts';
import { isUnreadable } from './failure.ts';

/** Beyond this an operation's next attempt is not made, whatever the count: a dead region costs a minute, not five. */
const WINDOW_MS = 60_000;
const MAX_ATTEMPTS = 10;
const FAULT_BASE_MS = 50;
const THROTTLE_BASE_MS = 250;
/** Throttling is waited out; a fault that lasts (no network, no such host) is told within seconds. */
const MAX_DELAY_MS = { THROTTLING: 10_000, other: 2_000 };

export interface RetryStrategyOptions {
  /** Attempts per operation, the first included. Default `AWS_MAX_ATTEMPTS`, else 10. */
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
}

interface AttemptError {
  error?: unknown;
  errorType: 'TRANSIENT' | 'THROTTLING' | 'SERVER_ERROR' | 'CLIENT_ERROR';
  retryAfterHint?: Date;
}

/**
 * The SDK's standard mode (full jitter, exponential) without its token bucket. That bucket belongs to a client, and our
 * clients are shared: one throttled account would use up the retries of all the others. `Gate` holds an account back instead.
 */
export const createRetryStrategy = ({
  maxAttempts,
  windowMs = WINDOW_MS,
  delayFactor = 1,
  currentCall,
}: RetryStrategyOptions & {
  currentCall: () => { signal?: AbortSignal | undefined; onThrottle?(): void } | undefined;
}) => {
  const attempts = maxAttempts ?? attemptsFromEnvironment() ?? MAX_ATTEMPTS;
  const token = (retries: number, startedAt: number): Token => ({
    getRetryCount: () => retries,
    getRetryDelay: () => 0,
    startedAt,
  });
  return {
    mode: 'standard',
    attempts,
    acquireInitialRetryToken: async () => token(0, performance.now()),
    refreshRetryTokenForRetry: async (spent: Token, attempt: AttemptError): Promise<Token> => {
      const call = currentCall();
      if (attempt.errorType === 'THROTTLING') call?.onThrottle?.();
      const retries = spent.getRetryCount() + 1;
      const wait = delayFactor * waitBefore(retries, attempt);
      const inTime = performance.now() - spent.startedAt + wait < windowMs;
      if (!isRetryable(attempt) || retries >= attempts || !inTime) throw new Error('no further attempt');
      if (wait > 0) await delay(wait, undefined, call?.signal ? { signal: call.signal } : {});
      return token(retries, spent.startedAt);
    },
    recordSuccess: () => {},
  };
};

/** An answer that cannot be read was lost on the way: AWS has another. */
const isRetryable = ({ error, errorType }: AttemptError): boolean =>
  errorType !== 'CLIENT_ERROR' || isUnreadable(error);

const waitBefore = (retries: number, { errorType, retryAfterHint }: AttemptError): number => {
  const isThrottled = errorType === 'THROTTLING';
  const base = isThrottled ? THROTTLE_BASE_MS : FAULT_BASE_MS;
  const most = isThrottled ? MAX_DELAY_MS.THROTTLING : MAX_DELAY_MS.other;
  const jittered = Math.random() * Math.min(base * 2 ** (retries - 1), most);
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
