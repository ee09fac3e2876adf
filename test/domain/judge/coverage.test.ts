import { describe, expect, it } from '@jest/globals';
import { controlsFor } from '../../../functions/domain/controls/catalogue.ts';
import {
  type AbsenceReason,
  accountCoverage,
  type CoverageDecision,
  type JudgedTrail,
} from '../../../functions/domain/judge/coverage.ts';
import type { LedgerEntry, LedgerReason } from '../../../functions/domain/judge/ledger.ts';
import type { TrailStatus } from '../../../functions/domain/model/account-access.ts';
import type { AccountObservation } from '../../../functions/domain/model/observation.ts';
import { answered, type Reading } from '../../../functions/domain/model/reading.ts';
import type { CoverageState, CoverageVerdict } from '../../../functions/domain/model/vocabulary.ts';
import { MEMBER, NOW, OWNER, refused, status, TRAIL } from './sample-facts.ts';

const trail = (more: Partial<JudgedTrail> = {}): JudgedTrail => ({
  trailArn: TRAIL,
  owner: OWNER,
  homeRegion: 'us-east-1',
  isMultiRegion: true,
  isOrganization: true,
  isLogging: true,
  managementEvents: 'ALL',
  verdict: { verdict: 'SEALED', reason: 'ENCRYPTED_AND_DELIVERING' },
  delivery: { verdict: 'ARRIVES', reason: 'DELIVERING' },
  rootCause: null,
  ...more,
});
const LOCAL = TRAIL.replace('/org', '/local');
const local = (more: Partial<JudgedTrail> = {}) =>
  trail({ trailArn: LOCAL, owner: MEMBER, isOrganization: false, ...more });

const entry = (region: string, state: CoverageState, trailArns: string[] = [], reason: LedgerReason | null = null) =>
  ({
    region,
    state,
    reason,
    errorCode: null,
    errorMessage: null,
    trailArns,
    apiCalls: 1,
    durationMs: 1,
    observedAt: NOW,
  }) satisfies LedgerEntry;

/** One account's targets, each as `verdict basis reason, region-recorded's status and reason`. */
function look(request: {
  ledger: LedgerEntry[];
  trails?: JudgedTrail[];
  account?: string;
  statuses?: Record<string, Reading<TrailStatus>>;
  lakeIn?: (region: string) => boolean;
}): string[] {
  const { account = MEMBER, trails = [trail()], statuses = { [TRAIL]: answered(status()) } } = request;
  const observation: AccountObservation = {
    version: 1,
    runId: 'r',
    accountId: account,
    observedAt: NOW,
    principalArn: null,
    refused: null,
    regions: [],
    trails: [],
    statuses: Object.entries(statuses).map(([trailArn, reading]) => ({ trailArn, region: 'us-east-1', reading })),
    selectors: [],
    eventDataStores: [],
    apiCalls: 1,
    durationMs: 1,
    evidence: null,
  };
  const byArn = new Map(trails.map((t) => [t.trailArn, t]));
  return accountCoverage({
    ledger: request.ledger,
    observation,
    trailByArn: (arn) => byArn.get(arn),
    ...(request.lakeIn && { lakeIn: request.lakeIn }),
  }).map((target) => {
    const [finding] = controlsFor('target', { sampleLogs: false }).map((control) => control.decide(target));
    return `${target.verdict} ${target.basis} ${target.reason}, ${finding?.status} ${finding?.reason}`;
  });
}
const one = (...args: Parameters<typeof look>) => look(...args)[0];
const seen = (...arns: string[]) => [entry('us-east-1', 'SCANNED', arns)];
const UNSEALED = { verdict: 'UNSEALED', reason: 'NO_KEY' } as const;
const BROKEN = { verdict: 'BROKEN', reason: 'KEY_DISABLED' } as const;
const FAILS = { verdict: 'FAILS', reason: 'KEY_DISABLED' } as const;

