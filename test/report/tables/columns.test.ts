import { describe, expect, test } from '@jest/globals';
import {
  columnsMarkdown,
  columnsOf,
  duckdbType,
  type FindingRow,
  hiveType,
  type RunRow,
  TABLE_NAMES,
  type TrailRow,
  trinoType,
} from '../../../functions/report/tables/columns.ts';

/** CONTRACT section 3, word for word: names and order are what outsiders rely on. */
const CONTRACT = {
  coverage:
    'run_id, account_id, account_name, account_state, joined_at, ou_path, region, state, verdict, basis, reason, trail_arns, recording_trail_arns, error_code, error_message, api_calls, duration_ms, observed_at',
  findings:
    'run_id, finding_id, control_id, status, reason, severity, account_id, account_name, ou_path, region, resource_type, resource_arn, expected, observed, detail, root_cause_id, evidence_refs, first_seen_at, waiver_id, waived_by, waived_until, observed_at',
  trails:
    'run_id, trail_arn, name, account_id, owner_in_scope, home_region, is_multi_region, is_organization, is_logging, management_events, global_service_events, log_file_validation, kms_key_arn, key_state, key_manager, key_account_id, bucket, bucket_account_id, bucket_region, s3_key_prefix, log_group_arn, latest_delivery_at, latest_digest_at, latest_delivery_error, accounts_covered, member_errors, verdict, reason, observed_at',
  keys: 'run_id, key_arn, account_id, in_organization, state, reason, manager, origin, multi_region, rotation_enabled, rotation_period_days, deletion_date, policy_allows_cloudtrail, trails_using, accounts_depending, observed_at',
  buckets:
    'run_id, bucket, account_id, region, in_organization, public_blocked, tls_only, versioning, object_lock_mode, object_lock_days, expires_after_days, default_encryption, trails_using, observed_at',
  runs: 'run_id, status, scope, scope_filter, started_at, finished_at, population_at, organization_id, partition, caller_arn, execution_arn, scanner_version, accounts, regions, targets, scanned, region_disabled, region_denied, account_inactive, excluded, access_denied, throttled, error, not_scanned, inferred, findings_failed, findings_unverified, findings_waived, api_calls, manifest_sha256, previous_run_id',
};

describe('the columns of the tables', () => {
  test.each(TABLE_NAMES)('%s begins with the contract’s columns in their order', (table) => {
    const contract = CONTRACT[table].split(', ');
    expect(
      columnsOf(table)
        .slice(0, contract.length)
        .map((column) => column.name),
    ).toEqual(contract);
  });

  test.each(TABLE_NAMES)('%s names no column twice, and none like the partition', (table) => {
    const names = columnsOf(table).map((column) => column.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain('run_date');
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  });

  test.each(TABLE_NAMES)('%s: lists are never null, and closed sets belong to strings', (table) => {
    for (const column of columnsOf(table)) {
      if (column.type === 'array<string>') expect(column.nullable).toBe(false);
      if (column.values !== undefined) expect(column.type).toBe('string');
      expect(column.description).not.toMatch(/[\r\n]/);
    }
  });

  test('each engine’s type name comes from the same schema', () => {
    expect(hiveType('timestamp')).toBe('timestamp');
    expect(trinoType('array<string>')).toBe('array(varchar)');
    expect(duckdbType('array<string>')).toBe('VARCHAR[]');
    expect(duckdbType('bigint')).toBe('BIGINT');
  });

  test('rows are typed by the schema', () => {
    const counts: Pick<RunRow, 'scanned' | 'status'> = { scanned: 1, status: 'COMPLETE' };
    const trail: Pick<TrailRow, 'is_logging' | 'kms_key_arn'> = { is_logging: null, kms_key_arn: null };
    const finding: Pick<FindingRow, 'evidence_refs' | 'first_seen_at'> = { evidence_refs: [], first_seen_at: null };
    // @ts-expect-error a closed set refuses other words
    counts.status = 'DONE';
    // @ts-expect-error a count is never null
    counts.scanned = null;
    // @ts-expect-error a list is never null
    finding.evidence_refs = null;
    expect(trail).toEqual({ is_logging: null, kms_key_arn: null });
  });

  test('the docs list every column of every table', () => {
    const markdown = columnsMarkdown();
    for (const table of TABLE_NAMES) {
      const section = markdown.split(/^## /m).find((part) => part.startsWith(`${table}\n`)) ?? '';
      for (const { name } of columnsOf(table)) expect(section).toContain(`| \`${name}\` |`);
      expect(section).toContain('| `run_date` | string |');
    }
    expect(markdown).toContain('`NOT_SCANNED`');
  });
});
