import { describe, expect, it } from '@jest/globals';
import { type CrashOutcome, crashRun, undisturbed } from './crash-run.ts';

describe('a scan that is killed', () => {
  it('is finished by resuming it: equal tables, nothing durably written scanned twice', async () => {
    const expected = await undisturbed();
    const outcomes: CrashOutcome[] = [];
    for (const afterMs of [0, 120, 300]) outcomes.push(await crashRun(afterMs, expected));
    expect(outcomes.some((o) => o.killed)).toBe(true);
  }, 240_000);
});
