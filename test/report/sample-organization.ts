import type { ReportStore } from '../../functions/domain/model/store.ts';
import { writeTable } from '../../functions/report/tables/tables.ts';
import { bucketRow, coverageRow, findingRow, keyRow, runRow, trailRow } from './tables/sample-rows.ts';

/**
 * Four runs: an older one, the latest of the organization, and two newer ones that must not become the latest: a filtered
 * one, and one that a change started, after which an account is encrypted that was not.
 */
export const OLDER = '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0A';
export const LATEST = '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0B';
export const FILTERED = '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0C';
export const CHANGED = '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0D';

export const ORG_TRAIL = 'arn:aws:cloudtrail:us-east-1:111111111111:trail/org';
export const LOCAL_TRAIL = 'arn:aws:cloudtrail:eu-west-1:333333333333:trail/local';
export const DYING_TRAIL = 'arn:aws:cloudtrail:us-east-1:222222222222:trail/dying';
export const GOOD_KEY = 'arn:aws:kms:us-east-1:111111111111:key/good';
export const DYING_KEY = 'arn:aws:kms:us-east-1:222222222222:key/dying';
export const DISTANT_KEY = 'arn:aws:kms:us-east-1:999999999999:key/distant';

const denied = {
  account_id: '444444444444',
  account_name: 'app',
  ou_path: 'Root/Workloads',
  state: 'ACCESS_DENIED',
  verdict: 'UNVERIFIED',
  basis: 'NONE',
  error_code: 'AccessDenied',
  error_message: 'not authorized to perform: sts:AssumeRole',
  observed_at: null,
  root_cause_id: 'rc-denied',
} as const;
const inactive = {
  account_id: '555555555555',
  account_name: 'old',
  account_state: 'SUSPENDED',
  ou_path: 'Root/Suspended',
  state: 'ACCOUNT_INACTIVE',
  verdict: 'NOT_APPLICABLE',
  basis: 'NONE',
  observed_at: null,
} as const;
const archive = { account_id: '222222222222', account_name: 'log-archive', ou_path: 'Root/Security' } as const;
const app = { account_id: '333333333333', account_name: 'app', ou_path: 'Root/Workloads' } as const;
const seen = (...trails: string[]) => ({ trail_arns: trails, recording_trail_arns: trails });

const COVERAGE = [
  coverageRow({ ...seen(ORG_TRAIL) }),
  coverageRow({ ...seen(ORG_TRAIL), region: 'eu-west-1' }),
  coverageRow({ ...archive, ...seen(DYING_TRAIL, ORG_TRAIL) }),
  coverageRow({
    ...archive,
    region: 'eu-west-1',
    state: 'REGION_DENIED',
    basis: 'INFERRED',
    recording_trail_arns: [ORG_TRAIL],
    error_code: 'AccessDeniedException',
  }),
  coverageRow({ ...app, ...seen(ORG_TRAIL) }),
  coverageRow({
    ...app,
    ...seen(LOCAL_TRAIL, ORG_TRAIL),
    region: 'eu-west-1',
    verdict: 'UNENCRYPTED',
    root_cause_id: 'rc-no-key',
  }),
  coverageRow({ ...denied }),
  coverageRow({ ...denied, region: 'eu-west-1' }),
  coverageRow({ ...inactive }),
  coverageRow({ ...inactive, region: 'eu-west-1' }),
];

const met = {
  status: 'PASS',
  reason: null,
  root_cause_id: null,
  root_cause: null,
  root_cause_fix: null,
  root_cause_severity: null,
  first_seen_at: null,
} as const;

const FINDINGS = [
  findingRow({
    ...app,
    finding_id: 'f-no-key',
    region: 'eu-west-1',
    resource_arn: LOCAL_TRAIL,
    root_cause_id: 'rc-no-key',
    first_seen_at: '2026-08-01T06:00:00.000Z',
  }),
  findingRow({ ...met, finding_id: 'f-org', resource_arn: ORG_TRAIL }),
  findingRow({
    ...archive,
    finding_id: 'f-dying',
    control_id: 'trail-key-usable',
    severity: 'CRITICAL',
    resource_arn: DYING_TRAIL,
    root_cause_id: 'rc-dying-key',
    root_cause: 'The key is pending deletion',
    root_cause_severity: 'CRITICAL',
    root_cause_fix: 'Cancel the deletion.',
    first_seen_at: '2026-11-02T05:58:00.000Z',
  }),
  ...['us-east-1', 'eu-west-1'].map((region) =>
    findingRow({
      finding_id: `f-denied-${region}`,
      control_id: 'region-recorded',
      status: 'UNVERIFIED',
      account_id: denied.account_id,
      account_name: denied.account_name,
      ou_path: denied.ou_path,
      region,
      resource_type: 'target',
      resource_arn: `444444444444/${region}`,
      observed: null,
      root_cause_id: 'rc-denied',
      root_cause: 'Could not assume the audit role',
      root_cause_fix: 'Deploy the role.',
      first_seen_at: '2026-10-20T06:00:00.000Z',
    }),
  ),
  findingRow({
    ...app,
    finding_id: 'f-waived',
    control_id: 'trail-log-validation',
    status: 'WAIVED',
    severity: 'MEDIUM',
    resource_arn: LOCAL_TRAIL,
    waiver_id: 'w-1',
    waived_by: 'someone@example.com',
    waived_until: '2026-12-02T12:00:00.000Z',
    root_cause_id: 'rc-validation',
  }),
  findingRow({
    ...met,
    finding_id: 'f-rotation',
    control_id: 'trail-key-rotation',
    status: 'NOT_APPLICABLE',
    severity: 'MEDIUM',
  }),
];

