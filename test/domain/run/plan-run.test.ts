import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Account, OrganizationFacts } from '../../../functions/domain/model/organization.ts';
import type { OrganizationReader } from '../../../functions/domain/model/organization-reader.ts';
import type { PlannedAccount, RunSettings } from '../../../functions/domain/model/plan.ts';
import { answered, type Reading } from '../../../functions/domain/model/reading.ts';
import { planRun, resumeRun } from '../../../functions/domain/run/plan-run.ts';
import { SETTINGS } from '../../scan-world.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';
import { NOW, refused } from '../judge/sample-facts.ts';

const account = (accountId: string, ouPath: string, ouIds: string, more: Partial<Account> = {}): Account => ({
  accountId,
  accountName: 'name',
  accountState: 'ACTIVE',
  joinedAt: null,
  ouPath,
  ouIds,
  ...more,
});
const [ROOT, APP, OPS, LAB] = ['111111111111', '222222222222', '333333333333', '444444444444'] as const;
const ACCOUNTS = [
  account(ROOT, 'Root', 'r-1'),
  account(APP, 'Root/Workloads/Prod', 'r-1/ou-1-work/ou-1-prod'),
  account(OPS, 'Root/Infrastructure/Prod', 'r-1/ou-1-infra/ou-1-prod2'),
  account(LAB, 'Root/Workloads/Lab', 'r-1/ou-1-work/ou-1-lab'),
];
const MINE = answered({ organizationId: 'o-mine', managementAccountId: ROOT });

let store: ReturnType<typeof memoryStore>;
beforeEach(() => {
  store = memoryStore();
});

const reader = (more: { facts?: Reading<OrganizationFacts>; accounts?: Account[] } = {}): OrganizationReader => ({
  caller: async () => ({ accountId: ROOT, arn: `arn:aws:iam::${ROOT}:user/u`, partition: 'aws' }),
  organization: async () => more.facts ?? MINE,
  async *accounts() {
    yield* more.accounts ?? ACCOUNTS;
  },
  regions: async () => ['eu-west-1', 'us-east-1'],
});
const plan = (settings: Partial<RunSettings> = {}, organization = reader()) =>
  planRun(store, organization, {
    settings: { ...SETTINGS, ...settings },
    executionArn: 'LOCAL',
    executionName: 'x',
    scannerVersion: 'test',
    now: () => Date.parse(NOW),
  });

/** Who is left in by a filter. */
async function scanned(settings: Partial<RunSettings>): Promise<string[]> {
  const { plan: made } = await plan(settings);
  const lines = store.text(`runs/${made.runId}/accounts.ndjson`).trim().split('\n');
  const accounts = lines.map((line) => JSON.parse(line) as PlannedAccount);
  expect(accounts).toHaveLength(settings.onlyAccounts?.[0] === 'self' ? 1 : ACCOUNTS.length);
  return accounts.filter((a) => a.excluded === null).map((a) => a.accountId);
}

