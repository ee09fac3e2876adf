import { describe, expect, it } from '@jest/globals';
import { type CrashOutcome, crashRun, type Moment, undisturbed } from './crash-run.ts';

/** The short form of the kills of `npm run test:chaos`. */
const MOMENTS: readonly Moment[] = [
  { phase: 'plan', share: 0.5 },
  { phase: 'scan', share: 0.6 },
  { phase: 'report', share: 0.2 },
];

describe('a scan that is killed', () => {
  it('is finished by resuming it: equal tables, nothing durably written scanned twice, nothing half-written shown', async () => {
    const calm = await undisturbed();
    const outcomes: CrashOutcome[] = [];
    for (const moment of MOMENTS) outcomes.push(await crashRun(moment, calm));
    expect(outcomes.some(({ killedIn }) => killedIn !== null)).toBe(true);
  }, 240_000);
});
