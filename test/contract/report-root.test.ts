import { beforeAll, describe, expect, it } from '@jest/globals';
import { openTables, type Tables } from '../../functions/local/duckdb.ts';
import { atDepth } from '../depth.ts';
import { duckdbRead } from '../report/tables/duckdb-reader.ts';
import { type ScannedWorld, scanWorld } from '../scan-world.ts';
import { memoryStore } from '../statemachine/memory-store.ts';

/**
 * What outsiders build on, checked as they would: the columns below are typed out from the contract by hand and share
 * nothing with the schema in the code. A column may be added after them; none may be moved, renamed or retyped.
 */
const TIMES = ['joined_at', 'observed_at', 'first_seen_at', 'waived_until', 'latest_delivery_at', 'latest_digest_at'];
const TIMESTAMPS = new Set([...TIMES, 'deletion_date', 'started_at', 'finished_at', 'population_at']);
const LISTS = new Set(['trail_arns', 'recording_trail_arns', 'evidence_refs']);
const BOOLEANS = new Set(
  `owner_in_scope is_multi_region is_organization is_logging global_service_events log_file_validation in_organization
  multi_region rotation_enabled policy_allows_cloudtrail public_blocked tls_only`.split(/\s+/),
);
const COUNTS = new Set(
  `api_calls duration_ms accounts_covered member_errors rotation_period_days trails_using accounts_depending
  object_lock_days expires_after_days accounts regions targets scanned region_disabled region_denied account_inactive
  excluded access_denied throttled error not_scanned inferred findings_failed findings_unverified
  findings_waived`.split(/\s+/),
);
const COLUMNS: Record<string, string> = {
  coverage: `run_id account_id account_name account_state joined_at ou_path region state verdict basis reason trail_arns
    recording_trail_arns error_code error_message api_calls duration_ms observed_at`,
  findings: `run_id finding_id control_id status reason severity account_id account_name ou_path region resource_type
    resource_arn expected observed detail root_cause_id evidence_refs first_seen_at waiver_id waived_by waived_until
    observed_at`,
  trails: `run_id trail_arn name account_id owner_in_scope home_region is_multi_region is_organization is_logging
    management_events global_service_events log_file_validation kms_key_arn key_state key_manager key_account_id bucket
    bucket_account_id bucket_region s3_key_prefix log_group_arn latest_delivery_at latest_digest_at
    latest_delivery_error accounts_covered member_errors verdict reason observed_at`,
  keys: `run_id key_arn account_id in_organization state reason manager origin multi_region rotation_enabled
    rotation_period_days deletion_date policy_allows_cloudtrail trails_using accounts_depending observed_at`,
  buckets: `run_id bucket account_id region in_organization public_blocked tls_only versioning object_lock_mode
    object_lock_days expires_after_days default_encryption trails_using observed_at`,
  runs: `run_id status scope scope_filter started_at finished_at population_at organization_id partition caller_arn
    execution_arn scanner_version accounts regions targets scanned region_disabled region_denied account_inactive
    excluded access_denied throttled error not_scanned inferred findings_failed findings_unverified findings_waived
    api_calls manifest_sha256 previous_run_id`,
};
const TABLES = Object.keys(COLUMNS);
const columnsOf = (table: string): string[] => (COLUMNS[table] ?? '').split(/\s+/);
const typeOf = (column: string): string => {
  if (TIMESTAMPS.has(column)) return 'TIMESTAMP';
  if (LISTS.has(column)) return 'VARCHAR[]';
  if (BOOLEANS.has(column)) return 'BOOLEAN';
  return COUNTS.has(column) ? 'BIGINT' : 'VARCHAR';
};
const STATES = [
  'scanned',
  'region_disabled',
  'region_denied',
  'account_inactive',
  'excluded',
  'access_denied',
  'throttled',
  'error',
  'not_scanned',
];
const ALLOWED: [string, string, string][] = [
  ['coverage', 'state', STATES.join(' ').toUpperCase()],
  ['coverage', 'basis', 'OBSERVED INFERRED NONE'],
  ['coverage', 'verdict', 'UNENCRYPTED FOREIGN_KEY UNVERIFIED ENCRYPTED BROKEN NOT_APPLICABLE NOT_LOGGING NO_TRAIL'],
  ['findings', 'status', 'PASS FAIL UNVERIFIED NOT_APPLICABLE WAIVED'],
  ['trails', 'verdict', 'UNSEALED BROKEN STOPPED FOREIGN_KEY UNVERIFIED SEALED'],
  ['trails', 'management_events', 'ALL READ WRITE PARTIAL NONE UNKNOWN'],
  ['runs', 'status', 'COMPLETE PARTIAL'],
  ['runs', 'scope', 'ORGANIZATION FILTERED'],
  [
    'findings',
    'control_id',
    `trail-kms-encrypted trail-key-usable trail-key-owned trail-key-rotation trail-key-policy trail-delivering
    trail-log-validation region-recorded bucket-protected bucket-not-public bucket-retention bucket-access-logged trail-monitored log-group-encrypted event-data-store-encrypted`,
  ],
];

