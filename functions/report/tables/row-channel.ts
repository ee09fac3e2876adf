/** Rows put in on one side, pulled on the other; `capacity` of them waiting in between is full. */
export interface RowChannel<T> {
  /** Takes the row at once, full or not: who puts many waits for `room` now and then. @throws what the reader failed with */
  put(row: T): void;
  /** What to wait for while the channel is full; null while it is not. */
  room(): Promise<void> | null;
  /** No more rows come; the reader ends after those that wait. */
  end(): void;
  /** The reader's end of it, all rows that wait at a time: a promise for each row would cost more than the row. Read it once. */
  batches: AsyncIterable<readonly T[]>;
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
    put(row) {
      if (failure) throw failure.error;
      waiting.push(row);
      // A reader that waits is woken by the first row, and finds those put until it comes.
      wake();
    },
    room() {
      if (waiting.length < capacity || failure) return null;
      return new Promise<void>((resolve) => wakeWriters.push(resolve));
    },
    end() {
      ended = true;
      wake();
    },
    fail(error) {
      failure ??= { error };
      release();
    },
    batches: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const batch = waiting;
          waiting = [];
          release();
          if (batch.length > 0) yield batch;
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
