import { describe, expect, it } from '@jest/globals';
import { lakeCoverage, resolveResources } from '../../../functions/domain/judge/resources.ts';
import { type Inspection, inspectionSchema } from '../../../functions/domain/model/inspection.ts';
import { answered } from '../../../functions/domain/model/reading.ts';
import {
  BUCKET,
  bucketInspection,
  described,
  description,
  KEY,
  keyInspection,
  MEMBER,
  NOW,
  OWNER,
  refused,
  TRAIL,
  trailFacts,
} from './sample-facts.ts';

const GROUP = `arn:aws:logs:us-east-1:${OWNER}:log-group:ct:*`;
const STORE = `arn:aws:cloudtrail:us-east-1:${MEMBER}:eventdatastore/1`;
const listed = { arn: STORE, name: 'lake', region: 'us-east-1', status: 'ENABLED', seenBy: MEMBER };
const store = {
  arn: STORE,
  name: 'lake',
  status: 'ENABLED',
  isOrganization: false,
  isMultiRegion: false,
  retentionDays: 90,
};

const inspection = (more: Partial<Inspection> = {}): Inspection => ({
  ...{ version: 1, runId: 'r', itemId: `${OWNER}-1`, owner: OWNER, observedAt: NOW, refused: null },
  ...{ keys: [], buckets: [], logGroups: [], eventDataStores: [], trails: [], samples: [], apiCalls: 1, durationMs: 1 },
  evidence: null,
  ...more,
});
const resolve = (inspections: Inspection[], more: Partial<Parameters<typeof resolveResources>[0]> = {}) =>
  resolveResources({
    trails: [trailFacts({ trail: described({ logGroupArn: GROUP }) })],
    eventDataStores: [listed],
    inspections,
    population: { has: (id) => [OWNER, MEMBER].includes(id), complete: true, trusted: new Set() },
    organizationId: 'o-1',
    refusalOf: () => null,
    ...more,
  });

describe('a trail, joined to what was inspected', () => {
  const whole = inspection({
    keys: [keyInspection()],
    buckets: [bucketInspection()],
    logGroups: [{ logGroupArn: GROUP, reading: answered({ kmsKeyArn: null, retentionDays: null }) }],
  });

  it('has its key, bucket and log group, each with the trails that use it', () => {
    const { trails, keys, buckets, logGroups } = resolve([whole]);
    expect(trails[0]).toMatchObject({ verdict: { verdict: 'SEALED' }, key: { state: 'Enabled', askedIn: OWNER } });
    expect(keys).toMatchObject([
      { facts: { keyId: KEY }, organizationId: 'o-1', trails: [{}], stores: [], observedAt: NOW },
    ]);
    expect(buckets).toMatchObject([{ bucket: BUCKET, inOrganization: true, trails: [TRAIL], observedAt: NOW }]);
    expect(logGroups).toMatchObject([{ logGroupArn: GROUP, trails: [TRAIL], reading: { ok: true } }]);
  });

  it('is not known where nothing was inspected, and why is said', () => {
    const { trails, buckets } = resolve([]);
    expect(trails[0]?.verdict).toEqual({ verdict: 'UNVERIFIED', reason: 'KEY_NOT_INSPECTED' });
    expect(buckets).toMatchObject([{ bucket: BUCKET, inspection: null, inOrganization: null }]);
    const inactive = resolve([], { refusalOf: () => 'KEY_OWNER_INACTIVE' });
    expect(inactive.trails[0]?.verdict.reason).toBe('KEY_OWNER_INACTIVE');
  });

  it('is foreign where the key is outside, and not where its account is trusted or nobody could be listed', () => {
    const outside = KEY.replace(OWNER, '999999999999');
    const facts = [trailFacts({ trail: described({ kmsKeyId: outside }) })];
    const population = { has: () => false, complete: true, trusted: new Set<string>() };
    const told = (more: Partial<typeof population>) =>
      resolve([], { trails: facts, population: { ...population, ...more } }).trails[0]?.verdict;
    expect(told({})).toEqual({ verdict: 'FOREIGN_KEY', reason: 'KEY_OUTSIDE_ORGANIZATION' });
    expect(told({ trusted: new Set(['999999999999']) })).toEqual({
      verdict: 'UNVERIFIED',
      reason: 'KEY_NOT_INSPECTED',
    });
    expect(told({ complete: false })).toEqual({ verdict: 'UNVERIFIED', reason: 'KEY_NOT_INSPECTED' });
  });

  it('takes a key as it was read where it lives, whatever came first', () => {
    const elsewhere = inspection({
      ...{ itemId: `${MEMBER}-1`, owner: MEMBER },
      eventDataStores: [
        {
          arn: STORE,
          reading: answered({ ...store, kmsKeyId: KEY }),
          key: keyInspection({ policy: refused(), description: answered(description({ state: 'Disabled' })) }),
        },
      ],
    });
    for (const inspections of [
      [whole, elsewhere],
      [elsewhere, whole],
    ]) {
      const { trails, keys } = resolve(inspections);
      expect(trails[0]?.key).toMatchObject({ state: 'Enabled', askedIn: OWNER, inspection: { policy: { ok: true } } });
      expect(keys).toMatchObject([{ trails: [{}], stores: [{ listed }] }]);
    }
    expect(resolve([elsewhere]).trails[0]?.verdict.reason).toBe('KEY_DISABLED');
  });
});

describe('where CloudTrail Lake may record', () => {
  const covers = (more: Partial<typeof store> | null) => {
    const reading = more === null ? null : answered({ ...store, kmsKeyId: null, ...more });
    const lake = lakeCoverage([{ listed, reading, key: null, observedAt: NOW }]);
    const at = [`${MEMBER}/us-east-1`, `${MEMBER}/eu-west-1`, `${OWNER}/us-east-1`, `${OWNER}/eu-west-1`];
    return at.filter((place) => {
      const [accountId = '', region = ''] = place.split('/');
      return lake({ accountId, region });
    });
  };
  it.each<[string, Parameters<typeof covers>[0], string[]]>([
    ['a store of one account and Region', {}, [`${MEMBER}/us-east-1`]],
    ['one that could not be read', null, [`${MEMBER}/us-east-1`]],
    ['one of all Regions', { isMultiRegion: true }, [`${MEMBER}/us-east-1`, `${MEMBER}/eu-west-1`]],
    ['one of an organization', { isOrganization: true }, [`${MEMBER}/us-east-1`, `${OWNER}/us-east-1`]],
  ])('is for %s where it was listed, and no further than it reaches', (_, more, expected) =>
    expect(covers(more)).toEqual(expected),
  );
});

it('the facts here have the stored shape', () => {
  expect(
    inspectionSchema.safeParse(inspection({ keys: [keyInspection()], buckets: [bucketInspection()] })).success,
  ).toBe(true);
});
