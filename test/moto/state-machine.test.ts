import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runKeys } from '../../functions/domain/model/plan.ts';
import type { ReportStore } from '../../functions/domain/model/store.ts';
import type { Handler, HandlerName } from '../../functions/local/state-machine/invoker.ts';
import { runStateMachine } from '../../functions/local/state-machine/run.ts';
import { memoryStore } from '../statemachine/memory-store.ts';
import { type Payload, RUN_ID, type ToyHandlers, toyHandlers } from '../statemachine/toy-handlers.ts';
import { describeIfMoto } from './describe-with-moto.ts';
import { LambdaServiceError, type MotoGateway, startMotoGateway } from './gateway.ts';
import { createReportRoot, type MotoReportRoot } from './report-root.ts';
import { type MotoExecution, runInMoto } from './state-machine.ts';

const keys = runKeys(RUN_ID);
const account = (payload: unknown) => Number((payload as Payload).item.accountId);
const named = (name: string, message = 'a fault') => Object.assign(new Error(message), { name });
/** Waits of a second instead of up to twelve. */
const impatient = (template: string) => template.replaceAll(/"IntervalSeconds": \d+/g, '"IntervalSeconds": 1');

/** A hundred accounts, of which every tenth is refused and a few meet what the platform does; four owners. */
function troubled(store: ReportStore): ToyHandlers {
  const attempts = new Map<number, number>();
  const scan: Handler = async (payload) => {
    const id = account(payload);
    const attempt = (attempts.get(id) ?? 0) + 1;
    attempts.set(id, attempt);
    if (id % 10 === 0) throw named('AccessDenied', 'not allowed');
    if (id === 7 && attempt === 1) throw named('Sandbox.Timedout');
    if (id === 8) throw named('Runtime.ExitError', 'signal: killed');
    if (id === 9) return ['garbage'];
    await store.write(keys.observation((payload as Payload).item.accountId), JSON.stringify(payload));
    return { any: 'thing' };
  };
  const inspect: Handler = async (payload) => {
    if ((payload as Payload).item.itemId.endsWith('3-1')) throw named('KMSInternalException');
    await store.write(keys.inspection((payload as Payload).item.itemId), JSON.stringify(payload));
  };
  return toyHandlers({ store, accounts: 100, owners: 4, concurrency: 10, scan, inspect });
}

/** The calls of a run without what may differ: their order within a map, and names, times and traces. */
function comparable(calls: ToyHandlers['calls']): Record<HandlerName, string[]> {
  const skipped = new Set(['execution_arn', 'execution_name', 'Cause']);
  const text = (payload: unknown) =>
    JSON.stringify(sortedKeys(payload), (key, value) => (skipped.has(key) ? '…' : value));
  return Object.fromEntries(
    Object.entries(calls).map(([name, payloads]) => [name, payloads.map(text).sort()]),
  ) as Record<HandlerName, string[]>;
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortedKeys(inner)]),
  );
}

