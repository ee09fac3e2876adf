import { PerformanceObserver, performance } from 'node:perf_hooks';

/** Answers the one question a worker was started with, tells its peak memory, and ends. */
export async function serve<I>(work: (input: I) => Promise<unknown>): Promise<void> {
  const output = await work(JSON.parse(process.argv[2] ?? '{}') as I);
  const peakRssMb = process.resourceUsage().maxRSS / 1024;
  await new Promise<void>((resolve) => {
    process.send?.({ output, peakRssMb }, undefined, undefined, () => resolve());
  });
  process.disconnect?.();
}

/** Wall and CPU milliseconds (user and system, all threads) since it was made. */
export function stopwatch(): () => Cost {
  const began = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { wallMs: performance.now() - began, cpuMs: (user + system) / 1000 };
  };
}

export interface Cost {
  wallMs: number;
  cpuMs: number;
}

/** Also, how long the event loop had nothing to do, and what garbage collection took of it. Milliseconds. */
export function idleWatch(): () => { idleMs: number; gcMs: number } {
  const began = performance.eventLoopUtilization();
  const gcBefore = collected;
  return () => ({ idleMs: performance.eventLoopUtilization(began).idle, gcMs: collected - gcBefore });
}

let collected = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collected += duration;
}).observe({ entryTypes: ['gc'] });
