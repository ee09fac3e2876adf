import { describe, expect, it } from '@jest/globals';
import { resourceFindings } from '../../../functions/domain/judge/finding.ts';
import type { PlannedAccount, ScanPlan } from '../../../functions/domain/model/plan.ts';
import { answered } from '../../../functions/domain/model/reading.ts';
import { bucketRow, coverageRow, findingRow, keyRow, trailRow } from '../../../functions/report/tables/rows.ts';
import {
  bucket,
  type bucketInspection,
  described,
  description,
  hoursAgo,
  KEY,
  key,
  keyInspection,
  MEMBER,
  NOW,
  OWNER,
  refused,
  resolved,
  status,
  TRAIL,
  trailFacts,
  usedKey,
} from '../../domain/judge/sample-facts.ts';

const plan = { runId: 'r' } as ScanPlan;

describe('the row of a trail', () => {
  const row = (trail = resolved()) => trailRow({ plan, trail, ownerInScope: true, accountsCovered: 2 });

  it('has what was read of it', () => {
    expect(row()).toMatchObject({
      ...{ run_id: 'r', trail_arn: TRAIL, account_id: OWNER, is_logging: true, log_file_validation: true },
      ...{ kms_key_arn: KEY, key_state: 'Enabled', key_manager: 'CUSTOMER', key_account_id: OWNER },
      ...{ bucket: 'logs', bucket_account_id: OWNER, bucket_region: 'us-east-1', accounts_covered: 2 },
      ...{ latest_delivery_at: hoursAgo(1), latest_delivery_error: null, verdict: 'SEALED', management_events: 'ALL' },
    });
  });

  it('has null, not false, for what was not read', () => {
    const blind = resolved({
      facts: trailFacts({ status: refused() }),
      key: key({ state: null, manager: null }),
      bucket: null,
    });
    expect(row(blind)).toMatchObject({
      ...{ is_logging: null, latest_delivery_at: null, latest_digest_at: null, latest_delivery_error: null },
      ...{ key_state: null, key_manager: null, bucket: 'logs', bucket_account_id: null, bucket_region: null },
    });
    const failing = trailFacts({ status: answered(status({ latestDeliveryError: 'NoSuchBucket' })) });
    expect(row(resolved({ facts: failing })).latest_delivery_error).toBe('NoSuchBucket');
    const keyless = resolved({ facts: trailFacts({ trail: described({ kmsKeyId: null }) }), key: null });
    expect(row(keyless)).toMatchObject({ kms_key_arn: null, key_state: null, key_account_id: null });
  });
});

describe('the row of a key', () => {
  const row = (more: Parameters<typeof usedKey>[0] = {}) => keyRow({ plan, key: usedKey(more), accountsDepending: 7 });

  it('has what was read of it and who uses it', () => {
    expect(row()).toMatchObject({
      ...{ key_arn: KEY, account_id: OWNER, in_organization: true, state: 'Enabled', manager: 'CUSTOMER' },
      ...{ origin: 'AWS_KMS', rotation_enabled: true, rotation_period_days: 365, multi_region: false },
      ...{ trails_using: 1, accounts_depending: 7, reason: null, observed_at: NOW },
    });
  });

  it('has null, and why, for what was not read', () => {
    const inspection = keyInspection({ description: refused(), rotation: null });
    const facts = key({ state: null, manager: null, unknownBecause: 'KEY_DENIED', inspection });
    expect(row({ facts })).toMatchObject({
      ...{ state: null, reason: 'KEY_DENIED', origin: null, rotation_enabled: null, rotation_period_days: null },
    });
    const leaving = key({
      deletionDate: '2026-12-24T00:00:00.000Z',
      inspection: keyInspection({ description: answered(description()) }),
    });
    expect(row({ facts: leaving }).deletion_date).toBe('2026-12-24T00:00:00.000Z');
  });
});

