import { describe, expect, it } from '@jest/globals';
import type { AccountObservation } from '../../../functions/domain/model/observation.ts';
import { type PlannedAccount, runKeys, type ScanPlan } from '../../../functions/domain/model/plan.ts';
import { answered } from '../../../functions/domain/model/reading.ts';
import { gatherRun } from '../../../functions/domain/run/gather-run.ts';
import { openRun } from '../../../functions/domain/run/run-folder.ts';
import { defaultSettings } from '../../../functions/domain/settings/run-settings.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';
import { described, KEY, keyInspection, NOW, OWNER, refused, status, TRAIL } from '../judge/sample-facts.ts';

const RUN = '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0N';
const keys = runKeys(RUN);
const [SECOND, THIRD, CLOSED] = ['222222222222', '333333333333', '444444444444'];

const plan: ScanPlan = {
  ...{ version: 1, runId: RUN, runDate: '2026-11-20', startedAt: NOW, populationAt: NOW, organizationId: 'o-1' },
  ...{
    managementAccountId: OWNER,
    callerAccountId: OWNER,
    callerArn: `arn:aws:iam::${OWNER}:user/a`,
    partition: 'aws',
  },
  ...{
    regions: ['us-east-1'],
    scope: 'ORGANIZATION',
    scopeFilter: null,
    settings: { ...defaultSettings(), homeRegion: 'us-east-1' },
    accounts: 4,
  },
  ...{ because: null, populationComplete: true, executionArn: 'LOCAL', scannerVersion: '1' },
};
const account = (accountId: string, more: Partial<PlannedAccount> = {}): PlannedAccount => ({
  ...{ accountId, accountName: 'a', accountState: 'ACTIVE', joinedAt: null, ouPath: 'Root', ouIds: '', excluded: null },
  ...more,
});
const observation = (more: Partial<AccountObservation> = {}): AccountObservation => ({
  ...{ version: 1, runId: RUN, accountId: OWNER, observedAt: NOW, principalArn: null, refused: null, regions: [] },
  trails: [described()],
  statuses: [{ trailArn: TRAIL, region: 'us-east-1', reading: answered(status()) }],
  ...{ selectors: [], eventDataStores: [], apiCalls: 3, durationMs: 1, evidence: null },
  ...more,
});

