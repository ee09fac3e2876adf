import { describe, expect, it } from '@jest/globals';
import { type KeyFacts, keyFacts } from '../../../functions/domain/judge/key-facts.ts';
import {
  isSilent,
  type JudgedVerdict,
  memberDelivery,
  memberVerdict,
  recordedVerdict,
  trailDelivery,
  trailVerdict,
} from '../../../functions/domain/judge/verdict.ts';
import type { TrailStatus } from '../../../functions/domain/model/account-access.ts';
import type { KeyInspection } from '../../../functions/domain/model/inspection.ts';
import { answered, failed, type Reading } from '../../../functions/domain/model/reading.ts';
import type { TrailVerdict } from '../../../functions/domain/model/vocabulary.ts';
import { hoursAgo, KEY, key, keyInspection, NOW, OWNER, refused, status } from './sample-facts.ts';

type Asked = Parameters<typeof trailVerdict>[0];
const judge = (more: Partial<Asked> = {}): string => {
  const asked = { kmsKeyId: KEY, key: key(), bucketRegion: 'us-east-1', status: answered(status()), observedAt: NOW };
  const { verdict, reason } = trailVerdict({ ...asked, ...more });
  return `${verdict} ${reason}`;
};
const at = (more: Partial<TrailStatus>): Reading<TrailStatus> => answered(status(more));
const stopped = at({ isLogging: false });
const failing = at({ latestDeliveryError: 'NoSuchBucket' });
const silent = at({ latestDeliveryAt: hoursAgo(27), latestDigestAt: hoursAgo(27) });
const unknownKey: Partial<KeyFacts> = { state: null, manager: null, unknownBecause: 'KEY_DENIED' };

/** What makes a trail match each rule of the contract, in its order. */
const RULES: [string, Partial<Asked>][] = [
  ['UNSEALED NO_KEY', { kmsKeyId: null, key: null }],
  ['BROKEN KEY_DISABLED', { key: key({ state: 'Disabled' }) }],
  ['BROKEN KEY_NOT_IN_BUCKET_REGION', { bucketRegion: 'eu-west-1' }],
  ['STOPPED NOT_LOGGING', { status: stopped }],
  ['BROKEN DELIVERY_ERROR', { status: failing }],
  ['FOREIGN_KEY AWS_MANAGED_KEY', { key: key({ manager: 'AWS' }) }],
  ['FOREIGN_KEY KEY_OUTSIDE_ORGANIZATION', { key: key({ ownAccount: false }) }],
  ['UNVERIFIED KEY_DENIED', { key: key(unknownKey) }],
  ['UNVERIFIED KEY_OWNER_UNKNOWN', { key: key({ ownAccount: null }) }],
  ['UNVERIFIED STATUS_DENIED', { status: refused() }],
  ['UNVERIFIED STATUS_NOT_READ', { status: null }],
  ['UNVERIFIED SILENT', { status: silent }],
  ['SEALED ENCRYPTED_AND_DELIVERING', {}],
];

