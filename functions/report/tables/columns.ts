import {
  BASES,
  COVERAGE_STATES,
  COVERAGE_VERDICTS,
  FINDING_STATUSES,
  MANAGEMENT_EVENTS,
  RUN_SCOPES,
  RUN_STATUSES,
  SEVERITIES,
  TRAIL_VERDICTS,
} from '../../domain/model/vocabulary.ts';

/**
 * ONE schema for every table: the Parquet files, the Glue tables, the DuckDB views, the TypeScript rows and the docs
 * are derived from it. Columns are only ever appended (CONTRACT section 3 fixes the names and their order).
 * `run_date`, the partition column (a string, YYYY-MM-DD), is in the path and not in the file.
 */
export type ColumnType = 'string' | 'timestamp' | 'bigint' | 'boolean' | 'array<string>';

export interface Column {
  readonly name: string;
  /** `timestamp` is UTC with milliseconds; `array<string>` is never null, but may be empty. */
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** One line: meaning, unit, and what null says where it may be null. */
  readonly description: string;
  /** The only values a string column may hold, where that set is closed. */
  readonly values?: readonly string[];
  /** Holds hashes, which no codec makes smaller. */
  readonly isHash?: true;
}

const string = <const N extends string>(name: N, description: string) =>
  ({ name, type: 'string', nullable: false, description }) as const;
const oneOf = <const N extends string, const V extends readonly string[]>(name: N, values: V, description: string) =>
  ({ name, type: 'string', nullable: false, description, values }) as const;
const timestamp = <const N extends string>(name: N, description: string) =>
  ({ name, type: 'timestamp', nullable: false, description }) as const;
const bigint = <const N extends string>(name: N, description: string) =>
  ({ name, type: 'bigint', nullable: false, description }) as const;
const boolean = <const N extends string>(name: N, description: string) =>
  ({ name, type: 'boolean', nullable: false, description }) as const;
const strings = <const N extends string>(name: N, description: string) =>
  ({ name, type: 'array<string>', nullable: false, description }) as const;
const optional = <const C extends Column>(column: C): Omit<C, 'nullable'> & { readonly nullable: true } => ({
  ...column,
  nullable: true,
});

const runId = string('run_id', 'The run (ULID); its UTC date is the partition run_date');
const observedAt = optional(
  timestamp('observed_at', 'When the last answer this row rests on arrived; null if none did'),
);

