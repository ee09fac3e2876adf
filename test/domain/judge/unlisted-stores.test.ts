import { describe, expect, it } from '@jest/globals';
import { unlistedStoreFindings } from '../../../functions/domain/judge/finding.ts';
import type { AccountObservation, RegionObservation } from '../../../functions/domain/model/observation.ts';
import type { CallFailure } from '../../../functions/domain/model/reading.ts';
import { MEMBER, NOW } from './sample-facts.ts';

const refusal: CallFailure = {
  kind: 'DENIED',
  operation: 'ListEventDataStores',
  code: 'AccessDeniedException',
  message: 'not authorized',
};
const region = (name: string, lakeFailure: CallFailure | null): RegionObservation => ({
  region: name,
  state: 'SCANNED',
  trailArns: [],
  lakeFailure,
  apiCalls: 2,
  durationMs: 1,
  observedAt: NOW,
});
const observed = (...regions: RegionObservation[]) =>
  [
    ...unlistedStoreFindings({
      kind: 'observed',
      observation: { accountId: MEMBER, observedAt: NOW, regions } as AccountObservation,
    }),
  ] as const;

describe('event data stores that could not be listed', () => {
  it('are one UNVERIFIED finding an account, which names the regions', () => {
    const found = observed(region('eu-west-1', refusal), region('us-east-1', null), region('us-west-2', refusal));
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

  it('quote each answer beside its own regions', () => {
    const throttled: CallFailure = { ...refusal, kind: 'THROTTLED', code: 'ThrottlingException', message: 'slower' };
    const [found] = observed(
      region('eu-west-1', refusal),
      region('us-east-1', throttled),
      region('us-west-2', refusal),
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
    const [found] = observed(region('us-east-1', { ...refusal, code, kind }));
    expect(found?.cause?.fix).toMatch(fix);
  });

  it('say nothing where every region answered, or where nobody got in', () => {
    expect(observed(region('us-east-1', null))).toEqual([]);
    expect([...unlistedStoreFindings({ kind: 'none', cause: null })]).toEqual([]);
  });
});
