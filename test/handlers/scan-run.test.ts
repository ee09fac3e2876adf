import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { newRunId } from '../../functions/domain/model/run-id.ts';
import { createHandlers } from '../../functions/handlers/handlers.ts';
import { runStateMachine } from '../../functions/local/state-machine/run.ts';
import type { CallRecord, SimulationSpec } from '../../functions/simulator/simulation.ts';
import { createSimulation } from '../../functions/simulator/simulation.ts';
import { atDepth } from '../depth.ts';
import { NOW, portsFor, type ScannedWorld, scanWorld } from '../scan-world.ts';
import { memoryStore } from '../statemachine/memory-store.ts';

const ACCOUNTS = atDepth({ quick: 22, deep: 40 });
const REGIONS = atDepth({ quick: 4, deep: 17 });
const SHOWCASE: SimulationSpec = { accounts: ACCOUNTS, regions: REGIONS, seed: 11 };
const TABLES = ['coverage', 'findings', 'trails', 'keys', 'buckets'] as const;

/** Rows without what differs between two runs over the same organization: ids and times of looking. */
async function comparable(scanned: ScannedWorld): Promise<unknown> {
  const all: Record<string, unknown> = {};
  for (const table of TABLES) {
    all[table] = (await scanned.rows(table)).map((row) => {
      const { run_id: _, observed_at: __, ...rest } = row;
      return {
        ...rest,
        duration_ms: 0,
        first_seen_at: 'first_seen_at' in rest && rest.first_seen_at !== null ? 'set' : null,
      };
    });
  }
  // Error messages name the session, and the session names the run.
  return JSON.parse(JSON.stringify(all).replaceAll(scanned.runId, 'RUN'));
}

describe('a run over the showcase organization', () => {
  it('has a row for every account and Region, each in exactly one state, and counts that add up', async () => {
    const { report, rows } = await scanWorld(SHOWCASE);
    const coverage = await rows('coverage');
    const { run } = report;
    expect(coverage).toHaveLength(ACCOUNTS * REGIONS);
    expect(new Set(coverage.map((c) => `${c.account_id}/${c.region}`)).size).toBe(ACCOUNTS * REGIONS);
    const states = run.scanned + run.region_disabled + run.region_denied + run.account_inactive + run.excluded;
    expect(states + run.access_denied + run.throttled + run.error + run.not_scanned).toBe(run.targets);
    expect(Object.values(report.accounts.by_verdict).reduce((a, b) => a + b, 0)).toBe(ACCOUNTS);
    expect((await rows('trails')).map((t) => t.trail_arn)).toEqual([
      ...new Set((await rows('trails')).map((t) => t.trail_arn)),
    ]);
  });

  it('gives identical tables twice but for ids and times', async () => {
    const [first, second] = [await scanWorld(SHOWCASE), await scanWorld(SHOWCASE)];
    expect(await comparable(second)).toEqual(await comparable(first));
  });

  it('gives byte-identical tables from the same observations', async () => {
    const { store, runId, simulation, report } = await scanWorld(SHOWCASE);
    const parquet = () =>
      TABLES.map((t) => store.files.get(`tables/${t}/run_date=${report.run.run_date}/${runId}.parquet`));
    const before = parquet().map((bytes) => Buffer.from(bytes ?? []).toString('base64'));
    const handlers = createHandlers(portsFor(simulation, store));
    await handlers.report({ run_id: runId }, { signal: new AbortController().signal });
    expect(parquet().map((bytes) => Buffer.from(bytes ?? []).toString('base64'))).toEqual(before);
  });

  it('signs every call in an account with credentials of that account alone', async () => {
    const calls: CallRecord[] = [];
    await scanWorld(
      { ...SHOWCASE, latency: 1 },
      { hooks: { onCall: (call) => calls.push(call) }, settings: { concurrency: 16 } },
    );
    const owners = new Map<string, Set<string>>();
    for (const { accessKeyId, accountId } of calls) {
      expect(accountId).not.toBeNull();
      owners.set(accessKeyId, (owners.get(accessKeyId) ?? new Set()).add(accountId ?? ''));
    }
    expect([...owners.values()].filter((accounts) => accounts.size !== 1)).toEqual([]);
    expect(owners.size).toBeGreaterThan(atDepth({ quick: 10, deep: 30 }));
    const foreign = calls.filter(
      (c) =>
        c.service === 'cloudtrail' &&
        c.resource !== '*' &&
        c.accountId !== null &&
        c.outcome === 'ok' &&
        !c.resource.includes(c.accountId) &&
        c.operation === 'GetEventSelectors',
    );
    expect(foreign).toEqual([]);
  });
});

