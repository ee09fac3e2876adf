import { HANDLER_NAMES, type HandlerName } from '../../functions/handlers/lambda/environment.ts';
import type { Handler } from '../../functions/handlers/ports.ts';
import type { Injected } from './injected.ts';
import { drawOf } from './random.ts';

export interface HandlerFaults {
  seed: number;
  /** Share of calls that go wrong, 0 to 1. */
  rate: number;
  injected: Injected;
  /** The fault of the first call of a handler whatever the rate, so that every state meets every fault. */
  certain?: HandlerFault | null;
  /** Deliveries that outlive the state that made them: awaited before the run is judged. */
  late: Promise<unknown>[];
}

const HANDLER_WAYS = ['crash before', 'crash after', 'hang', 'garbage', 'twice', 'late'] as const;
type Way = (typeof HANDLER_WAYS)[number];
export type HandlerFault = { name: HandlerName; way: Way };

/** What the next state reads of an answer, garbage must not be tried on: the definition itself refuses it, which is a failed run. */
const UNREAD: ReadonlySet<HandlerName> = new Set(['scan', 'record', 'inspect', 'notify']);

/** Every fault that each state can meet. */
export const HANDLER_FAULTS: readonly HandlerFault[] = HANDLER_NAMES.flatMap((name) =>
  HANDLER_WAYS.filter((way) => way !== 'garbage' || UNREAD.has(name)).map((way) => ({ name, way })),
);

/** Handlers as Lambda may treat them: killed before or after their work, out of time, delivered twice or late. */
export function faultyHandlers(
  real: Record<HandlerName, Handler>,
  { seed, rate, certain = null, injected, late }: HandlerFaults,
): Record<HandlerName, Handler> {
  const attempts = new Map<string, number>();
  let isDone = false;
  const damaged = (name: HandlerName): Handler => {
    return async (payload, context) => {
      const subject = `${name}:${itemOf(payload)}`;
      const attempt = attempts.get(subject) ?? 0;
      attempts.set(subject, attempt + 1);
      const draw = drawOf(seed, `${subject}#${attempt}`);
      const due = certain?.name === name && !isDone ? certain.way : null;
      if (due) isDone = true;
      if (!due && draw >= rate) return real[name](payload, context);
      const way = due ?? HANDLER_WAYS[Math.floor((draw / rate) * HANDLER_WAYS.length)] ?? 'crash before';
      const chosen: Way = way === 'garbage' && !UNREAD.has(name) ? 'crash before' : way;
      injected.add(`${name}: ${chosen}`);
      switch (chosen) {
        case 'crash before':
          throw crash('before');
        case 'crash after':
          await real[name](payload, context);
          throw crash('after');
        case 'hang':
          return new Promise((_, reject) => {
            context.signal.addEventListener('abort', () => reject(crash('out of time')), { once: true });
          });
        case 'garbage':
          await real[name](payload, context);
          return { '': [null, 'garbage'.repeat(100)], account_id: 7 };
        case 'twice': {
          const [first] = await Promise.all([
            real[name](payload, context),
            real[name](payload, context).catch(() => 0),
          ]);
          return first;
        }
        case 'late': {
          // The same child delivered again when the run may long be elsewhere. Its process knows no abort.
          const again = new Promise((resolve) => setTimeout(resolve, 5 + draw * 60)).then(() =>
            real[name](payload, { signal: new AbortController().signal }),
          );
          late.push(again.catch(() => undefined));
          return real[name](payload, context);
        }
      }
    };
  };
  return Object.fromEntries(HANDLER_NAMES.map((name) => [name, damaged(name)])) as Record<HandlerName, Handler>;
}

/** Lambda's own names for a process that died: what the definition retries. */
const crash = (when: string): Error =>
  Object.assign(new Error(`RequestId: chaos Error: Runtime exited ${when}`), { name: 'Runtime.ExitError' });

function itemOf(payload: unknown): string {
  const { item } = payload as { item?: { accountId?: string; itemId?: string } };
  return item?.accountId ?? item?.itemId ?? '';
}
