import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { pace, scanProgress } from '../../../functions/cli/scan-progress.ts';

const mapped = (done: number) => ({ type: 'map-progress', map: 'Scan', done, recorded: 0, failed: 1 }) as const;

/** What a bar shows in the end, on a terminal so wide. */
async function shown(columns: number): Promise<string> {
  const output = Object.assign(new PassThrough(), { isTTY: true, columns }) as unknown as NodeJS.WriteStream;
  let text = '';
  output.on('data', (chunk) => {
    text += chunk;
  });
  let at = 0;
  const traffic = { requests: 0, throttled: 7 };
  const options = { quiet: false, now: () => at, traffic, targetsOfAccount: async () => 17 };
  const progress = scanProgress(output, options);
  progress.event({ type: 'state-exited', state: 'Plan', output: { scan: { count: 100 } } });
  progress.event({ type: 'state-entered', state: 'Scan' });
  await new Promise((resolve) => setImmediate(resolve));
  progress.event(mapped(1));
  at = 10_000;
  traffic.requests = 1_000;
  progress.event(mapped(50));
  progress.end();
  return text;
}

test('a bar tells step, accounts, targets a second, what was throttled, failures and the time left, where there is room', async () => {
  expect(await shown(120)).toContain('] 50/100 · 85 targets/s · 7 throttled · 1 failed · < 1 min left');
  expect(await shown(80)).toContain('] 50/100 · 1 failed · < 1 min left');
});

test('the time left follows what the last requests took, not the first', () => {
  let at = 0;
  const traffic = { requests: 0, throttled: 0 };
  const elapsed = pace(traffic, () => at);
  const then = (ms: number, requests: number) => {
    at += ms;
    traffic.requests += requests;
    return elapsed();
  };
  expect(then(10_000, 1_000)).toBe(10_000);
  // Now half as fast: the 1,500 requests would have taken 30 s at this pace.
  then(10_000, 500);
  expect(then(10_000, 500)).toBe(40_000);
  expect(pace(undefined, () => at)()).toBe(0);
});
