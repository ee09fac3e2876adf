import { describe, expect, it } from '@jest/globals';
import { regionRecorded } from '../../../functions/domain/controls/target/region-recorded.ts';
import type { CoverageDecision, JudgedTrail, RecordingTrail } from '../../../functions/domain/judge/coverage.ts';
import {
  findingId,
  resourceFindings,
  targetFindings,
  unlistedStoreFindings,
} from '../../../functions/domain/judge/finding.ts';
import type { LedgerEntry } from '../../../functions/domain/judge/ledger.ts';
import { judgedTrail, type Resources } from '../../../functions/domain/judge/resources.ts';
import { aboutTrail, type RootCause, rootCause } from '../../../functions/domain/judge/root-cause.ts';
import type { AccountObservation, RegionObservation } from '../../../functions/domain/model/observation.ts';
import type { CallFailure } from '../../../functions/domain/model/reading.ts';
import { bucket, KEY, MEMBER, NOW, OWNER, resolved, TRAIL, usedKey } from './sample-facts.ts';

const OPTIONS = { sampleLogs: false, partition: 'aws' };
const nothing: Resources = { trails: [], keys: [], buckets: [], logGroups: [], eventDataStores: [] };

describe('the findings of resources', () => {
  const found = [
    ...resourceFindings({ ...nothing, trails: [resolved()], keys: [usedKey()], buckets: [bucket()] }, OPTIONS),
  ];

  it('are one a control and resource, where the resource lives', () => {
    const told = found.map((f) => `${f.control.id} ${f.resourceType} ${f.accountId}/${f.region} ${f.resourceArn}`);
    expect(told).toContain(`trail-kms-encrypted trail ${OWNER}/us-east-1 ${TRAIL}`);
    expect(told).toContain(`trail-key-rotation key ${OWNER}/us-east-1 ${KEY}`);
    expect(told).toContain(`bucket-protected bucket ${OWNER}/us-east-1 arn:aws:s3:::logs`);
    expect(new Set(told).size).toBe(told.length);
    expect(told.some((line) => line.startsWith('delivered-logs-encrypted'))).toBe(false);
  });

  it('have ids of the control and the resource, which never change', () => {
    expect(findingId('trail-kms-encrypted', TRAIL)).toBe('bb58a774ecdc6ddbe0b33d5ff8d213c9');
    expect(new Set(found.map(({ findingId: id }) => id)).size).toBe(found.length);
  });

  it('have a cause where they are open, and none where they pass', () => {
    for (const { decision, cause } of found)
      expect([decision.reason, cause !== null]).toEqual([
        decision.reason,
        ['FAIL', 'UNVERIFIED'].includes(decision.status),
      ]);
    expect(found.map(({ decision }) => decision.status)).toEqual(expect.arrayContaining(['PASS', 'FAIL']));
  });
});

describe('the finding of an account and Region', () => {
  const local = TRAIL.replace('/org', '/local');
  const known = new Map(
    [TRAIL, local].map((arn) => [
      arn,
      resolved({ facts: { ...resolved().facts, trail: { ...resolved().facts.trail, trailArn: arn, name: arn } } }),
    ]),
  );
  const own: RootCause = { id: 'rc-own', kind: 'FOREIGN_KEY', severity: 'HIGH', title: 't', fix: 'f', resource: null };
  const by = (
    trailArn: string,
    more: Partial<RecordingTrail> & { events?: JudgedTrail['managementEvents'] } = {},
  ): RecordingTrail => ({
    trail: { ...judgedTrail(resolved(), null), trailArn, managementEvents: more.events ?? 'ALL' },
    effective: { verdict: 'SEALED', reason: 'ENCRYPTED_AND_DELIVERING' },
    delivery: { verdict: 'ARRIVES', reason: 'DELIVERING' },
    ...more,
  });
  const fails = { delivery: { verdict: 'FAILS', reason: 'KEY_DISABLED' } } as const;
  const target = (recording: RecordingTrail[], verdict: CoverageDecision['verdict']): CoverageDecision => {
    const entry: LedgerEntry = {
      region: 'eu-west-1',
      state: 'SCANNED',
      reason: null,
      errorCode: null,
      errorMessage: null,
      trailArns: [],
      apiCalls: 1,
      durationMs: 1,
      observedAt: NOW,
    };
    return { entry, verdict, basis: 'OBSERVED', reason: null, recording, events: 'ALL' };
  };
  const find = (recording: RecordingTrail[], verdict: CoverageDecision['verdict'], cause: RootCause | null = own) =>
    [
      ...targetFindings({
        accountId: MEMBER,
        targets: [{ target: target(recording, verdict), cause }],
        trailOf: (arn) => known.get(arn),
      }),
    ][0];
  const trailOf = (arn: string) => known.get(arn) ?? resolved();

  it('is filed under the trail that takes too little, not under one that delivers nothing', () => {
    const found = find([by(TRAIL, fails), by(local, { events: 'READ' })], 'FOREIGN_KEY');
    expect(found?.decision.reason).toBe('PARTIAL_EVENTS');
    expect(found?.cause?.id).toBe(rootCause(regionRecorded, 'PARTIAL_EVENTS', aboutTrail(trailOf(local)))?.id);
  });

  it('is filed under why nothing arrives, not under the missing key', () => {
    const refused = { delivery: { verdict: 'FAILS', reason: 'DELIVERY_ERROR' } } as const;
    const found = find([by(TRAIL, refused)], 'UNENCRYPTED');
    expect([found?.decision.reason, found?.cause?.kind]).toEqual(['NOT_DELIVERED', 'NOT_DELIVERING']);
    const silent = { delivery: { verdict: 'UNKNOWN', reason: 'SILENT' } } as const;
    expect(find([by(TRAIL, silent)], 'UNENCRYPTED')?.cause?.title).toMatch(/^Nothing was delivered for 26 hours/);
  });

  it('is else filed as its coverage row, and under its trail where that row is in order', () => {
    const silent = { delivery: { verdict: 'UNKNOWN', reason: 'SILENT' } } as const;
    expect(find([by(TRAIL, silent)], 'FOREIGN_KEY')?.cause?.id).toBe('rc-own');
    expect(find([by(TRAIL, silent)], 'ENCRYPTED', null)?.cause?.kind).toBe('NOT_DELIVERING');
    expect(find([by(TRAIL)], 'FOREIGN_KEY')).toMatchObject({ decision: { status: 'PASS' }, cause: null });
    expect(find([], 'NO_TRAIL')?.cause?.id).toBe('rc-own');
  });

  const ofTrail = [
    `${OWNER}/us-east-1/GetEventSelectors/${TRAIL}`,
    `${OWNER}/us-east-1/GetTrailStatus/${TRAIL}`,
    `${MEMBER}/us-east-1/GetTrailStatus/${TRAIL}`,
  ];

  it('rests on the answer of the Region and of the trails that record it', () => {
    expect(find([by(TRAIL)], 'ENCRYPTED')?.decision.evidence?.toSorted()).toEqual(
      [`${MEMBER}/eu-west-1/DescribeTrails`, ...ofTrail].sort(),
    );
  });

  it('is decided once for all Regions that the same trails record, and rests in each on its own answer', () => {
    const recording = [by(TRAIL, fails)];
    const targets = ['us-east-1', 'eu-west-1', 'ap-south-1'].map((region) => ({
      target: { ...target(recording, 'UNENCRYPTED'), entry: { ...target([], 'NO_TRAIL').entry, region } },
      cause: own,
    }));
    const found = [...targetFindings({ accountId: MEMBER, targets, trailOf })];
    expect(found.map(({ resourceArn }) => resourceArn)).toEqual(
      ['us-east-1', 'eu-west-1', 'ap-south-1'].map((region) => `${MEMBER}/${region}`),
    );
    for (const { decision, cause, region } of found) {
      expect([decision.reason, cause?.kind]).toEqual(['NOT_DELIVERED', found[0]?.cause?.kind]);
      expect(decision.evidence).toEqual([`${MEMBER}/${region}/DescribeTrails`, ...ofTrail].sort());
    }
    expect(new Set(found.map(({ findingId: id }) => id)).size).toBe(3);
  });
});

