import { describe, expect, it } from '@jest/globals';
import { createGathering } from '../../../functions/domain/judge/trail-facts.ts';
import type { DescribedTrail, TrailStatus } from '../../../functions/domain/model/account-access.ts';
import type { AccountObservation } from '../../../functions/domain/model/observation.ts';
import { answered, failed, type Reading } from '../../../functions/domain/model/reading.ts';

const OWNER = '111111111111';
const trail: DescribedTrail = {
  trailArn: `arn:aws:cloudtrail:us-east-1:${OWNER}:trail/org`,
  name: 'org',
  homeRegion: 'us-east-1',
  isMultiRegion: true,
  isOrganization: true,
  globalServiceEvents: true,
  logFileValidation: true,
  kmsKeyId: null,
  bucket: 'logs',
  s3KeyPrefix: null,
  logGroupArn: null,
};
const well: TrailStatus = {
  isLogging: true,
  latestDeliveryAt: '2026-11-20T12:00:00.000Z',
  latestDigestAt: null,
  latestDeliveryError: null,
  latestDigestError: null,
  startedLoggingAt: null,
  stoppedLoggingAt: null,
  latestLogGroupDeliveryAt: null,
  latestLogGroupDeliveryError: null,
};
const throttled: Reading<never> = failed({
  kind: 'THROTTLED',
  operation: 'GetTrailStatus',
  code: 'ThrottlingException',
  message: '',
});

const observation = (accountId: string, reading: Reading<TrailStatus> | null): AccountObservation => ({
  version: 1,
  runId: 'run',
  accountId,
  observedAt: '2026-11-20T12:00:00.000Z',
  principalArn: null,
  refused: null,
  regions: [],
  trails: [trail],
  statuses: reading ? [{ trailArn: trail.trailArn, region: 'us-east-1', reading }] : [],
  selectors: [],
  eventDataStores: [],
  apiCalls: 1,
  durationMs: 1,
  evidence: null,
});

function factsOf(...observations: AccountObservation[]) {
  const gathering = createGathering();
  for (const one of observations) gathering.add(one);
  return gathering.trails()[0];
}

describe('who speaks for an organization trail', () => {
  it('is its owner', () => {
    expect(factsOf(observation('222222222222', answered(well)), observation(OWNER, answered(well)))?.statusFrom).toBe(
      OWNER,
    );
  });

  it('is the owner also where its answer was lost: a healthy member does not hide what the owner may know', () => {
    const facts = factsOf(observation('222222222222', answered(well)), observation(OWNER, throttled));
    expect([facts?.statusFrom, facts?.status?.ok]).toEqual([OWNER, false]);
  });

  it('is one member where the owner was not read: one that answered without an error of its own, lowest id first', () => {
    const refusedCopy = answered({ ...well, latestDeliveryError: 'AccessDenied' });
    const facts = factsOf(
      observation('444444444444', answered(well)),
      observation('333333333333', answered(well)),
      observation('222222222222', refusedCopy),
    );
    expect([facts?.statusFrom, facts?.memberErrors]).toEqual(['333333333333', 1]);
  });
});

describe('what is gathered', () => {
  const selectors = answered({ basic: [], advanced: [] });
  const local = { ...trail, trailArn: `arn:aws:cloudtrail:eu-west-1:${OWNER}:trail/a`, homeRegion: 'eu-west-1' };
  const store = { arn: 'arn:store', name: 'lake', status: null, region: 'us-east-1' };
  const seen = (region: string, trailArns: string[]) => ({
    ...{ region, state: 'SCANNED' as const, trailArns, lakeFailure: null },
    ...{ apiCalls: 1, durationMs: 1, observedAt: '2026-11-20T12:00:00.000Z' },
  });
  const owner: AccountObservation = {
    ...observation(OWNER, answered(well)),
    trails: [local, trail],
    regions: [seen('ap-south-1', [local.trailArn, trail.trailArn]), seen('us-east-1', [trail.trailArn])],
    selectors: [{ trailArn: trail.trailArn, region: 'us-east-1', reading: selectors }],
    eventDataStores: [store, { ...store, arn: 'arn:another', region: 'eu-west-1' }],
    observedAt: '2026-11-20T11:00:00.000Z',
  };
  const member: AccountObservation = {
    ...observation('222222222222', answered(well)),
    trails: [{ ...trail, kmsKeyId: 'as a member sees it' }],
    eventDataStores: [store],
  };
  const gathered = (...observations: AccountObservation[]) => {
    const gathering = createGathering();
    for (const one of observations) gathering.add(one);
    return { trails: gathering.trails(), stores: gathering.eventDataStores() };
  };

  it('does not depend on the order in which accounts arrive, and is sorted by ARN', () => {
    const { trails, stores } = gathered(owner, member);
    expect(gathered(member, owner)).toEqual({ trails, stores });
    expect(trails.map((t) => t.trail.trailArn)).toEqual([local.trailArn, trail.trailArn].sort());
    expect(stores.map(({ arn, seenBy }) => [arn, seenBy])).toEqual([
      ['arn:another', OWNER],
      ['arn:store', OWNER],
    ]);
  });

  it("is the owner's word: description, status, selectors, and where and when it was seen", () => {
    const org = gathered(member, owner).trails.find((t) => t.trail.trailArn === trail.trailArn);
    expect(org).toEqual({
      trail,
      owner: OWNER,
      seenAtOwner: true,
      seenIn: { accountId: OWNER, region: 'us-east-1' },
      status: answered(well),
      statusFrom: OWNER,
      selectors,
      selectorsFrom: OWNER,
      observedAt: '2026-11-20T11:00:00.000Z',
      reportingMember: '222222222222',
      memberErrors: 0,
    });
    // Its home region did not answer: the first that showed it is taken.
    const other = gathered(owner).trails.find((t) => t.trail.trailArn === local.trailArn);
    expect(other?.seenIn).toEqual({ accountId: OWNER, region: 'ap-south-1' });
    expect([other?.selectors, other?.selectorsFrom, other?.status]).toEqual([null, null, null]);
  });

  it("is a member's word where the owner was not seen, and no selectors then", () => {
    const [only] = gathered(member).trails;
    expect(only).toMatchObject({
      seenAtOwner: false,
      selectors: null,
      selectorsFrom: null,
      statusFrom: '222222222222',
    });
    expect(only?.seenIn).toEqual({ accountId: '222222222222', region: 'us-east-1' });
    expect(only?.observedAt).toBe('2026-11-20T12:00:00.000Z');
  });
});
