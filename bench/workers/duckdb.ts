import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Cost, serve, stopwatch } from './serve.ts';

/**
 * DuckDB making the same kind of files from the same NDJSON, on one thread: every target's coverage with its trails and a
 * verdict, a finding with a SHA-256 id and its evidence for each, the failing ones as CSV, the counts as JSON; as many rows
 * and columns as the Report step writes of targets. It does less: its verdict looks at the trail alone, it reads one file
 * where the Report step reads one for each account, twice, and there are no resources' findings (key and bucket policies),
 * causes, waivers, history, hashes of what was read or manifest.
 */
export interface DuckdbInput {
  /** observations.ndjson and accounts.ndjson. */
  observations: string;
  accounts: string;
  out: string;
}

export interface DuckdbOutput extends Cost {
  targets: number;
  scanned: number;
}

const FAILURE = 'STRUCT(kind VARCHAR, operation VARCHAR, code VARCHAR, message VARCHAR)';
const COLUMNS = `{
  runId: 'VARCHAR', accountId: 'VARCHAR', observedAt: 'TIMESTAMP', principalArn: 'VARCHAR', refused: '${FAILURE}',
  regions: 'STRUCT(region VARCHAR, state VARCHAR, trailArns VARCHAR[], failure ${FAILURE}, apiCalls BIGINT, durationMs DOUBLE, observedAt TIMESTAMP)[]',
  trails: 'STRUCT(trailArn VARCHAR, name VARCHAR, homeRegion VARCHAR, isMultiRegion BOOLEAN, isOrganization BOOLEAN, kmsKeyId VARCHAR, bucket VARCHAR)[]',
  statuses: 'STRUCT(trailArn VARCHAR, reading STRUCT(ok BOOLEAN, value STRUCT(isLogging BOOLEAN, latestDeliveryError VARCHAR)))[]'
}`;