describe('a target that was looked at', () => {
  it('is recorded by what was seen there, is logging, has it in scope and takes management events', () => {
    const sealed = 'ENCRYPTED OBSERVED ENCRYPTED_AND_DELIVERING, PASS RECORDED';
    expect(one({ ledger: seen(TRAIL) })).toBe(sealed);
    expect(one({ ledger: seen(TRAIL), account: OWNER, statuses: {} })).toBe(sealed);
    expect(one({ ledger: seen() })).toBe('NO_TRAIL OBSERVED NO_TRAIL_SEEN, FAIL NO_TRAIL_SEEN');
    expect(one({ ledger: seen('arn:unheard-of') })).toBe('NO_TRAIL OBSERVED NO_TRAIL_SEEN, FAIL NO_TRAIL_SEEN');
  });

  it('is not recorded by a trail that is stopped, at its owner or in this member', () => {
    const stopped = 'NOT_LOGGING OBSERVED TRAIL_STOPPED, FAIL TRAIL_STOPPED';
    expect(one({ ledger: seen(TRAIL), trails: [trail({ isLogging: false })] })).toBe(stopped);
    const here = { [TRAIL]: answered(status({ isLogging: false })) };
    expect(one({ ledger: seen(TRAIL), statuses: here })).toBe(stopped);
    expect(one({ ledger: seen(TRAIL, LOCAL), trails: [trail({ isLogging: false }), local()] })).toMatch(/^ENCRYPTED/);
  });

  it('is not recorded by data events, by a single-region trail of another Region, or by CloudTrail Lake', () => {
    const data = trail({ managementEvents: 'NONE' });
    expect(one({ ledger: seen(TRAIL), trails: [data] })).toBe(
      'NO_TRAIL OBSERVED DATA_EVENTS_ONLY, FAIL DATA_EVENTS_ONLY',
    );
    const single = trail({ isMultiRegion: false });
    expect(look({ ledger: [entry('eu-west-1', 'SCANNED', [TRAIL]), ...seen(TRAIL)], trails: [single] })).toEqual([
      'NO_TRAIL OBSERVED OTHER_REGION_ONLY, FAIL OTHER_REGION_ONLY',
      'ENCRYPTED OBSERVED ENCRYPTED_AND_DELIVERING, PASS RECORDED',
    ]);
    expect(one({ ledger: seen(), lakeIn: (region) => region === 'us-east-1' })).toBe(
      'NO_TRAIL OBSERVED LAKE_ONLY, FAIL LAKE_ONLY',
    );
    expect(one({ ledger: seen(), lakeIn: () => false })).toContain('NO_TRAIL_SEEN');
  });

  it('is not recorded in a member that has disabled the home Region of the organization trail', () => {
    const homed = trail({ homeRegion: 'me-south-1' });
    const ledger = [entry('us-east-1', 'SCANNED', [TRAIL]), entry('me-south-1', 'REGION_DISABLED')];
    expect(look({ ledger, trails: [homed] })).toEqual([
      'NO_TRAIL OBSERVED HOME_REGION_DISABLED, FAIL HOME_REGION_DISABLED',
      'NOT_APPLICABLE NONE null, NOT_APPLICABLE NOT_OPTED_IN',
    ]);
    expect(look({ ledger, trails: [homed], account: OWNER })[0]).toMatch(/^ENCRYPTED/);
  });

  it("takes the trail's verdict for all members, and a member's own error for itself alone", () => {
    const dead = [trail({ verdict: BROKEN, delivery: FAILS })];
    expect(one({ ledger: seen(TRAIL), trails: dead })).toBe('BROKEN OBSERVED KEY_DISABLED, FAIL NOT_DELIVERED');
    const error = { [TRAIL]: answered(status({ latestDeliveryError: 'AccessDenied' })) };
    expect(one({ ledger: seen(TRAIL), statuses: error })).toBe(
      'BROKEN OBSERVED MEMBER_DELIVERY_ERROR, FAIL NOT_DELIVERED',
    );
    expect(one({ ledger: seen(TRAIL), account: OWNER, statuses: error })).toMatch(/^ENCRYPTED/);
    expect(one({ ledger: seen(TRAIL), statuses: {} })).toBe(
      'UNVERIFIED OBSERVED MEMBER_STATUS_NOT_READ, UNVERIFIED MEMBER_STATUS_NOT_READ',
    );
  });

  it('is unverified where nobody could read the selectors, unless it fails anyway', () => {
    const unknown = { managementEvents: 'UNKNOWN' } as const;
    expect(one({ ledger: seen(TRAIL), trails: [trail(unknown)] })).toBe(
      'UNVERIFIED OBSERVED SELECTORS_NOT_READ, UNVERIFIED SELECTORS_NOT_READ',
    );
    expect(one({ ledger: seen(TRAIL), trails: [trail({ ...unknown, verdict: UNSEALED })] })).toBe(
      'UNENCRYPTED OBSERVED NO_KEY, UNVERIFIED SELECTORS_NOT_READ',
    );
    const foreign = { ...unknown, verdict: { verdict: 'FOREIGN_KEY', reason: 'AWS_MANAGED_KEY' } } as const;
    expect(one({ ledger: seen(TRAIL), trails: [trail(foreign)] })).toMatch(/^FOREIGN_KEY/);
    const dead = { ...unknown, verdict: BROKEN, delivery: FAILS };
    expect(one({ ledger: seen(TRAIL), trails: [trail(dead)] })).toBe(
      'UNVERIFIED OBSERVED SELECTORS_NOT_READ, FAIL NOT_DELIVERED',
    );
    expect(one({ ledger: seen(TRAIL, LOCAL), trails: [trail(unknown), local()] })).toBe(
      'UNVERIFIED OBSERVED SELECTORS_NOT_READ, PASS RECORDED',
    );
  });

  it('is not called recorded where a trail without a key fails, or may fail, to deliver', () => {
    const bare = (delivery: JudgedTrail['delivery']) => [trail({ verdict: UNSEALED, delivery })];
    const fails = bare({ verdict: 'FAILS', reason: 'DELIVERY_ERROR' });
    expect(one({ ledger: seen(TRAIL), trails: fails })).toBe('UNENCRYPTED OBSERVED NO_KEY, FAIL NOT_DELIVERED');
    const unknown = bare({ verdict: 'UNKNOWN', reason: 'STATUS_DENIED' });
    expect(one({ ledger: seen(TRAIL), trails: unknown })).toBe('UNENCRYPTED OBSERVED NO_KEY, UNVERIFIED STATUS_DENIED');
    const here = { [TRAIL]: answered(status({ latestDeliveryError: 'AccessDenied' })) };
    expect(one({ ledger: seen(TRAIL), trails: [trail({ verdict: UNSEALED })], statuses: here })).toBe(
      'UNENCRYPTED OBSERVED NO_KEY, FAIL NOT_DELIVERED',
    );
  });

  it('adds up what its trails take, of those that deliver', () => {
    const read = trail({ managementEvents: 'READ' });
    expect(one({ ledger: seen(TRAIL), trails: [read] })).toMatch(/FAIL PARTIAL_EVENTS$/);
    expect(one({ ledger: seen(TRAIL), trails: [trail({ managementEvents: 'PARTIAL' })] })).toMatch(/PARTIAL_EVENTS$/);
    const both = (more: Partial<JudgedTrail>) => [read, local({ managementEvents: 'WRITE', ...more })];
    expect(one({ ledger: seen(TRAIL, LOCAL), trails: both({}) })).toMatch(/^ENCRYPTED.*PASS RECORDED$/);
    expect(one({ ledger: seen(TRAIL, LOCAL), trails: both({ verdict: BROKEN, delivery: FAILS }) })).toMatch(
      /^ENCRYPTED.*FAIL PARTIAL_EVENTS$/,
    );
    const quiet = { verdict: 'UNKNOWN', reason: 'SILENT' } as const;
    expect(one({ ledger: seen(TRAIL, LOCAL), trails: both({ delivery: quiet }) })).toMatch(/UNVERIFIED SILENT$/);
    expect(
      one({ ledger: seen(TRAIL, LOCAL), trails: [read, local({ managementEvents: 'READ', delivery: quiet })] }),
    ).toMatch(/FAIL PARTIAL_EVENTS$/);
  });

  it('gives the reason of the trail that decides', () => {
    const ledger = seen(TRAIL, LOCAL);
    expect(one({ ledger, trails: [trail(), local({ verdict: UNSEALED })] })).toBe(
      'UNENCRYPTED OBSERVED NO_KEY, PASS RECORDED',
    );
    expect(one({ ledger, trails: [trail({ verdict: BROKEN, delivery: FAILS }), local()] })).toBe(
      'ENCRYPTED OBSERVED ENCRYPTED_AND_DELIVERING, PASS RECORDED',
    );
  });
});

