import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { frameworkMappings } from '../../../functions/domain/frameworks/catalogue.ts';
import { openTables, type Tables } from '../../../functions/local/duckdb.ts';
import { namedQueries, namedQuery } from '../../../functions/report/queries/queries.ts';
import { allRows, type QueryRow } from '../../../functions/report/queries/query-result.ts';
import { TABLE_NAMES } from '../../../functions/report/tables/columns.ts';
import { writeTable } from '../../../functions/report/tables/tables.ts';
import { NAMED_QUERIES, namedQueriesDocument } from '../../../tools/sample-answers.ts';
import { MemoryStore } from '../memory-store.ts';
import {
  CHANGED,
  DISTANT_KEY,
  DYING_KEY,
  DYING_TRAIL,
  FILTERED,
  GOOD_KEY,
  LATEST,
  LOCAL_TRAIL,
  OLDER,
  ORG_TRAIL,
  writeSampleOrganization,
} from '../sample-organization.ts';
import { runRow } from '../tables/sample-rows.ts';
import { grammars } from './sql-parser.ts';

/** What each query answers about the sample organization: rows in order, the columns that matter. */
const ANSWERS: Record<string, QueryRow[]> = {
  'open-findings': [
    { severity: 'CRITICAL', status: 'FAIL', finding_id: 'f-dying', account_id: '222222222222' },
    { severity: 'HIGH', status: 'FAIL', finding_id: 'f-no-key', first_seen_at: '2026-08-01T06:00:00.000Z' },
    { severity: 'HIGH', status: 'UNVERIFIED', finding_id: 'f-denied-eu-west-1', observed: null },
    { severity: 'HIGH', status: 'UNVERIFIED', finding_id: 'f-denied-us-east-1' },
  ],
  'coverage-gaps': [
    {
      verdict: 'UNENCRYPTED',
      account_id: '333333333333',
      region: 'eu-west-1',
      recording_trails: `${LOCAL_TRAIL}, ${ORG_TRAIL}`,
    },
    { verdict: 'UNVERIFIED', account_id: '444444444444', region: 'eu-west-1', error_code: 'AccessDenied' },
    { verdict: 'UNVERIFIED', account_id: '444444444444', region: 'us-east-1', recording_trails: '' },
  ],
  'account-scorecard': [
    { account_id: '333333333333', percent_encrypted: 50, encrypted: 1, at_risk: 1, findings_failed: 1 },
    {
      account_id: '444444444444',
      percent_encrypted: 0,
      at_risk: 0,
      unknown: 2,
      findings_failed: 0,
      findings_unverified: 2,
    },
    { account_id: '222222222222', percent_encrypted: 100, encrypted: 2, findings_failed: 1 },
    { account_id: '111111111111', percent_encrypted: 100, encrypted: 2, findings_failed: 0 },
    { account_id: '555555555555', percent_encrypted: null, not_applicable: 2, account_state: 'SUSPENDED' },
  ],
  'current-state': [
    {
      account_id: '333333333333',
      as_of: '2026-11-02T09:05:00.000Z',
      encrypted: 2,
      at_risk: 0,
      findings_failed: 0,
      because:
        '2026-11-02T08:59:12.000Z UpdateTrail by arn:aws:sts::333333333333:assumed-role/Admin/alice in 333333333333 eu-west-1 (event 7c1c…)',
      run_id: CHANGED,
    },
    {
      account_id: '444444444444',
      as_of: '2026-11-02T05:58:00.000Z',
      unknown: 2,
      findings_unverified: 2,
      run_id: LATEST,
    },
    { account_id: '111111111111', encrypted: 2, because: '', run_id: LATEST },
    { account_id: '222222222222', findings_failed: 1 },
    { account_id: '555555555555', encrypted: 0, at_risk: 0, unknown: 0 },
  ],
  'ou-scorecard': [
    { ou_path: 'Root/Workloads', accounts: 2, percent_encrypted: 25, encrypted: 1, at_risk: 1, unknown: 2 },
    { ou_path: 'Root', accounts: 1, percent_encrypted: 100 },
    { ou_path: 'Root/Security', accounts: 1, percent_encrypted: 100 },
    { ou_path: 'Root/Suspended', accounts: 1, percent_encrypted: null, not_applicable: 2 },
  ],
  'region-scorecard': [
    {
      region: 'eu-west-1',
      accounts: 5,
      percent_encrypted: 50,
      at_risk: 1,
      unknown: 1,
      denied_by_policy: 1,
      inferred: 1,
    },
    {
      region: 'us-east-1',
      accounts: 5,
      percent_encrypted: 75,
      at_risk: 0,
      unknown: 1,
      denied_by_policy: 0,
      inferred: 0,
    },
  ],
  'organization-summary': [
    { verdict: 'UNENCRYPTED', targets: 1, percent: 10, accounts: 1, regions: 1 },
    { verdict: 'UNVERIFIED', targets: 2, percent: 20, accounts: 1, regions: 2 },
    { verdict: 'ENCRYPTED', targets: 5, percent: 50, accounts: 3, regions: 2, inferred: 1 },
    {
      verdict: 'NOT_APPLICABLE',
      targets: 2,
      percent: 20,
      run_status: 'PARTIAL',
      run_scope: 'ORGANIZATION',
      run_id: LATEST,
    },
  ],
  'root-causes': [
    {
      severity: 'CRITICAL',
      root_cause: 'The key is pending deletion',
      findings: 1,
      accounts: 1,
      one_fix: 'Cancel the deletion.',
    },
    { severity: 'HIGH', root_cause_id: 'rc-denied', findings: 2, accounts: 1, regions: 2, failed: 0, unverified: 2 },
    {
      severity: 'HIGH',
      root_cause_id: 'rc-no-key',
      findings: 1,
      accounts: 1,
      regions: 1,
      controls: 'trail-kms-encrypted',
    },
  ],
  'run-history': [
    { run_id: CHANGED, scope: 'FILTERED', scope_filter: 'accounts 333333333333 after UpdateTrail' },
    { run_id: FILTERED, scope: 'FILTERED', scope_filter: 'accounts 333333333333' },
    { run_id: LATEST, status: 'PARTIAL', seconds: 180, unanswered: 2, encrypted: 5, previous_run_id: OLDER },
    { run_id: OLDER, seconds: 90, encrypted: 4, previous_run_id: null },
  ],
  'keys-at-risk': [
    {
      key_arn: DYING_KEY,
      risks: 'not usable: PendingDeletion; rotation off',
      deletion_date: '2026-11-20T00:00:00.000Z',
    },
    { key_arn: DISTANT_KEY, risks: 'state unknown; manager unknown; outside the organization' },
  ],
  'who-can-decrypt': [
    {
      key_arn: DISTANT_KEY,
      reader: '(the key policy was not read)',
      reader_account_id: null,
      in_organization: null,
      trails_using: 0,
    },
    { key_arn: GOOD_KEY, reader: '*', reader_account_id: null, in_organization: false, accounts_depending: 3 },
    { key_arn: GOOD_KEY, reader: '888888888888', reader_account_id: '888888888888', in_organization: false },
    { key_arn: GOOD_KEY, reader: 'o-foreignorg', reader_account_id: null, in_organization: false },
    {
      key_arn: GOOD_KEY,
      reader: 'arn:aws:iam::222222222222:role/siem',
      reader_account_id: '222222222222',
      in_organization: true,
    },
  ],
  'unreachable-accounts': [
    {
      account_id: '444444444444',
      regions_unanswered: 2,
      regions: 2,
      states: 'ACCESS_DENIED',
      error_code: 'AccessDenied',
      error_message: 'not authorized to perform: sts:AssumeRole',
    },
  ],
  'trails-by-verdict': [
    { verdict: 'UNSEALED', reason: 'NO_KEY', trails: 1, organization_trails: 0, example: LOCAL_TRAIL },
    { verdict: 'BROKEN', reason: 'KEY_PENDING_DELETION', trails: 1 },
    { verdict: 'SEALED', reason: null, trails: 1, organization_trails: 1, widest_reach: 3 },
  ],
  'waived-findings': [{ finding_id: 'f-waived', waived_by: 'someone@example.com', days_left: 30, waiver_id: 'w-1' }],
  'new-since-previous-run': [{ finding_id: 'f-dying', severity: 'CRITICAL', previous_run_id: OLDER }],
  'finding-age': [
    { severity: 'CRITICAL', findings: 1, up_to_7_days: 1, older: 0 },
    {
      severity: 'HIGH',
      findings: 3,
      up_to_7_days: 0,
      up_to_30_days: 2,
      up_to_90_days: 0,
      older: 1,
      oldest: '2026-08-01T06:00:00.000Z',
    },
  ],
  'control-scorecard': [
    { control_id: 'trail-key-usable', percent_met: 0, failed: 1 },
    { control_id: 'trail-kms-encrypted', percent_met: 50, passed: 1, failed: 1 },
    { control_id: 'region-recorded', percent_met: 0, unverified: 2 },
    { control_id: 'trail-key-rotation', percent_met: null, not_applicable: 1 },
    { control_id: 'trail-log-validation', percent_met: 0, waived: 1 },
  ],
  'key-blast-radius': [
    {
      key_arn: GOOD_KEY,
      accounts: 3,
      targets: 6,
      targets_by_this_key_alone: 4,
      trails: 1,
      organization_trails: 1,
      buckets: 1,
    },
    { key_arn: DYING_KEY, accounts: 1, targets: 1, targets_by_this_key_alone: 0, trails: 1, organization_trails: 0 },
    { key_arn: DISTANT_KEY, accounts: 0, targets: 0, trails: 0, buckets: 0 },
  ],
  'bucket-protection': [
    {
      bucket: 'local-logs',
      problems: 'owner unknown; public access not blocked; TLS unknown; versioning off; no default encryption known',
      expires_after_days: 30,
    },
    { bucket: 'logs', problems: '', object_lock_mode: 'COMPLIANCE', trails_using: 2 },
  ],
  'delivery-problems': [{ trail_arn: DYING_TRAIL, verdict: 'BROKEN', latest_delivery_error: 'AccessDenied' }],
  'encryption-trend': [
    { run_date: '2026-11-01', percent_encrypted: 50, encrypted: 4, at_risk: 2, unknown: 2, run_id: OLDER },
    { run_date: '2026-11-02', percent_encrypted: 62.5, encrypted: 5, at_risk: 1, not_applicable: 2, run_id: LATEST },
  ],
  'inferred-coverage': [
    { account_id: '222222222222', region: 'eu-west-1', verdict: 'ENCRYPTED', inferred_from: ORG_TRAIL },
  ],
  // What each comes to is compared with report.json, in same-as-report.test.ts.
  'framework-results': frameworkMappings().map(({ framework_id, requirement_id, title, control_ids, condition }) => ({
    framework_id,
    requirement_id,
    title,
    condition,
    controls: control_ids.join(', '),
    run_id: LATEST,
  })),
  'duplicate-recording': [
    { account_id: '222222222222', regions: 1, most_copies: 2, further_copies: 1, regions_unencrypted: 0 },
    { account_id: '333333333333', regions: 1, regions_unencrypted: 1, example: `${LOCAL_TRAIL}, ${ORG_TRAIL}` },
  ],
};