/** A run of four accounts, of which the first has answered; `files` are put beside or over its own. */
async function folder(files: Record<string, unknown> = {}) {
  const store = memoryStore();
  const accounts = [
    account(OWNER),
    account(SECOND, { accountName: 'log archive' }),
    account(THIRD),
    account(CLOSED, { accountState: 'CLOSED' }),
  ];
  const all: Record<string, unknown> = {
    [keys.plan]: plan,
    [keys.accounts]: accounts.map((one) => JSON.stringify(one)).join('\n'),
    [keys.observation(OWNER)]: observation(),
    ...files,
  };
  for (const [key, value] of Object.entries(all))
    await store.write(key, typeof value === 'string' ? value : JSON.stringify(value));
  return store;
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
const recordsIn = async (files: Record<string, unknown>) => {
  const run = await openRun(await folder(files), RUN);
  return new Map((await all(run.records())).map(({ account: { accountId }, record }) => [accountId, record]));
};

describe('a run that is read back', () => {
  it('is refused by name where it is not there, or its accounts are not', async () => {
    await expect(openRun(memoryStore(), RUN)).rejects.toThrow(`There is no run ${RUN} in memory.`);
    const store = await folder();
    store.files.delete(keys.accounts);
    await expect(all((await openRun(store, RUN)).accounts())).rejects.toThrow(/accounts\.ndjson is missing/);
  });

  it('says of each account what it answered, how it failed, or that nobody knows', async () => {
    const failure = {
      version: 1,
      runId: RUN,
      map: 'scan',
      itemId: SECOND,
      error: 'States.Timeout',
      cause: '',
      at: NOW,
    };
    const records = await recordsIn({ [keys.failure('scan', SECOND)]: failure });
    expect([...records.values()].map(({ kind }) => kind)).toEqual(['observed', 'failed', 'none', 'none']);
    expect(records.get(SECOND)).toMatchObject({ failure: { error: 'States.Timeout' } });
  });

  it('takes an answer over the record of a failure, and no file of another account or run', async () => {
    const failure = { version: 1, runId: RUN, map: 'scan', itemId: OWNER, error: 'States.Timeout', cause: '', at: NOW };
    expect((await recordsIn({ [keys.failure('scan', OWNER)]: failure })).get(OWNER)?.kind).toBe('observed');
    const records = await recordsIn({
      [keys.observation(SECOND)]: observation(),
      [keys.observation(THIRD)]: observation({ accountId: THIRD, runId: 'another' }),
      [keys.observation(CLOSED)]: '{"version":1',
    });
    expect(records.get(SECOND)).toEqual({
      kind: 'corrupt',
      file: keys.observation(SECOND),
      why: `it speaks of account ${OWNER}`,
    });
    expect(records.get(THIRD)).toMatchObject({ kind: 'corrupt', why: 'it belongs to run another' });
    expect(records.get(CLOSED)).toMatchObject({ kind: 'corrupt' });
  });

  it('hears of children that died without a word from the files of the map', async () => {
    const child = {
      Input: JSON.stringify({ run_id: RUN, item: { accountId: THIRD } }),
      Error: 'States.Timeout',
      Cause: 'late',
    };
    const records = await recordsIn({
      [keys.execution('night')]: { notes: ['Fewer at once.'] },
      'runs/night/map/scan/FAILED_0.json': [child],
      'runs/other/map/scan/FAILED_0.json': [
        { ...child, Input: JSON.stringify({ run_id: RUN, item: { accountId: SECOND } }) },
      ],
    });
    expect(records.get(THIRD)).toMatchObject({ kind: 'failed', failure: { error: 'States.Timeout', cause: 'late' } });
    expect(records.get(SECOND)?.kind).toBe('none');
  });

  it('has what its executions noted, each once', async () => {
    const notes = { notes: ['Fewer at once.'] };
    const store = await folder({ [keys.execution('a')]: notes, [keys.execution('b')]: notes });
    expect(await (await openRun(store, RUN)).notes()).toEqual(['Fewer at once.']);
  });
});

describe('gathering a run', () => {
  const itemsOf = async (files: Record<string, unknown> = {}) => {
    const store = await folder(files);
    const { inspectItems } = await gatherRun(store, RUN);
    const [open, planned] = [keys.inspectItems, keys.inspectPlan].map((key) => JSON.parse(store.text(key)));
    expect(open).toHaveLength(inspectItems);
    return { open, planned };
  };
  const inspected = (itemId: string, more: object = {}) => ({
    ...{
      version: 1,
      runId: RUN,
      itemId,
      owner: OWNER,
      observedAt: NOW,
      refused: null,
      keys: [keyInspection()],
      buckets: [],
    },
    ...{ logGroups: [], eventDataStores: [], trails: [], samples: [], apiCalls: 1, durationMs: 1, evidence: null },
    ...more,
  });

  it('plans what is to be inspected by its owner, and asks likely log archives for the bucket', async () => {
    const { open, planned } = await itemsOf();
    expect(open).toMatchObject([{ owner: OWNER, keys: [KEY], buckets: [{ bucket: 'logs', candidates: [SECOND] }] }]);
    expect(planned).toEqual(open.map(({ itemId }: { itemId: string }) => itemId));
  });

  it('inspects nothing where no trail was seen', async () => {
    expect(await itemsOf({ [keys.observation(OWNER)]: observation({ trails: [], statuses: [] }) })).toEqual({
      open: [],
      planned: [],
    });
  });

  it('leaves out what is answered, and asks again what failed for a reason that may pass, or where nobody got in', async () => {
    const [id] = (await itemsOf()).planned;
    expect(await itemsOf({ [keys.inspection(id)]: inspected(id) })).toEqual({ open: [], planned: [id] });
    const denied = inspected(id, { keys: [keyInspection({ policy: refused('DENIED') })] });
    expect((await itemsOf({ [keys.inspection(id)]: denied })).open).toEqual([]);
    const throttled = inspected(id, { keys: [keyInspection({ policy: refused('THROTTLED') })] });
    expect((await itemsOf({ [keys.inspection(id)]: throttled })).open).toHaveLength(1);
    const { failure } = refused('DENIED', 'AssumeRole') as { failure: unknown };
    expect((await itemsOf({ [keys.inspection(id)]: inspected(id, { refused: failure }) })).open).toHaveLength(1);
  });
});
