/**
 * How fast and in how much memory the coverage table is written: 50,000 accounts × 34 regions by default.
 *   node --import tsx bench/parquet-writer.ts [accounts] [regions]
 */
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { CoverageRow } from '../functions/report/columns.ts';
import { parquetBody } from '../functions/report/parquet.ts';

const accounts = Number(process.argv[2] ?? 50_000);
const regions = Number(process.argv[3] ?? 34);
const organizationTrail = 'arn:aws:cloudtrail:us-east-1:111111111111:trail/organization';

function* coverage(): Generator<CoverageRow> {
  for (let account = 0; account < accounts; account++) {
    const account_id = String(200_000_000_000 + account * 7919);
    for (let region = 0; region < regions; region++) {
      const denied = account % 50 === 0;
      const local = `arn:aws:cloudtrail:region-${region}:${account_id}:trail/local-${account}`;
      const trails = account % 3 === 0 ? [organizationTrail, local] : [organizationTrail];
      yield {
        run_id: '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0N',
        account_id,
        account_name: `workload-${account % 4000}`,
        account_state: 'ACTIVE',
        joined_at: new Date(1_500_000_000_000 + account * 3_600_000).toISOString(),
        ou_path: `Root/Workloads/Team-${account % 200}`,
        region: `region-${region}`,
        state: denied ? 'ACCESS_DENIED' : 'SCANNED',
        verdict: denied ? 'UNVERIFIED' : 'ENCRYPTED',
        basis: denied ? 'NONE' : 'OBSERVED',
        reason: null,
        trail_arns: denied ? [] : trails,
        recording_trail_arns: denied ? [] : trails,
        error_code: denied ? 'AccessDenied' : null,
        error_message: denied ? `User is not authorized to perform sts:AssumeRole on ${account_id}` : null,
        api_calls: 3 + (region % 2),
        duration_ms: 40 + ((account * 31 + region * 17) % 900),
        observed_at: new Date(1_795_000_000_000 + account * 97 + region * 13).toISOString(),
        root_cause_id: denied ? 'rc-0123456789ab' : null,
      };
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'trailseal-bench-'));
try {
  const file = join(folder, 'coverage.parquet');
  const started = performance.now();
  await pipeline(Readable.from(parquetBody('coverage', coverage())), createWriteStream(file));
  const seconds = (performance.now() - started) / 1000;
  // Of Node alone: DuckDB, which proves the file, starts after this line.
  const peak = process.resourceUsage().maxRSS / 1024;
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  const read = await connection.runAndReadAll(
    `SELECT count(*)::INTEGER, count(DISTINCT account_id)::INTEGER, sum(len(trail_arns))::INTEGER FROM '${file}'`,
  );
  const [rows, ids, arns] = read.getRowsJson()[0] ?? [];
  connection.closeSync();
  database.closeSync();
  const expected = accounts * regions;
  console.log(`${rows} rows of ${ids} accounts (${arns} trail ARNs) read back by DuckDB`);
  console.log(`${seconds.toFixed(1)} s, ${Math.round(expected / seconds).toLocaleString('en')} rows/s`);
  console.log(`${(statSync(file).size / 1e6).toFixed(1)} MB file, ${Math.round(peak)} MB peak memory of the process`);
  if (rows !== expected) throw new Error(`expected ${expected} rows, DuckDB read ${rows}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
