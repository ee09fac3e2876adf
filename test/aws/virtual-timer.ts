import type { Timer } from '../../functions/aws/calls/rate.ts';

/** Time that passes only when someone waits for it: sleepers wake in order, as soon as nothing else is left to do. */
export const virtualTimer = (): Timer => {
  let ms = 0;
  let isRunning = false;
  const sleepers: { at: number; wake: () => void }[] = [];
  const run = async () => {
    isRunning = true;
    while (sleepers.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      sleepers.sort((a, b) => a.at - b.at);
      const next = sleepers.shift();
      if (!next) break;
      ms = Math.max(ms, next.at);
      next.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    isRunning = false;
  };
  return {
    now: () => ms,
    sleep: (duration) =>
      new Promise((wake) => {
        sleepers.push({ at: ms + duration, wake });
        if (!isRunning) void run();
      }),
  };
};
