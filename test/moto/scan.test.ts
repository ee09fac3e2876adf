import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mapResultsPrefix, runKeys } from '../../functions/domain/model/plan.ts';
import type { ReportStore } from '../../functions/domain/model/store.ts';
import { createHandlers } from '../../functions/handlers/handlers.ts';
import type { Handler } from '../../functions/handlers/ports.ts';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { openTables } from '../../functions/local/duckdb.ts';
import { allRows } from '../../functions/report/queries/query-result.ts';
import { describeIfMoto } from './describe-with-moto.ts';
import { type MotoOrganization, startMotoOrganization } from './organization.ts';
import { createReportRoot, type MotoReportRoot } from './report-root.ts';
import { motoScanner } from './scanner.ts';
import { runInMoto } from './state-machine.ts';

const REPOSITORY = new URL('../../', import.meta.url);

/** An organization with one account for each thing that may be so. */
const startOrganization = () =>
  startMotoOrganization({
    management: { buckets: [{ name: 'landing-zone', hardened: true }], keys: [{ name: 'shared', rotation: true }] },
    accounts: [
      {
        ...{ name: 'sealed', ou: 'Workloads' },
        trails: [
          { name: 'audit', bucket: 'landing-zone', key: 'management/shared', multiRegion: true, validation: true },
        ],
      },
      {
        ...{ name: 'plain', ou: 'Workloads', buckets: [{ name: 'plain-logs' }] },
        trails: [{ name: 'audit', bucket: 'plain-logs', multiRegion: true }],
      },
      {
        ...{ name: 'broken', buckets: [{ name: 'broken-logs', region: 'eu-west-1' }] },
        keys: [{ name: 'dead', state: 'Disabled', region: 'eu-west-1' }],
        trails: [{ name: 'audit', bucket: 'broken-logs', key: 'dead', region: 'eu-west-1' }],
      },
      {
        name: 'stopped',
        trails: [{ name: 'audit', bucket: 'landing-zone', key: 'management/shared', logging: false }],
      },
      { name: 'locked', role: false },
      { name: 'gone', closed: true },
    ],
  });

/** Rows of the newest run, without what two runs cannot have in common. */
async function tablesOf(store: ReportStore) {
  const tables = await openTables({ store });
  const rows = async (sql: string) => allRows(await tables.query(sql));
  const without = (...columns: string[]) => `EXCLUDE (${['run_id', 'run_date', ...columns].join(', ')})`;
  const delivery = ['latest_delivery_at', 'latest_digest_at'];
  try {
    return {
      run: tables.run,
      coverage: await rows(`SELECT * ${without('observed_at', 'duration_ms')} FROM latest_coverage ORDER BY ALL`),
      findings: await rows(`
        SELECT * ${without('observed_at', 'first_seen_at', 'evidence_refs')}
          REPLACE (regexp_replace(observed, '[0-9-]{10}T[0-9:.]+Z', '<time>') AS observed)
        FROM latest_findings ORDER BY ALL`),
      trails: await rows(`SELECT * ${without('observed_at', ...delivery)} FROM latest_trails ORDER BY ALL`),
      keys: await rows(`SELECT * ${without('observed_at')} FROM latest_keys ORDER BY ALL`),
      buckets: await rows(`SELECT * ${without('observed_at')} FROM latest_buckets ORDER BY ALL`),
      ledger: await rows(`
        SELECT account_name, state, verdict, reason, count(*)::INT AS regions
        FROM latest_coverage WHERE state <> 'REGION_DISABLED' GROUP BY ALL ORDER BY ALL`),
    };
  } finally {
    await tables.close();
  }
}

