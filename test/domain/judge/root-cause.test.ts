import { hash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bucketProtected } from '../../../functions/domain/controls/bucket/bucket-protected.ts';
import { CONTROLS } from '../../../functions/domain/controls/catalogue.ts';
import type { Control } from '../../../functions/domain/controls/control.ts';
import { eventDataStoreEncrypted } from '../../../functions/domain/controls/event-data-store/event-data-store-encrypted.ts';
import { trailKeyPolicy } from '../../../functions/domain/controls/key/trail-key-policy.ts';
import { trailKeyRotation } from '../../../functions/domain/controls/key/trail-key-rotation.ts';
import { logGroupEncrypted } from '../../../functions/domain/controls/log-group/log-group-encrypted.ts';
import { regionRecorded } from '../../../functions/domain/controls/target/region-recorded.ts';
import { deliveredLogsEncrypted } from '../../../functions/domain/controls/trail/delivered-logs-encrypted.ts';
import { trailDelivering } from '../../../functions/domain/controls/trail/trail-delivering.ts';
import { trailKeyOwned } from '../../../functions/domain/controls/trail/trail-key-owned.ts';
import { trailKeyUsable } from '../../../functions/domain/controls/trail/trail-key-usable.ts';
import { trailLogValidation } from '../../../functions/domain/controls/trail/trail-log-validation.ts';
import type { AbsenceReason } from '../../../functions/domain/judge/coverage.ts';
import type { LedgerReason } from '../../../functions/domain/judge/ledger.ts';
import {
  aboutBucket,
  aboutKey,
  aboutTrail,
  type RootCause,
  rootCause,
  targetCause,
  trailCause,
} from '../../../functions/domain/judge/root-cause.ts';
import type { CoverageState } from '../../../functions/domain/model/vocabulary.ts';
import { bucket, described, KEY, key, NOW, OWNER, resolved, TRAIL, trailFacts, usedKey } from './sample-facts.ts';

const MISSING_READ = /the read that is missing/;

describe('the advice for what could not be determined', () => {
  const advice = (control: Control, reason: string): [string | undefined, string] => {
    const about = control.resource === 'key' ? aboutKey(usedKey()) : aboutTrail(resolved());
    const cause = rootCause(control, reason, about);
    return [cause?.kind, cause?.fix ?? ''];
  };

  it.each<[Control, string, RegExp]>([
    [trailKeyOwned, 'KEY_OWNER_UNKNOWN', /may list the organization.*trustedAccounts/],
    [eventDataStoreEncrypted, 'KEY_OWNER_UNKNOWN', /may list the organization.*trustedAccounts/],
    [trailKeyOwned, 'KEY_THROTTLED', /scan --resume/],
    [trailKeyUsable, 'KEY_ERROR', /scan --resume/],
    [trailKeyUsable, 'KEY_CREDENTIALS', /scan --resume/],
    [trailKeyUsable, 'KEY_ID_NOT_AN_ARN', /full ARN/],
    [trailKeyUsable, 'KEY_OWNER_INACTIVE', /live account/],
    [trailKeyUsable, 'KEY_ASKED_IN_ANOTHER_REGION', /no permission is missing/],
    [trailKeyUsable, 'KEY_DENIED_BY_SCP', /Exempt the audit role from the service control policy/],
    [trailDelivering, 'STATUS_ERROR', /scan --resume/],
    [trailDelivering, 'STATUS_NOT_FOUND', /still exists/],
    [trailDelivering, 'STATUS_NOT_PERMITTED', /AWS Support/],
    [regionRecorded, 'MEMBER_STATUS_THROTTLED', /scan --resume/],
    [logGroupEncrypted, 'LOG_GROUP_NOT_FOUND', /still exists/],
    [deliveredLogsEncrypted, 'NO_RECENT_OBJECT', /whether the trail delivers/],
    [deliveredLogsEncrypted, 'KEY_NOT_SHOWN', /encryption of the object/],
    [trailKeyPolicy, 'POLICY_UNREADABLE', /what cannot be read/],
    [trailKeyPolicy, 'UNDECIDED_CONDITION', /by hand/],
    [trailKeyPolicy, 'NOT_PRINCIPAL', /Replace NotPrincipal/],
    [trailKeyPolicy, 'POLICY_THROTTLED', /scan --resume/],
  ])('%#: asks for no permission where none was refused', (control, reason, words) => {
    const [kind, fix] = advice(control, reason);
    expect(kind).toBeDefined();
    expect(fix).toMatch(words);
    expect(fix).not.toMatch(MISSING_READ);
  });

  it.each<[Control, string, string]>([
    [trailKeyPolicy, 'POLICY_DENIED', 'kms:GetKeyPolicy'],
    [trailDelivering, 'STATUS_DENIED', 'cloudtrail:GetTrailStatus'],
    [trailKeyUsable, 'KEY_DENIED', 'kms:DescribeKey'],
    [regionRecorded, 'SELECTORS_NOT_READ', 'cloudtrail:GetEventSelectors'],
  ])('%#: names the permission where one was refused', (control, reason, action) => {
    const [, fix] = advice(control, reason);
    expect(fix).toMatch(MISSING_READ);
    expect(fix).toContain(action);
  });

  it('asks for a permission for no other reason in the whole catalogue', () => {
    const asking = CONTROLS.flatMap((control) =>
      Object.keys(control.reasons).filter((reason) => MISSING_READ.test(advice(control, reason)[1])),
    );
    expect(
      asking.filter((code) => !/_DENIED$|_NOT_READ$|^(NOT_INSPECTED|KEY_NOT_INSPECTED|EVENTS_UNKNOWN)$/.test(code)),
    ).toEqual([]);
  });
});

