import { describe, expect, test } from '@jest/globals';
import { newRunId, runDate } from '../../../functions/domain/model/run-id.ts';
import { createCollect, PATIENCE } from '../../../functions/handlers/watch/collect-changes.ts';
import { noteRegions, silentRegions } from '../../../functions/handlers/watch/seen-regions.ts';
import { createStart } from '../../../functions/handlers/watch/start-runs.ts';
import { endOf, windowAt } from '../../../functions/handlers/watch/windows.ts';
import { writeTable } from '../../../functions/report/tables/tables.ts';
import { apiCall, MEMBER, ORG_OWNER } from '../../domain/watch/events.ts';
import { LATEST } from '../../report/sample-organization.ts';
import { coverageRow, runRow } from '../../report/tables/sample-rows.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';
import { batchOf } from './queue-model.ts';

const NOW = Date.parse('2026-11-20T06:03:00Z');
const context = { signal: new AbortController().signal };

function collecting(options: { writeTakes?: number } = {}) {
  const store = memoryStore();
  const ticks: string[] = [];
  const clock = { now: NOW };
  let slow = options.writeTakes ?? 0;
  const handler = createCollect({
    store: {
      ...store,
      async write(key, body) {
        clock.now += slow;
        slow = 0;
        await store.write(key, body);
      },
    },
    now: () => clock.now,
    windowSeconds: 300,
    newcomersArn: 'arn:newcomers',
    tick: async (window) => {
      ticks.push(window);
    },
  });
  const collect = (events: readonly unknown[], { arn = 'arn:events', received = 1 } = {}) =>
    handler(
      batchOf(
        arn,
        events.map((event, i) => ({
          id: `m-${i}`,
          body: typeof event === 'string' ? event : JSON.stringify(event),
          received,
        })),
      ),
      context,
    ) as Promise<{ batchItemFailures: { itemIdentifier: string }[]; kept: number }>;
  return { store, ticks, collect };
}

describe('windows', () => {
  test('are named by their beginning, and end with the next one’s', () => {
    const window = windowAt(NOW, 300);
    expect(window).toBe('watch-20261120T060000Z');
    expect(endOf(window, 300)).toBe(Date.parse('2026-11-20T06:05:00Z'));
    expect(windowAt(endOf(window, 300), 300)).toBe('watch-20261120T060500Z');
  });
});

