import { describe, expect, test } from '@jest/globals';
import { parseChangeEvent } from '../../../functions/domain/watch/change-event.ts';
import { isWatched } from '../../../functions/reads/watched/watched-events.ts';
import { RECORDED } from './recorded-events.ts';

describe('an event as AWS shows it', () => {
  test.each(RECORDED.map((recorded) => [recorded.what, recorded] as const))(
    '%s',
    (_, { event, names, accounts, actor }) => {
      const change = parseChangeEvent(event);
      if (typeof change === 'string') throw new Error(`it is taken for ${change}`);
      expect(isWatched(change)).toBe(true);
      expect(change.actor).toBe(actor);
      expect([...change.names]).toEqual(expect.arrayContaining(names ?? []));
      if (accounts) expect([...change.accounts]).toEqual(accounts);
    },
  );
});