describe('the severity of a cause', () => {
  it.each([
    ['KEY_NOT_IN_BUCKET_REGION', 'KEY_REGION', 'CRITICAL'],
    ['NOT_LOGGING', 'NOT_DELIVERING', 'CRITICAL'],
    ['DELIVERY_ERROR', 'NOT_DELIVERING', 'CRITICAL'],
    ['SILENT', 'NOT_DELIVERING', 'HIGH'],
    ['AWS_MANAGED_KEY', 'FOREIGN_KEY', 'HIGH'],
    ['MEMBER_SILENT', 'MEMBER_NOT_DELIVERING', 'HIGH'],
    ['KEY_DENIED', 'UNKNOWN_STATE', 'MEDIUM'],
  ] as const)('of a verdict for %s is %s, %s', (reason, kind, severity) =>
    expect(trailCause(resolved(), reason)).toMatchObject({ kind, severity }),
  );

  it.each<[Control, string, string, string]>([
    [deliveredLogsEncrypted, 'NOT_KMS', 'DELIVERED_OTHERWISE', 'HIGH'],
    [trailLogValidation, 'VALIDATION_OFF', 'LOG_VALIDATION_OFF', 'MEDIUM'],
    [regionRecorded, 'PARTIAL_EVENTS', 'PARTIAL_EVENTS', 'HIGH'],
  ])('of a finding %#', (control, reason, kind, severity) =>
    expect(rootCause(control, reason, aboutTrail(resolved()))).toMatchObject({ kind, severity }),
  );

  it('of a dead key is CRITICAL, whatever the trail reports, but for what else is wrong', () => {
    const dead = resolved({ key: key({ state: 'Disabled' }) });
    expect(trailCause(dead, 'DELIVERY_ERROR')).toMatchObject({ kind: 'DEAD_KEY', severity: 'CRITICAL', resource: KEY });
    expect(trailCause(dead, 'DELIVERY_ERROR')?.title).toBe(`KMS key ${KEY} is disabled: log delivery is failing`);
    expect(trailCause(dead, 'NOT_LOGGING')?.kind).toBe('NOT_DELIVERING');
    expect(rootCause(trailLogValidation, 'VALIDATION_OFF', aboutTrail(dead))?.kind).toBe('LOG_VALIDATION_OFF');
    expect(rootCause(regionRecorded, 'PARTIAL_EVENTS', aboutTrail(dead))?.kind).toBe('PARTIAL_EVENTS');
  });
});

