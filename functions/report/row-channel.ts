/** Rows pushed on one side, pulled on the other, with at most `capacity` of them waiting in between. */
export interface RowChannel<T> {
  /** Waits while the channel is full. @throws what the reader failed with */
  push(row: T): Promise<void>;
  /** No more rows come; the reader ends after those that wait. */
  end(): void;
  /** The reader's end of it. Read it once. */
  rows: AsyncIterable<T>;
  /** Ends the writer's pushes with this error: the reader is gone. */
  fail(error: unknown): void;
}

const CAPACITY = 1_024;

/** Lets one pass over the accounts feed several files at once, none of them held in memory. */
export function rowChannel<T>(capacity = CAPACITY): RowChannel<T> {
  let waiting: T[] = [];
  let ended = false;
  let failure: { error: unknown } | null = null;
  let wakeReader: (() => void) | null = null;
  let wakeWriters: (() => void)[] = [];
  const wake = () => {
    wakeReader?.();
    wakeReader = null;
  };
  const release = () => {
    for (const writer of wakeWriters) writer();
    wakeWriters = [];
  };
  return {
    async push(row) {
      while (waiting.length >= capacity && !failure) await new Promise<void>((resolve) => wakeWriters.push(resolve));
      if (failure) throw failure.error;
      waiting.push(row);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    fail(error) {
      failure ??= { error };
      release();
    },
    rows: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const batch = waiting;
          waiting = [];
          release();
          yield* batch;
          if (waiting.length > 0) continue;
          if (ended) return;
          await new Promise<void>((resolve) => {
            wakeReader = resolve;
          });
        }
      },
    },
  };
}