describe('the verdict of a trail', () => {
  it.each(RULES)('is %s', (expected, asked) => expect(judge(asked)).toBe(expected));

  it('follows the order of the contract wherever two rules match', () => {
    const pairs: [string, Partial<Asked>][] = [
      ['UNSEALED NO_KEY', { kmsKeyId: null, key: null, status: stopped }],
      ['UNSEALED NO_KEY', { kmsKeyId: null, key: null, status: failing }],
      ['UNSEALED NO_KEY', { kmsKeyId: '', key: null, status: null }],
      ['BROKEN KEY_DISABLED', { key: key({ state: 'Disabled' }), status: stopped }],
      ['BROKEN KEY_DISABLED', { key: key({ state: 'Disabled', ownAccount: false, manager: 'AWS' }) }],
      ['BROKEN KEY_NOT_IN_BUCKET_REGION', { bucketRegion: 'eu-west-1', status: stopped }],
      [
        'BROKEN KEY_NOT_IN_BUCKET_REGION',
        { bucketRegion: 'eu-west-1', key: key({ ...unknownKey, ownAccount: false }) },
      ],
      ['STOPPED NOT_LOGGING', { status: at({ isLogging: false, latestDeliveryError: 'AccessDenied' }) }],
      ['STOPPED NOT_LOGGING', { status: stopped, key: key({ manager: 'AWS' }) }],
      ['STOPPED NOT_LOGGING', { status: stopped, key: key(unknownKey) }],
      ['BROKEN DELIVERY_ERROR', { status: failing, key: key({ ownAccount: false }) }],
      ['BROKEN DELIVERY_ERROR', { status: failing, key: key(unknownKey) }],
      ['FOREIGN_KEY KEY_OUTSIDE_ORGANIZATION', { key: key({ ...unknownKey, ownAccount: false }) }],
      ['FOREIGN_KEY KEY_OUTSIDE_ORGANIZATION', { key: key({ ownAccount: false }), status: null }],
      ['FOREIGN_KEY AWS_MANAGED_KEY', { key: key({ manager: 'AWS' }), status: silent }],
      ['UNVERIFIED KEY_DENIED', { key: key(unknownKey), status: silent }],
    ];
    expect(pairs.map(([, asked]) => judge(asked))).toEqual(pairs.map(([expected]) => expected));
  });

  it('calls a bucket whose Region is not known no fault of the key', () => {
    expect(judge({ bucketRegion: null })).toBe('SEALED ENCRYPTED_AND_DELIVERING');
  });

  it.each([
    'Creating',
    'Disabled',
    'PendingDeletion',
    'PendingImport',
    'PendingReplicaDeletion',
    'Unavailable',
    'NOT_FOUND',
  ])('breaks with a key that is %s', (state) => expect(judge({ key: key({ state }) })).toMatch(/^BROKEN KEY_[A-Z_]+$/));

  it('works with a key that is Updating', () => {
    expect(judge({ key: key({ state: 'Updating' }) })).toBe('SEALED ENCRYPTED_AND_DELIVERING');
  });

  it('does not take a key for gone that was asked for in another Region', () => {
    const asked = (message: string, code = 'NotFoundException') => {
      const failure = { kind: 'NOT_FOUND' as const, operation: 'DescribeKey', code, message };
      return judge({ key: keyOf(KEY, { inspection: keyInspection({ description: failed(failure) }) }) });
    };
    expect(asked('Invalid arn us-east-1')).toBe('UNVERIFIED KEY_ASKED_IN_ANOTHER_REGION');
    expect(asked(`Key '${KEY}' does not exist`)).toBe('BROKEN KEY_NOT_FOUND');
    expect(asked('answered with status 404 and no reason', 'HTTP404')).toBe('UNVERIFIED KEY_NOT_INSPECTED');
  });

  it('does not verify what names no key at all, or a key nobody looked at', () => {
    for (const kmsKeyId of ['alias/logs', 'arn:aws:kms:us-east-1:111111111111:alias/logs', '1111-2222', 'x y'])
      expect(judge({ kmsKeyId, key: keyOf(kmsKeyId) })).toBe('UNVERIFIED KEY_ID_NOT_AN_ARN');
    expect(judge({ key: null })).toBe('UNVERIFIED KEY_NOT_INSPECTED');
  });
});

const population = { has: (id: string) => id === OWNER, complete: true, trusted: new Set<string>() };
const keyOf = (keyId: string, more: Partial<Parameters<typeof keyFacts>[0]> = {}): KeyFacts =>
  keyFacts({ keyId, inspection: null, askedIn: null, refusal: null, population, ...more });

