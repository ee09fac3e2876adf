import { describe, expect, test } from '@jest/globals';
import { createGate, type Gate } from '../../../functions/aws/calls/gate.ts';

const clock = () => {
  let ms = 0;
  return { now: () => ms, pass: (by: number) => (ms += by) };
};

const deferred = () => {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};

describe('the gate of an account', () => {
  test('lets no more through at once than its limit, and everything in the end, in order', async () => {
    const gate = createGate({ max: 4 });
    let running = 0;
    let most = 0;
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        gate.run(async () => {
          order.push(i);
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 1));
          running--;
        }),
      ),
    );
    expect(most).toBe(4);
    expect(order).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  /** Calls that stay under way. */
  const occupy = (gate: Gate, calls: number) => {
    for (let i = 0; i < calls; i++) void gate.run(() => new Promise(() => {}));
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  test('halves when throttled, once for a burst, and never closes', async () => {
    const { now, pass } = clock();
    const gate = createGate({ max: 32, quietMs: 200, now });
    occupy(gate, 40);
    await settled();
    gate.throttled();
    gate.throttled();
    expect(gate.limit()).toBe(16);
    for (let i = 0; i < 10; i++) {
      pass(200);
      gate.throttled();
    }
    expect(gate.limit()).toBe(1);
  });

  test('halves what is under way, however much more would be let through', async () => {
    const gate = createGate({ max: 1_000 });
    occupy(gate, 8);
    await settled();
    gate.throttled();
    expect(gate.limit()).toBe(4);
  });

  test('opens again by one for each round of answers, up to where it began', async () => {
    const { now, pass } = clock();
    const gate = createGate({ max: 8, now });
    pass(1_000);
    const answers = Array.from({ length: 8 }, () => deferred());
    const first = answers.map(({ promise }) => gate.run(() => promise));
    await settled();
    gate.throttled();
    for (const { resolve } of answers) resolve();
    await Promise.all(first);
    const round = async (calls: number) => {
      for (let i = 0; i < calls; i++) await gate.run(async () => {});
    };
    expect(gate.limit()).toBe(4);
    await round(5);
    expect(gate.limit()).toBe(5);
    await round(100);
    expect(gate.limit()).toBe(8);
  });

  test('an answer that was throttled on its way does not open it', async () => {
    const { now, pass } = clock();
    const gate = createGate({ max: 2, now });
    pass(1_000);
    for (let i = 0; i < 5; i++) {
      await gate.run(async () => {
        pass(1_000);
        gate.throttled();
      });
    }
    expect(gate.limit()).toBe(1);
  });

  test('a call that fails frees its place, and its error reaches the caller', async () => {
    const gate = createGate({ max: 1 });
    await expect(gate.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await gate.run(async () => 'next')).toBe('next');
  });
});
