import type { Reply, WireResponse } from '../apis/wire.ts';
import { hashOf, unitOf } from '../world/seed.ts';

/**
 * What can happen to a call. `truncated`: the connection ends within the body. `garbled`: the body is cut but arrives
 * as if whole. `html`: a proxy's error page with status 200. `stall`: no answer at all. `lost`: done, but the
 * connection is reset before the answer.
 */
export const FAULTS = ['throttle', 'error', 'reset', 'stall', 'lost', 'truncated', 'garbled', 'html'] as const;
export type Fault = (typeof FAULTS)[number];

/** Share of calls, 0 to 1, that each fault hits. */
export type FaultRates = Partial<Record<Fault, number>>;

export interface Faults {
  /** The fault of this call, or null. `identity` names account, operation, region and subject. */
  draw(identity: string): Fault | null;
  injected(): Partial<Record<Fault, number>>;
}

/**
 * Draws faults by (seed, identity, attempt), so that a run is repeatable whatever the order of its calls.
 * Attempts are counted only for calls that were hit before: one that got through gets through again.
 */
export const createFaults = (options: { seed: number; rates: FaultRates }): Faults => {
  const { seed, rates } = options;
  const active = FAULTS.filter((fault) => (rates[fault] ?? 0) > 0);
  const hits = new Map<number, number>();
  const injected: Partial<Record<Fault, number>> = {};
  return {
    draw: (identity) => {
      if (active.length === 0) return null;
      const key = hashOf(seed, identity);
      const attempt = hits.get(key) ?? 0;
      let draw = unitOf(seed, `fault:${identity}#${attempt}`);
      for (const fault of active) {
        draw -= rates[fault] ?? 0;
        if (draw >= 0) continue;
        hits.set(key, attempt + 1);
        injected[fault] = (injected[fault] ?? 0) + 1;
        return fault;
      }
      return null;
    },
    injected: () => ({ ...injected }),
  };
};

/** The answer as it arrives where its body is faulty on the way. */
export const spoil = (response: WireResponse, fault: 'truncated' | 'garbled' | 'html'): Reply => {
  if (fault === 'html') {
    return {
      kind: 'response',
      response: {
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<!DOCTYPE html><html><head><title>Proxy</title></head><body><h1>Please sign in</h1></body></html>',
      },
    };
  }
  if (fault === 'truncated') return { kind: 'cut', response };
  return {
    kind: 'response',
    response: { ...response, body: response.body.slice(0, Math.floor(response.body.length / 2)) },
  };
};