describe('where Lambda has little room', () => {
  const room = (value: number) => async () => ({ ok: true as const, value });
  const widest = async (lambdaRoom: () => Promise<{ ok: true; value: number }>, resume?: ScannedWorld) => {
    let now = 0;
    let most = 0;
    const simulation = resume?.simulation ?? createSimulation({ now: NOW, accounts: 30, regions: 2, seed: 11 });
    const store = resume?.store ?? memoryStore();
    const ports = { ...portsFor(simulation, store, { concurrency: 12 }), lambdaRoom };
    const handlers = createHandlers(ports);
    const counted: typeof handlers.scan = async (...given) => {
      most = Math.max(most, ++now);
      // A Lambda that is full refuses; nothing here makes it wait.
      return setTimeout(1, handlers.scan(...given)).finally(() => now--);
    };
    const result = await runStateMachine({
      input: resume ? { resume: resume.runId } : {},
      handlers: { ...handlers, scan: counted },
      store,
      executionName: newRunId(simulation.now() + (resume ? 1 : 0)),
    });
    const { run_id: runId } = (result as unknown as { output: { run_id: string } }).output;
    return {
      most,
      notes: JSON.parse(store.text(`reports/${runId}/report.json`)).notes as string[],
      runId,
      store,
      simulation,
    };
  };

  it('no more children run at once than it leaves, in a resumed run too, and the report says so', async () => {
    const first = await widest(room(10));
    expect(first.most).toBe(8);
    const said = (notes: string[]) => notes.filter((note) => note.includes('at once'));
    expect(said(first.notes)).toEqual([expect.stringContaining('8 at once, not 12: Lambda leaves 10')]);
    const resumed = await widest(room(6), first as never);
    expect(resumed.most).toBeLessThanOrEqual(4);
    expect(said(resumed.notes)).toHaveLength(2);
    const roomy = await widest(room(1_000));
    expect([roomy.most, said(roomy.notes)]).toEqual([12, []]);
  });
});

describe('the calls of a scan', () => {
  it('list the accounts again at Report, where one failed, without their units; one that was closed is inactive', async () => {
    const { store, runId, simulation, rows } = await scanWorld(SHOWCASE);
    const failed = (await rows('coverage')).find(({ state }) => state === 'ACCESS_DENIED');
    expect(failed).toBeDefined();
    simulation.change(String(failed?.account_id), { state: 'CLOSED' });
    simulation.resetCalls();
    const handlers = createHandlers(portsFor(simulation, store));
    await handlers.report({ run_id: runId }, { signal: new AbortController().signal });
    expect(simulation.calls().byOperation).toEqual({ GetCallerIdentity: 1, ListAccounts: 2 });
    const again = (await rows('coverage')).filter(({ account_id }) => account_id === failed?.account_id);
    expect(new Set(again.map(({ state }) => state))).toEqual(new Set(['ACCOUNT_INACTIVE']));
  });

  it('are as few as the contract says, per account', async () => {
    const simulation = createSimulation({
      now: NOW,
      world: {
        accounts: [{ name: 'management' }, { name: 'a' }, { name: 'b' }],
        regions: ['us-east-1', 'eu-west-1', 'me-south-1'],
        trails: [
          { name: 'org', organization: true, key: 'k' },
          { name: 'local', owner: 'a', key: 'k' },
        ],
        keys: [{ name: 'k' }],
      },
    });
    const store = memoryStore();
    const handlers = createHandlers(portsFor(simulation, store));
    const noInspect = { ...handlers, gather: async () => ({ inspect: { items_key: '', count: 0 } }) };
    await runStateMachine({
      input: {},
      handlers: { ...noInspect, report: async () => ({}), notify: async () => ({}) },
      store,
      executionName: 'one',
    });
    const [, a] = [
      simulation.accountAt(0),
      [...Array(3).keys()].map((i) => simulation.accountAt(i)).find((x) => x.name === 'a'),
    ];
    expect(simulation.calls().byAccountAndOperation(a?.id ?? '')).toEqual({
      DescribeRegions: 1,
      DescribeTrails: 2,
      ListEventDataStores: 2,
      GetTrailStatus: 2,
      GetEventSelectors: 1,
    });
    expect(simulation.calls().byOperation.AssumeRole).toBe(2);
  });

  it('inspect one key once, however many accounts share it', async () => {
    const { simulation, report } = await scanWorld({
      world: {
        accounts: [{ name: 'management' }, ...Array.from({ length: 30 }, (_, i) => ({ name: `m${i}` }))],
        trails: [
          { name: 'org', organization: true, key: 'k', bucket: 'b' },
          ...Array.from({ length: 30 }, (_, i) => ({ name: 'local', owner: `m${i}`, key: 'k', bucket: 'b' })),
        ],
        keys: [{ name: 'k' }],
        buckets: [{ name: 'b' }],
      },
    });
    const { byOperation } = simulation.calls();
    expect(report.trails.total).toBe(31);
    for (const operation of ['DescribeKey', 'GetKeyPolicy', 'GetKeyRotationStatus'])
      expect(byOperation[operation]).toBe(1);
    for (const operation of [
      'GetPublicAccessBlock',
      'GetBucketPolicy',
      'GetBucketVersioning',
      'GetBucketEncryption',
      'GetObjectLockConfiguration',
      'GetBucketLifecycleConfiguration',
      'GetBucketLogging',
      'ListBuckets',
    ]) {
      expect([operation, byOperation[operation]]).toEqual([operation, 1]);
    }
    expect(byOperation.GetAccountPublicAccessBlock).toBeUndefined();
  });

  it("ask for an account's public access block once, and only where a bucket of it is open by itself", async () => {
    const { simulation, rows } = await scanWorld({
      world: {
        accounts: [{ name: 'management' }, { name: 'shut', accountPublicAccessBlock: true }, { name: 'sound' }],
        trails: ['a', 'b', 'c'].flatMap((name) => [
          { name, owner: 'shut', bucket: `shut-${name}` },
          { name, owner: 'sound', bucket: `sound-${name}` },
        ]),
        buckets: ['a', 'b', 'c'].map((name) => ({ name: `shut-${name}`, owner: 'shut', publicBlocked: false })),
      },
    });
    const { byOperation } = simulation.calls();
    expect([byOperation.GetPublicAccessBlock, byOperation.GetAccountPublicAccessBlock]).toEqual([6, 1]);
    expect((await rows('buckets')).map((row) => row.public_blocked)).toEqual(Array(6).fill(true));
  });
});