const SPEC = atDepth({
  quick: { accounts: 20, regions: 6, seed: 11 },
  deep: { accounts: 40, regions: 17, seed: 11 },
});
const TARGETS = SPEC.accounts * SPEC.regions;
let scan: ScannedWorld;
/** Keys in the order in which they were first written. */
const written: string[] = [];
beforeAll(async () => {
  scan = await scanWorld(SPEC, { store: memoryStore({ beforeWrite: (key) => written.push(key) }) });
}, 120_000);

const keyOf = (table: string) => `tables/${table}/run_date=${scan.report.run.run_date}/${scan.runId}.parquet`;
const read = (table: string, sql: string) =>
  duckdbRead(scan.store.files.get(keyOf(table)) ?? new Uint8Array(), sql.replaceAll('$table', 'read_parquet($file)'));
const value = async (table: string, sql: string) => (await read(table, sql))[0]?.[0];

describe.each(TABLES)('table %s', (table) => {
  it('has the columns of the contract first, in its order, with its types', async () => {
    const described = (await read(table, 'DESCRIBE SELECT * FROM $table')).map(([name, type]) => `${name} ${type}`);
    // The file says that its times are UTC; the views below leave the zone out.
    const inFile = (type: string) => (type === 'TIMESTAMP' ? 'TIMESTAMP WITH TIME ZONE' : type);
    const expected = columnsOf(table).map((name) => `${name} ${inFile(typeOf(name))}`);
    expect(described.slice(0, expected.length)).toEqual(expected);
  });

  it('keeps times as UTC milliseconds and lists as lists of text in the file itself', async () => {
    const schema = await read(table, 'SELECT name, type, converted_type, logical_type FROM parquet_schema($file)');
    for (const [name, type, converted, logical] of schema) {
      if (!TIMESTAMPS.has(String(name))) continue;
      expect([type, converted]).toEqual(['INT64', 'TIMESTAMP_MILLIS']);
      expect(String(logical)).toMatch(/MILLIS|^null$/);
    }
    for (const name of columnsOf(table).filter((column) => LISTS.has(column)))
      expect(schema.some(([n, , converted]) => n === name && converted === 'LIST')).toBe(true);
  });

  it('has rows of this run alone', async () => {
    expect(await read(table, 'SELECT DISTINCT run_id FROM $table')).toEqual([[scan.runId]]);
  });
});