describeIfMoto('the same file in another interpreter', () => {
  let gateway: MotoGateway;
  beforeAll(async () => {
    gateway = await startMotoGateway();
  }, 60_000);
  afterAll(() => gateway?.stop());

  /** Runs with a report root of its own, named like the execution. */
  const inMoto = async (
    executionName: string,
    toys: (store: ReportStore) => ToyHandlers,
    check: (run: { result: MotoExecution; root: MotoReportRoot } & ToyHandlers) => Promise<void>,
    prefix = '',
  ) => {
    const root = await createReportRoot(gateway, `report-${executionName}`, prefix);
    const { handlers, calls } = toys(root.store);
    const { bucket } = root;
    const input = { resume: 'X' };
    try {
      const result = await runInMoto({ gateway, handlers, bucket, prefix, input, executionName, edit: impatient });
      await check({ result, root, handlers, calls });
    } finally {
      root.close();
    }
  };

  test('100 children, some of which fail, reach the report, and every handler is called as it is locally', async () => {
    await inMoto(
      'many',
      troubled,
      async ({ result, root, calls }) => {
        const output = { run_id: RUN_ID, observations: 88, inspections: 3, failures: 12 };
        expect(result).toMatchObject({ status: 'SUCCEEDED', output, error: null });
        expect(calls.plan).toEqual([
          {
            ...{ input: { resume: 'X' }, execution_arn: result.executionArn, execution_name: 'many' },
          },
        ]);
        expect(calls.notify).toEqual([output]);
        const failure = JSON.parse(
          Buffer.from((await root.store.read(keys.failure('scan', '000000000010'))) ?? []).toString('utf8'),
        );
        expect(failure.Error).toBe('AccessDenied');
        expect(JSON.parse(failure.Cause)).toMatchObject({ errorType: 'AccessDenied', errorMessage: 'not allowed' });
        const manifests: string[] = [];
        for await (const key of root.store.list('runs/many/map/')) manifests.push(key);
        expect(manifests).toEqual([
          expect.stringMatching(/^runs\/many\/map\/inspect\/.+\/manifest\.json$/),
          expect.stringMatching(/^runs\/many\/map\/scan\/.+\/manifest\.json$/),
        ]);

        const store = memoryStore({ prefix: 'security/' });
        const local = troubled(store);
        const { handlers } = local;
        const again = await runStateMachine({
          ...{ input: { resume: 'X' }, handlers, store, executionName: 'many', timeScale: 0.01 },
        });
        expect(again).toEqual({ status: 'SUCCEEDED', output });
        expect(comparable(local.calls)).toEqual(comparable(calls));
        expect(calls.scan).toHaveLength(103);
      },
      'security/',
    );
  }, 120_000);

  test('a function that Lambda throttles is called again', async () => {
    let refused = 0;
    const toys = (store: ReportStore) => {
      const scan: Handler = async () => {
        if (++refused < 3) throw new LambdaServiceError('TooManyRequestsException', 429);
      };
      return toyHandlers({ store, accounts: 1, scan });
    };
    await inMoto('throttled', toys, async ({ result, calls }) => {
      expect(result).toMatchObject({ status: 'SUCCEEDED', output: { failures: 0 } });
      expect(calls.scan).toHaveLength(3);
    });
  }, 60_000);

  test('nothing to scan, nothing to inspect', async () => {
    const toys = (store: ReportStore) => toyHandlers({ store });
    await inMoto('none', toys, async ({ result, calls }) => {
      expect(result).toMatchObject({ status: 'SUCCEEDED', output: { observations: 0 } });
      expect([calls.scan, calls.inspect, calls.report.length, calls.notify.length]).toEqual([[], [], 1, 1]);
    });
  }, 60_000);

  test('a map that cannot read its items does not keep the run from its report', async () => {
    const plan: Handler = async () => ({
      ...{ run_id: RUN_ID, run_date: '2026-11-02' },
      scan: { items_key: 'runs/nowhere.json', count: 3, concurrency: 2 },
    });
    const toys = (store: ReportStore) => toyHandlers({ store, plan });
    await inMoto('no-items', toys, async ({ result, calls }) => {
      expect(result.status).toBe('SUCCEEDED');
      const scan = { Error: expect.any(String), Cause: expect.any(String) };
      expect(calls.report).toEqual([{ run_id: RUN_ID, map_failures: { scan, inspect: null } }]);
    });
  }, 60_000);

  test('a gather that fails ends the execution, and what was observed stays', async () => {
    const gather: Handler = async () => {
      throw named('TypeError', 'a bug');
    };
    const toys = (store: ReportStore) => toyHandlers({ store, accounts: 2, gather });
    await inMoto('gather', toys, async ({ result, root, calls }) => {
      expect(result).toMatchObject({ status: 'FAILED', error: 'TypeError', cause: expect.stringContaining('a bug') });
      expect(calls.report).toEqual([]);
      expect(await root.store.read(keys.observation('000000000002'))).not.toBeNull();
    });
  }, 60_000);
});
