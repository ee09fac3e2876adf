import type { LifecycleRule } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { shortestExpiry } from '../../functions/reads/lifecycle.ts';

const now = new Date('2026-11-24T00:00:00Z');
const after = (Days: number, rest: Partial<LifecycleRule> = {}): LifecycleRule => ({
  Status: 'Enabled',
  Expiration: { Days },
  ...rest,
});

test.each<[string, LifecycleRule[], number | null]>([
  ['no rule', [], null],
  ['a rule for everything', [after(365)], 365],
  ['the shortest of several', [after(365), after(90), after(400)], 90],
  ['a rule that is off', [after(30, { Status: 'Disabled' })], null],
  ['a rule on a part of the prefix', [after(30, { Filter: { Prefix: 'trail/AWSLogs/1/' } })], 30],
  ['a rule on a prefix above', [after(30, { Filter: { Prefix: 'trail' } })], 30],
  ['a rule on the folder itself', [after(30, { Filter: { Prefix: 'trail/AWSLogs/1/CloudTrail/' } })], 30],
  ['a rule on one year', [after(30, { Filter: { Prefix: 'trail/AWSLogs/1/CloudTrail/us-east-1/2020/' } })], 30],
  ['a rule on a member', [after(30, { Filter: { Prefix: 'trail/AWSLogs/o-1/999999999999/' } })], 30],
  ['a rule on part of a name', [after(30, { Filter: { Prefix: 'trail/AWSLogs/1/Cloud' } })], 30],
  ['a rule on another account', [after(30, { Filter: { Prefix: 'trail/AWSLogs/9/' } })], null],
  ['a rule on an account that begins alike', [after(30, { Filter: { Prefix: 'trail/AWSLogs/12/' } })], null],
  ['a rule on the logs of Config', [after(30, { Filter: { Prefix: 'trail/AWSLogs/1/Config/' } })], null],
  ["a rule on a member's logs of Config", [after(30, { Filter: { Prefix: 'trail/AWSLogs/o-1/9/Config/' } })], null],
  ['a rule on digests', [after(30, { Filter: { Prefix: 'trail/AWSLogs/1/CloudTrail-Digest/' } })], null],
  ['a rule on a prefix that begins alike', [after(30, { Filter: { Prefix: 'trail-old/' } })], null],
  ['a rule elsewhere', [after(30, { Filter: { Prefix: 'other/' } })], null],
  ['a rule of the old form', [after(30, { Prefix: 'other/' } as Partial<LifecycleRule>)], null],
  ['a rule by tag, which logs have not', [after(30, { Filter: { Tag: { Key: 'a', Value: 'b' } } })], null],
  [
    'a rule by tag and prefix',
    [after(30, { Filter: { And: { Prefix: 'trail/', Tags: [{ Key: 'a', Value: 'b' }] } } })],
    null,
  ],
  [
    'a rule by size, which logs may have',
    [after(30, { Filter: { And: { Prefix: 'trail/', ObjectSizeGreaterThan: 1 } } })],
    30,
  ],
  ['a rule by a date to come', [{ Status: 'Enabled', Expiration: { Date: new Date('2026-12-04T00:00:00Z') } }], 10],
  ['a rule by a date gone by', [{ Status: 'Enabled', Expiration: { Date: new Date('2020-01-01T00:00:00Z') } }], 0],
  ['a rule for old versions only', [{ Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 1 } }], null],
  ['a rule for delete markers only', [{ Status: 'Enabled', Expiration: { ExpiredObjectDeleteMarker: true } }], null],
])('%s', (_, rules, days) => {
  expect(
    shortestExpiry({ rules, folders: ['trail/AWSLogs/o-1/*/CloudTrail', 'trail/AWSLogs/1/CloudTrail'], now }),
  ).toBe(days);
});
