import { expect, test } from '@jest/globals';
import { createRateLimit, ORGANIZATIONS_RATES } from '../../../functions/aws/calls/rate.ts';
import { virtualTimer } from '../virtual-timer.ts';

test('a burst goes at once, then the rate holds, in the order of asking', async () => {
  const timer = virtualTimer();
  const limit = createRateLimit({ perSecond: 8, burst: 12 }, timer);
  const at: number[] = [];
  await Promise.all(
    Array.from({ length: 28 }, async () => {
      await limit();
      at.push(timer.now());
    }),
  );
  expect(at.slice(0, 12)).toEqual(Array(12).fill(0));
  expect(at.slice(12)).toEqual(Array.from({ length: 16 }, (_, i) => (i + 1) * 125));
});

test('what was not used is saved up to the burst and no further', async () => {
  const timer = virtualTimer();
  const limit = createRateLimit({ perSecond: 1, burst: 2 }, timer);
  await limit();
  await limit();
  await timer.sleep(60_000);
  const before = timer.now();
  await limit();
  await limit();
  expect(timer.now() - before).toBe(0);
  await limit();
  expect(timer.now() - before).toBe(1_000);
});

test('never exceeds rate × time + burst in any window, however it is asked', async () => {
  const timer = virtualTimer();
  const { perSecond, burst } = ORGANIZATIONS_RATES.ListOrganizationalUnitsForParent;
  const limit = createRateLimit({ perSecond, burst }, timer);
  const at: number[] = [];
  for (let i = 0; i < 60; i++) {
    if (i % 7 === 0) await timer.sleep((i * 37) % 900);
    await limit();
    at.push(timer.now());
  }
  for (let from = 0; from < at.length; from++) {
    for (let to = from; to < at.length; to++) {
      const seconds = ((at[to] ?? 0) - (at[from] ?? 0)) / 1_000;
      expect(to - from + 1).toBeLessThanOrEqual(burst + perSecond * seconds + 1e-6);
    }
  }
});
