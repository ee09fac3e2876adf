import { beforeAll, describe, expect, test } from '@jest/globals';
import { openTables } from '../../../functions/local/duckdb.ts';
import { currentParts, currentRuns } from '../../../functions/report/current/current-runs.ts';
import { runEvents } from '../../../functions/report/notify/run-events.ts';
import { runMessage } from '../../../functions/report/notify/run-message.ts';
import { viewSql } from '../../../functions/report/queries/athena.ts';
import { allRows } from '../../../functions/report/queries/query-result.ts';
import { TABLE_NAMES } from '../../../functions/report/tables/columns.ts';
import { selectRun } from '../../../functions/report/tables/tables.ts';
import { apiCall } from '../../domain/watch/events.ts';
import { type ScannedWorld, scanWorld } from '../../scan-world.ts';
import { ARCHIVE, changedWorld, OWNER, PAYMENTS, SHOP, STOPPED, scannedAgain, world } from './changed-world.ts';

const stopped = world({ payments: { logging: false, stoppedHoursAgo: 0 } });
const trailArn = `arn:aws:cloudtrail:us-east-1:${PAYMENTS}:trail/payments`;
const mallory = `arn:aws:sts::${PAYMENTS}:assumed-role/Admin/mallory`;

describe('a run that a change started', () => {
  let whole: ScannedWorld;
  let narrowed: ScannedWorld;
  beforeAll(async () => {
    ({ whole, narrowed } = await changedWorld(stopped, [STOPPED]));
  });

  test('scans the account of the change, and beside it the owner of the trail that records all', async () => {
    const scanned = new Set(
      (await narrowed.rows('coverage')).filter(({ state }) => state === 'SCANNED').map(({ account_id }) => account_id),
    );
    expect([...scanned].sort()).toEqual([OWNER, PAYMENTS]);
    const [row] = await narrowed.rows('runs');
    expect(row).toMatchObject({
      status: 'COMPLETE',
      scope: 'FILTERED',
      scope_filter: `accounts ${PAYMENTS} after StopLogging`,
      because_accounts: [PAYMENTS],
      because_events: 1,
      because: [
        `2026-11-20T12:59:00.000Z StopLogging by ${mallory} in ${PAYMENTS} us-east-1 (event ct-StopLogging-${PAYMENTS})`,
      ],
      targets: 8,
    });
    expect((await whole.rows('runs'))[0]).toMatchObject({ because_accounts: [], because: [], because_events: null });
  });

  test('is compared with the present before it, and nothing but the change is news', () => {
    const { changes } = narrowed.report;
    expect(changes.previous_run_id).toBe(whole.runId);
    expect(changes).toMatchObject({ trails_newly_failing: [trailArn], trails_fixed: [], fixed: 0 });
    // The trail, which delivers nothing and feeds its log group no longer, and the two Regions that it alone recorded in full.
    expect(changes.newly_failing).toBe(4);
  });

  test('tells who did it', () => {
    const events = runEvents(narrowed.report, {
      root: 's3://r',
      overdue: [],
      trails: { failing: [trailArn], fixed: [] },
    });
    expect(events.find(({ detailType }) => detailType === 'TrailSeal Trail Failing')?.detail).toMatchObject({
      trail_arn: trailArn,
      because: [
        { name: 'StopLogging', actor: mallory, at: '2026-11-20T12:59:00.000Z', event_id: `ct-StopLogging-${PAYMENTS}` },
      ],
    });
    const { body } = runMessage(narrowed.report, {
      root: 's3://r',
      overdue: [],
      trails: { failing: [trailArn], fixed: [] },
    });
    expect(body).toContain(`StopLogging by ${mallory} in ${PAYMENTS} us-east-1`);
  });

  test('never becomes latest, not even where every other run is narrowed too', async () => {
    expect(JSON.parse(narrowed.store.text('reports/latest.json')).run_id).toBe(whole.runId);
    expect((await selectRun(narrowed.store)).row.run_id).toBe(whole.runId);
    const filtered = await scanWorld({ world: world() }, { settings: { excludeRegions: ['eu-west-1'] } });
    const after = await scannedAgain(filtered, stopped, [STOPPED]);
    expect((await selectRun(after.store)).row.run_id).toBe(filtered.runId);
    expect(JSON.parse(after.store.text('reports/latest.json')).run_id).toBe(filtered.runId);
  });

  test('is the present of its account alone', async () => {
    const current = await currentRuns(narrowed.store);
    const shown = [...currentParts(current)].map(({ run, shows }) => [
      run.row.run_id,
      [OWNER, PAYMENTS, ARCHIVE, SHOP, null].filter((account) => shows(account)),
    ]);
    expect(shown).toEqual([
      [whole.runId, [OWNER, ARCHIVE, SHOP, null]],
      [narrowed.runId, [PAYMENTS]],
    ]);
  });

  test('is shown by the views of the present, in DuckDB as in the SQL of Athena', async () => {
    const tables = await openTables({ store: narrowed.store });
    try {
      for (const table of TABLE_NAMES) {
        const view = `current_${table}` as const;
        const ours = await allRows(await tables.query(`SELECT * FROM ${view} ORDER BY ALL`));
        const sql = viewSql(view, { windowDays: 100_000 });
        expect(ours).toEqual(await allRows(await tables.query(`SELECT * FROM (${sql}) ORDER BY ALL`)));
        expect(ours.length).toBeGreaterThan(0);
      }
      const states = 'SELECT account_id, as_of, verdict, count(*) AS n FROM current_coverage GROUP BY ALL ORDER BY ALL';
      const [[{ started_at: morning } = {}], [{ started_at: later } = {}]] = [
        await whole.rows('runs'),
        await narrowed.rows('runs'),
      ];
      expect(await allRows(await tables.query(states))).toEqual([
        { account_id: OWNER, as_of: morning, verdict: 'ENCRYPTED', n: 2 },
        { account_id: PAYMENTS, as_of: later, verdict: 'ENCRYPTED', n: 2 },
        { account_id: ARCHIVE, as_of: morning, verdict: 'ENCRYPTED', n: 2 },
        { account_id: SHOP, as_of: morning, verdict: 'ENCRYPTED', n: 2 },
      ]);
      const stoppedNow = "SELECT trail_arn FROM current_trails WHERE verdict = 'STOPPED'";
      expect(await allRows(await tables.query(stoppedNow))).toEqual([{ trail_arn: trailArn }]);
    } finally {
      await tables.close();
    }
  });

  test('is followed by one that finds it fixed, against the present and not the morning', async () => {
    const started = apiCall('StartLogging', {
      ...STOPPED,
      account: PAYMENTS,
      region: 'us-east-1',
      requestParameters: { name: trailArn },
    });
    const { narrowed: before } = await changedWorld(stopped, [STOPPED]);
    const repaired = await scannedAgain(before, world(), [started], '2026-11-20T14:00:00.000Z');
    expect(repaired.report.changes).toMatchObject({ trails_fixed: [trailArn], newly_failing: 0 });
    const events = runEvents(repaired.report, {
      root: 's3://r',
      overdue: [],
      trails: { failing: [], fixed: [trailArn] },
    });
    expect(events.find(({ detailType }) => detailType === 'TrailSeal Trail Fixed')?.detail.because).toMatchObject([
      { name: 'StartLogging' },
    ]);
  });
});