describe('the row of a bucket', () => {
  it('has what was read of it, and null for the rest', () => {
    const locked = { objectLock: answered({ mode: 'COMPLIANCE' as const, days: 400 }), expiryDays: answered(90) };
    expect(bucketRow(plan, bucket(locked))).toMatchObject({
      ...{ bucket: 'logs', account_id: OWNER, region: 'us-east-1', in_organization: true, public_blocked: true },
      ...{ tls_only: true, versioning: 'Enabled', object_lock_mode: 'COMPLIANCE', object_lock_days: 400 },
      ...{ expires_after_days: 90, default_encryption: 'AES256', trails_using: 1, expiry_known: true },
    });
    const nothing = { publicAccessBlock: refused(), policy: refused(), versioning: refused(), encryption: refused() };
    const unread = { ...nothing, objectLock: refused(), expiryDays: refused() } as Parameters<
      typeof bucketInspection
    >[0];
    expect(bucketRow(plan, bucket(unread))).toMatchObject({
      ...{ public_blocked: null, tls_only: null, versioning: null, object_lock_mode: null, object_lock_days: null },
      ...{ expires_after_days: null, default_encryption: null, expiry_known: false },
    });
  });
});

describe('the rows of a finding and of a target', () => {
  const nothing = { trails: [], keys: [], buckets: [], logGroups: [], eventDataStores: [] };
  const keyless = resolved({ facts: trailFacts({ trail: described({ kmsKeyId: null }) }), key: null });
  const [finding] = resourceFindings({ ...nothing, trails: [keyless] }, { sampleLogs: false, partition: 'aws' });
  if (!finding) throw new Error('no finding');
  const context = { plan, account: { accountName: 'management', ouPath: 'Root' }, waiver: null, firstSeenAt: NOW };

  it('names the root cause with its fix, and each answer it rests on once', () => {
    const twice = { ...finding, decision: { ...finding.decision, evidence: ['b', 'a', 'b'] } };
    expect(findingRow(twice, context)).toMatchObject({
      ...{
        control_id: 'trail-kms-encrypted',
        status: 'FAIL',
        reason: 'NO_KEY',
        severity: 'HIGH',
        account_name: 'management',
      },
      ...{
        root_cause_id: finding.cause?.id,
        root_cause: 'No KMS key on organization trail org',
        evidence_refs: ['a', 'b'],
      },
      ...{ waiver_id: null, first_seen_at: NOW },
    });
    expect(findingRow(finding, context).root_cause_fix).toMatch(/^Create one customer managed key/);
  });

  it('is WAIVED under a waiver, which it names, and keeps its cause', () => {
    const waiver = { id: 'w', approver: 'jane', expiresAt: '2027-01-01' };
    expect(findingRow(finding, { ...context, account: null, waiver })).toMatchObject({
      ...{ status: 'WAIVED', reason: 'NO_KEY', waiver_id: 'w', waived_by: 'jane', waived_until: '2027-01-01' },
      ...{ account_name: null, ou_path: null, root_cause_id: finding.cause?.id },
    });
  });

  it('has the trails that record it sorted, and the cause of its verdict', () => {
    const account = {
      accountId: MEMBER,
      accountName: 'm',
      accountState: 'ACTIVE',
      joinedAt: null,
      ouPath: 'Root',
    } as PlannedAccount;
    const cost = { apiCalls: 3, durationMs: 12.6, observedAt: NOW };
    const entry = {
      region: 'us-east-1',
      state: 'SCANNED',
      reason: null,
      errorCode: null,
      errorMessage: null,
      trailArns: ['a'],
      ...cost,
    } as const;
    const recording = ['b', 'a'].map((trailArn) => ({ trail: { trailArn } }));
    const target = { entry, verdict: 'UNENCRYPTED', basis: 'OBSERVED', reason: 'NO_KEY', recording, events: 'ALL' };
    const row = coverageRow({ plan, account, target: target as never, cause: finding.cause });
    expect(row).toMatchObject({
      ...{ account_id: MEMBER, region: 'us-east-1', verdict: 'UNENCRYPTED', reason: 'NO_KEY', duration_ms: 13 },
      ...{ recording_trail_arns: ['a', 'b'], root_cause_id: finding.cause?.id },
    });
  });
});
