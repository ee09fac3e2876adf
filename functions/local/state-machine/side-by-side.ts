import { performance } from 'node:perf_hooks';

/**
 * Accounts that are opened before it is known whether more can be. Of 17 Regions, they have some 200 calls under way, about as many
 * as one core is busy with while an answer takes 50 ms. Calls that wait longer than that outlive collections of garbage, each of
 * which copies them: with 32 accounts a scan took a tenth more CPU.
 */
export const AT_FIRST = 12;

export interface SideBySide {
  /** At once, at most. */
  most: number;
  /** At once at first: one more for each that ends while the process has time left, two more while it has little to do. Default `most`. */
  first?: number;
  /** The share of the time, 0 to 1, in which it has done nothing. Default: lately. */
  idle?: () => number;
}

/**
 * Calls `work` for every item, some at once. The first failure ends it, when the calls under way have ended.
 * What waits for answers keeps memory and makes collections dearer: more than the first ones are begun only where answers, not this
 * process, are what is waited for.
 */
export async function sideBySide<T>(
  items: AsyncGenerator<T>,
  { most, first = most, idle = idleLately() }: SideBySide,
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
        const left = idle();
        for (const enough of ONE_MORE_ABOVE) if (!ended && workers.length < most && left > enough) start();
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

/** Idle shares above each of which one more is begun. */
const ONE_MORE_ABOVE = [0.1, 0.5];
/** Milliseconds over which it is looked. */
const LATELY = 100;

const idleLately = (): (() => number) => {
  let since = performance.eventLoopUtilization();
  let at = performance.now();
  let idle = 0;
  return () => {
    if (performance.now() - at >= LATELY) {
      idle = 1 - performance.eventLoopUtilization(since).utilization;
      since = performance.eventLoopUtilization();
      at = performance.now();
    }
    return idle;
  };
};
