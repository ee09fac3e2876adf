import { setTimeout as delay } from 'node:timers/promises';

/** Waits until a call may be made. */
export type RateLimit = (signal?: AbortSignal) => Promise<void>;

export interface Rate {
  perSecond: number;
  burst: number;
}

/** Milliseconds, monotonic, and how to wait; tests bring their own. */
export interface Timer {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const realTimer: Timer = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
};

/** A token bucket: `burst` calls at once, then `perSecond`. Callers are let through in the order they came. */
export const createRateLimit = ({ perSecond, burst }: Rate, timer: Timer = realTimer): RateLimit => {
  let tokens = burst;
  let filledAt = timer.now();
  return async (signal) => {
    const now = timer.now();
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1_000) * perSecond);
    filledAt = now;
    // The token is taken before the wait, into debt: the next caller waits behind this one.
    tokens -= 1;
    if (tokens < 0) await timer.sleep((-tokens / perSecond) * 1_000, signal);
  };
};

/**
 * What AWS Organizations allows a management account or delegated administrator, per second.
 * Source: AWS Organizations User Guide, "Quotas and service limits", API throttling.
 */
export const ORGANIZATIONS_RATES = {
  ListAccounts: { perSecond: 8, burst: 12 },
  ListAccountsForParent: { perSecond: 5, burst: 8 },
  ListOrganizationalUnitsForParent: { perSecond: 5, burst: 8 },
  ListRoots: { perSecond: 1, burst: 2 },
  ListTagsForResource: { perSecond: 10, burst: 15 },
} as const satisfies Record<string, Rate>;