describe('values', () => {
  it.each(ALLOWED)('%s.%s is one of those of the contract', async (table, column, allowed) => {
    const found = (await read(table, `SELECT DISTINCT ${column} FROM $table`)).map(([v]) => v);
    expect(found.length).toBeGreaterThan(0);
    expect(allowed.split(/\s+/)).toEqual(expect.arrayContaining(found));
  });

  it('rows are accounts × regions, each once, and the counts of the run are those of the rows', async () => {
    expect(await value('coverage', 'SELECT CAST(count(*) AS INT) FROM $table')).toBe(TARGETS);
    expect(await value('coverage', 'SELECT CAST(count(DISTINCT (account_id, region)) AS INT) FROM $table')).toBe(
      TARGETS,
    );
    const sum = STATES.join(' + ');
    expect(await value('runs', `SELECT ${sum} = targets AND targets = accounts * regions FROM $table`)).toBe(true);
    for (const state of STATES) {
      const rows = await value(
        'coverage',
        `SELECT CAST(count(*) AS INT) FROM $table WHERE state = '${state.toUpperCase()}'`,
      );
      expect([state, await value('runs', `SELECT CAST(${state} AS INT) FROM $table`)]).toEqual([state, rows]);
    }
    const inferred = await value('coverage', "SELECT CAST(count(*) AS INT) FROM $table WHERE basis = 'INFERRED'");
    expect(await value('runs', 'SELECT CAST(inferred AS INT) FROM $table')).toBe(inferred);
    for (const [column, status] of [
      ['findings_failed', 'FAIL'],
      ['findings_unverified', 'UNVERIFIED'],
      ['findings_waived', 'WAIVED'],
    ]) {
      const rows = await value('findings', `SELECT CAST(count(*) AS INT) FROM $table WHERE status = '${status}'`);
      expect(await value('runs', `SELECT CAST(${column} AS INT) FROM $table`)).toBe(rows);
    }
  });

  it('a trail, a key and a bucket are one row each, however many accounts see them', async () => {
    for (const [table, id] of [
      ['trails', 'trail_arn'],
      ['keys', 'key_arn'],
      ['buckets', 'bucket'],
      ['findings', 'finding_id'],
    ] as const)
      expect(await value(table, `SELECT count(*) = count(DISTINCT ${id}) FROM $table`)).toBe(true);
  });

  it('is COMPLETE only where every target is in one of five states', async () => {
    const open = 'access_denied + throttled + error + not_scanned';
    expect(await value('runs', `SELECT status = 'PARTIAL' OR ${open} = 0 FROM $table`)).toBe(true);
    expect(await value('runs', `SELECT status = 'PARTIAL' FROM $table WHERE ${open} > 0`)).toBe(true);
  });
});

describe('the report root', () => {
  it('has the folders of the contract and nothing else', () => {
    const { runId } = scan;
    const places = written.map((key) =>
      key
        .replaceAll(runId, '<run>')
        .replace(/^(runs|evidence)\/<run>\/.*/, '$1/<run>/…')
        .replace(/run_date=\d{4}-\d\d-\d\d/, 'run_date=<date>'),
    );
    expect([...new Set(places)].sort()).toEqual(
      [
        'evidence/<run>/…',
        'reports/<run>/findings.csv',
        'reports/<run>/report.json',
        'reports/latest.json',
        'reports/root.json',
        'runs/<run>/…',
        ...TABLES.map((table) => `tables/${table}/run_date=<date>/<run>.parquet`),
      ].sort(),
    );
    expect(runId).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(new Date(ulidTime(runId)).toISOString().slice(0, 10)).toBe(scan.report.run.run_date);
  });

  it('is written with `runs` after the other tables and the pointer last', () => {
    const at = (key: string) => written.lastIndexOf(key);
    for (const table of TABLES) if (table !== 'runs') expect(at(keyOf(table))).toBeLessThan(at(keyOf('runs')));
    expect(written.at(-1)).toBe('reports/latest.json');
  });
});

describe('the views of a query', () => {
  let tables: Tables;
  beforeAll(async () => {
    tables = await openTables({ store: scan.store });
  });
  it('are the tables with run_date as text, and each as latest_', async () => {
    try {
      for (const table of TABLES) {
        for (const view of [table, `latest_${table}`]) {
          const columns: string[] = [];
          for await (const row of (await tables.query(`DESCRIBE ${view}`)).rows)
            columns.push(`${row.column_name} ${row.column_type}`);
          const expected = columnsOf(table).map((name) => `${name} ${typeOf(name)}`);
          expect(columns.slice(0, expected.length)).toEqual(expected);
          expect(columns).toContain('run_date VARCHAR');
        }
      }
    } finally {
      await tables.close();
    }
  });
});

/** Milliseconds in a ULID: its first ten characters, Crockford's base 32. */
const ulidTime = (id: string): number =>
  [...id.slice(0, 10)].reduce((ms, letter) => ms * 32 + '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(letter), 0);