test('a change of what several use scans them all, so that what is filed under its account is seen whole', async () => {
  const event = apiCall('DeleteBucketPolicy', {
    service: 's3',
    account: ARCHIVE,
    requestParameters: { bucketName: 'member-logs' },
  });
  const { whole, narrowed } = await changedWorld(world(), [event]);
  expect((await narrowed.rows('runs'))[0]?.because_accounts).toEqual([PAYMENTS, ARCHIVE, SHOP]);
  const ofArchive = async (scan: ScannedWorld, table: 'keys' | 'buckets') =>
    (await scan.rows<'keys' | 'buckets'>(table))
      .filter(({ account_id }) => account_id === ARCHIVE)
      .map((row) => ({ ...row, run_id: '', observed_at: '' }));
  for (const table of ['keys', 'buckets'] as const)
    expect(await ofArchive(narrowed, table)).toEqual(await ofArchive(whole, table));
  expect(narrowed.report.changes).toMatchObject({ newly_failing: 0, fixed: 0 });
});

test('after a change of the key of an organization trail, what is known of other accounts is said to be stale', async () => {
  const before = await scanWorld({ world: world() });
  const key = (await before.rows('trails')).find(({ is_organization }) => is_organization)?.kms_key_arn ?? '';
  const disabled = apiCall('DisableKey', {
    ...{ service: 'kms', account: OWNER, region: 'us-east-1', at: '2026-11-20T12:58:00Z' },
    requestParameters: { keyId: key },
  });
  const scan = await scannedAgain(before, world(), [disabled]);
  expect((await scan.rows('runs'))[0]?.everywhere_changed_at).toBe('2026-11-20T12:58:00.000Z');
  const tables = await openTables({ store: scan.store });
  try {
    const query = 'SELECT account_id, stale_since FROM';
    const ours = await allRows(await tables.query(`${query} current_coverage GROUP BY ALL ORDER BY ALL`));
    const since = '2026-11-20T12:58:00.000Z';
    expect(ours).toEqual([
      { account_id: OWNER, stale_since: null },
      ...[PAYMENTS, ARCHIVE, SHOP].map((account_id) => ({ account_id, stale_since: since })),
    ]);
    const sql = viewSql('current_coverage', { windowDays: 100_000 });
    expect(ours).toEqual(await allRows(await tables.query(`${query} (${sql}) GROUP BY ALL ORDER BY ALL`)));
  } finally {
    await tables.close();
  }
  // A clock that is ahead makes nothing stale for longer than the run itself would.
  const ahead = { ...disabled, detail: { ...disabled.detail, eventTime: '2030-01-01T00:00:00Z' } };
  const [row] = await (await scannedAgain(before, world(), [ahead])).rows('runs');
  expect(row?.everywhere_changed_at).toBe(row?.started_at);
});

test('an account that left has no row, and is not shown any more', async () => {
  const left = apiCall('RemoveAccountFromOrganization', {
    service: 'organizations',
    account: OWNER,
    requestParameters: { accountId: SHOP },
  });
  const rest = world();
  const { narrowed } = await changedWorld(
    {
      ...rest,
      accounts: rest.accounts.filter(({ name }) => name !== 'shop'),
      trails: rest.trails?.filter(({ name }) => name !== 'shop') ?? [],
    },
    [left],
  );
  expect((await narrowed.rows('runs'))[0]).toMatchObject({ because_accounts: [SHOP], status: 'COMPLETE', accounts: 3 });
  expect((await currentRuns(narrowed.store)).byAccount.has(SHOP)).toBe(true);
});
