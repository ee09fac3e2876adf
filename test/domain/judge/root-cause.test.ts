import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Control, Decision } from '../../../functions/domain/controls/control.ts';
import { fail, pass } from '../../../functions/domain/controls/control.ts';
import { deliveredLogsEncrypted } from '../../../functions/domain/controls/delivered-logs-encrypted.ts';
import { trailKeyOwned } from '../../../functions/domain/controls/trail-key-owned.ts';
import { trailKeyPolicy } from '../../../functions/domain/controls/trail-key-policy.ts';
import { keyCause, trailCause } from '../../../functions/domain/judge/root-cause.ts';
import { answered } from '../../../functions/domain/model/reading.ts';
import { bucket, described, KEY, key, keyInspection, resolved, TRAIL, trailFacts, usedKey } from './sample-facts.ts';

const MISSING_READ = /Give the audit role the read that is missing/;
const unknown = (reason: string): Decision => ({ status: 'UNVERIFIED', reason, observed: null });

describe('what could not be determined', () => {
  it.each([
    ['KEY_OWNER_UNKNOWN', /trustedAccounts/],
    ['KEY_THROTTLED', /scan --resume/],
    ['STATUS_ERROR', /scan --resume/],
    ['MEMBER_STATUS_THROTTLED', /scan --resume/],
    ['LOG_GROUP_NOT_FOUND', /still exists/],
    ['KEY_ID_NOT_AN_ARN', /full ARN/],
  ])('%s of a trail asks for no permission: none was refused', (reason, advice) => {
    const { fix, kind } = trailCause(resolved(), reason, { control: trailKeyOwned, decision: unknown(reason) });
    expect([kind, fix]).toEqual(['UNKNOWN_STATE', expect.stringMatching(advice)]);
    expect(fix).not.toMatch(MISSING_READ);
  });

  it('NO_RECENT_OBJECT sends the reader to the delivery: the bucket was listed', () => {
    const decision = deliveredLogsEncrypted.decide(resolved({ sample: answered(null) }));
    expect(decision.reason).toBe('NO_RECENT_OBJECT');
    expect(trailCause(resolved(), decision.reason, { control: deliveredLogsEncrypted, decision }).fix).toMatch(
      /whether the trail delivers/,
    );
  });

  it.each([
    ['POLICY_UNREADABLE', /what cannot be read/],
    ['UNDECIDED_CONDITION', /by hand/],
    ['NOT_PRINCIPAL', /Replace NotPrincipal/],
    ['POLICY_THROTTLED', /scan --resume/],
  ])('%s of a key policy asks for no permission', (reason, advice) => {
    const { fix } = keyCause(usedKey(), { control: trailKeyPolicy, decision: unknown(reason) });
    expect(fix).toMatch(advice);
    expect(fix).not.toMatch(MISSING_READ);
  });

  it('asks for the read where it was refused', () => {
    const decision = unknown('POLICY_DENIED');
    expect(keyCause(usedKey(), { control: trailKeyPolicy, decision }).fix).toMatch(MISSING_READ);
    expect(trailCause(resolved(), 'STATUS_DENIED').fix).toMatch(MISSING_READ);
  });
});

describe('the severity of a cause', () => {
  it.each([
    ['KEY_NOT_IN_BUCKET_REGION', 'KEY_REGION', 'CRITICAL'],
    ['NOT_LOGGING', 'NOT_DELIVERING', 'CRITICAL'],
    ['DELIVERY_ERROR', 'NOT_DELIVERING', 'CRITICAL'],
    ['SILENT', 'NOT_DELIVERING', 'HIGH'],
    ['NOT_KMS', 'DELIVERED_OTHERWISE', 'HIGH'],
    ['AWS_MANAGED_KEY', 'FOREIGN_KEY', 'HIGH'],
    ['VALIDATION_OFF', 'LOG_VALIDATION_OFF', 'MEDIUM'],
    ['PARTIAL_EVENTS', 'PARTIAL_EVENTS', 'HIGH'],
    ['KEY_DENIED', 'UNKNOWN_STATE', 'MEDIUM'],
  ])('%s is %s, %s', (reason, kind, severity) =>
    expect(trailCause(resolved(), reason)).toMatchObject({ kind, severity }),
  );

  it('of a dead key is CRITICAL, whatever the trail reports', () => {
    const dead = resolved({ key: key({ state: 'Disabled' }) });
    expect(trailCause(dead, 'DELIVERY_ERROR')).toMatchObject({ kind: 'DEAD_KEY', severity: 'CRITICAL', resource: KEY });
  });
});

/** Added as CONTRIBUTING says: a file and a line in the catalogue, nothing else. */
const named: Extract<Control, { resource: 'trail' }> = {
  id: 'trail-named',
  title: 'The trail has a sound name',
  severity: 'LOW',
  resource: 'trail',
  rationale: 'Names are read by people.',
  reads: ['cloudtrail:DescribeTrails'],
  decision: 'The name is not org.',
  expected: 'A sound name',
  remediation: 'Rename it.',
  sources: ['A test'],
  decide: ({ facts }) =>
    facts.trail.name === 'org' ? fail('BAD_NAME', 'The name is org') : pass('GOOD_NAME', 'A sound name'),
};

describe('a control that the tables of causes do not know', () => {
  const decision = named.decide(resolved());

  it('has its FAIL filed under its own title, severity and remediation, not as unknown', () => {
    const cause = trailCause(resolved(), 'BAD_NAME', { control: named, decision });
    expect(cause).toMatchObject({
      kind: 'CONTROL_NOT_MET',
      severity: 'LOW',
      title: 'Not met (The trail has a sound name): organization trail org',
      fix: 'Rename it.',
      resource: TRAIL,
    });
  });

  it('may say more of a reason', () => {
    const control = { ...named, reasons: { BAD_NAME: { severity: 'HIGH', words: 'Bad name', fix: 'Ask.' } } } as const;
    const cause = trailCause(resolved({ key: key({ state: 'Disabled' }) }), 'BAD_NAME', { control, decision });
    expect(cause).toMatchObject({ severity: 'HIGH', title: 'Bad name: organization trail org', fix: 'Ask.' });
  });

  it('of keys likewise', () => {
    const control = { ...trailKeyPolicy, id: 'key-new', severity: 'LOW', remediation: 'Do this.' } as const;
    const cause = keyCause(usedKey({ facts: key({ inspection: keyInspection() }) }), {
      control,
      decision: fail('NEW_FAULT', 'x'),
    });
    expect(cause).toMatchObject({ kind: 'KEY_SETTINGS', severity: 'LOW', fix: 'Do this.', resource: KEY });
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
      return trailCause(resolved({ facts, bucket: { ...bucket(), bucket: bucketName, trails: users } }), 'NO_KEY').id;
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
