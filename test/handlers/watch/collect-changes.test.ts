import { describe, expect, test } from '@jest/globals';
import { createCollect, PATIENCE } from '../../../functions/handlers/watch/collect-changes.ts';
import { noteRegions, silentRegions } from '../../../functions/handlers/watch/seen-regions.ts';
import { createStart } from '../../../functions/handlers/watch/start-narrowed-run.ts';
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
  const starting = (running = 0) => {
    const store = memoryStore();
    const started: [string, object][] = [];
    const handler = createStart({
      store,
      runsAtOnce: 2,
      running: async () => running,
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
    return { store, started, tick, file };
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
    const { started, tick, file } = starting(2);
    await file(FIRST, apiCall('StopLogging'));
    expect(await tick(FIRST)).toMatchObject({ batchItemFailures: [{ itemIdentifier: 't-0' }], started: null });
    expect(started).toEqual([]);
  });

  test('starts none for what affects nobody, or for what is no window', async () => {
    const { started, tick, file } = starting();
    await file(FIRST, apiCall('PutBucketPolicy', { service: 's3', requestParameters: { bucketName: 'app' } }));
    expect(await tick(FIRST)).toMatchObject({ batchItemFailures: [], started: null, events: 1 });
    await tick('../../plan');
    expect(started).toEqual([]);
  });

  test('refuses what is no batch of a queue in a sentence', async () => {
    const handler = createStart({ store: memoryStore(), runsAtOnce: 1, running: async () => 0, start: async () => {} });
    await expect(handler({}, context)).rejects.toThrow('This is no batch of a queue: Records');
  });
});
