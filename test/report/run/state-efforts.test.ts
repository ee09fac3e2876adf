import { expect, test } from '@jest/globals';
import { MapEffort, stateEfforts } from '../../../functions/report/run/state-efforts.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 2, 10, 0, seconds)).toISOString();
/** A child at work from one second to another. */
const child = (from: number, to: number, calls = 1, delays?: { throttled: number; waitedMs: number }) => ({
  ...{ observedAt: at(to), durationMs: (to - from) * 1_000, apiCalls: calls, ...(delays && { delays }) },
});
const mapOf = (...children: ReturnType<typeof child>[]) => {
  const effort = new MapEffort();
  for (const one of children) effort.add(one);
  return effort;
};

test('children side by side count once, in any order, and a pause until a run was resumed not at all', () => {
  const scan = mapOf(child(100, 104), child(2, 8), child(0, 5), child(3, 4), child(102, 110));
  expect(scan.wall()).toEqual({ ms: 8_000 + 10_000, from: Date.parse(at(0)), to: Date.parse(at(110)) });
  expect(mapOf().wall()).toBeNull();
});

test('every state tells its time, calls and what held them up; Gather is between the two maps', () => {
  const efforts = stateEfforts({
    plan: { startedAt: at(0), populationAt: at(7), listing: { calls: 50, throttled: 2, waitedMs: 5_500 } },
    scan: mapOf(child(8, 20, 30, { throttled: 3, waitedMs: 900 }), child(9, 18, 12)),
    inspect: mapOf(child(21, 25, 8)),
    reporting: 1_234.4,
  });
  expect(efforts).toEqual([
    { state: 'Plan', wall_ms: 7_000, calls: 50, throttled: 2, waited_ms: 5_500 },
    { state: 'Scan', wall_ms: 12_000, calls: 42, throttled: 3, waited_ms: 900 },
    { state: 'Gather', wall_ms: 1_000, calls: 0, throttled: 0, waited_ms: 0 },
    { state: 'Inspect', wall_ms: 4_000, calls: 8, throttled: 0, waited_ms: 0 },
    { state: 'Report', wall_ms: 1_234, calls: 0, throttled: 0, waited_ms: 0 },
  ]);
});

test('a run of before delays were kept, without inspections, tells what is known', () => {
  const plan = { startedAt: at(0), populationAt: at(1) };
  const [listed, , gathered, inspected] = stateEfforts({ plan, scan: mapOf(), inspect: mapOf(), reporting: 0 });
  expect([listed?.wall_ms, gathered?.wall_ms, inspected?.wall_ms]).toEqual([1_000, 0, 0]);
});
