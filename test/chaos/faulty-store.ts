import { StoreError } from '../../functions/domain/model/errors.ts';
import type { ReportStore, StoreBody } from '../../functions/domain/model/store.ts';
import type { Injected } from './injected.ts';
import { drawOf } from './random.ts';

export const STORE_WAYS = ['write refused', 'write done, answer lost', 'write twice', 'write slow'] as const;

/** A report root whose writes are refused, done without an answer, done twice or late; reads are refused too, more rarely. */
export function faultyStore<S extends ReportStore>(
  store: S,
  { seed, rate, injected }: { seed: number; rate: number; injected: Injected },
): S {
  const attempts = new Map<string, number>();
  const draw = (verb: string, key: string): number => {
    // Run ids differ from run to run; the draw must not.
    const subject = `${verb} ${key.replaceAll(/[0-9A-HJKMNP-TV-Z]{26}/g, 'RUN')}`;
    const attempt = attempts.get(subject) ?? 0;
    attempts.set(subject, attempt + 1);
    return drawOf(seed, `${subject}#${attempt}`);
  };
  return {
    ...store,
    async write(key: string, body: StoreBody): Promise<void> {
      const drawn = draw('write', key);
      const way = drawn < rate ? STORE_WAYS[Math.floor((drawn / rate) * STORE_WAYS.length)] : undefined;
      if (way) injected.add(`store ${way}`);
      if (way === 'write refused') {
        await drained(body);
        throw new StoreError('The bucket answered 503 SlowDown.');
      }
      if (way === 'write slow') await new Promise((resolve) => setTimeout(resolve, 1 + drawn * 30));
      await store.write(key, body);
      if (way === 'write twice' && (typeof body === 'string' || body instanceof Uint8Array))
        await store.write(key, body);
      if (way === 'write done, answer lost') throw new StoreError('The connection to the bucket was reset.');
    },
    async read(key: string): Promise<Uint8Array | null> {
      if (draw('read', key) < rate / 10) {
        injected.add('store read refused');
        throw new StoreError('The bucket answered 503 SlowDown.');
      }
      return store.read(key);
    },
  };
}

/** A writer that gave up has still taken some of the body. */
async function drained(body: StoreBody): Promise<void> {
  if (typeof body === 'string' || body instanceof Uint8Array) return;
  for await (const _ of body) break;
}