describe('what a filter leaves in', () => {
  it.each([
    [['r-1'], [ROOT, APP, OPS, LAB]],
    [['ou-1-work'], [APP, LAB]],
    [['ou-1-prod2'], [OPS]],
    [['Root/Workloads'], [APP, LAB]],
    [['Root/Workloads/Prod'], [APP]],
    [['Workloads'], [APP, LAB]],
    [
      ['Lab', 'ou-1-infra'],
      [OPS, LAB],
    ],
  ])('--ou %j', async (onlyOus, expected) => expect(await scanned({ onlyOus })).toEqual(expected));

  it.each([['Prod'], ['Work'], ['ou-1'], ['Root/Work'], ['Prod/Workloads'], ['']])('refuses --ou %j', async (ou) => {
    await expect(plan({ onlyOus: [ou] })).rejects.toThrow(
      ou === 'Prod'
        ? /2 organizational units are called Prod: give the path.*Root\/Infrastructure\/Prod/
        : /No account is in/,
    );
  });

  it.each([
    [['Dev, Test'], [APP]],
    [['Root/Dev, Test'], [APP]],
    [
      ['Dev, Test', 'Lab'],
      [APP, LAB],
    ],
    [['ou-1-dev, Lab'], [APP, LAB]],
  ])('--ou %j, where a name has commas in it', async (onlyOus, expected) => {
    const accounts = [account(APP, 'Root/Dev, Test', 'r-1/ou-1-dev'), account(OPS, 'Root/Test', 'r-1/ou-1-test')];
    const { plan: made } = await plan(
      { onlyOus },
      reader({ accounts: [...accounts, account(LAB, 'Root/Lab', 'r-1')] }),
    );
    const lines = store.text(`runs/${made.runId}/accounts.ndjson`).trim().split('\n');
    const left = lines.map((line) => JSON.parse(line) as PlannedAccount).filter((a) => a.excluded === null);
    expect(left.map((a) => a.accountId)).toEqual(expected);
  });

  it('--accounts and --exclude-accounts, whose ids must be of the organization', async () => {
    expect(await scanned({ onlyAccounts: [APP, LAB], excludeAccounts: [LAB] })).toEqual([APP]);
    expect(await scanned({ excludeAccounts: [LAB] })).toEqual([ROOT, APP, OPS]);
    expect(await scanned({ onlyAccounts: ['self'] })).toEqual([ROOT]);
    await expect(plan({ onlyAccounts: ['999999999999'] })).rejects.toThrow(/999999999999 is not in this organization/);
    await expect(plan({ excludeAccounts: ['999999999999'] })).rejects.toThrow(/999999999999/);
  });

  it('--account-tag: values of one key widen, other keys narrow, and tags are asked for only then', async () => {
    const tagged = (accountId: string, tags: Record<string, string>) => account(accountId, 'Root', 'r-1', { tags });
    const accounts = [
      tagged(ROOT, {}),
      tagged(APP, { env: 'prod', team: 'pay' }),
      tagged(OPS, { env: 'prod', team: 'ops' }),
      tagged(LAB, { env: 'lab', team: 'ops' }),
    ];
    const asked: unknown[] = [];
    const organization: OrganizationReader = {
      ...reader(),
      async *accounts(options) {
        asked.push(options?.tags);
        yield* accounts;
      },
    };
    const left = async (onlyAccountTags: string[] | null) => {
      const { plan: made } = await plan({ onlyAccountTags }, organization);
      const lines = store.text(`runs/${made.runId}/accounts.ndjson`).trim().split('\n');
      const planned = lines.map((line) => JSON.parse(line) as PlannedAccount);
      return { made, ids: planned.filter((a) => a.excluded === null).map((a) => a.accountId) };
    };
    expect((await left(['env=prod'])).ids).toEqual([APP, OPS]);
    expect((await left(['env=prod', 'env=lab'])).ids).toEqual([APP, OPS, LAB]);
    const both = await left(['env=prod', 'team=ops']);
    expect(both.ids).toEqual([OPS]);
    expect([both.made.scope, both.made.scopeFilter]).toEqual(['FILTERED', 'account tags env=prod,team=ops']);
    await expect(left(['env=prd'])).rejects.toThrow('No account has the tag env=prd (--account-tag).');
    asked.length = 0;
    expect((await left(null)).ids).toHaveLength(4);
    expect(asked).toEqual([undefined]);
    await expect(plan({ onlyAccountTags: ['env=prod'], onlyAccounts: ['self'] }, organization)).rejects.toThrow(
      /named accounts does not read/,
    );
  });

  it('--scope: accounts that any list of the scope names; what is misspelled in it is refused', async () => {
    const tagged = (accountId: string, ou: string, tags: Record<string, string>) =>
      account(accountId, `Root/${ou}`, 'r-1', { tags });
    const accounts = [
      tagged(ROOT, 'Core', {}),
      tagged(APP, 'Payments', {}),
      tagged(OPS, 'Core', { data: 'card' }),
      tagged(LAB, 'Lab', { data: 'none' }),
    ];
    const left = async (...entries: string[]) => {
      const onlyScope = ['name=cards', ...entries];
      const { plan: made } = await plan({ onlyScope }, reader({ accounts }));
      const lines = store.text(`runs/${made.runId}/accounts.ndjson`).trim().split('\n');
      const planned = lines.map((line) => JSON.parse(line) as PlannedAccount);
      return { made, ids: planned.filter((a) => a.excluded === null).map((a) => a.accountId), planned };
    };
    const all = await left(`account=${ROOT}`, 'ou=Root/Payments', 'tag=data=card');
    expect(all.ids).toEqual([ROOT, APP, OPS]);
    expect(all.planned.at(-1)?.excluded).toBe('SCOPE_FILTER');
    expect(all.made).toMatchObject({
      scope: 'FILTERED',
      scopeFilter: `scope cards: accounts ${ROOT} or ou Root/Payments or account tags data=card`,
    });
    expect((await left('tag=data=card', 'tag=data=none')).ids).toEqual([OPS, LAB]);
    await expect(left('account=999999999999')).rejects.toThrow('Account 999999999999 of scope cards is not in this');
    await expect(left('ou=Root/Payment')).rejects.toThrow(/Root\/Payment/);
    await expect(left('tag=data=cord')).rejects.toThrow('No account has the tag data=cord (scope cards).');
  });

  it('--accounts-file lists no organization, is FILTERED, and knows of no other accounts', async () => {
    const mute: OrganizationReader = {
      ...reader({ facts: refused('DENIED') }),
      // biome-ignore lint/correctness/useYield: it must not be asked
      async *accounts() {
        throw new Error('the organization was listed');
      },
    };
    const listedAccounts = [APP, `${LAB} audit/Reader`];
    const { plan: made, scanItems } = await plan({ listedAccounts }, mute);
    expect([made.scope, made.scopeFilter, made.populationComplete, made.accounts, scanItems]).toEqual([
      ...['FILTERED', `accounts of a file: ${APP},${LAB}`, false],
      ...[2, 2],
    ]);
    expect((await plan({ listedAccounts, excludeAccounts: [LAB] }, mute)).scanItems).toBe(1);
    await expect(plan({ listedAccounts, excludeAccounts: [OPS] }, mute)).rejects.toThrow(
      `Account ${OPS} (--exclude-accounts) is not in the file of --accounts-file.`,
    );
  });

  it('--regions and --exclude-regions, which must be of the partition', async () => {
    const { plan: made } = await plan({ onlyRegions: ['us-east-1'] });
    expect([made.scope, made.scopeFilter, made.regions]).toEqual([
      'FILTERED',
      'regions us-east-1',
      ['eu-west-1', 'us-east-1'],
    ]);
    await expect(plan({ onlyRegions: ['mars-1'] })).rejects.toThrow(/"mars-1" is not a Region of partition aws/);
    await expect(plan({ excludeRegions: ['mars-1'] })).rejects.toThrow(/mars-1/);
    await expect(plan({ homeRegion: 'mars-1' })).rejects.toThrow(/mars-1/);
  });

  it('plans nothing that it has refused', async () => {
    await expect(plan({ onlyOus: ['nowhere'] })).rejects.toThrow();
    expect([...store.files.keys()].filter((key) => key.startsWith('runs/'))).toEqual([]);
  });

  it('keeps the last word on an account that pages name twice, and sends none to a closed one', async () => {
    const twice = [...ACCOUNTS, account(LAB, 'Root', 'r-1', { accountState: 'CLOSED' })];
    const { plan: made, scanItems } = await plan({}, reader({ accounts: twice }));
    expect([made.accounts, scanItems]).toEqual([4, 3]);
  });
});

describe('one root holds one organization', () => {
  const theirs = reader({ facts: answered({ organizationId: 'o-theirs', managementAccountId: ROOT }) });
  it('refuses another once a run was planned, also for resuming', async () => {
    const { plan: made } = await plan();
    await expect(plan({}, theirs)).rejects.toThrow(/holds the reports of o-mine, these credentials see o-theirs/);
    await expect(resumeRun(store, theirs, { runId: made.runId, executionName: 'y' })).rejects.toThrow(/o-theirs/);
    await expect(plan({ onlyAccounts: ['self'] }, reader({ facts: refused('DENIED') }))).rejects.toThrow(
      /account 1111/,
    );
    await plan();
  });

  it('is free while no run was planned: wrong credentials at first are no harm', async () => {
    await expect(plan({ onlyAccounts: ['999999999999'] })).rejects.toThrow();
    await plan({}, theirs);
    await expect(plan()).rejects.toThrow(/holds the reports of o-theirs/);
  });

  it('is not given away on a lost answer', async () => {
    await expect(plan({ onlyAccounts: ['self'] }, reader({ facts: refused('THROTTLED') }))).rejects.toThrow(
      /run again/,
    );
    expect([...store.files.keys()]).toEqual([]);
  });
});