export const TABLES = {
  coverage: [
    runId,
    string('account_id', 'Account, 12 digits'),
    string('account_name', 'As Organizations has it; names repeat, so never join on it'),
    oneOf(
      'account_state',
      ['ACTIVE', 'PENDING_CLOSURE', 'SUSPENDED', 'CLOSED', 'PENDING_ACTIVATION'],
      'State of the account in Organizations; the first two can be scanned',
    ),
    optional(timestamp('joined_at', 'When the account joined the organization; null if unknown')),
    string('ou_path', 'OU names from the root, joined with /; empty if unknown'),
    string('region', 'Region code, e.g. eu-west-1'),
    oneOf('state', COVERAGE_STATES, 'Whether this account and Region answered, and if not, why'),
    oneOf('verdict', COVERAGE_VERDICTS, 'Whether the CloudTrail logs of this account and Region are encrypted'),
    oneOf('basis', BASES, 'Whether the verdict was seen here, inferred from another Region, or rests on nothing'),
    optional(
      string('reason', 'Why, as a stable code (e.g. DATA_EVENTS_ONLY, LAKE_ONLY); null if there is nothing to add'),
    ),
    strings('trail_arns', 'Trails seen here, recording or not, sorted'),
    strings('recording_trail_arns', 'Trails that record management events of this account and Region, sorted'),
    optional(string('error_code', 'Error code of the call that failed; null if none did')),
    optional(string('error_message', 'Message of the call that failed, as it came; untrusted text')),
    bigint('api_calls', 'AWS calls spent on this account and Region'),
    bigint('duration_ms', 'Milliseconds spent on this account and Region'),
    observedAt,
    // Appended to the contract's columns: without it no query could say how many accounts one fix repairs.
    optional(string('root_cause_id', 'What one fix repairs; null if nothing is wrong here')),
    // A second trail that cannot be judged here has no finding: only this row can name its cause.
    optional(string('root_cause', 'The root cause in one sentence; null if nothing is wrong here')),
    optional(string('root_cause_fix', 'What repairs it, once, in one sentence; null if nothing is wrong here')),
    optional(oneOf('root_cause_severity', SEVERITIES, 'How bad the root cause is; null if nothing is wrong here')),
  ],
  findings: [
    runId,
    { ...string('finding_id', 'Stable across runs: the same control on the same resource keeps its id'), isHash: true },
    string('control_id', 'The control, e.g. trail-kms-encrypted'),
    oneOf(
      'status',
      FINDING_STATUSES,
      'UNVERIFIED: could not be determined; never counts as PASS. WAIVED: does not pass, accepted until a date, counted apart',
    ),
    optional(string('reason', 'Why, as a stable code; null if there is nothing to add')),
    oneOf('severity', SEVERITIES, 'Severity of the control here, worst first'),
    optional(string('account_id', 'Account that owns the resource; null if unknown')),
    optional(string('account_name', 'Name of that account; null if it is not in the organization')),
    optional(string('ou_path', 'OU path of that account; null if it is not in the organization')),
    optional(string('region', 'Region of the resource; null if unknown')),
    string(
      'resource_type',
      'What was judged: trail, key, bucket, log-group, event-data-store, target (an account and Region) or trail-logs (what a trail delivered for an account)',
    ),
    string(
      'resource_arn',
      'ARN of the resource; a target is account/region, the logs of an account are trail ARN/account',
    ),
    string('expected', 'What the control asks for, in words'),
    optional(string('observed', 'What was found, in words; null if nothing could be read')),
    optional(string('detail', 'More, in words; null if there is nothing to add')),
    optional(string('root_cause_id', 'Findings that one fix repairs share it; null if it passes or does not apply')),
    strings('evidence_refs', 'The AWS answers this rests on: account/region/operation[/subject], sorted'),
    optional(
      timestamp(
        'first_seen_at',
        'Since when it has been FAIL, UNVERIFIED or WAIVED without a break; null if it passes or does not apply',
      ),
    ),
    optional(string('waiver_id', 'The waiver that covers it; null if none does')),
    optional(string('waived_by', 'Who waived it; null if nobody did')),
    optional(timestamp('waived_until', 'When the waiver ends; null if there is none')),
    observedAt,
    // Appended to the contract's columns, so that a query can name a cause and its fix and not only count it.
    optional(string('root_cause', 'The root cause in one sentence; null if it passes or does not apply')),
    optional(string('root_cause_fix', 'What repairs it, once, in one sentence; null if it passes or does not apply')),
    optional(
      oneOf('root_cause_severity', SEVERITIES, 'Severity of the root cause, whose findings may be of several controls'),
    ),
  ],
  trails: [
    runId,
    string('trail_arn', 'ARN of the trail'),
    string('name', 'Name of the trail'),
    string('account_id', 'Account that owns the trail'),
    boolean('owner_in_scope', 'Whether the owner is among the scanned accounts'),
    string('home_region', 'Region the trail is managed in'),
    boolean('is_multi_region', 'Records every enabled Region'),
    boolean('is_organization', 'Records every member of the organization'),
    optional(boolean('is_logging', 'Status at the owner; null if it could not be read')),
    oneOf(
      'management_events',
      MANAGEMENT_EVENTS,
      'Which management events its selectors take; PARTIAL leaves some sources out',
    ),
    boolean('global_service_events', 'Records global services such as IAM and STS'),
    boolean('log_file_validation', 'Writes signed digests'),
    optional(string('kms_key_arn', 'KmsKeyId of the trail; null if it has no key')),
    optional(
      string('key_state', 'KMS KeyState of that key, or NOT_FOUND; null if there is no key or it could not be read'),
    ),
    optional(string('key_manager', 'CUSTOMER or AWS; null if there is no key or it could not be read')),
    optional(string('key_account_id', 'Account that owns the key; null if there is no key')),
    optional(string('bucket', 'Bucket the logs go to; null if the trail names none')),
    optional(string('bucket_account_id', 'Account that owns the bucket; null if unknown')),
    optional(string('bucket_region', 'Region of the bucket; null if unknown')),
    optional(string('s3_key_prefix', 'Key prefix of the logs; null if none')),
    optional(string('log_group_arn', 'CloudWatch Logs group fed by the trail; null if none')),
    optional(timestamp('latest_delivery_at', 'Last log delivered; null if never, or unknown')),
    optional(timestamp('latest_digest_at', 'Last digest delivered; null if never, or unknown')),
    optional(string('latest_delivery_error', 'S3 error code of the last delivery; null if AWS reports none')),
    bigint('accounts_covered', 'Accounts with at least one Region that the trail records'),
    bigint('member_errors', 'Members whose own copy of an organization trail reports a delivery error'),
    oneOf(
      'verdict',
      TRAIL_VERDICTS,
      'SEALED: new logs are encrypted with a working customer managed key of the organization',
    ),
    optional(string('reason', 'Why, as a stable code; null if there is nothing to add')),
    observedAt,
  ],
  keys: [
    runId,
    string('key_arn', 'ARN of the key'),
    string('account_id', 'Account that owns the key, from the ARN'),
    optional(
      boolean('in_organization', 'Whether the owner is in the organization; null if there is none to compare with'),
    ),
    optional(
      string('state', 'KMS KeyState (Enabled, Disabled, PendingDeletion…), or NOT_FOUND; null if it could not be read'),
    ),
    optional(string('reason', 'Why something is wrong or unknown, as a stable code; null if there is nothing to add')),
    optional(string('manager', 'CUSTOMER or AWS; null if unknown')),
    optional(string('origin', 'AWS_KMS, EXTERNAL, AWS_CLOUDHSM or EXTERNAL_KEY_STORE; null if unknown')),
    optional(boolean('multi_region', 'Multi-region key; null if unknown')),
    optional(boolean('rotation_enabled', 'Automatic rotation is on; null if unknown or not applicable')),
    optional(bigint('rotation_period_days', 'Days between rotations; null if off or unknown')),
    optional(
      timestamp('deletion_date', 'When the key will be deleted and its logs become unreadable; null if not pending'),
    ),
    optional(
      boolean(
        'policy_allows_cloudtrail',
        'The key policy lets CloudTrail generate data keys for every trail that uses the key; null where it was not read or cannot be decided',
      ),
    ),
    bigint('trails_using', 'Trails that name this key'),
    bigint('accounts_depending', 'Accounts with at least one Region recorded by such a trail'),
    observedAt,
    // Appended to the contract's columns.
    strings(
      'external_readers',
      "Who outside the key's account its policy lets decrypt: an account id (the whole account), an ARN, o-… (a whole organization), * (anyone); Deny statements are not taken off",
    ),
    boolean('policy_read', 'Whether the key policy was read: then an empty external_readers means nobody'),
  ],
  buckets: [
    runId,
    string('bucket', 'Name of the bucket'),
    optional(string('account_id', 'Account that owns it; null if unknown')),
    optional(string('region', 'Region of the bucket; null if unknown')),
    optional(boolean('in_organization', 'Whether the owner is in the organization; null if unknown')),
    optional(
      boolean(
        'public_blocked',
        'All four public access blocks are on, each by the bucket or by its account; null if unknown',
      ),
    ),
    optional(boolean('tls_only', 'The policy denies requests without TLS; null if unknown')),
    optional(string('versioning', 'Enabled, Suspended or Disabled (never set); null if unknown')),
    optional(string('object_lock_mode', 'COMPLIANCE or GOVERNANCE by default; null if none or unknown')),
    optional(bigint('object_lock_days', 'Default retention in days; null if none or unknown')),
    optional(bigint('expires_after_days', 'Days until logs expire; null if never or unknown')),
    optional(
      string(
        'default_encryption',
        'aws:kms, aws:kms:dsse or AES256; says nothing about the logs of a trail; null if unknown',
      ),
    ),
    bigint('trails_using', 'Trails that deliver here'),
    observedAt,
    // Appended to the contract's columns: without it a bucket whose rules nobody could read looks like one that keeps all.
    boolean('expiry_known', 'Whether the lifecycle rules were read: then no expires_after_days means never'),
  ],
  runs: [
    runId,
    oneOf(
      'status',
      RUN_STATUSES,
      'COMPLETE: every target was scanned or does not apply, and every inspection was answered',
    ),
    oneOf('scope', RUN_SCOPES, 'FILTERED runs say nothing about the organization as a whole'),
    optional(string('scope_filter', 'What narrowed the scope; null for the whole organization')),
    timestamp('started_at', 'Start of the run; stays the same when it is resumed'),
    timestamp('finished_at', 'When the report was written'),
    timestamp('population_at', 'When the organization was listed'),
    optional(string('organization_id', 'o-…; null for a single account')),
    string('partition', 'aws, aws-us-gov, aws-cn or aws-eusc'),
    string('caller_arn', 'Who ran the scan'),
    string('execution_arn', 'Step Functions execution, or LOCAL'),
    string('scanner_version', 'Version of TrailSeal'),
    bigint('accounts', 'Accounts listed'),
    bigint('regions', 'Regions of the partition'),
    bigint('targets', 'accounts × Regions; the nine counts that follow add up to it'),
    bigint('scanned', 'Targets in state SCANNED'),
    bigint('region_disabled', 'Targets in state REGION_DISABLED'),
    bigint('region_denied', 'Targets in state REGION_DENIED'),
    bigint('account_inactive', 'Targets in state ACCOUNT_INACTIVE'),
    bigint('excluded', 'Targets in state EXCLUDED'),
    bigint('access_denied', 'Targets in state ACCESS_DENIED'),
    bigint('throttled', 'Targets in state THROTTLED'),
    bigint('error', 'Targets in state ERROR'),
    bigint('not_scanned', 'Targets in state NOT_SCANNED'),
    bigint('inferred', 'Targets whose verdict was inferred from another Region'),
    bigint('findings_failed', 'Findings with status FAIL'),
    bigint('findings_unverified', 'Findings with status UNVERIFIED'),
    bigint('findings_waived', 'Findings with status WAIVED'),
    bigint('api_calls', 'AWS calls of the whole run'),
    optional(string('manifest_sha256', 'SHA-256 of the evidence manifest, hex; null if there is none')),
    optional(string('previous_run_id', 'The newest earlier run of the same scope and filter; null if there is none')),
    // Appended to the contract's columns: without them a trend over months would have to read every coverage file.
    bigint('findings_passed', 'Findings with status PASS'),
    bigint('encrypted', 'Targets with verdict ENCRYPTED; the eight verdict counts add up to targets'),
    bigint('unencrypted', 'Targets with verdict UNENCRYPTED'),
    bigint('foreign_key', 'Targets with verdict FOREIGN_KEY'),
    bigint('unverified', 'Targets with verdict UNVERIFIED'),
    bigint('broken', 'Targets with verdict BROKEN'),
    bigint('not_logging', 'Targets with verdict NOT_LOGGING'),
    bigint('no_trail', 'Targets with verdict NO_TRAIL'),
    bigint('not_applicable', 'Targets with verdict NOT_APPLICABLE'),
    // Runs that a change started; such a run is never `latest`, and `current_*` shows it for these accounts.
    strings('because_accounts', 'Accounts scanned again after changes, sorted; empty for a run that no change started'),
    strings('because', 'The changes in words, oldest first: time, event, actor, account, Region, event id'),
    optional(bigint('because_events', 'Events behind `because`, which holds one of each kind; null for none')),
    // Where the time went; pauses until a run was resumed are left out.
    bigint('plan_ms', 'Milliseconds in which the organization was listed'),
    bigint('scan_ms', 'Milliseconds in which accounts were scanned'),
    bigint('gather_ms', 'Milliseconds between the last account and the first inspection'),
    bigint('inspect_ms', 'Milliseconds in which keys, buckets and log groups were inspected'),
    bigint('report_ms', 'Milliseconds until the tables were written; the page is left out'),
    bigint('listing_calls', 'AWS calls that listed the organization; api_calls counts the others'),
    bigint('throttled_attempts', 'Attempts that AWS throttled; each was made again'),
    bigint('waited_ms', 'Milliseconds that calls waited for a quota or their next attempt, added up over all calls'),
    optional(
      timestamp(
        'everywhere_changed_at',
        'Newest of `because` after which every account may be recorded otherwise: a change of an organization trail, or of its key or bucket. What older runs say of the accounts is stale since then; null for none',
      ),
    ),
  ],
} as const satisfies Record<string, readonly Column[]>;

