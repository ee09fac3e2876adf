import type { FindingRow } from '../../../functions/report/tables/columns.ts';
import { findingRow } from '../tables/sample-rows.ts';

export const HOSTILE = ' \u202e<script>alert("x")</script>\u0000\n"\'=cmd|\u{1f512} ';

/** One finding of every status and kind of resource, with what other people's accounts may hold. */
export const FINDINGS: readonly FindingRow[] = [
  findingRow(),
  findingRow({
    finding_id: 'f-pass',
    status: 'PASS',
    reason: 'HAS_KEY',
    root_cause_id: null,
    root_cause_fix: null,
    root_cause_severity: null,
    first_seen_at: null,
  }),
  findingRow({
    finding_id: 'f-unverified',
    control_id: 'trail-key-usable',
    status: 'UNVERIFIED',
    reason: 'KEY_DENIED',
    observed: null,
    severity: 'CRITICAL',
    evidence_refs: [],
  }),
  findingRow({
    finding_id: 'f-waived',
    control_id: 'bucket-protected',
    status: 'WAIVED',
    resource_type: 'bucket',
    resource_arn: 'arn:aws:s3:::logs',
    waiver_id: 'w-1',
    waived_by: 'Ann',
    waived_until: '2026-12-31T23:59:59.999Z',
  }),
  findingRow({
    finding_id: 'f-na',
    control_id: 'trail-key-rotation',
    status: 'NOT_APPLICABLE',
    resource_type: 'key',
    resource_arn: 'arn:aws:kms:us-east-1:111111111111:key/k1',
    reason: null,
    observed: null,
    observed_at: null,
    first_seen_at: null,
  }),
  findingRow({
    finding_id: 'f-log-group',
    control_id: 'log-group-encrypted',
    resource_type: 'log-group',
    severity: 'LOW',
    resource_arn: 'arn:aws:logs:us-east-1:111111111111:log-group:x',
  }),
  findingRow({
    finding_id: 'f-trail-logs',
    control_id: 'delivered-logs-encrypted',
    resource_type: 'trail-logs',
    resource_arn: 'arn:aws:cloudtrail:us-east-1:111111111111:trail/org/333333333333',
    account_id: '333333333333',
    reason: 'NOT_KMS',
  }),
  findingRow({
    finding_id: 'f-target-fail',
    control_id: 'region-recorded',
    resource_type: 'target',
    resource_arn: '333333333333/eu-west-1',
    account_id: '333333333333',
    region: 'eu-west-1',
  }),
  findingRow({
    finding_id: 'f-target-pass',
    control_id: 'region-recorded',
    status: 'PASS',
    resource_type: 'target',
    resource_arn: '444444444444/eu-west-1',
    account_id: '444444444444',
    region: 'eu-west-1',
  }),
  findingRow({
    finding_id: 'f-hostile',
    control_id: 'no-such-control',
    account_id: null,
    account_name: HOSTILE,
    ou_path: HOSTILE,
    region: null,
    resource_arn: `${HOSTILE}${'x'.repeat(3_000)}`,
    observed: HOSTILE,
    detail: '\u{1f512}'.repeat(2_000),
    expected: HOSTILE,
    root_cause_fix: 'y'.repeat(2_000),
    waiver_id: HOSTILE,
  }),
];

/** Their ids but for targets that pass: what an export holds unless asked for more. */
export const EXPORTED = FINDINGS.map((f) => f.finding_id).filter((id) => id !== 'f-target-pass');
