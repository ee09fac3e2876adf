import { setImmediate } from 'node:timers/promises';
import type { SharedObject } from '../../../functions/domain/model/store.ts';

/** An object that several write, in memory; each call lets others go first. */
export function sharedMemory(): SharedObject & { text: string | null; lost: number } {
  let version = 0;
  const shared = {
    text: null as string | null,
    /** Replacements that were refused. */
    lost: 0,
    async read() {
      await setImmediate();
      return { text: shared.text, version: shared.text === null ? null : String(version) };
    },
    async replace(text: string, read: string | null) {
      await setImmediate();
      if (read !== (shared.text === null ? null : String(version))) {
        shared.lost += 1;
        return false;
      }
      version += 1;
      shared.text = text;
      return true;
    },
  };
  return shared;
}