export type TableName = keyof typeof TABLES;
export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** The columns of a table, in file order. */
export const columnsOf = (table: TableName): readonly Column[] => TABLES[table];

/** Written into every file; raised when a column is appended. */
export const SCHEMA_VERSION = 1;
export const PARTITION_COLUMN = 'run_date';
/** What the views `current_*` have in addition to the table's columns. */
export const AS_OF_COLUMN = 'as_of';
export const STALE_COLUMN = 'stale_since';

interface TsTypes {
  string: string;
  /** ISO 8601 UTC, e.g. `2026-11-23T21:56:00.000Z`. */
  timestamp: string;
  /** A safe integer. */
  bigint: number;
  boolean: boolean;
  'array<string>': string[];
}
type Value<C extends Column> =
  | (C extends { values: readonly (infer V)[] } ? V : TsTypes[C['type']])
  | (C['nullable'] extends true ? null : never);
export type Row<T extends TableName> = { [C in (typeof TABLES)[T][number] as C['name']]: Value<C> };
export type CoverageRow = Row<'coverage'>;
export type FindingRow = Row<'findings'>;
export type TrailRow = Row<'trails'>;
export type KeyRow = Row<'keys'>;
export type BucketRow = Row<'buckets'>;
export type RunRow = Row<'runs'>;

