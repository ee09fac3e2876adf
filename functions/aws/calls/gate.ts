/**
 * Calls at once against one quota: halves what is under way when AWS throttles, grows by one for every round of answers.
 * Additive increase, multiplicative decrease, as TCP does it: however many share a quota, they settle on even shares of it.
 */
export interface Gate {
  run<T>(work: () => Promise<T>): Promise<T>;
  throttled(): void;
  limit(): number;
}

export const createGate = ({
  max = 32,
  /** One burst of throttled calls is one reason to slow down, not thirty. Milliseconds. */
  quietMs = 200,
  now = () => performance.now(),
}: {
  max?: number;
  quietMs?: number;
  now?: () => number;
} = {}): Gate => {
  let limit = max;
  let running = 0;
  let lastCut = Number.NEGATIVE_INFINITY;
  const waiting: (() => void)[] = [];
  const admit = () => {
    while (running < Math.floor(limit) && waiting.length > 0) {
      running++;
      waiting.shift()?.();
    }
  };
  return {
    run: async (work) => {
      // Most calls find room: a promise for each would be paid for nothing.
      if (waiting.length === 0 && running < Math.floor(limit)) running++;
      else await new Promise<void>((go) => waiting.push(go));
      const cutBefore = lastCut;
      try {
        return await work();
      } finally {
        running--;
        if (lastCut === cutBefore) limit = Math.min(max, limit + 1 / limit);
        admit();
      }
    },
    throttled: () => {
      if (now() - lastCut < quietMs) return;
      lastCut = now();
      // From what is really under way: a limit far above it would take several refusals to be felt.
      limit = Math.max(1, Math.min(limit, running) / 2);
    },
    limit: () => Math.floor(limit),
  };
};
