import { describe, expect, test } from '@jest/globals';
import { runKeys } from '../../functions/domain/model/plan.ts';
import type { Handler } from '../../functions/local/state-machine/invoker.ts';
import { runStateMachine, type StateMachineEvent } from '../../functions/local/state-machine/run.ts';
import { memoryStore } from './memory-store.ts';
import { type Payload, RUN_ID, toyHandlers } from './toy-handlers.ts';

const keys = runKeys(RUN_ID);
const EXECUTION = 'execution-1';
const named = (name: string, message = 'a fault') => Object.assign(new Error(message), { name });
const account = (payload: unknown) => Number((payload as Payload).item.accountId);

/** Runs the workflow with time a hundred times as fast. */
async function run(
  options: Parameters<typeof toyHandlers>[0],
  more: Partial<Parameters<typeof runStateMachine>[0]> = {},
) {
  const toys = toyHandlers(options);
  const events: StateMachineEvent[] = [];
  const result = await runStateMachine({
    ...{ input: {}, handlers: toys.handlers, store: options.store, executionName: EXECUTION, timeScale: 0.002 },
    onEvent: (event) => events.push(event),
    ...more,
  });
  return { result, events, ...toys };
}

describe('a calm run', () => {
  test('goes from plan to notify and hands over what the contract says', async () => {
    const store = memoryStore();
    const { result, calls } = await run({ store, accounts: 12, owners: 3 }, { input: { resume: 'X', lake: false } });
    const output = { run_id: RUN_ID, observations: 12, inspections: 3, failures: 0 };
    expect(result).toEqual({ status: 'SUCCEEDED', output });
    expect(calls.plan).toEqual([
      {
        input: { resume: 'X', lake: false },
        execution_arn: 'LOCAL',
        execution_name: EXECUTION,
      },
    ]);
    expect(calls.scan).toHaveLength(12);
    expect(JSON.parse(store.text(keys.observation('000000000003')))).toEqual({
      run_id: RUN_ID,
      item: { accountId: '000000000003', accountState: 'ACTIVE', regions: ['eu-west-1'] },
    });
    expect(calls.gather).toEqual([{ run_id: RUN_ID }]);
    expect(calls.inspect).toContainEqual({ run_id: RUN_ID, item: { itemId: '000000000002-1', owner: '000000000002' } });
    expect(calls.report).toEqual([{ run_id: RUN_ID, map_failures: { scan: null, inspect: null } }]);
    expect(calls.notify).toEqual([output]);
    expect(calls.record).toEqual([]);
  });

  test('with nothing to scan and nothing to inspect enters no map', async () => {
    const { result, events, calls } = await run({ store: memoryStore() });
    expect(result.status).toBe('SUCCEEDED');
    const entered = events.flatMap((event) => (event.type === 'state-entered' ? [event.state] : []));
    expect(entered).toEqual(['Plan', 'AnythingToScan', 'Gather', 'AnythingToInspect', 'Report', 'Notify']);
    expect(calls.report).toHaveLength(1);
  });

  test('an item file that is an empty array is a map without children', async () => {
    const store = memoryStore();
    const plan: Handler = async () => {
      await store.write(keys.scanItems, '[]\n');
      return { run_id: RUN_ID, run_date: '2026-11-02', scan: { items_key: keys.scanItems, count: 1, concurrency: 1 } };
    };
    const { result, calls } = await run({ store, plan });
    expect(result.status).toBe('SUCCEEDED');
    expect(calls.report).toEqual([{ run_id: RUN_ID, map_failures: { scan: null, inspect: null } }]);
  });

  test('reads and writes under the prefix of the root', async () => {
    const store = memoryStore({ prefix: 'security/trailseal/' });
    const { result } = await run({ store, accounts: 2, owners: 1 });
    expect(result).toMatchObject({ output: { observations: 2, inspections: 1 } });
    const written = [...store.files.keys()].filter((key) => key.includes('/map/'));
    expect(written).toHaveLength(4);
    for (const key of written) expect(key).toMatch(new RegExp(`^runs/${EXECUTION}/map/(scan|inspect)/`));
  });

  test('never runs more children at once than the plan or the caller allows', async () => {
    for (const [asked, allowed, most] of [
      [4, undefined, 4],
      [9, 3, 3],
    ] as const) {
      let now = 0;
      let peak = 0;
      const scan: Handler = async () => {
        peak = Math.max(peak, ++now);
        await new Promise((resolve) => setTimeout(resolve, 2));
        now -= 1;
      };
      const bound = allowed === undefined ? {} : { concurrency: allowed };
      await run({ store: memoryStore(), accounts: 40, concurrency: asked, scan }, { ...bound, timeScale: 1 });
      expect(peak).toBe(most);
    }
  });

  test('tells its progress', async () => {
    const scan: Handler = async (payload) => {
      if (account(payload) === 2) throw named('TypeError');
    };
    const { events } = await run({ store: memoryStore(), accounts: 3, scan });
    const progress = events.flatMap((event) => (event.type === 'map-progress' ? [event] : []));
    expect(progress.map(({ done }) => done)).toEqual([1, 2, 3]);
    expect(progress.at(-1)).toEqual({ type: 'map-progress', map: 'Scan', done: 3, recorded: 1, failed: 0 });
    expect(events).toContainEqual({
      ...{ type: 'attempt-failed', map: 'Scan', state: 'ScanAccount', error: 'TypeError' },
      cause: expect.stringContaining('"errorMessage":"a fault"'),
    });
    const exited = events.find((event) => event.type === 'state-exited' && event.state === 'Plan');
    expect(exited).toMatchObject({ output: { scan: { count: 3 } } });
  });
});

