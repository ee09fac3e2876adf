import { afterEach, describe, expect, test } from '@jest/globals';
import { createRetries, type RetryStrategy, type RetryStrategyOptions } from '../../../functions/aws/calls/retry.ts';

type Kind = 'TRANSIENT' | 'THROTTLING' | 'SERVER_ERROR' | 'CLIENT_ERROR';

/** Attempts made of an operation that always fails in this way. */
const attemptsOf = async (
  strategy: RetryStrategy,
  errorType: Kind,
  error: unknown = new Error('x'),
): Promise<number> => {
  let token = await strategy.acquireInitialRetryToken();
  for (let attempts = 1; ; attempts++) {
    try {
      token = await strategy.refreshRetryTokenForRetry(token, { error, errorType });
    } catch {
      return attempts;
    }
  }
};
const strategyOf = (
  options: RetryStrategyOptions = {},
  call?: Parameters<ReturnType<typeof createRetries>['strategy']>[0],
) => createRetries({ delayFactor: 0, ...options }).strategy(call);

afterEach(() => {
  delete process.env.AWS_MAX_ATTEMPTS;
});

describe('retries', () => {
  test.each([
    ['THROTTLING', 30],
    ['TRANSIENT', 10],
    ['SERVER_ERROR', 10],
    ['CLIENT_ERROR', 1],
  ] as const)('%s is attempted %i times', async (kind, attempts) => {
    expect(await attemptsOf(strategyOf(), kind)).toBe(attempts);
  });

  test('a fault after long throttling has attempts of its own', async () => {
    const strategy = strategyOf();
    let token = await strategy.acquireInitialRetryToken();
    const fails = async (errorType: Kind) => {
      token = await strategy.refreshRetryTokenForRetry(token, { error: new Error('x'), errorType });
    };
    for (let n = 0; n < 20; n++) await fails('THROTTLING');
    for (let n = 0; n < 9; n++) await fails('TRANSIENT');
    expect(token.getRetryCount()).toBe(29);
    await expect(fails('SERVER_ERROR')).rejects.toThrow('no further attempt');
  });

  test('an unreadable answer is asked for again', async () => {
    expect(await attemptsOf(strategyOf({ maxAttempts: 3 }), 'CLIENT_ERROR', new SyntaxError('Unexpected end'))).toBe(3);
  });

  test('one busy account takes no attempts from another, as the SDK’s shared bucket would', async () => {
    const strategy = strategyOf({ maxAttempts: 5 });
    const attempts = await Promise.all(Array.from({ length: 300 }, () => attemptsOf(strategy, 'TRANSIENT')));
    expect(new Set(attempts)).toEqual(new Set([5]));
  });

  test('every throttled attempt is told to whose call it was', async () => {
    let told = 0;
    const strategy = strategyOf({ maxAttempts: 4 }, { onThrottle: () => told++ });
    await attemptsOf(strategy, 'THROTTLING');
    await attemptsOf(strategy, 'TRANSIENT');
    expect(told).toBe(4);
  });

  test('no attempt is added once the window has passed', async () => {
    expect(await attemptsOf(strategyOf({ windowMs: 0 }), 'TRANSIENT')).toBe(1);
  });

  test('AWS_MAX_ATTEMPTS is heeded, and refused by name where it is no number', async () => {
    process.env.AWS_MAX_ATTEMPTS = '2';
    expect(await attemptsOf(strategyOf(), 'TRANSIENT')).toBe(2);
    expect(await attemptsOf(strategyOf({ maxAttempts: 3 }), 'TRANSIENT')).toBe(3);
    process.env.AWS_MAX_ATTEMPTS = 'many';
    expect(() => strategyOf()).toThrow('AWS_MAX_ATTEMPTS must be a whole number of at least 1, got "many"');
  });
});

test.each([
  ['THROTTLING', 10_000],
  ['TRANSIENT', 2_000],
] as const)('%s waits as long as AWS asks, up to %i ms', async (errorType, most) => {
  const after = async (windowMs: number) => {
    const strategy = strategyOf({ delayFactor: 0.01, windowMs });
    const token = await strategy.acquireInitialRetryToken();
    const retryAfterHint = new Date(Date.now() + 3_600_000);
    return strategy.refreshRetryTokenForRetry(token, { error: new Error('x'), errorType, retryAfterHint });
  };
  // A window that the wait would leave is refused at once: it shows how long the wait is.
  await expect(after(most * 0.0099)).rejects.toThrow('no further attempt');
  const from = performance.now();
  await after(30_000);
  expect(performance.now() - from).toBeLessThan(30_000);
});