describe('whose key it is', () => {
  const foreign = KEY.replace(OWNER, '999999999999');
  it('is ours in the organization or in a trusted account, foreign elsewhere, unknown where nobody could be listed', () => {
    expect(keyOf(KEY)).toMatchObject({ inOrganization: true, ownAccount: true });
    expect(keyOf(foreign)).toMatchObject({ inOrganization: false, ownAccount: false });
    const trusted = { ...population, trusted: new Set(['999999999999']) };
    expect(keyOf(foreign, { population: trusted })).toMatchObject({ inOrganization: false, ownAccount: true });
    const alone = { ...population, complete: false };
    expect(keyOf(foreign, { population: alone })).toMatchObject({ inOrganization: null, ownAccount: null });
    expect(keyOf('alias/x')).toMatchObject({ arn: null, inOrganization: null, ownAccount: null });
  });

  it('says why the state is unknown', () => {
    expect(keyOf(KEY).unknownBecause).toBe('KEY_NOT_INSPECTED');
    expect(keyOf(foreign).unknownBecause).toBe('KEY_OUTSIDE_ORGANIZATION');
    expect(keyOf(KEY, { refusal: 'KEY_OWNER_INACTIVE' }).unknownBecause).toBe('KEY_OWNER_INACTIVE');
    const asked = (description: KeyInspection['description']) =>
      keyOf(KEY, { inspection: { keyArn: KEY, description, rotation: null, policy: null } });
    const gone = { kind: 'NOT_FOUND', operation: 'DescribeKey', code: 'NotFoundException', message: 'gone' } as const;
    expect(asked(refused('DENIED'))).toMatchObject({ state: null, unknownBecause: 'KEY_DENIED' });
    expect(asked(failed(gone))).toMatchObject({ state: 'NOT_FOUND', unknownBecause: null });
    expect(keyOf(KEY, { inspection: keyInspection() })).toMatchObject({ state: 'Enabled', unknownBecause: null });
  });
});

describe('silence', () => {
  it('begins after 26 hours without a log, a digest or a start', () => {
    const never = { latestDeliveryAt: null, latestDigestAt: null, startedLoggingAt: null };
    const quiet = (more: Partial<TrailStatus>) => isSilent(status({ ...never, ...more }), NOW);
    expect(quiet({})).toBe(true);
    for (const sign of ['latestDeliveryAt', 'latestDigestAt', 'startedLoggingAt']) {
      expect(quiet({ [sign]: hoursAgo(26) })).toBe(false);
      expect(quiet({ [sign]: hoursAgo(26.01) })).toBe(true);
    }
  });
});

describe('the verdict of an organization trail in one member', () => {
  const sealed = { verdict: 'SEALED', reason: 'ENCRYPTED_AND_DELIVERING' } as const;
  const foreign = { verdict: 'FOREIGN_KEY', reason: 'AWS_MANAGED_KEY' } as const;
  const unsealed = { verdict: 'UNSEALED', reason: 'NO_KEY' } as const;
  const broken = { verdict: 'BROKEN', reason: 'KEY_DISABLED' } as const;
  const unverified = { verdict: 'UNVERIFIED', reason: 'KEY_DENIED' } as const;
  it.each([
    [sealed, answered(status()), 'SEALED ENCRYPTED_AND_DELIVERING'],
    [sealed, failing, 'BROKEN MEMBER_DELIVERY_ERROR'],
    [sealed, silent, 'UNVERIFIED MEMBER_SILENT'],
    [sealed, refused<TrailStatus>(), 'UNVERIFIED MEMBER_STATUS_DENIED'],
    [sealed, null, 'UNVERIFIED MEMBER_STATUS_NOT_READ'],
    [foreign, failing, 'BROKEN MEMBER_DELIVERY_ERROR'],
    [foreign, silent, 'FOREIGN_KEY AWS_MANAGED_KEY'],
    [foreign, null, 'FOREIGN_KEY AWS_MANAGED_KEY'],
    [unverified, failing, 'BROKEN MEMBER_DELIVERY_ERROR'],
    [unverified, answered(status()), 'UNVERIFIED KEY_DENIED'],
    [unverified, null, 'UNVERIFIED KEY_DENIED'],
    [unsealed, failing, 'UNSEALED NO_KEY'],
    [broken, answered(status()), 'BROKEN KEY_DISABLED'],
  ] as const)('%j with %j is %s', (trail, member, expected) => {
    const { verdict, reason } = memberVerdict(trail, member, NOW);
    expect(`${verdict} ${reason}`).toBe(expected);
  });
});

