import { describe, expect, it } from '@jest/globals';
import { atDepth, onlyDeep } from '../depth.ts';
import { chaosRun } from './chaos-run.ts';
import { Injected } from './injected.ts';

/** The short form of `npm run test:chaos`. A seed that ever broke a promise stays here. */
const ONCE_BROKEN = [12, 14, 15, 192, 225];
const OTHERS = [7, 22];
/** Some hundred faults; how many exactly depends on how fast the machine is. */
const MANY_FAULTS = 1;

describe('a run under faults', () => {
  const injected = new Injected();

  it.each(atDepth({ quick: [22], deep: [...ONCE_BROKEN, ...OTHERS] }))(
    'keeps every promise, and is made whole by resuming it (seed %i)',
    async (seed) => {
      const outcome = await chaosRun(seed);
      injected.addAll(outcome.injected);
      expect(outcome.targets).toBeGreaterThan(0);
    },
  );

  onlyDeep(() => {
    it('is the same run for the same seed', async () => {
      const [first, second] = [await chaosRun(MANY_FAULTS), await chaosRun(MANY_FAULTS)];
      expect(second.targets).toBe(first.targets);
      expect(first.injected.total).toBeGreaterThan(10);
    });
  });
});
