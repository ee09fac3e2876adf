import { expect, test } from '@jest/globals';
import type { AccountSessions, DescribedTrail, TrailReader } from '../../../functions/domain/model/account-access.ts';
import type { ScanPlan } from '../../../functions/domain/model/plan.ts';
import { answered, type FailureKind, failed, type Reading } from '../../../functions/domain/model/reading.ts';
import { isComplete } from '../../../functions/domain/run/is-complete.ts';
import { scanAccount } from '../../../functions/domain/run/scan-account.ts';

const scan = async (kind: FailureKind, trails: Reading<DescribedTrail[]> = answered([]), code = 'X') => {
  const account = {
    principalArn: 'arn:aws:sts::111122223333:assumed-role/x/y',
    regions: async () => answered([{ region: 'us-east-1', optIn: 'opt-in-not-required' }]),
    trails: async () => trails,
    eventDataStores: async () => failed({ kind, operation: 'ListEventDataStores', code, message: 'x' }),
    calls: () => 3,
    takeEvidence: () => [],
  } as unknown as TrailReader;
  const sessions = { open: async () => answered(account) } as unknown as AccountSessions<TrailReader>;
  const { observation } = await scanAccount({
    item: { accountId: '111122223333', accountState: 'ACTIVE', regions: ['us-east-1'] },
    plan: { runId: '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0N', settings: { lake: true } } as ScanPlan,
    sessions,
    now: () => 0,
  });
  return { complete: isComplete(observation, ['us-east-1']), region: observation.regions[0] };
};

test.each(['UNAVAILABLE', 'NOT_PERMITTED'] as const)(
  'a Region or account without CloudTrail Lake (%s) has no store, and is complete',
  async (kind) => {
    expect(await scan(kind)).toMatchObject({ complete: true, region: { state: 'SCANNED', lakeFailure: null } });
  },
);

test.each([
  ['DENIED', true],
  ['THROTTLED', false],
  ['ERROR', false],
] as const)('event data stores that could not be listed (%s) stay a failure; complete: %s', async (kind, complete) => {
  expect(await scan(kind)).toMatchObject({ complete, region: { lakeFailure: { kind } } });
});

test('without the service-linked role of CloudTrail the stores stay unknown, and the run is complete', async () => {
  const code = 'NoManagementAccountSLRExistsException';
  expect(await scan('ERROR', answered([]), code)).toMatchObject({ complete: true, region: { lakeFailure: { code } } });
});

test.each([
  ['DENIED', 'ACCESS_DENIED'],
  ['NOT_PERMITTED', 'ACCESS_DENIED'],
  ['CREDENTIALS', 'ACCESS_DENIED'],
  ['UNAVAILABLE', 'ERROR'],
  ['THROTTLED', 'THROTTLED'],
] as const)(
  'a Region whose trails could not be described (%s) is %s, and is not asked for its event data stores',
  async (kind, state) => {
    const trails = failed({ kind, operation: 'DescribeTrails', code: 'X', message: 'x' });
    expect((await scan('UNAVAILABLE', trails)).region).toMatchObject({ state, failure: { kind }, apiCalls: 1 });
  },
);