describe('whether anything arrives', () => {
  const unsealed = { verdict: 'UNSEALED', reason: 'NO_KEY' } as const;
  const of = (verdict: JudgedVerdict, read: Reading<TrailStatus> | null) =>
    trailDelivery({ verdict, status: read, observedAt: NOW });
  it.each([
    [unsealed, answered(status()), 'ARRIVES DELIVERING'],
    [unsealed, failing, 'FAILS DELIVERY_ERROR'],
    [unsealed, silent, 'UNKNOWN SILENT'],
    [unsealed, refused<TrailStatus>('THROTTLED'), 'UNKNOWN STATUS_THROTTLED'],
    [unsealed, null, 'UNKNOWN STATUS_NOT_READ'],
    [{ verdict: 'BROKEN', reason: 'KEY_DISABLED' }, answered(status()), 'FAILS KEY_DISABLED'],
    [{ verdict: 'UNVERIFIED', reason: 'KEY_DENIED' }, answered(status()), 'UNKNOWN KEY_DENIED'],
    [{ verdict: 'FOREIGN_KEY', reason: 'AWS_MANAGED_KEY' }, null, 'UNKNOWN STATUS_NOT_READ'],
    [{ verdict: 'SEALED', reason: 'ENCRYPTED_AND_DELIVERING' }, answered(status()), 'ARRIVES DELIVERING'],
  ] as const)('%j with %j: %s', (verdict, read, expected) => {
    const found = of(verdict, read);
    expect(`${found.verdict} ${found.reason}`).toBe(expected);
  });

  it.each([
    [of(unsealed, answered(status())), answered(status()), 'ARRIVES MEMBER_DELIVERING'],
    [of(unsealed, answered(status())), failing, 'FAILS MEMBER_DELIVERY_ERROR'],
    [of(unsealed, answered(status())), silent, 'UNKNOWN MEMBER_SILENT'],
    [of(unsealed, answered(status())), null, 'UNKNOWN MEMBER_STATUS_NOT_READ'],
    [of(unsealed, failing), answered(status()), 'FAILS DELIVERY_ERROR'],
    [of(unsealed, failing), failing, 'FAILS DELIVERY_ERROR'],
    [of(unsealed, silent), answered(status()), 'UNKNOWN SILENT'],
    [of(unsealed, null), failing, 'FAILS MEMBER_DELIVERY_ERROR'],
  ] as const)('in a member: %j with %j: %s', (trail, member, expected) => {
    const found = memberDelivery(trail, member, NOW);
    expect(`${found.verdict} ${found.reason}`).toBe(expected);
  });
});

describe('the verdict over the trails that record a target', () => {
  it('is the first that matches, whatever else records it', () => {
    const order: [TrailVerdict, string][] = [
      ['UNSEALED', 'UNENCRYPTED'],
      ['FOREIGN_KEY', 'FOREIGN_KEY'],
      ['UNVERIFIED', 'UNVERIFIED'],
      ['SEALED', 'ENCRYPTED'],
      ['BROKEN', 'BROKEN'],
    ];
    for (const [i, [, expected]] of order.entries()) {
      const all = order.slice(i).map(([verdict]) => verdict);
      expect(recordedVerdict(all)).toBe(expected);
      expect(recordedVerdict(all.toReversed())).toBe(expected);
    }
    expect(recordedVerdict([])).toBeNull();
  });
});
