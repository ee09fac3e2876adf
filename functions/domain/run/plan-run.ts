import * as z from 'zod';
import { leftOutRegions } from '../judge/ledger.ts';
import { LIMITS, type Limit } from '../limits/limits.ts';
import { amount } from '../limits/markdown.ts';
import { TrailSealError, usageError } from '../model/errors.ts';
import { type Account, type Caller, isLive, type OrganizationFacts } from '../model/organization.ts';
import type { OrganizationReader } from '../model/organization-reader.ts';
import {
  type PlannedAccount,
  ROOT_KEY,
  type RunSettings,
  runKeys,
  type ScanItem,
  type ScanPlan,
} from '../model/plan.ts';
import { mayPass, type Reading } from '../model/reading.ts';
import { isRunId, newRunId, runDate } from '../model/run-id.ts';
import type { ReportStore } from '../model/store.ts';
import { scopeOfEntries } from '../scopes/scope.ts';
import { parseWaivers } from '../waivers/waiver.ts';
import { type Because, changeNames } from '../watch/because.ts';
import { idsOf, scopeFilter, withExclusions } from './account-filters.ts';
import { isComplete } from './is-complete.ts';
import { jsonArray, jsonLines } from './json-lines.ts';
import { jsonParserOf, orNull } from './parsed.ts';
import { openRun } from './run-folder.ts';

/** What a run is asked to do. `onlyAccounts: ['self']` scans the caller's own account and lists no organization. */
export interface PlanRequest {
  settings: RunSettings;
  executionArn: string;
  executionName: string;
  scannerVersion: string;
  /** Milliseconds since 1970. */
  now: () => number;
  /** An id for the new run; a ULID of `now` by default. */
  runId?: string;
  /** The waivers file as it is in force, kept with the run. */
  waivers?: string | null;
  /** The changes that the run looks into, and in which accounts. */
  because?: Because | null;
}

export interface PlannedRun {
  plan: ScanPlan;
  /** Accounts to be scanned now: for a resumed run, those without complete answers. */
  scanItems: number;
}

/**
 * Lists the organization, checks every filter against it, and writes the run's plan, its accounts and the Scan
 * map's items. Nothing is scanned before all of it is sound.
 * @throws TrailSealError LIMIT, UNKNOWN_ACCOUNT, UNKNOWN_OU, UNKNOWN_REGION, OTHER_ORGANIZATION, WAIVERS, and what the reader throws
 */
export async function planRun(
  store: ReportStore,
  organization: OrganizationReader,
  request: PlanRequest,
): Promise<PlannedRun> {
  const { settings } = request;
  const startedAt = request.now();
  const waivers = request.waivers ?? null;
  // Before anything is asked of AWS: a run whose exceptions cannot be read would say the wrong thing of them all.
  const waived =
    waivers === null
      ? []
      : parseWaivers(waivers, {
          today: new Date(startedAt).toISOString().slice(0, 10),
          ...(settings.waiversKey !== null && { file: settings.waiversKey }),
        });
  organization.takeEffort?.();
  const runId = request.runId ?? newRunId(startedAt);
  const [caller, regions] = await Promise.all([organization.caller(), organization.regions()]);
  checkRegions(settings, regions, caller.partition);
  const self = isSelf(settings);
  const known = organizationOrNone(await organization.organization());
  await claimRoot(store, known, caller);
  const named = settings.listedAccounts?.map(namedAccount) ?? (self ? [namedAccount(caller.accountId)] : null);
  if (named && settings.onlyAccountTags)
    throw usageError(
      'The tags of accounts come with the list of the organization, which a run on named accounts does not read: leave them out of the filter.',
    );
  // Without them a waiver that asks for one covers nothing.
  const tags =
    settings.onlyAccountTags !== null ||
    (settings.onlyScope !== null && scopeOfEntries(settings.onlyScope).tags.length > 0) ||
    waived.some(({ accountTags }) => accountTags !== null);
  const accounts = named ?? (await listed(organization, tags));
  const populationAt = new Date(request.now()).toISOString();
  const because = request.because ?? null;
  const onlyAccounts = because ? affected(because, accounts) : self ? null : settings.onlyAccounts;
  const planned = withExclusions(accounts, { ...settings, onlyAccounts });
  const filter = because ? becauseWords(because, settings) : scopeFilter(settings);

  const keys = runKeys(runId);
  // Kept with the evidence: it outlives the run's working files.
  const waiversKey = waivers === null ? null : keys.waivers;
  if (waivers !== null) await store.write(keys.waivers, waivers);
  const plan: ScanPlan = {
    version: 1,
    runId,
    runDate: runDate(runId),
    startedAt: new Date(startedAt).toISOString(),
    populationAt,
    organizationId: known?.organizationId ?? null,
    managementAccountId: known?.managementAccountId ?? null,
    callerAccountId: caller.accountId,
    callerArn: caller.arn,
    partition: caller.partition,
    regions,
    scope: filter === null ? 'ORGANIZATION' : 'FILTERED',
    scopeFilter: filter,
    settings: { ...settings, onlyAccounts: self ? [caller.accountId] : onlyAccounts, waiversKey },
    because,
    ...(organization.takeEffort && { listing: organization.takeEffort() }),
    accounts: planned.length,
    populationComplete: named === null,
    executionArn: request.executionArn,
    scannerVersion: request.scannerVersion,
  };
  const items = scanItems(planned, plan);
  await store.write(keys.accounts, jsonLines(planned));
  await store.write(keys.scanItems, jsonArray(items));
  await store.write(keys.execution(request.executionName), '{}\n');
  // The plan comes last: a run that has one has all of it.
  await store.write(keys.plan, `${JSON.stringify(plan, null, 1)}\n`);
  return { plan, scanItems: items.length };
}