const repaired = { verdict: 'ENCRYPTED', root_cause_id: null } as const;

const TRAILS = [
  trailRow({ trail_arn: ORG_TRAIL, name: 'org', kms_key_arn: GOOD_KEY, accounts_covered: 3 }),
  trailRow({
    trail_arn: LOCAL_TRAIL,
    name: 'local',
    account_id: app.account_id,
    home_region: 'eu-west-1',
    is_multi_region: false,
    is_organization: false,
    log_file_validation: false,
    kms_key_arn: null,
    key_state: null,
    key_manager: null,
    key_account_id: null,
    bucket: 'local-logs',
    accounts_covered: 1,
    verdict: 'UNSEALED',
    reason: 'NO_KEY',
  }),
  trailRow({
    trail_arn: DYING_TRAIL,
    name: 'dying',
    account_id: archive.account_id,
    is_organization: false,
    kms_key_arn: DYING_KEY,
    key_state: 'PendingDeletion',
    key_account_id: archive.account_id,
    latest_delivery_error: 'AccessDenied',
    accounts_covered: 1,
    verdict: 'BROKEN',
    reason: 'KEY_PENDING_DELETION',
  }),
];

const KEYS = [
  keyRow({
    key_arn: GOOD_KEY,
    accounts_depending: 3,
    external_readers: ['*', '888888888888', `arn:aws:iam::${archive.account_id}:role/siem`, 'o-foreignorg'],
  }),
  keyRow({
    key_arn: DYING_KEY,
    account_id: archive.account_id,
    state: 'PendingDeletion',
    deletion_date: '2026-11-20T00:00:00.000Z',
    rotation_enabled: false,
    rotation_period_days: null,
    accounts_depending: 1,
  }),
  keyRow({
    key_arn: DISTANT_KEY,
    account_id: '999999999999',
    in_organization: false,
    state: null,
    manager: null,
    rotation_enabled: null,
    policy_allows_cloudtrail: null,
    policy_read: false,
    trails_using: 0,
    accounts_depending: 0,
  }),
];

const BUCKETS = [
  bucketRow({ trails_using: 2 }),
  bucketRow({
    bucket: 'local-logs',
    account_id: null,
    in_organization: null,
    public_blocked: false,
    tls_only: null,
    versioning: 'Suspended',
    object_lock_mode: null,
    object_lock_days: null,
    expires_after_days: 30,
    default_encryption: null,
  }),
];

const counts = {
  accounts: 5,
  regions: 2,
  targets: 10,
  scanned: 5,
  region_denied: 1,
  account_inactive: 2,
  access_denied: 2,
  inferred: 1,
  status: 'PARTIAL',
  findings_failed: 2,
  findings_unverified: 2,
  findings_waived: 1,
  findings_passed: 1,
  encrypted: 5,
  unencrypted: 1,
  unverified: 2,
  not_applicable: 2,
} as const;

const RUNS = [
  {
    runId: OLDER,
    runDate: '2026-11-01',
    row: runRow({
      ...counts,
      run_id: OLDER,
      started_at: '2026-11-01T05:58:00.000Z',
      finished_at: '2026-11-01T05:59:30.900Z',
      encrypted: 4,
      broken: 1,
    }),
  },
  { runId: LATEST, runDate: '2026-11-02', row: runRow({ ...counts, run_id: LATEST, previous_run_id: OLDER }) },
  {
    runId: FILTERED,
    runDate: '2026-11-02',
    row: runRow({ ...counts, run_id: FILTERED, scope: 'FILTERED', scope_filter: 'accounts 333333333333', targets: 2 }),
  },
  {
    runId: CHANGED,
    runDate: '2026-11-02',
    row: runRow({
      ...counts,
      run_id: CHANGED,
      started_at: '2026-11-02T09:05:00.000Z',
      finished_at: '2026-11-02T09:06:00.000Z',
      scope: 'FILTERED',
      scope_filter: 'accounts 333333333333 after UpdateTrail',
      because_accounts: ['333333333333'],
      because: [
        '2026-11-02T08:59:12.000Z UpdateTrail by arn:aws:sts::333333333333:assumed-role/Admin/alice in 333333333333 eu-west-1 (event 7c1c…)',
      ],
      because_events: 1,
    }),
  },
];

/** Writes every table of every run into the root. */
export async function writeSampleOrganization(store: ReportStore): Promise<void> {
  for (const { runId, runDate, row } of RUNS) {
    const isRepaired = runId === CHANGED;
    const of = { store, runId, runDate };
    const run = { run_id: runId };
    await writeTable({
      ...of,
      table: 'coverage',
      rows: COVERAGE.map((each) => ({
        ...each,
        ...run,
        ...(isRepaired && each.verdict === 'UNENCRYPTED' && repaired),
      })),
    });
    await writeTable({
      ...of,
      table: 'findings',
      rows: FINDINGS.map((each) => ({ ...each, ...run, ...(isRepaired && each.finding_id === 'f-no-key' && met) })),
    });
    await writeTable({ ...of, table: 'trails', rows: TRAILS.map((each) => ({ ...each, ...run })) });
    await writeTable({ ...of, table: 'keys', rows: KEYS.map((each) => ({ ...each, ...run })) });
    await writeTable({ ...of, table: 'buckets', rows: BUCKETS.map((each) => ({ ...each, ...run })) });
    await writeTable({ ...of, table: 'runs', rows: [row] });
  }
}
