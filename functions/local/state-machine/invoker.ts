import type { Json } from './definition.ts';
import { dataLimitExceeded, lambdaError, PAYLOAD_LIMIT, StatesError } from './states-error.ts';

export const HANDLER_NAMES = ['plan', 'scan', 'record', 'gather', 'inspect', 'report', 'notify'] as const;
export type HandlerName = (typeof HANDLER_NAMES)[number];

/**
 * A state's handler, as in Lambda: JSON in, JSON out. The signal aborts on the state's time-out and when the run is
 * stopped; what the handler does after that is not waited for.
 */
export type Handler = (payload: unknown, context: { signal: AbortSignal }) => Promise<unknown>;
export type Handlers = Record<HandlerName, Handler>;

export interface Invocation {
  handler: Handler;
  payload: Json;
  timeoutMs: number;
  /** For messages: the state's name. */
  state: string;
  /** Whether the state's Catch names States.DataLimitExceeded. */
  catchesDataLimit: boolean;
}

export interface Invoker {
  invoke(invocation: Invocation): Promise<Json>;
  /** Aborts every handler under way and refuses new ones. */
  stop(): void;
  /** Resolves when no handler is under way, or after `graceMs`. */
  settled(graceMs: number): Promise<void>;
}

const jsonBytes = (text: string): number => (text.length > PAYLOAD_LIMIT ? text.length : Buffer.byteLength(text));

/** Neither retried nor caught: the run itself is ending. */
export const stoppedError = (): StatesError =>
  new StatesError('States.Aborted', 'the run was stopped', { retryable: false, catchable: false });

/** Calls handlers as Lambda would: copies of JSON, payload limits, time-outs, errors by name with a JSON cause. */
export function createInvoker(): Invoker {
  const underWay = new Set<{ stop: (error: StatesError) => void; done: Promise<unknown> }>();
  let stopped = false;

  async function invoke({ handler, payload, timeoutMs, state, catchesDataLimit }: Invocation): Promise<Json> {
    if (stopped) throw stoppedError();
    const text = JSON.stringify(payload);
    const bytes = jsonBytes(text);
    if (bytes > PAYLOAD_LIMIT) throw dataLimitExceeded(`the payload of ${state}`, bytes, catchesDataLimit);

    const controller = new AbortController();
    let stop: (error: StatesError) => void = () => {};
    const interrupted = new Promise<never>((_, reject) => {
      stop = (error) => {
        // First the state's failure, then the handler: its own error about the abort must not win.
        reject(error);
        controller.abort(error);
      };
    });
    // Before the handler starts: the engine's timer for the same state must not fire first.
    const timer = setTimeout(() => stop(new StatesError('States.Timeout', '')), timeoutMs);
    const done = call(handler, JSON.parse(text), controller.signal);
    const entry = { stop, done };
    underWay.add(entry);
    const forget = () => underWay.delete(entry);
    done.then(forget, forget);
    try {
      const answer = await Promise.race([done, interrupted]);
      const answerBytes = jsonBytes(answer);
      if (answerBytes > PAYLOAD_LIMIT) throw dataLimitExceeded(`the result of ${state}`, answerBytes, catchesDataLimit);
      return JSON.parse(answer);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    invoke,
    stop() {
      stopped = true;
      for (const { stop } of underWay) stop(stoppedError());
    },
    async settled(graceMs) {
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([Promise.allSettled([...underWay].map(({ done }) => done)), grace]);
      clearTimeout(timer);
    },
  };
}

/** The handler's answer as JSON text, or its failure as Lambda reports one. */
async function call(handler: Handler, payload: unknown, signal: AbortSignal): Promise<string> {
  try {
    const answer = await handler(payload, { signal });
    return JSON.stringify(answer) ?? 'null';
  } catch (thrown) {
    throw lambdaError(thrown);
  }
}
