import { performance } from 'node:perf_hooks';

export interface SideBySide {
  /** At once, at most. */
  most: number;
  /** At once at first: one more for each that ends while the process has time left. Default `most`. */
  first?: number;
  /** Whether it has. Default: it did nothing for a fifth of the time lately. */
  isIdle?: () => boolean;
}

/**
 * Calls `work` for every item, some at once. The first failure ends it, when the calls under way have ended.
 * What waits for answers keeps memory and makes collections dearer: 64 accounts at once take a sixth more CPU than 32, so that more
 * than the first ones are begun only where answers, not this process, are what is waited for.
 */
export async function sideBySide<T>(
  items: AsyncGenerator<T>,
  { most, first = most, isIdle = idleLately() }: SideBySide,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const workers: Promise<void>[] = [];
  let ended = false;
  let failure: { reason: unknown } | null = null;
  const start = () => {
    const worker = async () => {
      while (!ended) {
        const next = await items.next();
        if (next.done) {
          ended = true;
          return;
        }
        await work(next.value);
        if (!ended && workers.length < most && isIdle()) start();
      }
    };
    workers.push(
      worker().catch((reason) => {
        ended = true;
        failure ??= { reason };
      }),
    );
  };
  for (let n = 0; n < Math.min(first, most); n++) start();
  // They grow while they are waited for.
  for (const worker of workers) await worker;
  await items.return(undefined);
  if (failure) throw (failure as { reason: unknown }).reason;
}

/** Milliseconds over which it is looked. */
const LATELY = 100;
const IDLE = 0.2;

const idleLately = (): (() => boolean) => {
  let since = performance.eventLoopUtilization();
  let at = performance.now();
  let idle = false;
  return () => {
    if (performance.now() - at >= LATELY) {
      idle = 1 - performance.eventLoopUtilization(since).utilization > IDLE;
      since = performance.eventLoopUtilization();
      at = performance.now();
    }
    return idle;
  };
};