describe('collecting changes', () => {
  test('files a batch under its window, once however often it comes', async () => {
    const { store, ticks, collect } = collecting();
    for (let i = 0; i < 2; i++) await collect([apiCall('StopLogging'), apiCall('DisableKey', { service: 'kms' })]);
    expect([...store.files.keys()].filter((key) => key.startsWith('runs/'))).toEqual([
      expect.stringMatching(/^runs\/watch-20261120T060000Z\/because\/[0-9a-f]{24}\.json$/),
    ]);
    expect(new Set(ticks)).toEqual(new Set(['watch-20261120T060000Z']));
  });

  test('files again under the window of the time where a write outlasts its window’s grace', async () => {
    const { ticks, collect } = collecting({ writeTakes: 200_000 });
    await collect([apiCall('StopLogging')]);
    expect(ticks).toEqual(['watch-20261120T060000Z', 'watch-20261120T060500Z']);
    const quick = collecting({ writeTakes: 100_000 });
    await quick.collect([apiCall('StopLogging')]);
    expect(quick.ticks).toHaveLength(1);
  });

  test('keeps nothing of what changed nothing, and gives back what it cannot read', async () => {
    const { store, ticks, collect } = collecting();
    const { batchItemFailures } = await collect([
      '{',
      '{"detail-type":"x"}',
      apiCall('StopLogging', { errorCode: 'AccessDenied' }),
    ]);
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'm-0' }, { itemIdentifier: 'm-1' }]);
    expect(ticks).toEqual([]);
    expect(store.files.size).toBe(0);
  });

  test('tries an account that joined until it has answered, and not forever', async () => {
    const joined = apiCall('CreateAccountResult', {
      service: 'organizations',
      account: ORG_OWNER,
      serviceEventDetails: { createAccountStatus: { state: 'SUCCEEDED', accountId: MEMBER } },
    });
    const newcomers = (received: number) => ({ arn: 'arn:newcomers', received });
    const { store, ticks, collect } = collecting();
    expect(await collect([joined])).toMatchObject({ kept: 0, batchItemFailures: [] });
    expect(await collect([joined], newcomers(1))).toMatchObject({
      kept: 1,
      batchItemFailures: [{ itemIdentifier: 'm-0' }],
    });
    expect(await collect([joined], newcomers(PATIENCE))).toMatchObject({ kept: 1, batchItemFailures: [] });
    // In a run in which it was refused, and then in one in which it answered.
    const of = { store, runId: LATEST, runDate: '2026-11-02' };
    await writeTable({ ...of, table: 'runs', rows: [runRow({ run_id: LATEST })] });
    const coverage = (state: 'SCANNED' | 'ACCESS_DENIED') =>
      writeTable({ ...of, table: 'coverage', rows: [coverageRow({ run_id: LATEST, account_id: MEMBER, state })] });
    await coverage('ACCESS_DENIED');
    expect(await collect([joined], newcomers(2))).toMatchObject({ kept: 1 });
    await coverage('SCANNED');
    const before = ticks.length;
    expect(await collect([joined], newcomers(3))).toMatchObject({ kept: 0, batchItemFailures: [] });
    expect(ticks).toHaveLength(before);
  });

  test('knows which regions have gone silent', async () => {
    const { store, collect } = collecting();
    await collect([apiCall('StopLogging', { region: 'eu-west-1', at: '2026-11-20T06:00:00Z' })]);
    await noteRegions(store, new Map([['us-east-1', '2026-11-26T06:00:00Z']]));
    const now = Date.parse('2026-11-28T06:00:00Z');
    expect(await silentRegions(store, { days: 7, now })).toEqual(['eu-west-1']);
    expect(await silentRegions(store, { days: 30, now })).toEqual([]);
    expect(await silentRegions(memoryStore(), { days: 1, now })).toEqual([]);
  });
});

