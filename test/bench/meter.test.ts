import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { meter } from '../../bench/peers/meter.ts';
import { runTool } from '../../bench/peers/tool.ts';

const node = (code: string, timeoutMs = 60_000) =>
  runTool({ command: process.execPath, args: ['-e', code], env: process.env, cwd: process.cwd(), timeoutMs });

test('counts the CPU and memory of children and grandchildren, and only while it measures', async () => {
  // A child that starts a grandchild, which holds 200 MB and works for as long as two looks take.
  const grandchild = `const held = Buffer.alloc(200 * 2 ** 20, 1); for (const end = Date.now() + 1500; Date.now() < end; ) held[0]++;`;
  const child = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(grandchild)}])`;
  const { output, cost } = await meter(() => node(child));
  expect(output.code).toBe(0);
  if (!existsSync('/proc/self/smaps_rollup')) {
    expect(cost).toMatchObject({ cpuMs: null, peakMb: null });
    return;
  }
  expect(cost.cpuMs).toBeGreaterThan(50);
  expect(cost.peakMb).toBeGreaterThan(200);
  const idle = await meter(async () => {});
  expect(idle.cost).toMatchObject({ cpuMs: 0, peakMb: 0 });
});

test('what takes too long is ended with its children, and has no exit code', async () => {
  const { code } = await node(
    `require('node:child_process').spawnSync(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])`,
    1_000,
  );
  expect(code).toBeNull();
});