describe('a child that', () => {
  const recorded = (store: ReturnType<typeof memoryStore>, id: number, map: 'scan' | 'inspect' = 'scan') =>
    JSON.parse(
      store.text(
        keys.failure(map, map === 'scan' ? String(id).padStart(12, '0') : `${String(id).padStart(12, '0')}-1`),
      ),
    );

  test('throws is recorded with its cause, and the others are scanned', async () => {
    const store = memoryStore();
    const scan: Handler = async (payload) => {
      if (account(payload) % 3 === 0) throw named('AccessDenied', 'not allowed');
      await store.write(keys.observation((payload as Payload).item.accountId), '{}');
    };
    const { result, calls } = await run({ store, accounts: 10, scan });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { observations: 7, failures: 3 } });
    const { Error: error, Cause } = recorded(store, 3);
    expect(error).toBe('AccessDenied');
    expect(JSON.parse(Cause)).toEqual({
      errorType: 'AccessDenied',
      errorMessage: 'not allowed',
      trace: expect.any(Array),
    });
    expect(calls.record[0]).toMatchObject({ run_id: RUN_ID, map: 'scan', item: { accountState: 'ACTIVE' } });
    // Not one of the platform's errors: asking again would bring the same answer.
    expect(calls.scan).toHaveLength(10);
  });

  test('is killed is tried again and then recorded', async () => {
    const store = memoryStore();
    const attempts = new Map<number, number>();
    const scan: Handler = async (payload) => {
      const id = account(payload);
      const attempt = (attempts.get(id) ?? 0) + 1;
      attempts.set(id, attempt);
      if (id === 1) throw named('Runtime.ExitError', 'RequestId: x Error: Runtime exited with error: signal: killed');
      if (id === 2 && attempt < 3) throw named('Sandbox.Timedout');
    };
    const { result } = await run({ store, accounts: 4, scan });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { failures: 1 } });
    expect(Object.fromEntries(attempts)).toEqual({ 1: 3, 2: 3, 3: 1, 4: 1 });
    expect(recorded(store, 1).Error).toBe('Runtime.ExitError');
  });

  test('hangs is told to stop at its time-out, and recorded with the empty cause of AWS', async () => {
    const store = memoryStore();
    let told = 0;
    const scan: Handler = (payload, { signal }) =>
      account(payload) === 2
        ? new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              told += 1;
              reject(named('AbortError'));
            });
          })
        : Promise.resolve();
    const { result } = await run({ store, accounts: 3, scan });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { failures: 1 } });
    expect(recorded(store, 2)).toEqual({ Error: 'States.Timeout', Cause: '' });
    expect(told).toBe(3);
  });

  test.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['null', () => null],
    ['a number', () => 42],
    ['a prototype key', () => JSON.parse('{"__proto__":{"outcome":"EVIL"}}')],
    ['a JSONPath', () => ({ 'outcome.$': '$.nowhere' })],
  ])('returns %s is done: what it returns is not looked at', async (_, garbage) => {
    const { result, calls } = await run({ store: memoryStore(), accounts: 3, scan: async () => garbage() });
    expect(result.status).toBe('SUCCEEDED');
    expect(calls.record).toEqual([]);
    expect(calls.report).toHaveLength(1);
  });

  test('returns what is not JSON is recorded', async () => {
    const store = memoryStore();
    const { result } = await run({ store, accounts: 1, scan: async () => ({ count: 1n }) });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { failures: 1 } });
    expect(recorded(store, 1).Cause).toContain('BigInt');
  });

  test('returns more than 256 KiB is recorded', async () => {
    const store = memoryStore();
    const { result, calls } = await run({ store, accounts: 2, scan: async () => 'x'.repeat(262_144) });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { failures: 2 } });
    expect(recorded(store, 1)).toMatchObject({ Error: 'States.DataLimitExceeded' });
    expect(calls.scan).toHaveLength(2);
  });

  test('throws what is no error, or an endless message, is recorded all the same', async () => {
    const store = memoryStore();
    const scan: Handler = async (payload) => {
      if (account(payload) === 1) throw 'a string';
      throw new Error('\u0000'.repeat(1_000_000));
    };
    const { result } = await run({ store, accounts: 2, scan });
    expect(result).toMatchObject({ output: { failures: 2 } });
    expect(JSON.parse(recorded(store, 1).Cause)).toEqual({ errorType: 'string', errorMessage: 'a string', trace: [] });
    expect(recorded(store, 2).Cause.length).toBeLessThanOrEqual(32_768);
  });

  test('cannot even be recorded is in the FAILED file with its input and cause', async () => {
    const store = memoryStore();
    const fail: Handler = async () => {
      throw named('StoreError', 'no space left');
    };
    const scan: Handler = async (payload) => {
      if (account(payload) === 2) throw named('TypeError');
    };
    const { result, events } = await run({ store, accounts: 3, scan, record: fail });
    expect(result.status).toBe('SUCCEEDED');
    expect(events).toContainEqual(expect.objectContaining({ type: 'child-failed', map: 'Scan', error: 'StoreError' }));
    const [manifestKey] = [...store.files.keys()].filter((key) => key.endsWith('/manifest.json'));
    const { ResultFiles } = JSON.parse(store.text(manifestKey ?? ''));
    expect(ResultFiles.PENDING).toEqual([]);
    const failed = JSON.parse(store.text(ResultFiles.FAILED[0].Key));
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({ Status: 'FAILED', Error: 'StoreError' });
    expect(failed[0].Cause).toContain('no space left');
    expect(JSON.parse(failed[0].Input)).toMatchObject({ run_id: RUN_ID, item: { accountId: '000000000002' } });
    const succeeded = store.text(ResultFiles.SUCCEEDED[0].Key);
    expect(Buffer.byteLength(succeeded)).toBe(ResultFiles.SUCCEEDED[0].Size);
    expect(JSON.parse(succeeded).map(({ Output }: { Output: string }) => JSON.parse(Output))).toEqual([
      { outcome: 'DONE' },
      { outcome: 'DONE' },
    ]);
  });

  test('inspects and fails is recorded under its item id', async () => {
    const store = memoryStore();
    const inspect: Handler = async () => {
      throw named('KMSInternalException');
    };
    const { result } = await run({ store, owners: 2, inspect });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { failures: 2 } });
    expect(recorded(store, 2, 'inspect').Error).toBe('KMSInternalException');
  });
});