await serve(async ({ observations, accounts, out }: DuckdbInput): Promise<DuckdbOutput> => {
  const end = stopwatch();
  const database = await DuckDBInstance.create(':memory:', { threads: '1', preserve_insertion_order: 'false' });
  const connection = await database.connect();
  const run = (sql: string) => connection.run(sql);
  await run(
    `CREATE TABLE o AS SELECT * FROM read_json('${observations}', format = 'newline_delimited', columns = ${COLUMNS})`,
  );
  await run(`CREATE TABLE a AS SELECT * FROM read_json('${accounts}', format = 'newline_delimited', columns = {
    accountId: 'VARCHAR', accountName: 'VARCHAR', accountState: 'VARCHAR', joinedAt: 'TIMESTAMP', ouPath: 'VARCHAR' })`);
  await run(`CREATE TABLE t AS
    WITH seen AS (SELECT accountId, unnest(trails, recursive := true) FROM o),
      status AS (SELECT s.trailArn AS arn, bool_or(s.reading.value.isLogging) AS logging,
          max(nullif(s.reading.value.latestDeliveryError, '')) AS error
        FROM (SELECT unnest(statuses) AS s FROM o) GROUP BY ALL)
    SELECT trailArn, any_value(isMultiRegion) AS multi, any_value(homeRegion) AS home,
      CASE WHEN any_value(kmsKeyId) IS NULL THEN 1 WHEN any_value(error) IS NOT NULL THEN 4
        WHEN NOT any_value(logging) THEN 5 ELSE 3 END AS rank
    FROM seen LEFT JOIN status ON status.arn = seen.trailArn GROUP BY trailArn`);
  await run(`CREATE TABLE c AS
    WITH seen AS (SELECT runId, accountId, unnest(regions) AS g FROM o WHERE refused IS NULL),
      lost AS (SELECT accountId, refused, observedAt FROM a LEFT JOIN o USING (accountId) WHERE o.accountId IS NULL OR refused IS NOT NULL),
      r AS (FROM seen UNION ALL SELECT (SELECT any_value(runId) FROM o), accountId, {
          region: e.region, state: CASE WHEN refused IS NULL THEN 'ACCOUNT_INACTIVE' ELSE 'ACCESS_DENIED' END, trailArns: [],
          failure: refused, apiCalls: 0, durationMs: 0, observedAt: observedAt }
        FROM lost, (SELECT DISTINCT g.region AS region FROM seen) e),
      verdicts AS (SELECT r.accountId, r.g.region AS region, min(t.rank) AS rank, list(t.trailArn ORDER BY t.trailArn) AS recording
        FROM (SELECT accountId, g, unnest(g.trailArns) AS arn FROM r) r JOIN t ON t.trailArn = r.arn AND (t.multi OR t.home = r.g.region)
        GROUP BY ALL)
    SELECT r.runId AS run_id, r.accountId AS account_id, a.accountName AS account_name, a.accountState AS account_state,
      a.joinedAt AS joined_at, a.ouPath AS ou_path, r.g.region AS region, r.g.state AS state,
      coalesce(['UNENCRYPTED', 'FOREIGN_KEY', 'ENCRYPTED', 'BROKEN', 'NOT_LOGGING'][v.rank], 'NO_TRAIL') AS verdict,
      r.g.trailArns AS trail_arns, coalesce(v.recording, []) AS recording_trail_arns, NULL::VARCHAR AS reason, r.g.failure.code AS error_code,
      r.g.failure.message AS error_message, r.g.apiCalls AS api_calls, r.g.durationMs::BIGINT AS duration_ms,
      r.g.observedAt AS observed_at, CASE WHEN v.rank IS NULL THEN 'rc-' || sha256('NO_TRAIL')[:12] END AS root_cause_id,
      'OBSERVED' AS basis
    FROM r JOIN a USING (accountId) LEFT JOIN verdicts v ON v.accountId = r.accountId AND v.region = r.g.region`);
  const status = (arn: string) => `split_part(${arn}, ':', 5) || '/' || split_part(${arn}, ':', 4)`;
  await run(`CREATE VIEW f AS SELECT run_id, sha256('region-recorded|' || account_id || '/' || region)[:32] AS finding_id,
      'region-recorded' AS control_id, CASE verdict WHEN 'NO_TRAIL' THEN 'FAIL' ELSE 'PASS' END AS status, reason,
      'HIGH' AS severity, account_id, account_name, ou_path, region, 'target' AS resource_type,
      account_id || '/' || region AS resource_arn, 'A recording trail takes all management events' AS expected,
      array_to_string(recording_trail_arns, ', ') AS observed, NULL::VARCHAR AS detail, root_cause_id,
      list_sort(flatten([[account_id || '/' || region || '/DescribeTrails'],
        list_transform(recording_trail_arns, arn -> ${status('arn')} || '/GetTrailStatus/' || arn),
        list_transform(recording_trail_arns, arn -> ${status('arn')} || '/GetEventSelectors/' || arn)])) AS evidence_refs,
      NULL::TIMESTAMP AS first_seen_at, NULL::VARCHAR AS waiver_id, NULL::VARCHAR AS waived_by, NULL::TIMESTAMP AS waived_until,
      observed_at, NULL::VARCHAR AS root_cause, NULL::VARCHAR AS root_cause_fix,
      NULL::VARCHAR AS root_cause_severity FROM c`);
  const parquet = '(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 20480)';
  await run(`COPY (FROM c ORDER BY account_id, region) TO '${join(out, 'coverage.parquet')}' ${parquet}`);
  await run(`COPY (FROM f) TO '${join(out, 'findings.parquet')}' ${parquet}`);
  await run(`COPY (FROM f WHERE status <> 'PASS') TO '${join(out, 'findings.csv')}' (FORMAT csv, HEADER)`);
  await run(
    `COPY (SELECT state, verdict, count(*) AS targets FROM c GROUP BY ALL) TO '${join(out, 'report.json')}' (FORMAT json)`,
  );
  const cost = end();
  const counted = await connection.runAndReadAll(
    "SELECT count(*)::INTEGER, (count(*) FILTER (WHERE state = 'SCANNED'))::INTEGER FROM c",
  );
  const [targets = 0, scanned = 0] = (counted.getRowsJson()[0] ?? []) as number[];
  connection.closeSync();
  database.closeSync();
  return { ...cost, targets, scanned };
});
