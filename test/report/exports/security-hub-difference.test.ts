import { expect, it } from '@jest/globals';
import { securityHubDifference } from '../../../functions/report/exports/security-hub-difference.ts';
import type { TrailRow } from '../../../functions/report/tables/columns.ts';
import { trailRow } from '../tables/sample-rows.ts';

const local = { is_organization: false, is_multi_region: false };

it.each<[string, Partial<TrailRow>, RegExp | null]>([
  ['a sealed local trail of one Region', local, null],
  ['an unsealed local trail of one Region', { ...local, kms_key_arn: null, verdict: 'UNSEALED' }, null],
  ['a sealed organization trail', {}, /^CloudTrail\.2 passes too, but may repeat this organization trail/],
  [
    'an unsealed organization trail',
    { kms_key_arn: null, verdict: 'UNSEALED' },
    /^CloudTrail\.2 fails too, .*at its owner 111111111111\.$/,
  ],
  [
    'an unsealed multi-Region trail',
    { is_organization: false, kms_key_arn: null, verdict: 'UNSEALED' },
    /every Region that sees it/,
  ],
  [
    'a key pending deletion',
    { ...local, verdict: 'BROKEN', key_state: 'PendingDeletion' },
    /passes this trail.*key is PendingDeletion/,
  ],
  [
    'a delivery error',
    { ...local, verdict: 'BROKEN', reason: 'DELIVERY_ERROR' },
    /passes this trail.*cannot deliver \(DELIVERY_ERROR\)/,
  ],
  ['a stopped trail', { ...local, verdict: 'STOPPED' }, /passes this trail.*not logging/],
  [
    'a foreign key',
    { ...local, verdict: 'FOREIGN_KEY', reason: 'AWS_MANAGED_KEY' },
    /passes this trail.*AWS_MANAGED_KEY/,
  ],
  ['an unknown key', { ...local, verdict: 'UNVERIFIED', reason: 'KEY_DENIED' }, /passes this trail.*KEY_DENIED/],
])('of %s', (_, differs, expected) => {
  const line = securityHubDifference(trailRow(differs));
  if (expected === null) expect(line).toBeNull();
  else expect(line).toMatch(expected);
  expect(line ?? '').not.toContain('\n');
});