describe('starting a run', () => {
  const starting = (running: string[] = []) => {
    const store = memoryStore();
    const started: [string, object][] = [];
    const later: string[] = [];
    const handler = createStart({
      store,
      now: () => NOW + 3_600_000,
      ...{ windowSeconds: 300, wholeRunHours: 6, runsAtOnce: 2 },
      running: async () => running,
      wholeLater: async (window) => {
        later.push(window);
      },
      start: async (name, input) => {
        started.push([name, input]);
      },
    });
    const tick = (...windows: string[]) =>
      handler(
        batchOf(
          'ticks',
          windows.map((window, i) => ({ id: `t-${i}`, body: JSON.stringify({ window }), received: 1 })),
        ),
        context,
      );
    const file = (window: string, ...events: object[]) =>
      store.write(`runs/${window}/because/a.json`, JSON.stringify(events));
    return { store, started, later, tick, file };
  };
  const FIRST = 'watch-20261120T060000Z';
  const SECOND = 'watch-20261120T060500Z';

  test('makes one of several windows, named by the last', async () => {
    const { store, started, tick, file } = starting();
    await file(FIRST, apiCall('StopLogging'));
    await file(SECOND, apiCall('StartLogging', { account: ORG_OWNER }));
    await tick(FIRST, SECOND);
    expect(started).toEqual([[SECOND, { because: SECOND }]]);
    expect(JSON.parse(store.text(`runs/${SECOND}/because.json`))).toMatchObject({
      accounts: [ORG_OWNER, MEMBER],
      events: 2,
    });
  });

  test('waits where as many are under way as may be', async () => {
    const { started, tick, file } = starting(['watch-20261120T055000Z', 'watch-20261120T055500Z']);
    await file(FIRST, apiCall('StopLogging'));
    expect(await tick(FIRST)).toMatchObject({ batchItemFailures: [{ itemIdentifier: 't-0' }], started: null });
    expect(started).toEqual([]);
  });

  test('starts none for what affects nobody, or for what is no window', async () => {
    const { started, tick, file } = starting();
    await file(FIRST, apiCall('PutBucketPolicy', { service: 's3', requestParameters: { bucketName: 'app' } }));
    expect(await tick(FIRST)).toMatchObject({ batchItemFailures: [], started: null });
    await tick('../../plan');
    expect(started).toEqual([]);
  });

  test('refuses what is no batch of a queue in a sentence', async () => {
    const handler = createStart({
      ...{ store: memoryStore(), now: () => NOW, windowSeconds: 300, wholeRunHours: 6, runsAtOnce: 1 },
      ...{ running: async () => [], start: async () => {}, wholeLater: async () => {} },
    });
    await expect(handler({}, context)).rejects.toThrow('This is no batch of a queue: Records');
  });

  describe('of all accounts', () => {
    const ORGANIZATION = apiCall('UpdateTrail', { requestParameters: { isOrganizationTrail: true } });
    const WHOLE = `${FIRST}-whole`;
    const ended = async (
      store: ReturnType<typeof memoryStore>,
      at: string,
      name: string,
      scope = 'ORGANIZATION' as const,
    ) => {
      const runId = newRunId(Date.parse(at));
      const execution_arn = `arn:aws:states:eu-west-1:1:execution:TrailSeal:${name}`;
      const row = runRow({ run_id: runId, started_at: at, scope, execution_arn });
      const of = { store, runId, runDate: runDate(runId) };
      for (const table of ['trails', 'keys'] as const) await writeTable({ ...of, table, rows: [] });
      await writeTable({ ...of, table: 'runs', rows: [row] });
    };

    test('follows where an organization trail changed, and not where another did', async () => {
      const { started, later, tick, file } = starting();
      await file(FIRST, ORGANIZATION);
      await tick(FIRST);
      expect(started).toEqual([[FIRST, { because: FIRST }]]);
      expect(later).toEqual([WHOLE]);
      const other = starting();
      await other.file(FIRST, apiCall('StopLogging'));
      await other.tick(FIRST);
      expect(other.later).toEqual([]);
    });

    test('starts by its own name, with nothing that narrows it', async () => {
      const { store, started, tick } = starting();
      await ended(store, '2026-11-20T05:00:00.000Z', 'daily');
      expect(await tick(WHOLE)).toMatchObject({ whole: 'NOW', batchItemFailures: [] });
      expect(started).toEqual([[WHOLE, {}]]);
    });

    test('is left out where one has looked at everything since', async () => {
      const { store, started, tick } = starting();
      await ended(store, '2026-11-20T06:30:00.000Z', 'daily');
      expect(await tick(WHOLE)).toMatchObject({ whole: 'NO', batchItemFailures: [] });
      expect(started).toEqual([]);
    });

    test('waits for hours after the last one that changes started, and while one is under way; windows do not', async () => {
      const { store, started, tick, file } = starting();
      await ended(store, '2026-11-20T02:00:00.000Z', 'watch-20261120T015500Z-whole');
      await file(SECOND, apiCall('StopLogging'));
      expect(await tick(WHOLE, SECOND)).toMatchObject({
        whole: 'LATER',
        batchItemFailures: [{ itemIdentifier: 't-0' }],
      });
      expect(started).toEqual([[SECOND, { because: SECOND }]]);
      const busy = starting([WHOLE]);
      await busy.file(SECOND, apiCall('StopLogging'));
      expect(await busy.tick(`${SECOND}-whole`, SECOND)).toMatchObject({ whole: 'LATER', started: SECOND });
    });

    test('is one for several windows', async () => {
      const { started, tick } = starting();
      await tick(WHOLE, `${SECOND}-whole`);
      expect(started).toEqual([[`${SECOND}-whole`, {}]]);
    });
  });
});
