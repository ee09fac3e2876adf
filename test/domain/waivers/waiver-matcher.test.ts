import { describe, expect, test } from '@jest/globals';
import type { Waiver } from '../../../functions/domain/waivers/waiver.ts';
import { createWaiverMatcher, type WaivableFinding } from '../../../functions/domain/waivers/waiver-matcher.ts';
import { cpuSecondsOf } from '../../cpu-time.ts';

const now = '2026-11-23T12:00:00.000Z';
const waiver = (change: Partial<Waiver> = {}): Waiver => {
  const expiresOn = change.expiresOn ?? '2027-01-31';
  return {
    id: 'w',
    control: 'trail-kms-encrypted',
    accounts: null,
    ous: null,
    accountTags: null,
    regions: null,
    resources: null,
    reason: 'because',
    ticket: 'T-1',
    approver: 'me',
    approvedOn: '2026-11-01',
    line: 1,
    ...change,
    expiresOn,
    expiresAt: `${expiresOn}T23:59:59.999Z`,
  };
};
const finding = (change: Partial<WaivableFinding> = {}): WaivableFinding => ({
  control_id: 'trail-kms-encrypted',
  status: 'FAIL',
  account_id: '111122223333',
  ou_path: 'Root/Sandbox/Team A',
  region: 'eu-west-1',
  resource_arn: 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/payroll-old',
  ...change,
});
const matchOf = (one: Waiver, other: WaivableFinding) => createWaiverMatcher([one], { now }).match(other);

describe('a waiver covers', () => {
  test.each<[string, Partial<Waiver>, Partial<WaivableFinding>, boolean]>([
    ['everything it leaves open', {}, {}, true],
    ['UNVERIFIED too', {}, { status: 'UNVERIFIED' }, true],
    ['accounts of a tag', { accountTags: ['env=lab'] }, { account_tags: { env: 'lab' } }, true],
    ['accounts of a tag by pattern', { accountTags: ['env=l*'] }, { account_tags: { a: 'b', env: 'lab' } }, true],
    ['accounts that have all its tags', { accountTags: ['env=lab', 'a=b'] }, { account_tags: { env: 'lab' } }, false],
    ['no account of another value', { accountTags: ['env=lab'] }, { account_tags: { env: 'prod' } }, false],
    ['no account whose tags are unknown', { accountTags: ['env=*'] }, {}, false],
    ['no PASS', {}, { status: 'PASS' }, false],
    ['nothing that does not apply', {}, { status: 'NOT_APPLICABLE' }, false],
    ['no other control', {}, { control_id: 'trail-key-policy' }, false],
    ['an account', { accounts: ['111122223333'] }, {}, true],
    ['one account of several', { accounts: ['999999999999', '1111*'] }, {}, true],
    ['no other account', { accounts: ['999999999999'] }, {}, false],
    ['no part of an account', { accounts: ['1111'] }, {}, false],
    ['an account by pattern', { accounts: ['11112222333?'] }, {}, true],
    ['an OU with all below', { ous: ['Root/Sandbox'] }, {}, true],
    ['the OU itself', { ous: ['Root/Sandbox/Team A'] }, {}, true],
    ['no OU named alike', { ous: ['Root/Sand'] }, {}, false],
    ['OUs by pattern', { ous: ['*/Team ?'] }, {}, true],
    ['no other case', { ous: ['root/sandbox'] }, {}, false],
    ['a Region', { regions: ['eu-*'] }, {}, true],
    ['no other region', { regions: ['us-*'] }, {}, false],
    ['a resource', { resources: ['arn:aws:cloudtrail:*:trail/payroll-*'] }, {}, true],
    ['no other resource', { resources: ['arn:aws:cloudtrail:*:trail/audit'] }, {}, false],
    ['only where all hold', { accounts: ['111122223333'], regions: ['us-*'] }, {}, false],
    ['no unknown account where it asks', { accounts: ['*'] }, { account_id: null }, false],
    ['no unknown OU where it asks', { ous: ['*'] }, { ou_path: null }, false],
    ['no unknown Region where it asks', { regions: ['*'] }, { region: null }, false],
    ['the unknown where it does not', { resources: ['*'] }, { account_id: null, ou_path: null, region: null }, true],
  ])('%s', (_, scope, change, expected) => {
    expect(matchOf(waiver(scope), finding(change)) !== null).toBe(expected);
  });
});

describe('a waiver lasts', () => {
  test.each([
    ['2026-11-23', false],
    ['2026-11-22', true],
  ])('through its last day: %s, expired %j', (expiresOn, expired) => {
    expect(matchOf(waiver({ expiresOn }), finding())).toMatchObject({ expired });
  });
});

describe('several waivers', () => {
  const soon = waiver({ id: 'soon', expiresOn: '2026-12-01' });
  const late = waiver({ id: 'late', expiresOn: '2027-03-01' });
  const over = waiver({ id: 'over', expiresOn: '2026-11-01' });
  const elsewhere = waiver({ id: 'elsewhere', accounts: ['999999999999'] });
  const other = waiver({ id: 'other', control: 'region-recorded' });

  test.each([[[soon, late, over]], [[over, late, soon]], [[late, over, soon]]])(
    'the one that lasts longest is named',
    (waivers) => {
      expect(createWaiverMatcher(waivers, { now }).match(finding())).toEqual({ waiver: late, expired: false });
    },
  );

  test('of those that last as long, the first by id', () => {
    const waivers = [waiver({ id: 'b' }), waiver({ id: 'a' })];
    expect(createWaiverMatcher(waivers, { now }).match(finding())?.waiver.id).toBe('a');
  });

  test('are summed up: in force, expired with what fails again, matching nothing', () => {
    const matcher = createWaiverMatcher([soon, over, elsewhere, late, other], { now });
    matcher.match(finding());
    matcher.match(finding({ resource_arn: 'x', status: 'UNVERIFIED' }));
    matcher.match(finding({ status: 'PASS', account_id: '999999999999' }));
    expect(matcher.report()).toEqual({
      inForce: [
        { waiver: soon, covered: 0 },
        { waiver: elsewhere, covered: 0 },
        { waiver: late, covered: 2 },
        { waiver: other, covered: 0 },
      ],
      // Renewed by another: nothing fails again.
      expired: [{ waiver: over, wouldCover: 0 }],
      matchingNothing: [elsewhere, other],
    });
  });

  test('an expired one that nothing renews is counted', () => {
    const matcher = createWaiverMatcher([over], { now });
    expect(matcher.match(finding())).toEqual({ waiver: over, expired: true });
    expect(matcher.report()).toEqual({ inForce: [], expired: [{ waiver: over, wouldCover: 1 }], matchingNothing: [] });
  });
});

test('thousands of waivers over a large organization take seconds at most', () => {
  const ids = Array.from({ length: 2000 }, (_, at) => String(100_000_000_000 + at));
  const waivers = Array.from({ length: 200 }, (_, at) =>
    waiver({ id: `w${at}`, accounts: ids.slice(at * 10, at * 10 + 10) }),
  );
  const matcher = createWaiverMatcher(waivers, { now });
  let covered = 0;
  const seconds = cpuSecondsOf(() => {
    for (const account_id of ids) {
      for (let region = 0; region < 17; region += 1)
        if (matcher.match(finding({ account_id, region: `r-${region}` }))) covered += 1;
    }
  });
  expect(covered).toBe(34_000);
  expect(seconds).toBeLessThan(10);
});