describe('region-recorded', () => {
  const [control] = controlsFor('target', { sampleLogs: false });
  const target = (reason: AbsenceReason | null, verdict: CoverageVerdict = 'NO_TRAIL'): CoverageDecision => ({
    ...{ entry: entry('us-east-1', 'SCANNED'), verdict, reason },
    ...{ basis: 'OBSERVED', recording: [], events: null },
  });
  it.each<[AbsenceReason | null, RegExp]>([
    ['TRAIL_STOPPED', /stopped/],
    ['DATA_EVENTS_ONLY', /^No trail logs management events here$/],
    ['LAKE_ONLY', /Lake/],
    ['HOME_REGION_DISABLED', /home Region is disabled/],
    ['OTHER_REGION_ONLY', /another Region only/],
    ['NO_TRAIL_SEEN', /^No trail records it$/],
    [null, /^No trail records it$/],
  ])('says of %s what is missing', (reason, words) => {
    expect(control?.decide(target(reason))).toMatchObject({ status: 'FAIL', observed: expect.stringMatching(words) });
  });
});

describe('a target that was not', () => {
  it.each([
    ['REGION_DISABLED', 'NOT_OPTED_IN', 'NOT_APPLICABLE'],
    ['ACCOUNT_INACTIVE', 'SUSPENDED', 'NOT_APPLICABLE'],
    ['EXCLUDED', 'OU_FILTER', 'NOT_APPLICABLE'],
    ['ACCESS_DENIED', 'ASSUMEROLE_REFUSED', 'UNVERIFIED'],
    ['THROTTLED', 'THROTTLED', 'UNVERIFIED'],
    ['ERROR', 'CHILD_FAILED', 'UNVERIFIED'],
    ['NOT_SCANNED', 'NO_ANSWER', 'UNVERIFIED'],
  ] as const)('%s (%s) is %s', (state, why, status) => {
    const verdict = state === 'EXCLUDED' ? 'UNVERIFIED' : status;
    const expected = `${verdict} NONE ${why}, ${status} ${why}`;
    expect(one({ ledger: [entry('eu-west-1', state, [], why), ...seen(TRAIL)] })).toBe(expected);
  });
});