const ENGINE_TYPES: Record<ColumnType, { hive: string; trino: string; duckdb: string }> = {
  string: { hive: 'string', trino: 'varchar', duckdb: 'VARCHAR' },
  // Without a zone in every engine: the values are UTC, and all three then compare and truncate alike.
  timestamp: { hive: 'timestamp', trino: 'timestamp(3)', duckdb: 'TIMESTAMP' },
  bigint: { hive: 'bigint', trino: 'bigint', duckdb: 'BIGINT' },
  boolean: { hive: 'boolean', trino: 'boolean', duckdb: 'BOOLEAN' },
  'array<string>': { hive: 'array<string>', trino: 'array(varchar)', duckdb: 'VARCHAR[]' },
};
/** As Glue and Athena DDL name it. */
export const hiveType = (type: ColumnType): string => ENGINE_TYPES[type].hive;
/** As Athena's engine (Trino) names it, e.g. in a view. */
export const trinoType = (type: ColumnType): string => ENGINE_TYPES[type].trino;
/** As the DuckDB views show it. */
export const duckdbType = (type: ColumnType): string => ENGINE_TYPES[type].duckdb;

/** The tables as Markdown, one section each: what docs/reference/tables.md prints. */
export function columnsMarkdown(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  return TABLE_NAMES.map((table) => {
    const rows = columnsOf(table).map((column) => {
      const values = column.values === undefined ? '' : `. One of ${column.values.map((v) => `\`${v}\``).join(', ')}`;
      const type = `${column.type}${column.nullable ? ', may be null' : ''}`;
      return `| \`${column.name}\` | ${type} | ${cell(column.description)}${values} |`;
    });
    const partition = `| \`${PARTITION_COLUMN}\` | string | Partition: UTC date of the run, YYYY-MM-DD |`;
    return `## ${table}\n\n| Column | Type | Meaning |\n|---|---|---|\n${[...rows, partition].join('\n')}\n`;
  }).join('\n');
}