describe('a run that is cut short or faulty', () => {
  const world: SimulationSpec = {
    world: {
      accounts: [{ name: 'management' }, { name: 'a' }, { name: 'b' }, { name: 'c' }],
      trails: [{ name: 'org', organization: true, key: 'k' }],
      keys: [{ name: 'k' }],
    },
  };

  it('is finished by resuming it, and scans nothing again that was complete', async () => {
    const simulation = createSimulation({ now: NOW, ...(world.world && { world: world.world }) });
    const store = memoryStore();
    const ports = portsFor(simulation, store);
    const real = createHandlers(ports);
    const failing = {
      ...real,
      scan: async (payload: unknown, context: { signal: AbortSignal }) => {
        if ((payload as { item: { accountId: string } }).item.accountId === simulation.accountAt(2).id)
          throw new Error('killed');
        return real.scan(payload, context);
      },
    };
    const first = await runStateMachine({
      input: {},
      handlers: failing,
      store,
      executionName: 'first',
      timeScale: 0.001,
    });
    expect(first.status).toBe('SUCCEEDED');
    const { run_id: runId } = (first as unknown as { output: { run_id: string } }).output;
    const rows = JSON.parse(store.text(`reports/${runId}/report.json`)) as ScannedWorld['report'];
    expect([rows.run.status, rows.run.error]).toEqual(['PARTIAL', 2]);

    simulation.resetCalls();
    const resumed = await scanWorld(world, { simulation, store, resume: runId });
    expect(resumed.runId).toBe(runId);
    expect(resumed.report.run.status).toBe('COMPLETE');
    expect(simulation.calls().byOperation.DescribeTrails).toBe(2);
    expect(await comparable(resumed)).toEqual(await comparable(await scanWorld(world)));
  });

  it('names a corrupt observation and marks its targets NOT_SCANNED', async () => {
    const { store, runId, simulation } = await scanWorld(world);
    const account = simulation.accountAt(1).id;
    const key = `runs/${runId}/observations/${account}.json`;
    store.files.set(key, Buffer.from('{"version":1,"runId":'));
    const handlers = createHandlers(portsFor(simulation, store));
    await handlers.report({ run_id: runId }, { signal: new AbortController().signal });
    const report = JSON.parse(store.text(`reports/${runId}/report.json`)) as ScannedWorld['report'];
    expect(report.run.status).toBe('PARTIAL');
    expect(report.run.not_scanned).toBe(2);
    expect(report.corrupt_files).toEqual([{ file: key, why: expect.stringContaining('not JSON') }]);
  });

  it('does not believe an observation that speaks of another account', async () => {
    const { store, runId, simulation } = await scanWorld(world);
    const [one, two] = [1, 2].map((i) => `runs/${runId}/observations/${simulation.accountAt(i).id}.json`);
    const bytes = store.files.get(two ?? '');
    if (bytes) store.files.set(one ?? '', bytes);
    await createHandlers(portsFor(simulation, store)).report(
      { run_id: runId },
      { signal: new AbortController().signal },
    );
    const report = JSON.parse(store.text(`reports/${runId}/report.json`)) as ScannedWorld['report'];
    expect([report.run.status, report.run.not_scanned]).toEqual(['PARTIAL', 2]);
  });

  it('says so where the Scan map failed as a whole', async () => {
    const { store, runId, simulation } = await scanWorld(world);
    store.files.delete(`runs/${runId}/observations/${simulation.accountAt(1).id}.json`);
    const failures = { scan: { Error: 'States.ItemReaderFailed', Cause: 'no such object' }, inspect: null };
    await createHandlers(portsFor(simulation, store)).report(
      { run_id: runId, map_failures: failures },
      { signal: new AbortController().signal },
    );
    const report = JSON.parse(store.text(`reports/${runId}/report.json`)) as ScannedWorld['report'];
    expect(report.root_causes.find((c) => c.kind === 'UNREACHED')?.title).toContain('States.ItemReaderFailed');
  });

  it('finds an account closed that failed, when it lists again', async () => {
    const simulation = createSimulation({
      now: NOW,
      world: { accounts: [{ name: 'management' }, { name: 'a' }, { name: 'leaving' }] },
    });
    const leaving = [0, 1, 2].map((i) => simulation.accountAt(i)).find((x) => x.name === 'leaving')?.id ?? '';
    simulation.after(4, () => simulation.change(leaving, { state: 'SUSPENDED' }));
    const { report, rows } = await scanWorld({}, { simulation, settings: { concurrency: 1 } });
    const states = (await rows('coverage')).filter((c) => c.account_id === leaving).map((c) => c.state);
    expect(states).toEqual(['ACCOUNT_INACTIVE', 'ACCOUNT_INACTIVE']);
    expect(report.run.status).toBe('COMPLETE');
  });
});