describe('a Region closed by a service control policy', () => {
  const denied = entry('eu-west-1', 'REGION_DENIED');
  it('takes its verdict from a multi-Region trail that records the account elsewhere', () => {
    expect(one({ ledger: [denied, ...seen(TRAIL)] })).toBe(
      'ENCRYPTED INFERRED ENCRYPTED_AND_DELIVERING, PASS RECORDED_INFERRED',
    );
    const both = [trail(), local({ verdict: UNSEALED })];
    expect(one({ ledger: [denied, ...seen(TRAIL, LOCAL)], trails: both })).toMatch(/^UNENCRYPTED INFERRED/);
    const quiet = { [TRAIL]: answered(status({ latestDeliveryError: 'x' })) };
    expect(one({ ledger: [denied, ...seen(TRAIL)], statuses: quiet })).toMatch(/^BROKEN INFERRED/);
    expect(one({ ledger: [denied, ...seen(TRAIL)], statuses: { [TRAIL]: refused() } })).toMatch(/^UNVERIFIED INFERRED/);
  });

  it('names the first trail by ARN where several decide alike, whichever region showed it first', () => {
    const unsure = (reason: 'SILENT' | 'KEY_DENIED') => ({ verdict: { verdict: 'UNVERIFIED', reason } }) as const;
    const both = [trail(unsure('SILENT')), local(unsure('KEY_DENIED'))];
    const ledger = [denied, entry('eu-south-1', 'SCANNED', [TRAIL]), ...seen(LOCAL)];
    expect(one({ ledger, trails: both })).toMatch(/^UNVERIFIED INFERRED KEY_DENIED/);
  });

  it.each([
    ['a single-region trail', [entry('us-east-1', 'SCANNED', [TRAIL])], trail({ isMultiRegion: false })],
    ['a stopped trail', [entry('us-east-1', 'SCANNED', [TRAIL])], trail({ isLogging: false })],
    ['data events', [entry('us-east-1', 'SCANNED', [TRAIL])], trail({ managementEvents: 'NONE' })],
    ['a Region that did not answer', [entry('us-east-1', 'ACCESS_DENIED', [TRAIL])], trail()],
    ['another closed region', [entry('us-east-1', 'REGION_DENIED', [TRAIL])], trail()],
  ] as const)('infers nothing from %s', (_, answering, judged) => {
    expect(one({ ledger: [denied, ...answering], trails: [judged] })).toBe(
      'UNVERIFIED NONE REGION_DENIED_NO_MULTI_REGION_TRAIL, UNVERIFIED REGION_DENIED_NO_MULTI_REGION_TRAIL',
    );
  });
});