/** The ids of causes are in everybody's tickets: what they are made of never changes. */
describe('the id of a cause', () => {
  const local = resolved({
    facts: trailFacts({
      trail: described({ isOrganization: false, name: 'main', bucket: `logs-${OWNER}`, kmsKeyId: null }),
    }),
    key: null,
  });
  const idOf = (name: string) => `rc-${hash('sha256', name, 'hex').slice(0, 12)}`;
  it.each<[RootCause | null, string]>([
    [trailCause(resolved(), 'NO_KEY'), `TRAIL_WITHOUT_KEY|${TRAIL}`],
    [trailCause(local, 'NO_KEY'), 'TRAIL_WITHOUT_KEY|main|logs-{account}'],
    [trailCause(resolved({ key: key({ state: 'Disabled' }) }), 'KEY_DISABLED'), `DEAD_KEY|${KEY}`],
    [trailCause(resolved(), 'KEY_NOT_IN_BUCKET_REGION'), `KEY_REGION|${KEY}`],
    [trailCause(resolved(), 'KEY_OUTSIDE_ORGANIZATION'), `FOREIGN_KEY|${KEY}`],
    [trailCause(resolved(), 'NOT_LOGGING'), `NOT_DELIVERING|stopped|${TRAIL}`],
    [trailCause(resolved(), 'DELIVERY_ERROR'), `NOT_DELIVERING|error|${TRAIL}`],
    [trailCause(resolved(), 'SILENT'), `NOT_DELIVERING|silent|${TRAIL}`],
    [trailCause(resolved(), 'MEMBER_DELIVERY_ERROR'), `MEMBER_NOT_DELIVERING|${TRAIL}`],
    [trailCause(resolved(), 'STATUS_DENIED'), `UNKNOWN_STATE|STATUS_DENIED|${KEY}`],
    [trailCause(local, 'STATUS_DENIED'), 'UNKNOWN_STATE|STATUS_DENIED|main|logs-{account}'],
    [rootCause(trailLogValidation, 'NO_DIGEST', aboutTrail(resolved())), `NOT_DELIVERING|digest|${TRAIL}`],
    [rootCause(trailLogValidation, 'VALIDATION_OFF', aboutTrail(resolved())), `LOG_VALIDATION_OFF|${TRAIL}`],
    [rootCause(deliveredLogsEncrypted, 'OTHER_KEY', aboutTrail(resolved())), `DELIVERED_OTHERWISE|${TRAIL}`],
    [rootCause(deliveredLogsEncrypted, 'NOT_KMS', aboutTrail(local)), 'TRAIL_WITHOUT_KEY|main|logs-{account}'],
    [rootCause(regionRecorded, 'PARTIAL_EVENTS', aboutTrail(resolved())), `PARTIAL_EVENTS|${TRAIL}`],
    [rootCause(trailKeyPolicy, 'OPEN_DECRYPT', aboutKey(usedKey())), `KEY_SETTINGS|OPEN_DECRYPT|${KEY}`],
    [rootCause(trailKeyRotation, 'KEY_DENIED', aboutKey(usedKey())), `KEY_SETTINGS|KEY_DENIED|${KEY}`],
    [
      rootCause(bucketProtected, 'NOT_VERSIONED', aboutBucket(bucket(), 'arn:aws:s3:::logs')),
      'BUCKET_SETTINGS|NOT_VERSIONED|logs',
    ],
  ])('%#', (cause, name) => expect(cause?.id).toBe(idOf(name)));

  it('of accounts and Regions is made of how they ended, or of what is absent', () => {
    const target = (state: CoverageState, reason: LedgerReason | AbsenceReason, errorCode: string | null = null) => {
      const rest = {
        region: 'us-east-1',
        errorMessage: null,
        trailArns: [],
        apiCalls: 1,
        durationMs: 1,
        observedAt: NOW,
      };
      const entry = { ...rest, state, errorCode, reason: state === 'SCANNED' ? null : (reason as LedgerReason) };
      return targetCause(
        { entry, verdict: 'UNVERIFIED', basis: 'NONE', reason, recording: [], events: null },
        () => undefined,
      );
    };
    const refusedRole = target('ACCESS_DENIED', 'ASSUMEROLE_REFUSED', 'AccessDenied');
    expect(refusedRole?.id).toBe(idOf('UNREACHED|ACCESS_DENIED|ASSUMEROLE_REFUSED|AccessDenied'));
    expect(refusedRole?.title).toBe('Could not assume the audit role (AccessDenied)');
    expect(refusedRole?.fix).toMatch(/^Roll the audit role out/);
    expect(target('THROTTLED', 'ASSUMEROLE_REFUSED')?.fix).toMatch(/--concurrency/);
    expect(target('NOT_SCANNED', 'NO_ANSWER')?.fix).toMatch(/scan --resume/);
    expect(target('SCANNED', 'LAKE_ONLY')?.id).toBe(idOf('NO_TRAIL|LAKE_ONLY'));
    expect(target('REGION_DENIED', 'REGION_DENIED_NO_MULTI_REGION_TRAIL')?.id).toBe(idOf('REGION_DENIED|region deny'));
    expect(target('EXCLUDED', 'OU_FILTER')).toBeNull();
    expect(target('REGION_DISABLED', 'NOT_OPTED_IN')).toBeNull();
  });
});