const refusal: CallFailure = {
  kind: 'DENIED',
  operation: 'ListEventDataStores',
  code: 'AccessDeniedException',
  message: 'not authorized',
};
const regionOf = (name: string, lakeFailure: CallFailure | null): RegionObservation => ({
  region: name,
  state: 'SCANNED',
  trailArns: [],
  lakeFailure,
  apiCalls: 2,
  durationMs: 1,
  observedAt: NOW,
});
const unlisted = (...regions: RegionObservation[]) =>
  [
    ...unlistedStoreFindings({
      kind: 'observed',
      observation: { accountId: MEMBER, observedAt: NOW, regions } as AccountObservation,
    }),
  ] as const;

describe('event data stores that could not be listed', () => {
  it('are one UNVERIFIED finding an account, which names the Regions', () => {
    const found = unlisted(regionOf('eu-west-1', refusal), regionOf('us-east-1', null), regionOf('us-west-2', refusal));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      control: { id: 'event-data-store-encrypted' },
      accountId: MEMBER,
      resourceArn: `${MEMBER}/event-data-stores`,
      decision: { status: 'UNVERIFIED', reason: 'STORES_NOT_LISTED' },
      cause: { kind: 'UNKNOWN_STATE' },
    });
    expect(found[0]?.decision.detail).toContain('eu-west-1, us-west-2: ListEventDataStores answered AccessDenied');
    expect(found[0]?.decision.evidence).toEqual([
      `${MEMBER}/eu-west-1/ListEventDataStores`,
      `${MEMBER}/us-west-2/ListEventDataStores`,
    ]);
  });

  it('quote each answer beside its own Regions', () => {
    const throttled: CallFailure = { ...refusal, kind: 'THROTTLED', code: 'ThrottlingException', message: 'slower' };
    const [found] = unlisted(
      regionOf('eu-west-1', refusal),
      regionOf('us-east-1', throttled),
      regionOf('us-west-2', refusal),
    );
    expect(found?.decision.detail).toMatch(
      /in eu-west-1, us-west-2: \S+ answered AccessDenied.*; in us-east-1: \S+ answered Throttling/,
    );
  });

  it.each([
    ['AccessDeniedException', 'DENIED', /audit role/],
    ['NoManagementAccountSLRExistsException', 'ERROR', /create-service-linked-role/],
    ['ThrottlingException', 'THROTTLED', /--resume/],
  ] as const)('are advised by what AWS answered: %s', (code, kind, fix) => {
    const [found] = unlisted(regionOf('us-east-1', { ...refusal, code, kind }));
    expect(found?.cause?.fix).toMatch(fix);
  });

  it('say nothing where every Region answered, or where nobody got in', () => {
    expect(unlisted(regionOf('us-east-1', null))).toEqual([]);
    expect([...unlistedStoreFindings({ kind: 'none', cause: null })]).toEqual([]);
  });
});