describe('the run as a whole', () => {
  test('reaches its report when the items cannot be read, and the report is told', async () => {
    const store = memoryStore();
    const plan: Handler = async () => ({
      ...{ run_id: RUN_ID, run_date: '2026-11-02' },
      scan: { items_key: 'runs/nowhere.json', count: 5, concurrency: 1 },
    });
    const { result, calls } = await run({ store, plan });
    expect(result.status).toBe('SUCCEEDED');
    const scan = { Error: 'States.ItemReaderFailed', Cause: 'there is no file runs/nowhere.json' };
    expect(calls.report).toEqual([{ run_id: RUN_ID, map_failures: { scan, inspect: null } }]);
  });

  test.each([
    ['{"a":1}', 'not a JSON array'],
    ['[1,2', 'ends after 1 items'],
    ['[1,nope]', 'item 2'],
    ['[1] 2', 'goes on'],
  ])('reaches its report when the items are %s', async (text, cause) => {
    const store = memoryStore();
    const plan: Handler = async () => {
      await store.write(keys.scanItems, text);
      return { run_id: RUN_ID, run_date: '2026-11-02', scan: { items_key: keys.scanItems, count: 5, concurrency: 1 } };
    };
    const { calls } = await run({ store, plan, scan: async () => null });
    expect(calls.report).toEqual([
      {
        run_id: RUN_ID,
        map_failures: {
          scan: { Error: 'States.ItemReaderFailed', Cause: expect.stringContaining(cause) },
          inspect: null,
        },
      },
    ]);
  });

  test('reaches its report when the results cannot be written', async () => {
    const store = memoryStore({
      beforeWrite: (key) => {
        if (key.includes('/map/scan/')) throw named('StoreError', 'read-only');
      },
    });
    const { result, calls } = await run({ store, accounts: 3, owners: 1 });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { inspections: 1 } });
    const scan = { Error: 'States.ResultWriterFailed', Cause: 'read-only' };
    expect(calls.report).toEqual([{ run_id: RUN_ID, map_failures: { scan, inspect: null } }]);
  });

  test.each(['plan', 'gather', 'report', 'notify'] as const)(
    'fails when %s fails, with what was thrown',
    async (name) => {
      const store = memoryStore();
      const thrown = named('ConfigurationError', 'there is no account 123');
      const fail: Handler = async () => {
        throw thrown;
      };
      const { result, calls } = await run({ store, accounts: 2, [name]: fail });
      expect(result).toEqual({
        ...{ status: 'FAILED', error: 'ConfigurationError', thrown },
        cause: expect.stringContaining('there is no account 123'),
      });
      expect(calls[name]).toHaveLength(1);
      // Whatever had been observed is still there for a redrive.
      if (name !== 'plan') expect(store.files.has(keys.observation('000000000002'))).toBe(true);
    },
  );

  test('fails when a plan is too large to travel', async () => {
    const plan: Handler = async () => ({ run_id: 'x'.repeat(300_000) });
    const { result, calls } = await run({ store: memoryStore(), plan });
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(calls.plan).toHaveLength(1);
  });

  test('fails on an input that is too large, before plan is called', async () => {
    const { result, calls } = await run({ store: memoryStore() }, { input: { accounts: 'x'.repeat(262_200) } });
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(calls.plan).toEqual([]);
  });

  test('counts bytes, not characters', async () => {
    const { result } = await run({ store: memoryStore() }, { input: { name: 'é'.repeat(140_000) } });
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  test('ends when it takes too long', async () => {
    const template = '{"StartAt":"Plan","TimeoutSeconds":1,"States":{"Plan":{"Type":"Wait","Seconds":20,"End":true}}}';
    const { result } = await run({ store: memoryStore() }, { template, timeScale: 0.01 });
    expect(result).toEqual({ status: 'TIMED_OUT' });
  });

  test('refuses a definition it cannot run faithfully', async () => {
    const { readTemplate } = await import('../../functions/local/state-machine/definition.ts');
    const template = (await readTemplate()).replaceAll('"InputType": "JSON"', '"InputType": "CSV"');
    await expect(run({ store: memoryStore() }, { template })).rejects.toThrow('InputType');
  });
});

