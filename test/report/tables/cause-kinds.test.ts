import { expect, test } from '@jest/globals';
import type { RootCause } from '../../../functions/domain/judge/root-cause.ts';
import { Tally } from '../../../functions/report/tables/tally.ts';
import { findingRow } from './sample-rows.ts';

const cause = (id: string, more: Partial<RootCause> = {}): RootCause => ({
  ...{ id, kind: 'TRAIL_WITHOUT_KEY', severity: 'HIGH', title: id, fix: id, resource: null },
  ...more,
});
const target = (region: string, found: RootCause | null) => ({
  target: {
    entry: {
      ...{ region, state: 'SCANNED', reason: null, errorCode: null, errorMessage: null, trailArns: [] },
      ...{ apiCalls: 0, durationMs: 0, observedAt: null },
    },
    ...{ verdict: 'UNENCRYPTED', basis: 'OBSERVED', reason: null, recording: [] },
  } as unknown as Parameters<Tally['account']>[1][number]['target'],
  cause: found,
});

const named = (account_id: string) => ({ account_id, account_name: null });

test('a kind counts an account and a Region once, whatever its causes, and shares add up', () => {
  const tally = new Tally();
  const first = cause('rc-1');
  const second = cause('rc-2', { severity: 'CRITICAL' });
  tally.account(named('111111111111'), [
    target('eu-west-1', first),
    target('us-east-1', second),
    target('sa-east-1', null),
  ]);
  tally.account(named('222222222222'), [target('eu-west-1', first)]);
  tally.finding(findingRow({ status: 'FAIL', account_id: '111111111111', region: 'eu-west-1' }), first);
  tally.finding(findingRow({ status: 'FAIL', account_id: '333333333333', region: 'ap-east-1' }), second);
  tally.finding(findingRow({ status: 'FAIL', account_id: null, region: null }), second);
  expect(tally.causeKinds()).toEqual([
    {
      ...{ kind: 'TRAIL_WITHOUT_KEY', severity: 'CRITICAL', causes: 2, findings: 3 },
      ...{ accounts: 3, regions: 3, targets: 3 },
    },
  ]);
});

test('the kind that reaches most accounts comes first, then the more severe one, and a LOW one last whatever it reaches', () => {
  const tally = new Tally();
  const key = cause('rc-key', { kind: 'DEAD_KEY', severity: 'CRITICAL' });
  const bucket = cause('rc-bucket', { kind: 'BUCKET_SETTINGS', severity: 'LOW' });
  for (const account of ['111111111111', '222222222222'])
    tally.account(named(account), [target('eu-west-1', cause('rc-1'))]);
  for (const account of ['333333333333', '555555555555', '666666666666'])
    tally.account(named(account), [target('eu-west-1', bucket)]);
  tally.account(named('444444444444'), [target('eu-west-1', key)]);
  for (const found of [key, bucket, cause('rc-1')]) tally.finding(findingRow({ account_id: null }), found);
  expect(tally.causeKinds().map(({ kind }) => kind)).toEqual(['TRAIL_WITHOUT_KEY', 'DEAD_KEY', 'BUCKET_SETTINGS']);
});

test('a cause whose every finding is waived is counted with the waivers, whatever targets it decides', () => {
  const tally = new Tally();
  const waived = cause('rc-waived');
  const half = cause('rc-half', { kind: 'DEAD_KEY' });
  tally.account(named('111111111111'), [target('eu-west-1', waived), target('us-east-1', half)]);
  for (const found of [waived, half])
    tally.finding(findingRow({ status: 'WAIVED', account_id: '222222222222' }), found);
  tally.finding(findingRow({ status: 'UNVERIFIED', account_id: '333333333333' }), half);
  expect(tally.rootCauses()).toMatchObject({
    root_causes: [{ id: 'rc-half', findings: 1, accounts: 2, targets: 1, where: [{ account_id: '333333333333' }] }],
    root_causes_total: 1,
  });
  expect(tally.causeKinds().map(({ kind }) => kind)).toEqual(['DEAD_KEY']);
});
