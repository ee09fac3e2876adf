import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ReportStore } from '../../../functions/domain/model/store.ts';
import { openTables } from '../../../functions/local/duckdb.ts';
import { namedQueries } from '../../../functions/report/queries/queries.ts';
import { readRunReport } from '../../../functions/report/run/run-report-file.ts';
import { narrowedReport } from '../../../functions/report/scope/narrowed-report.ts';
import { narrowedStore } from '../../../functions/report/scope/narrowed-store.ts';
import { type SubsetRequest, subsetsOf } from '../../../functions/report/scope/subset.ts';
import { selectRun } from '../../../functions/report/tables/tables.ts';
import { type ScannedWorld, scanWorld } from '../../scan-world.ts';
import { WORLD } from '../evidence/scanned-root.ts';

let world: ScannedWorld;
beforeAll(async () => {
  world = await scanWorld({ world: WORLD });
}, 60_000);

const asked = (...accounts: string[]): SubsetRequest => ({
  accounts,
  ous: [],
  scope: { name: 'card-data', holds: ['card-data'] },
});
const all = WORLD.accounts.map(({ id = '' }) => id);

async function reportOf(request: SubsetRequest) {
  const { store } = world;
  const run = await selectRun(store);
  const subset = (await subsetsOf(store, [run], request)).get(run.row.run_id);
  if (!subset) throw new Error('no subset');
  return narrowedReport({ store, run, subset, asked: request });
}

async function rowsOf(store: ReportStore, sql: string) {
  const tables = await openTables({ store, runId: world.runId });
  try {
    const rows = [];
    for await (const row of (await tables.query(sql)).rows) rows.push(row);
    return rows;
  } finally {
    await tables.close();
  }
}

describe('a scope of a run', () => {
  it('counts what the run itself counted, where it is all of it', async () => {
    const whole = await readRunReport(world.store, world.runId);
    const { notes, waivers, run, ...counted } = await reportOf(asked(...all));
    expect(counted).toEqual(
      Object.fromEntries(Object.keys(counted).map((name) => [name, whole[name as keyof typeof whole]])),
    );
    const { scope, scope_filter, ...row } = run;
    const { scope: wasScope, scope_filter: _, ...before } = whole.run;
    // The row within report.json is from before the manifest was made.
    expect(row).toEqual({ ...before, manifest_sha256: row.manifest_sha256 });
    expect([scope, scope_filter, wasScope]).toEqual(['FILTERED', 'scope card-data', 'ORGANIZATION']);
    expect(notes.join('\n')).toMatch(/part of run \w+ \(scope card-data\): it says nothing about the organization/);
    expect(waivers).toEqual({ in_force: 0, expired: [], matching_nothing: [], listed: [] });
  });

  it('shows its accounts, the trails that record them and their keys and buckets, and the rest nowhere', async () => {
    const request = asked('222222222222');
    const report = await reportOf(request);
    const { store } = narrowedStore(world.store, request);
    expect(report.accounts.total).toBe(1);
    expect(await rowsOf(store, 'SELECT DISTINCT account_id FROM latest_coverage')).toEqual([
      { account_id: '222222222222' },
    ]);
    expect(await rowsOf(store, 'SELECT name FROM latest_trails')).toEqual([{ name: 'org' }]);
    expect(await rowsOf(store, 'SELECT bucket FROM latest_buckets')).toEqual([{ bucket: 'org-logs' }]);
    expect(await rowsOf(store, 'SELECT count(*) AS n FROM latest_keys')).toEqual([{ n: 1 }]);
    // Nobody else's name or ARN is anywhere in what it shows.
    const text = JSON.stringify([
      report,
      await rowsOf(store, 'FROM latest_findings'),
      await rowsOf(store, 'FROM latest_coverage'),
    ]);
    for (const other of ['333333333333', '444444444444', '555555555555']) expect(text).not.toContain(other);
  });

  it('has one row in runs, whose counts are those of its tables and of its report', async () => {
    const request = asked('333333333333', '444444444444');
    const report = await reportOf(request);
    const { store } = narrowedStore(world.store, request);
    const [run] = await rowsOf(store, 'FROM latest_runs');
    const [counted] = await rowsOf(
      store,
      `SELECT (SELECT count(*) FROM latest_coverage) AS targets,
        (SELECT count(DISTINCT account_id) FROM latest_coverage) AS accounts,
        (SELECT count(*) FROM latest_coverage WHERE verdict = 'ENCRYPTED') AS encrypted,
        (SELECT count(*) FROM latest_coverage WHERE verdict = 'UNENCRYPTED') AS unencrypted,
        (SELECT count(*) FROM latest_findings WHERE status = 'FAIL') AS findings_failed,
        (SELECT count(*) FROM latest_findings WHERE status = 'PASS') AS findings_passed,
        (SELECT count(*) FROM latest_findings WHERE status = 'UNVERIFIED') AS findings_unverified`,
    );
    expect(run).toMatchObject({ ...counted, scope: 'FILTERED', scope_filter: 'scope card-data' });
    expect(report.run).toMatchObject({ ...counted });
    expect(Number(counted?.findings_failed)).toBeGreaterThan(0);
    expect(report.findings.by_status.FAIL).toBe(counted?.findings_failed);
    expect(report.root_causes.reduce((sum, { findings }) => sum + findings, 0)).toBe(
      Number(counted?.findings_failed) + Number(counted?.findings_unverified),
    );
  });

  it('has what is known of a run that did not read the tags asked for, and says which run that is', async () => {
    const { store, unknown } = narrowedStore(world.store, { ...asked('222222222222'), tags: ['env=prod'] });
    expect(await rowsOf(store, 'SELECT DISTINCT account_id FROM coverage')).toEqual([{ account_id: '222222222222' }]);
    expect([...unknown]).toEqual([world.runId]);
    await expect(reportOf({ ...asked(), tags: ['env=prod'] })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('is what every named query is asked of', async () => {
    const { store } = narrowedStore(world.store, asked('222222222222'));
    for (const { name, sql } of namedQueries()) {
      const text = JSON.stringify(await rowsOf(store, sql));
      expect([name, /333333333333|444444444444|555555555555/.test(text)]).toEqual([name, false]);
    }
  }, 60_000);

  it('is complete where all of it was seen, whatever the run missed elsewhere', async () => {
    const shut = WORLD.accounts.map((account) =>
      account.id === '444444444444' ? { ...account, role: false } : account,
    );
    const partial = await scanWorld({ world: { ...WORLD, accounts: shut } });
    const run = await selectRun(partial.store);
    expect(run.row.status).toBe('PARTIAL');
    for (const [id, status] of [
      ['222222222222', 'COMPLETE'],
      ['444444444444', 'PARTIAL'],
    ] as const) {
      const subset = (await subsetsOf(partial.store, [run], asked(id))).get(run.row.run_id);
      if (!subset) throw new Error('no subset');
      const report = await narrowedReport({ store: partial.store, run, subset, asked: asked(id) });
      expect([id, report.run.status]).toEqual([id, status]);
    }
  }, 60_000);
});