/**
 * Plans the rest of an earlier run: accounts that have no observation, a corrupt one, or one with incomplete
 * regions. What was durably written and is complete is not scanned again.
 */
export async function resumeRun(
  store: ReportStore,
  organization: OrganizationReader,
  { runId, executionName }: { runId: string; executionName: string },
): Promise<PlannedRun> {
  if (!isRunId(runId))
    throw new TrailSealError('RUN_ID', `"${runId.slice(0, 60)}" is not a run id; see runs/ in ${store.root}.`);
  const run = await openRun(store, runId);
  const caller = await organization.caller();
  await claimRoot(store, organizationOrNone(await organization.organization()), caller);
  const items: ScanItem[] = [];
  for await (const { account, record } of run.records()) {
    const item = scanItems([account], run.plan)[0];
    if (item && !(record.kind === 'observed' && isComplete(record.observation, item.regions))) items.push(item);
  }
  await store.write(runKeys(runId).scanItems, jsonArray(items));
  await store.write(runKeys(runId).execution(executionName), '{}\n');
  return { plan: run.plan, scanItems: items.length };
}

/** A lost answer is not "in no organization": it would give the root to the account alone. */
function organizationOrNone(facts: Reading<OrganizationFacts>): OrganizationFacts | null {
  if (facts.ok) return facts.value;
  if (!mayPass(facts.failure)) return null;
  const { code, message } = facts.failure;
  throw new TrailSealError(
    'ORGANIZATION',
    `The organization could not be described (${code}: ${message}): run again.`.slice(0, 400),
  );
}

/** Those of the affected accounts that are still in the organization: one that left has no row, and so none that is shown. */
function affected({ accounts, beside }: Because, population: readonly Account[]): string[] {
  const asked = new Set([...accounts, ...beside]);
  return population.flatMap(({ accountId }) => (asked.has(accountId) ? [accountId] : []));
}

/** What narrows the run: the changes, then whatever narrows every run of the deployment. */
const becauseWords = (because: Because, settings: RunSettings): string =>
  [
    `accounts ${idsOf(because.accounts)} after ${changeNames(because).slice(0, 200)}`,
    scopeFilter({ ...settings, onlyAccounts: null }),
  ]
    .filter((part) => part !== null)
    .join('; ');

const isSelf = (settings: RunSettings): boolean =>
  settings.onlyAccounts?.length === 1 && settings.onlyAccounts[0] === 'self';

/** An account of which no more is known than its id. */
const namedAccount = (text: string): Account => ({
  accountId: text.slice(0, 12),
  accountName: text.slice(0, 12),
  accountState: 'ACTIVE',
  joinedAt: null,
  ouPath: '',
  ouIds: '',
});

/** Pages may repeat an account while the organization changes: the last word on it counts. */
async function listed(organization: OrganizationReader, tags: boolean): Promise<Account[]> {
  const accounts = new Map<string, Account>();
  for await (const account of organization.accounts(tags ? { tags } : {})) {
    accounts.set(account.accountId, account);
    refusePast(LIMITS.accounts, accounts.size, 'This organization');
  }
  return [...accounts.values()].sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
}

function refusePast(limit: Limit, count: number, what: string): void {
  if (count <= limit.most) return;
  throw new TrailSealError(
    'LIMIT',
    `${what} has more than ${amount(limit)}, and no more are taken (docs/reference/limits.md).`,
  );
}

function checkRegions(settings: RunSettings, regions: readonly string[], partition: string): void {
  refusePast(LIMITS.regions, regions.length, `Partition ${partition}`);
  for (const region of [...(settings.onlyRegions ?? []), ...settings.excludeRegions, settings.homeRegion]) {
    if (!regions.includes(region)) {
      throw new TrailSealError(
        'UNKNOWN_REGION',
        `"${region.slice(0, 40)}" is not a Region of partition ${partition}: use one of ${regions.join(', ')}.`,
      );
    }
  }
}

function scanItems(accounts: readonly PlannedAccount[], plan: ScanPlan): ScanItem[] {
  const left = leftOutRegions(plan);
  const regions = plan.regions.filter((r) => !left.has(r));
  return accounts
    .filter((a) => a.excluded === null && isLive(a.accountState))
    .map(({ accountId, accountState }) => ({ accountId, accountState, regions }));
}

const parseRoot = jsonParserOf(z.object({ owner: z.string() }));

/** One root holds one organization (or one lone account); another is refused. A root in which no run was planned is free. */
async function claimRoot(store: ReportStore, facts: OrganizationFacts | null, caller: Caller): Promise<void> {
  const owner = facts?.organizationId ?? `account ${caller.accountId}`;
  const bytes = await store.read(ROOT_KEY);
  if (!bytes) {
    await store.write(ROOT_KEY, `${JSON.stringify({ version: 1, owner })}\n`);
    return;
  }
  // A marker that cannot be read proves nothing.
  const known = orNull(parseRoot(bytes))?.owner;
  if (known === owner) return;
  if (!(await holdsRuns(store))) {
    await store.write(ROOT_KEY, `${JSON.stringify({ version: 1, owner })}\n`);
    return;
  }
  const whose = known?.slice(0, 60) ?? `an unreadable ${ROOT_KEY}`;
  throw new TrailSealError(
    'OTHER_ORGANIZATION',
    `${store.root} holds the reports of ${whose}, these credentials see ${owner}: choose another --out.`,
  );
}

async function holdsRuns(store: ReportStore): Promise<boolean> {
  for (const prefix of ['runs/', 'tables/runs/']) for await (const _ of store.list(prefix)) return true;
  return false;
}