describeIfMoto('the real handlers against the AWS of moto', () => {
  let organization: MotoOrganization;
  const roots: MotoReportRoot[] = [];
  beforeAll(async () => {
    organization = await startOrganization();
  }, 60_000);
  afterAll(async () => {
    for (const root of roots) root.close();
    await organization?.stop();
  });

  /** A report root in S3 and the handlers on it. */
  const scanner = async (bucket: string, prefix = '') => {
    const root = await createReportRoot(organization.gateway, bucket, prefix);
    roots.push(root);
    const { ports } = motoScanner(organization.gateway, root.store, { roleName: organization.roleName });
    return { root, handlers: createHandlers(ports) };
  };

  test('Step Functions and the command line give the same tables, and these are right', async () => {
    const { root, handlers } = await scanner('report-scan', 'security/trailseal/');
    const { gateway } = organization;
    const { bucket, prefix, store } = root;
    const result = await runInMoto({ gateway, handlers, bucket, prefix, executionName: 'daily-1' });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { status: 'PARTIAL' } });

    const cloud = await tablesOf(store);
    const scanned = 24;
    expect(cloud.ledger).toEqual([
      { account_name: 'broken', state: 'SCANNED', verdict: 'BROKEN', reason: 'KEY_DISABLED', regions: 1 },
      { account_name: 'broken', state: 'SCANNED', verdict: 'NO_TRAIL', reason: 'NO_TRAIL_SEEN', regions: scanned - 1 },
      { account_name: 'gone', state: 'ACCOUNT_INACTIVE', verdict: 'NOT_APPLICABLE', reason: 'SUSPENDED', regions: 38 },
      {
        account_name: 'locked',
        state: 'ACCESS_DENIED',
        verdict: 'UNVERIFIED',
        reason: expect.any(String),
        regions: 38,
      },
      { account_name: 'master', state: 'SCANNED', verdict: 'NO_TRAIL', reason: 'NO_TRAIL_SEEN', regions: scanned },
      { account_name: 'plain', state: 'SCANNED', verdict: 'UNENCRYPTED', reason: 'NO_KEY', regions: scanned },
      { account_name: 'sealed', state: 'SCANNED', verdict: 'ENCRYPTED', reason: expect.any(String), regions: scanned },
      { account_name: 'stopped', state: 'SCANNED', verdict: 'NOT_LOGGING', reason: expect.any(String), regions: 1 },
      { account_name: 'stopped', state: 'SCANNED', verdict: 'NO_TRAIL', reason: 'NO_TRAIL_SEEN', regions: scanned - 1 },
    ]);
    const { accounts, keys, trails } = organization;
    expect(cloud.coverage).toHaveLength(Object.keys(accounts).length * 38);
    const verdicts = cloud.trails.map(({ trail_arn, verdict, kms_key_arn }) => [trail_arn, verdict, kms_key_arn]);
    expect(Object.fromEntries(verdicts.map(([arn, ...rest]) => [arn, rest]))).toEqual({
      [trails['sealed/audit'] ?? '']: ['SEALED', keys['management/shared']],
      [trails['plain/audit'] ?? '']: ['UNSEALED', null],
      [trails['broken/audit'] ?? '']: ['BROKEN', keys['broken/dead']],
      [trails['stopped/audit'] ?? '']: ['STOPPED', keys['management/shared']],
    });
    expect(cloud.keys.map(({ key_arn, state, account_id }) => [key_arn, state, account_id]).sort()).toEqual(
      [
        [keys['management/shared'], 'Enabled', accounts.management],
        [keys['broken/dead'], 'Disabled', accounts.broken],
      ].sort(),
    );
    const classic = cloud.findings.filter(({ control_id }) => control_id === 'trail-kms-encrypted');
    expect(Object.fromEntries(classic.map(({ account_name, status }) => [account_name, status]))).toEqual({
      ...{ broken: 'PASS', plain: 'FAIL', sealed: 'PASS', stopped: 'PASS' },
    });
    expect(classic).toHaveLength(4);

    const out = await mkdtemp(join(tmpdir(), 'trailseal-moto-'));
    try {
      const { code, stderr, stdout } = await commandLine(['scan', '--out', out, '--json']);
      expect([code, stderr]).toEqual([3, expect.not.stringContaining('rror')]);
      expect(JSON.parse(stdout)).toMatchObject({ run: { status: 'PARTIAL', execution_arn: 'LOCAL' } });
      const { run: _, ...local } = await tablesOf(createDirectoryStore(out));
      const { run: __, ...same } = cloud;
      expect(local).toEqual(same);
    } finally {
      await rm(out, { recursive: true });
    }
  }, 120_000);

  /** `trailseal …` as a person runs it, with this AWS behind the ordinary settings. */
  const commandLine = (args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    new Promise((resolve, reject) => {
      const { endpoint, region, credentials } = organization.gateway.client;
      const env = {
        ...{ PATH: process.env.PATH, HOME: process.env.HOME, AWS_ENDPOINT_URL: endpoint, AWS_REGION: region },
        ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
        ...{ AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull },
      };
      const command = ['--import', 'tsx', 'functions/cli/main.ts', ...args];
      const child = spawn(process.execPath, command, { cwd: REPOSITORY, env, stdio: ['ignore', 'pipe', 'pipe'] });
      const said = { stdout: '', stderr: '' };
      child.stdout.on('data', (chunk) => {
        said.stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        said.stderr += chunk;
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...said }));
    });

  test('after handlers that threw, ran out of time or answered garbage, a new execution scans only what is missing', async () => {
    const { root, handlers } = await scanner('report-resume');
    const { gateway, accounts } = organization;
    const { bucket, store } = root;
    let healthy = false;
    const scanned: string[] = [];
    const scan: Handler = async (payload, context) => {
      const { accountId } = (payload as { item: { accountId: string } }).item;
      scanned.push(accountId);
      if (healthy) return handlers.scan(payload, context);
      if (accountId === accounts.plain || accountId === accounts.stopped) throw new TypeError('a bug');
      if (accountId === accounts.broken) return 'garbage, and nothing written';
      if (accountId === accounts.sealed)
        throw Object.assign(new Error('Task timed out after 60.00 seconds'), { name: 'Sandbox.Timedout' });
      return handlers.scan(payload, context);
    };
    const record: Handler = async (payload, context) => {
      // A child that cannot even be recorded is known to the platform alone, and moto keeps no FAILED file.
      if ((payload as { item: { accountId: string } }).item.accountId === accounts.stopped) throw new Error('no disk');
      return handlers.record(payload, context);
    };
    const first = await runInMoto({
      ...{ gateway, bucket, executionName: 'interrupted', handlers: { ...handlers, scan, record } },
      // Waits of a second instead of up to twelve.
      edit: (template) => template.replaceAll(/"IntervalSeconds": \d+/g, '"IntervalSeconds": 1'),
    });
    // Out of time is tried again, twice; a bug and garbage are not.
    expect(scanned.filter((id) => id === accounts.sealed)).toHaveLength(3);
    expect(scanned.filter((id) => id === accounts.plain || id === accounts.broken)).toHaveLength(2);
    expect(first).toMatchObject({ status: 'SUCCEEDED', output: { status: 'PARTIAL' } });
    const runId = (first.output as { run_id: string }).run_id;
    const states = async () => {
      const { ledger, run } = await tablesOf(store);
      expect(run.row.run_id).toBe(runId);
      return Object.fromEntries(ledger.map(({ account_name, state }) => [account_name, state]));
    };
    expect(await states()).toEqual({
      ...{ master: 'SCANNED', sealed: 'ERROR', gone: 'ACCOUNT_INACTIVE', locked: 'ACCESS_DENIED' },
      ...{ plain: 'ERROR', broken: 'NOT_SCANNED', stopped: 'NOT_SCANNED' },
    });
    const failure = await store.read(runKeys(runId).failure('scan', accounts.plain ?? ''));
    expect(Buffer.from(failure ?? []).toString()).toContain('a bug');

    healthy = true;
    scanned.length = 0;
    const second = await runInMoto({
      ...{ gateway, bucket, executionName: 'resumed', handlers: { ...handlers, scan }, input: { resume: runId } },
    });
    expect(second).toMatchObject({ status: 'SUCCEEDED', output: { run_id: runId } });
    // The account that refused is asked again: someone may have repaired its role.
    expect(scanned.sort()).toEqual(
      [accounts.broken, accounts.locked, accounts.plain, accounts.sealed, accounts.stopped].sort(),
    );
    const finished = await states();
    expect(finished).toMatchObject({ plain: 'SCANNED', broken: 'SCANNED', sealed: 'SCANNED', stopped: 'SCANNED' });
    const results: string[] = [];
    for await (const key of store.list(mapResultsPrefix('resumed', 'scan'))) results.push(key);
    expect(results).toHaveLength(1);
  }, 120_000);
});
