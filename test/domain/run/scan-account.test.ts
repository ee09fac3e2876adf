import { expect, test } from '@jest/globals';
import type { AccountSessions, TrailReader } from '../../../functions/domain/model/account-access.ts';
import type { ScanPlan } from '../../../functions/domain/model/plan.ts';
import { answered, type FailureKind, failed } from '../../../functions/domain/model/reading.ts';
import { isComplete } from '../../../functions/domain/run/is-complete.ts';
import { scanAccount } from '../../../functions/domain/run/scan-account.ts';

const scan = async (kind: FailureKind) => {
  const account = {
    principalArn: 'arn:aws:sts::111122223333:assumed-role/x/y',
    regions: async () => answered([{ region: 'us-east-1', optIn: 'opt-in-not-required' }]),
    trails: async () => answered([]),
    eventDataStores: async () => failed({ kind, operation: 'ListEventDataStores', code: 'X', message: 'x' }),
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
  return { settled: isComplete(observation, ['us-east-1']), region: observation.regions[0] };
};

test('a region without CloudTrail Lake has no store, and is settled', async () => {
  expect(await scan('UNAVAILABLE')).toMatchObject({ settled: true, region: { state: 'SCANNED', lakeFailure: null } });
});

test.each([
  ['DENIED', true],
  ['THROTTLED', false],
  ['ERROR', false],
] as const)('event data stores that could not be listed (%s) stay a failure; settled: %s', async (kind, settled) => {
  expect(await scan(kind)).toMatchObject({ settled, region: { lakeFailure: { kind } } });
});