const queries = namedQueries();
let parse: Awaited<ReturnType<typeof grammars>>;
let tables: Tables;
beforeAll(async () => {
  parse = await grammars();
  const store = new MemoryStore();
  await writeSampleOrganization(store);
  tables = await openTables({ store });
});
afterAll(async () => {
  await tables?.close();
});

test('every query has an expected answer, and every answer a query', () => {
  expect(queries.map(({ name }) => name)).toEqual(Object.keys(ANSWERS).sort());
});

describe.each(queries)('$name', ({ name, title, description, order, sql }) => {
  test('is in Trino’s grammar', () => {
    expect(parse.trino(sql)).toEqual([]);
  });

  test('gives the expected answer in DuckDB', async () => {
    const result = await tables.query(sql);
    const rows = await allRows(result);
    expect(rows).toMatchObject(ANSWERS[name] ?? []);
    expect(rows).toHaveLength(ANSWERS[name]?.length ?? -1);
  });

  test('sorts to the last row, so that two runs of it agree', () => {
    expect(sql).toMatch(/\nORDER BY[\s\S]*$/);
    expect(order).not.toBe('');
  });

  test('says what it is', () => {
    expect(title).toMatch(/^[A-Z]/);
    expect(description.length).toBeGreaterThan(20);
    expect(sql).not.toMatch(/;\s*$/);
  });

  test('leaves no room for the engines to differ', () => {
    const code = sql.replace(/^--.*$/gm, '').replace(/'[^']*'/g, "''");
    // Whole numbers divide differently, casts by :: and bracket lists are DuckDB's, GREATEST treats null differently.
    for (const division of code.matchAll(/(.*)\//g)) expect(division[1]).toContain('AS double');
    expect(code).not.toMatch(/::|greatest|least|\bqualify\b|\bexclude\b/i);
  });
});

test('docs/reference/named-queries.md shows an answer of every query (npm run docs)', async () => {
  const document = readFileSync(NAMED_QUERIES, 'utf8');
  expect(document).toBe(await namedQueriesDocument());
  for (const { name } of queries) expect(document).toMatch(new RegExp(`## ${name}\\n[^#]+\\| --- [^#]+\\n\\| .*\\w`));
});

test('a run that found nothing gives every query an answer without rows', async () => {
  const store = new MemoryStore();
  const of = { store, runId: LATEST, runDate: '2026-11-02' };
  for (const table of TABLE_NAMES) await writeTable({ ...of, table, rows: [] });
  await writeTable({ ...of, table: 'runs', rows: [runRow({ run_id: LATEST })] });
  const bare = await openTables({ store });
  const answered: string[] = [];
  for (const { name, sql } of queries) if ((await allRows(await bare.query(sql))).length > 0) answered.push(name);
  await bare.close();
  expect(answered).toEqual(['encryption-trend', 'framework-results', 'run-history']);
});

test('a name that does not exist is answered with those that do', () => {
  expect(namedQuery('open-findings').title).toBe('Open findings');
  expect(() => namedQuery('open')).toThrow(
    /There is no query named "open"; there are account-scorecard, .*waived-findings/,
  );
});