describe('filters and roots', () => {
  const world: SimulationSpec = {
    world: {
      accounts: [
        { name: 'management' },
        { id: '222222222222', name: 'a', ou: 'Prod' },
        { id: '333333333333', name: 'b' },
      ],
    },
  };

  it.each([
    [{ onlyAccounts: ['444444444444'] }, /444444444444 is not in this organization/],
    [{ excludeAccounts: ['444444444444'] }, /444444444444 is not in this organization/],
    [{ onlyOus: ['ou-none-12345678'] }, /organizational unit ou-none-12345678/],
    [{ onlyRegions: ['eu-nowhere-1'] }, /eu-nowhere-1.*is not a Region/],
  ])('refuse what does not exist before any scanning: %j', async (settings, message) => {
    const simulation = createSimulation({ now: NOW, ...(world.world && { world: world.world }) });
    await expect(scanWorld({}, { simulation, settings })).rejects.toThrow(message);
    expect(simulation.calls().byOperation.AssumeRole).toBeUndefined();
  });

  it('make a run FILTERED, which never becomes latest over a whole one', async () => {
    const whole = await scanWorld(world);
    const filtered = await scanWorld(
      {},
      { simulation: whole.simulation, store: whole.store, settings: { onlyAccounts: ['222222222222'] } },
    );
    expect([filtered.report.run.scope, filtered.report.run.excluded]).toEqual(['FILTERED', 4]);
    expect(JSON.parse(whole.store.text('reports/latest.json'))).toMatchObject({ run_id: whole.runId });
    const byPath = await scanWorld(
      {},
      { simulation: whole.simulation, store: whole.store, settings: { onlyOus: ['Root/Prod'] } },
    );
    expect(byPath.report.run.excluded).toBe(4);
  });

  it('keep one organization to one root', async () => {
    const { store } = await scanWorld({ ...world, seed: 1 });
    const other = createSimulation({
      now: NOW,
      seed: 2,
      world: { accounts: [{ id: '999999999999', name: 'other' }], management: null },
      caller: 'alone',
    });
    await expect(scanWorld({}, { simulation: other, store, settings: { onlyAccounts: ['self'] } })).rejects.toThrow(
      /choose another --out/,
    );
  });

  it('scan one account that is in no organization', async () => {
    const simulation = createSimulation({
      now: NOW,
      world: {
        accounts: [{ name: 'lone' }],
        management: null,
        trails: [{ name: 't', key: 'k' }],
        keys: [{ name: 'k' }],
      },
      caller: 'alone',
    });
    const { report, rows } = await scanWorld({}, { simulation, settings: { onlyAccounts: ['self'] } });
    expect([report.run.accounts, report.run.organization_id, report.run.scope]).toEqual([1, null, 'FILTERED']);
    expect((await rows('trails')).map((t) => t.verdict)).toEqual(['SEALED']);
    expect(simulation.calls().byOperation.AssumeRole).toBeUndefined();
  });

  it('ends PARTIAL with a table that says so where the role exists nowhere', async () => {
    const { report, rows } = await scanWorld(world, { settings: { roleName: 'NoSuchRole' } });
    expect(report.run.status).toBe('PARTIAL');
    expect((await rows('coverage')).filter((c) => c.state === 'ACCESS_DENIED')).toHaveLength(4);
  });
});
