import { setImmediate } from 'node:timers/promises';
import { GRACE_SECONDS } from '../../../functions/domain/watch/tick.ts';
import type { Handler } from '../../../functions/handlers/ports.ts';

/** The time of a model, and what is to happen in it: in order, each step to its end. */
export class ModelClock {
  now: number;
  readonly #steps: { at: number; order: number; run: () => Promise<void> }[] = [];
  #order = 0;
  /** Steps that are under way and do not wait for the time to come. */
  #active = 0;

  constructor(start: number) {
    this.now = start;
  }

  at(time: number, run: () => Promise<void>): void {
    this.#steps.push({ at: Math.max(time, this.now), order: this.#order++, run });
  }

  /** A handler that waits lets others go on meanwhile. */
  sleep(ms: number): Promise<void> {
    this.#active -= 1;
    return new Promise((resolve) => {
      this.at(this.now + ms, async () => {
        this.#active += 1;
        resolve();
      });
    });
  }

  async runAll(): Promise<void> {
    for (;;) {
      this.#steps.sort((a, b) => a.at - b.at || a.order - b.order);
      const step = this.#steps.shift();
      if (!step) return;
      this.now = step.at;
      this.#active += 1;
      void step.run().finally(() => {
        this.#active -= 1;
      });
      while (this.#active > 0) await setImmediate();
    }
  }
}

export interface QueuedMessage {
  id: string;
  body: string;
  received: number;
}

const failures = (result: unknown): Set<string> =>
  new Set(
    (result as { batchItemFailures: { itemIdentifier: string }[] }).batchItemFailures.map(
      ({ itemIdentifier }) => itemIdentifier,
    ),
  );

/** What Lambda hands to a handler. */
export const batchOf = (arn: string, messages: readonly QueuedMessage[]) => ({
  Records: messages.map(({ id, body, received }) => ({
    messageId: id,
    body,
    eventSourceARN: arn,
    attributes: { ApproximateReceiveCount: String(received) },
  })),
});

const context = { signal: new AbortController().signal };

interface QueueOptions {
  arn: string;
  handler: Handler;
  /** How long Lambda gathers a batch. */
  batchMs: number;
  visibleAfterMs: number;
  random: () => number;
}

/**
 * A standard queue before a function, as SQS and Lambda document them: messages come in any order, in batches that are
 * gathered for a while, and again after the visibility timeout where the function failed.
 */
export class StandardQueue {
  readonly #clock: ModelClock;
  readonly #options: QueueOptions;
  #waiting: QueuedMessage[] = [];
  #gathering = false;

  constructor(clock: ModelClock, options: QueueOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  send(body: string, id: string): void {
    this.#arrive({ id, body, received: 0 });
  }

  #arrive(message: QueuedMessage): void {
    this.#waiting.push(message);
    if (this.#gathering) return;
    this.#gathering = true;
    this.#clock.at(this.#clock.now + this.#options.batchMs, () => this.#deliver());
  }

  async #deliver(): Promise<void> {
    const { arn, handler, visibleAfterMs, random } = this.#options;
    this.#gathering = false;
    const all = this.#waiting.map((message) => ({ message, rank: random() })).sort((a, b) => a.rank - b.rank);
    const batch = all.slice(0, 1_000).map(({ message }) => ({ ...message, received: message.received + 1 }));
    this.#waiting = all.slice(1_000).map(({ message }) => message);
    const again = await handler(batchOf(arn, batch), context)
      .then(failures)
      .catch(() => new Set(batch.map(({ id }) => id)));
    for (const message of batch)
      if (again.has(message.id)) this.#clock.at(this.#clock.now + visibleAfterMs, async () => this.#arrive(message));
    if (this.#waiting.length > 0 && !this.#gathering) {
      this.#gathering = true;
      this.#clock.at(this.#clock.now, () => this.#deliver());
    }
  }
}

const FIVE_MINUTES_MS = 300_000;

/**
 * A FIFO queue with one group, content-based deduplication and a delay, before a function: one batch of ten at most at a
 * time, in order; what the function gives back holds up the rest until it is visible again.
 */
export class FifoQueue {
  readonly #clock: ModelClock;
  readonly #options: { handler: Handler; windowSeconds: number; visibleAfterMs: number };
  readonly #accepted = new Map<string, number>();
  #messages: (QueuedMessage & { visible: number })[] = [];
  #busyUntil = 0;
  #count = 0;

  constructor(clock: ModelClock, options: { handler: Handler; windowSeconds: number; visibleAfterMs: number }) {
    this.#clock = clock;
    this.#options = options;
  }

  send(body: string): void {
    const { now } = this.#clock;
    if (now - (this.#accepted.get(body) ?? Number.NEGATIVE_INFINITY) < FIVE_MINUTES_MS) return;
    this.#accepted.set(body, now);
    const visible = now + (this.#options.windowSeconds + GRACE_SECONDS) * 1_000;
    this.#messages.push({ id: `tick-${this.#count++}`, body, received: 0, visible });
    this.#clock.at(visible, () => this.#deliver());
  }

  async #deliver(): Promise<void> {
    const { now } = this.#clock;
    if (this.#busyUntil > now) return;
    const batch = this.#messages.filter(({ visible }) => visible <= now).slice(0, 10);
    if (batch.length === 0) return;
    // One batch of a group at a time.
    this.#busyUntil = Number.POSITIVE_INFINITY;
    const again = await this.#options
      .handler(
        batchOf(
          'ticks',
          batch.map((message) => ({ ...message, received: message.received + 1 })),
        ),
        context,
      )
      .then(failures)
      .catch(() => new Set(batch.map(({ id }) => id)));
    const done = new Set(batch.map(({ id }) => id).filter((id) => !again.has(id)));
    this.#messages = this.#messages.filter(({ id }) => !done.has(id));
    this.#busyUntil = again.size > 0 ? this.#clock.now + this.#options.visibleAfterMs : 0;
    if (this.#messages.length > 0) this.#clock.at(Math.max(this.#busyUntil, this.#clock.now), () => this.#deliver());
  }
}
