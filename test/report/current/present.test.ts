import { beforeAll, describe, expect, test } from '@jest/globals';
import { openTables } from '../../../functions/local/duckdb.ts';
import { type CurrentRuns, currentRuns } from '../../../functions/report/current/current-runs.ts';
import { presentStore } from '../../../functions/report/current/present-store.ts';
import { writeRunPage } from '../../../functions/report/current/run-page.ts';
import { allRows } from '../../../functions/report/queries/query-result.ts';
import { presentWords } from '../../../functions/report/run/report-words.ts';
import type { RunReport } from '../../../functions/report/run/run-report.ts';
import { readRunReport } from '../../../functions/report/run/run-report-file.ts';
import { TABLE_NAMES } from '../../../functions/report/tables/columns.ts';
import { readTable, selectRun } from '../../../functions/report/tables/tables.ts';
import { createSimulation } from '../../../functions/simulator/simulation.ts';
import { type ScannedWorld, scanWorld } from '../../scan-world.ts';
import { changedWorld, PAYMENTS, STOPPED, scannedAgain, world } from './changed-world.ts';

const stopped = world({ payments: { logging: false, stoppedHoursAgo: 0 } });
const LATER = '2026-11-20T13:00:00.000Z';

describe('the present, after a change in one account', () => {
  let whole: ScannedWorld;
  let narrowed: ScannedWorld;
  let current: CurrentRuns;
  let report: RunReport;
  beforeAll(async () => {
    ({ whole, narrowed } = await changedWorld(stopped, [STOPPED]));
    current = await currentRuns(narrowed.store);
    report = await readRunReport(presentStore(narrowed.store, current), whole.runId);
  });

  test('counts what a whole run would count now', async () => {
    const now = await scanWorld({}, { simulation: createSimulation({ now: LATER, world: stopped }) });
    const counted = ({
      accounts,
      targets,
      trails,
      findings,
      root_causes_total: causes,
      cause_kinds: kinds,
    }: RunReport) => ({
      ...{ accounts, targets, trails, findings, causes },
      kinds: kinds?.map(({ kind, findings: found, accounts: reached }) => [kind, found, reached]),
    });
    expect(counted(report)).toEqual(counted(now.report));
    expect(counted(report)).not.toEqual(counted(whole.report));
    expect(report.frameworks).toEqual(now.report.frameworks);
  });

  test('is of the whole run’s scope, and COMPLETE where every part is', async () => {
    expect(report.run).toMatchObject({ run_id: whole.runId, scope: 'ORGANIZATION', status: 'COMPLETE', accounts: 4 });
    const store = presentStore(narrowed.store, current);
    expect((await selectRun(store)).row).toMatchObject({
      run_id: whole.runId,
      findings_failed: report.run.findings_failed,
    });
    expect((await selectRun(store, narrowed.runId)).row).toMatchObject({ scope: 'FILTERED' });
  });

  test('has the rows of the views current_*', async () => {
    const store = presentStore(narrowed.store, current);
    const tables = await openTables({ store: narrowed.store });
    try {
      for (const table of TABLE_NAMES.filter((name) => name !== 'runs')) {
        const ours: string[] = [];
        for await (const row of readTable({ store, table, runId: whole.runId, runDate: report.run.run_date }))
          ours.push(JSON.stringify([row.run_id, (row as { account_id?: unknown }).account_id, row.observed_at]));
        const rows = await allRows(await tables.query(`SELECT run_id, account_id, observed_at FROM current_${table}`));
        const theirs = rows.map(({ run_id, account_id, observed_at: at }) => JSON.stringify([run_id, account_id, at]));
        expect(ours.sort()).toEqual(theirs.sort());
      }
    } finally {
      await tables.close();
    }
  });

  test('says as of when it is, and after what', () => {
    expect(presentWords(report)).toEqual([
      'As of 2026-11-20 12:00 UTC; 1 account newer, since 2026-11-20 13:00 UTC',
      expect.stringMatching(/^Newer after 2026-11-20T12:59:00.000Z StopLogging by arn:aws:sts::.*mallory in /),
    ]);
    expect(report.present?.newer).toEqual([
      { account_id: PAYMENTS, run_id: narrowed.runId, as_of: narrowed.report.run.started_at, stale_since: null },
    ]);
    expect(presentWords(whole.report)).toEqual([]);
  });

  test('is the page of the run that the change started, and no part of its manifest', async () => {
    const written = new Map<string, string>();
    const writing = {
      ...narrowed.store,
      async write(key: string, body: unknown) {
        const parts: Uint8Array[] = [];
        for await (const part of body as AsyncIterable<Uint8Array>) parts.push(part);
        written.set(key, Buffer.concat(parts).toString('utf8'));
      },
      read: () => Promise.reject(new Error('read through the store that hashes')),
    };
    await writeRunPage({ report: narrowed.report, writing, root: narrowed.store });
    expect([...written.keys()]).toEqual([`reports/${narrowed.runId}/report.html`]);
    const [page = ''] = written.values();
    expect(page).toContain('1 account newer, since 2026-11-20 13:00 UTC');
    const [, facts = ''] = /id="facts">(.*?)<\/script>/s.exec(page) ?? [];
    expect(JSON.parse(facts).present).toEqual({
      ...{ asOf: whole.report.run.started_at, staleSince: null },
      newer: {
        [PAYMENTS]: {
          ...{ asOf: narrowed.report.run.started_at, staleSince: null },
          evidencePrefix: `evidence/${narrowed.runId}/`,
        },
      },
    });
  });

  test('is the run’s own page where the whole run’s files are gone', async () => {
    const written: string[] = [];
    const root = {
      ...narrowed.store,
      read: (key: string) =>
        key === `reports/${whole.runId}/report.json` ? Promise.resolve(null) : narrowed.store.read(key),
    };
    const writing = {
      ...narrowed.store,
      async write(key: string, body: unknown) {
        let page = '';
        for await (const part of body as AsyncIterable<Uint8Array>) page += Buffer.from(part).toString('utf8');
        written.push(key, String(page.includes('Started by')));
      },
    };
    await writeRunPage({ report: narrowed.report, writing, root });
    expect(written).toEqual([`reports/${narrowed.runId}/report.html`, 'true']);
  });
});

test('is PARTIAL where an account did not answer when it was looked at again', async () => {
  const whole = await scanWorld({ world: world() });
  const refused = {
    ...stopped,
    accounts: stopped.accounts.map((one) => (one.id === PAYMENTS ? { ...one, role: false } : one)),
  };
  const narrowed = await scannedAgain(whole, refused, [STOPPED]);
  const report = await readRunReport(presentStore(narrowed.store, await currentRuns(narrowed.store)), whole.runId);
  expect(narrowed.report.run.status).toBe('PARTIAL');
  expect(report.run).toMatchObject({ status: 'PARTIAL', access_denied: 2 });
});

test('is the root itself where nothing is newer', async () => {
  const whole = await scanWorld({ world: world() });
  expect(presentStore(whole.store, await currentRuns(whole.store))).toBe(whole.store);
});