describe('Ctrl-C', () => {
  test('stops dispatching, tells the handlers, records nothing, and says so', async () => {
    const store = memoryStore();
    const controller = new AbortController();
    let told = 0;
    const scan: Handler = async (payload, { signal }) => {
      if (account(payload) <= 7) return store.write(keys.observation((payload as Payload).item.accountId), '{}');
      if (account(payload) === 10) setImmediate(() => controller.abort());
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          told += 1;
          reject(named('AbortError'));
        });
      });
    };
    const { result, calls } = await run({ store, accounts: 500, scan }, { signal: controller.signal, timeScale: 1 });
    expect(result).toEqual({ status: 'ABORTED' });
    expect(told).toBe(5);
    expect(calls.scan).toHaveLength(12);
    expect(calls.record).toEqual([]);
    expect(calls.report).toEqual([]);
    expect([...store.files.keys()].filter((key) => key.startsWith(keys.observations))).toHaveLength(7);
    // A map run that was stopped leaves no result files.
    expect([...store.files.keys()].filter((key) => key.includes('/map/'))).toEqual([]);
  });

  test('waits for what a handler is still writing', async () => {
    const store = memoryStore();
    const controller = new AbortController();
    const scan: Handler = async () => {
      controller.abort();
      await new Promise((resolve) => setTimeout(resolve, 20));
      await store.write('written', 'after the abort');
    };
    const { result } = await run({ store, accounts: 1, scan }, { signal: controller.signal, timeScale: 1 });
    expect(result).toEqual({ status: 'ABORTED' });
    expect(store.text('written')).toBe('after the abort');
  });

  test('cuts a back-off short', async () => {
    const controller = new AbortController();
    const scan: Handler = async () => {
      setTimeout(() => controller.abort(), 10);
      throw named('Lambda.ServiceException');
    };
    const template = (await import('../../functions/local/state-machine/definition.ts')).readTemplate();
    // Hours: the test ends only where the wait does.
    const patient = (await template)
      .replaceAll('"JitterStrategy": "FULL"', '"JitterStrategy": "NONE"')
      .replaceAll(/"IntervalSeconds": \d+/g, '"IntervalSeconds": 7200');
    const { result, calls } = await run(
      { store: memoryStore(), accounts: 1, scan },
      { signal: controller.signal, timeScale: 1, template: patient },
    );
    expect(result).toEqual({ status: 'ABORTED' });
    expect(calls.scan).toHaveLength(1);
  });

  test('before the start runs nothing', async () => {
    const { result, calls } = await run({ store: memoryStore() }, { signal: AbortSignal.abort() });
    expect(result).toEqual({ status: 'ABORTED' });
    expect(calls.plan).toEqual([]);
  });
});