describe('trails alike', () => {
  const [A, B, C, D] = ['111111111111', '222222222222', '333333333333', '444444444444'];
  type Local = readonly [owner: string, name: string, bucket: string];
  const idsOf = (trails: readonly Local[]): string[] => {
    const arnOf = ([owner, name]: Local) => `arn:aws:cloudtrail:us-east-1:${owner}:trail/${name}`;
    return trails.map((one) => {
      const [owner, name, bucketName] = one;
      const own = described({ trailArn: arnOf(one), name, isOrganization: false, bucket: bucketName });
      const users = trails.filter((other) => other[2] === bucketName).map(arnOf);
      const facts = trailFacts({ trail: own, owner });
      return (
        trailCause(resolved({ facts, bucket: { ...bucket(), bucket: bucketName, trails: users } }), 'NO_KEY')?.id ?? ''
      );
    });
  };

  it('in accounts with a bucket each have one cause, also where a trail of another name uses one of the buckets', () => {
    const family: Local[] = [
      [A, 'main', `logs-${A}`],
      [B, 'main', `logs-${B}`],
      [C, 'main', `logs-${C}`],
    ];
    expect(new Set(idsOf(family)).size).toBe(1);
    const [first, second, third, other] = idsOf([...family, [D, 'other', `logs-${A}`]]);
    expect(new Set([first, second, third]).size).toBe(1);
    expect(other).not.toBe(first);
  });

  it('in one bucket with one name have one cause, whose account id the bucket may hold', () => {
    const accounts = fc.constantFrom(A, B, C, D);
    const local = fc.tuple(accounts, fc.constantFrom('main', 'm'), fc.constantFrom(`logs-${A}`, `logs-${B}`, 'logs'));
    fc.assert(
      fc.property(fc.uniqueArray(local, { selector: String, maxLength: 12 }), (trails) => {
        const ids = idsOf(trails);
        trails.forEach(([, name, bucketName], at) => {
          trails.forEach(([, otherName, otherBucket], other) => {
            if (name === otherName && bucketName === otherBucket) expect(ids[at]).toBe(ids[other]);
            if (name !== otherName) expect(ids[at]).not.toBe(ids[other]);
          });
        });
      }),
    );
  });
});
