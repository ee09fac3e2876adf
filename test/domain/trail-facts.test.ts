import { describe, expect, it } from '@jest/globals';
import type { DescribedTrail, TrailStatus } from '../../functions/domain/account-access.ts';
import type { AccountObservation } from '../../functions/domain/observation.ts';
import { answered, failed, type Reading } from '../../functions/domain/reading.ts';
import { createGathering } from '../../functions/domain/trail-facts.ts';

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

  it('is one member where the owner was not entered: one that answered without an error of its own, lowest id first', () => {
    const refusedCopy = answered({ ...well, latestDeliveryError: 'AccessDenied' });
    const facts = factsOf(
      observation('444444444444', answered(well)),
      observation('333333333333', answered(well)),
      observation('222222222222', refusedCopy),
    );
    expect([facts?.statusFrom, facts?.memberErrors]).toEqual(['333333333333', 1]);
  });
});
