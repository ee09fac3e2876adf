import type { LifecycleRule } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
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

test('no rule that deletes a log is missed, and none counts that can delete none', () => {
  const folders = ['trail/AWSLogs/o-1/*/CloudTrail', 'trail/AWSLogs/1/CloudTrail'];
  const name = fc.constantFrom(
    'trail',
    'AWSLogs',
    'o-1',
    '1',
    '12',
    '9',
    'CloudTrail',
    'CloudTrail-Digest',
    'Config',
    'us',
  );
  const prefix = fc.tuple(fc.array(name, { maxLength: 6 }), fc.nat(12)).map(([names, cut]) => {
    const whole = names.join('/');
    return whole.slice(0, Math.max(0, whole.length - cut));
  });
  const member = fc.constantFrom('1', '12', '9', '123456789012');
  fc.assert(
    fc.property(prefix, member, (Prefix, account) => {
      const days = shortestExpiry({ rules: [after(30, { Filter: { Prefix } })], folders, now });
      const logs = [`trail/AWSLogs/o-1/${account}/CloudTrail/`, 'trail/AWSLogs/1/CloudTrail/'];
      const deletes = logs.some((log) => log.startsWith(Prefix) || Prefix.startsWith(log));
      if (deletes) expect([Prefix, days]).toEqual([Prefix, 30]);
      const ofAnybody = /^trail\/AWSLogs\/(?:o-1\/[^/]+|1)\/CloudTrail\//;
      if (Prefix.split('/').length > 5 && !ofAnybody.test(Prefix)) expect([Prefix, days]).toEqual([Prefix, null]);
    }),
    { numRuns: 1_000 },
  );
});
