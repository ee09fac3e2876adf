import { describe, expect, test } from '@jest/globals';
import {
  overdueAccounts,
  type Reach,
  reachWith,
  type UnreachableAccounts,
  unreachableAfter,
} from '../../../functions/domain/judge/unreachable.ts';
import type { CoverageState } from '../../../functions/domain/model/vocabulary.ts';

const reachOf = (...states: CoverageState[]): Reach | undefined =>
  states.reduce<Reach | undefined>((known, state) => reachWith(known, state), undefined);

describe('whether an account was reached', () => {
  test.each<[CoverageState[], Reach]>([
    [['SCANNED', 'SCANNED'], 'REACHED'],
    [['SCANNED', 'REGION_DENIED', 'REGION_DISABLED'], 'REACHED'],
    [['ACCOUNT_INACTIVE'], 'REACHED'],
    [['SCANNED', 'THROTTLED'], 'UNREACHED'],
    [['ACCESS_DENIED', 'SCANNED'], 'UNREACHED'],
    [['ERROR'], 'UNREACHED'],
    [['NOT_SCANNED', 'EXCLUDED'], 'UNREACHED'],
    [['EXCLUDED', 'EXCLUDED'], 'NOT_TRIED'],
    [['EXCLUDED', 'SCANNED'], 'REACHED'],
    [['SCANNED', 'EXCLUDED'], 'REACHED'],
  ])('%j: %s', (states, reach) => {
    expect(reachOf(...states)).toBe(reach);
  });
});

const A = '111111111111';
const B = '222222222222';
const next = (before: UnreachableAccounts | null, startedAt: string, reach: Record<string, Reach>) =>
  unreachableAfter(before, { runId: startedAt, startedAt, reach: new Map(Object.entries(reach)) });
const MONDAY = '2026-11-02T06:00:00.000Z';
const TUESDAY = '2026-11-03T06:00:00.000Z';
const WEDNESDAY = '2026-11-04T06:00:00.000Z';

describe('since when accounts could not be reached', () => {
  test('counts from the first run of an unbroken row', () => {
    const monday = next(null, MONDAY, { [A]: 'UNREACHED', [B]: 'REACHED' });
    const tuesday = next(monday, TUESDAY, { [A]: 'UNREACHED', [B]: 'UNREACHED' });
    expect(tuesday.since).toEqual({ [A]: MONDAY, [B]: TUESDAY });
    const wednesday = next(tuesday, WEDNESDAY, { [A]: 'REACHED', [B]: 'UNREACHED' });
    expect(wednesday.since).toEqual({ [B]: TUESDAY });
  });

  test('a run that left an account out says nothing of it; an account that is gone is dropped', () => {
    const monday = next(null, MONDAY, { [A]: 'UNREACHED', [B]: 'UNREACHED' });
    expect(next(monday, TUESDAY, { [A]: 'NOT_TRIED' }).since).toEqual({ [A]: MONDAY });
    expect(next(null, TUESDAY, { [A]: 'NOT_TRIED' }).since).toEqual({});
  });

  test('telling of a run twice changes nothing', () => {
    const monday = next(null, MONDAY, { [A]: 'UNREACHED' });
    const tuesday = next(monday, TUESDAY, { [A]: 'UNREACHED', [B]: 'UNREACHED' });
    expect(next(tuesday, TUESDAY, { [A]: 'UNREACHED', [B]: 'UNREACHED' })).toEqual(tuesday);
  });
});

test('an account is overdue when so many hours have passed, and a new one is not', () => {
  const known = { version: 1, runId: '', since: { [A]: MONDAY, [B]: TUESDAY } } as const;
  const at = (time: string) => overdueAccounts(known, 48, Date.parse(time));
  expect(at('2026-11-04T05:59:59.999Z')).toEqual([]);
  expect(at(WEDNESDAY)).toEqual([A]);
  expect(at('2026-11-05T06:00:00.000Z')).toEqual([A, B]);
});
