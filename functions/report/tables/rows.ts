import { bucketTlsOnly } from '../../domain/controls/bucket/bucket-protected.ts';
import { keyReaders, policyAllowsCloudTrail } from '../../domain/controls/key/trail-key-policy.ts';
import type { CoverageDecision } from '../../domain/judge/coverage.ts';
import type { Finding } from '../../domain/judge/finding.ts';
import type { BucketFacts, ResolvedTrail, UsedKey } from '../../domain/judge/resources.ts';
import type { RootCause } from '../../domain/judge/root-cause.ts';
import { deliveryError } from '../../domain/judge/trail-facts.ts';
import { sortedRefs } from '../../domain/model/evidence.ts';
import type { PlannedAccount, ScanPlan } from '../../domain/model/plan.ts';
import { publicAccessBlocked } from '../../domain/model/public-access.ts';
import { valueIn } from '../../domain/model/reading.ts';
import type { BucketRow, CoverageRow, FindingRow, KeyRow, TrailRow } from './columns.ts';

/** The tables' rows from what the domain decided; nothing is decided here. */
export function coverageRow(request: {
  plan: ScanPlan;
  account: PlannedAccount;
  target: CoverageDecision;
  cause: RootCause | null;
}): CoverageRow {
  const { plan, account, target } = request;
  const { entry } = target;
  return {
    run_id: plan.runId,
    account_id: account.accountId,
    account_name: account.accountName,
    account_state: account.accountState,
    joined_at: account.joinedAt,
    ou_path: account.ouPath,
    region: entry.region,
    state: entry.state,
    verdict: target.verdict,
    basis: target.basis,
    reason: target.reason,
    trail_arns: entry.trailArns,
    recording_trail_arns: target.recording.map((r) => r.trail.trailArn).sort(),
    error_code: entry.errorCode,
    error_message: entry.errorMessage,
    api_calls: entry.apiCalls,
    duration_ms: Math.round(entry.durationMs),
    observed_at: entry.observedAt,
    root_cause_id: request.cause?.id ?? null,
    root_cause: request.cause?.title ?? null,
    root_cause_fix: request.cause?.fix ?? null,
    root_cause_severity: request.cause?.severity ?? null,
  };
}

/** What is joined to a finding from outside its run: names, the waiver that covers it, since when it has been unmet. */
export interface FindingContext {
  plan: ScanPlan;
  account: { accountName: string; ouPath: string } | null;
  waiver: { id: string; approver: string; expiresAt: string } | null;
  firstSeenAt: string | null;
}

export function findingRow(finding: Finding, context: FindingContext): FindingRow {
  const { control, decision, cause } = finding;
  const { waiver } = context;
  return {
    run_id: context.plan.runId,
    finding_id: finding.findingId,
    control_id: control.id,
    status: waiver ? 'WAIVED' : decision.status,
    reason: decision.reason,
    severity: control.severity,
    account_id: finding.accountId,
    account_name: context.account?.accountName ?? null,
    ou_path: context.account?.ouPath ?? null,
    region: finding.region,
    resource_type: finding.resourceType,
    resource_arn: finding.resourceArn,
    expected: control.expected,
    observed: decision.observed,
    detail: decision.detail ?? null,
    root_cause_id: cause?.id ?? null,
    evidence_refs: sortedRefs(decision.evidence ?? []),
    first_seen_at: context.firstSeenAt,
    waiver_id: waiver?.id ?? null,
    waived_by: waiver?.approver ?? null,
    waived_until: waiver?.expiresAt ?? null,
    observed_at: finding.observedAt,
    root_cause: cause?.title ?? null,
    root_cause_fix: cause?.fix ?? null,
    root_cause_severity: cause?.severity ?? null,
  };
}

export function trailRow(request: {
  plan: ScanPlan;
  trail: ResolvedTrail;
  ownerInScope: boolean;
  accountsCovered: number;
}): TrailRow {
  const { trail, plan } = request;
  const { facts, key, bucket } = trail;
  const described = facts.trail;
  const status = valueIn(facts.status);
  return {
    run_id: plan.runId,
    trail_arn: described.trailArn,
    name: described.name,
    account_id: facts.owner,
    owner_in_scope: request.ownerInScope,
    home_region: described.homeRegion,
    is_multi_region: described.isMultiRegion,
    is_organization: described.isOrganization,
    is_logging: status?.isLogging ?? null,
    management_events: trail.managementEvents,
    global_service_events: described.globalServiceEvents,
    log_file_validation: described.logFileValidation,
    kms_key_arn: described.kmsKeyId,
    key_state: key?.state ?? null,
    key_manager: key?.manager ?? null,
    key_account_id: key?.arn?.accountId ?? null,
    bucket: described.bucket,
    bucket_account_id: bucket?.inspection?.accountId ?? null,
    bucket_region: bucket?.inspection?.region ?? null,
    s3_key_prefix: described.s3KeyPrefix,
    log_group_arn: described.logGroupArn,
    latest_delivery_at: status?.latestDeliveryAt ?? null,
    latest_digest_at: status?.latestDigestAt ?? null,
    latest_delivery_error: status ? deliveryError(status) : null,
    accounts_covered: request.accountsCovered,
    member_errors: facts.memberErrors,
    verdict: trail.verdict.verdict,
    reason: trail.verdict.reason,
    observed_at: facts.observedAt,
  };
}

export function keyRow(request: { plan: ScanPlan; key: UsedKey; accountsDepending: number }): KeyRow {
  const { plan, key } = request;
  const { facts } = key;
  const description = valueIn(facts.inspection?.description);
  const rotation = valueIn(facts.inspection?.rotation);
  const readers = keyReaders(key);
  return {
    run_id: plan.runId,
    key_arn: facts.keyId,
    account_id: facts.arn?.accountId ?? '',
    in_organization: facts.inOrganization,
    state: facts.state,
    reason: facts.unknownBecause,
    manager: facts.manager,
    origin: description?.origin ?? null,
    multi_region: description?.multiRegion ?? null,
    rotation_enabled: rotation?.enabled ?? null,
    rotation_period_days: rotation?.periodDays ?? null,
    deletion_date: facts.deletionDate,
    policy_allows_cloudtrail: policyAllowsCloudTrail(key),
    trails_using: key.trails.length,
    accounts_depending: request.accountsDepending,
    observed_at: key.observedAt,
    external_readers: readers ?? [],
    policy_read: readers !== null,
  };
}

export function bucketRow(plan: ScanPlan, bucket: BucketFacts): BucketRow {
  const { inspection } = bucket;
  const lock = valueIn(inspection?.objectLock);
  return {
    run_id: plan.runId,
    bucket: bucket.bucket,
    account_id: inspection?.accountId ?? null,
    region: inspection?.region ?? null,
    in_organization: bucket.inOrganization,
    public_blocked: publicAccessBlocked(inspection),
    tls_only: bucketTlsOnly(bucket),
    versioning: valueIn(inspection?.versioning),
    object_lock_mode: lock?.mode ?? null,
    object_lock_days: lock?.days ?? null,
    expires_after_days: valueIn(inspection?.expiryDays),
    default_encryption: valueIn(inspection?.encryption)?.algorithm ?? null,
    trails_using: bucket.trails.length,
    observed_at: bucket.observedAt,
    expiry_known: inspection?.expiryDays?.ok ?? false,
  };
}
