import { hasAccountLogs } from '../judge/account-logs.ts';
import { createGathering, type TrailFacts } from '../judge/trail-facts.ts';
import { isLive } from '../model/organization.ts';
import { runKeys } from '../model/plan.ts';
import type { ReportStore } from '../model/store.ts';
import { inspectItems } from './inspect-plan.ts';
import { isAnswered } from './is-complete.ts';
import { jsonArray } from './json-lines.ts';
import { openRun, type RunFolder } from './run-folder.ts';

/** Account names that suggest where logs are kept. */
const LOG_ARCHIVE_NAME = /log|audit|archive|security/i;
const LIKELY_LOG_ARCHIVES = 10;

/** Reads every observation and writes the Inspect map's items: what a resumed run has already read is left out. */
export async function gatherRun(store: ReportStore, runId: string): Promise<{ inspectItems: number }> {
  const run = await openRun(store, runId);
  const live = new Set<string>();
  const likely: string[] = [];
  for await (const account of run.accounts()) {
    if (!isLive(account.accountState)) continue;
    live.add(account.accountId);
    if (likely.length < LIKELY_LOG_ARCHIVES && LOG_ARCHIVE_NAME.test(account.accountName))
      likely.push(account.accountId);
  }
  const gathering = createGathering();
  for await (const found of run.observations()) if ('observation' in found) gathering.add(found.observation);
  const trails = gathering.trails();
  const items = inspectItems({
    trails,
    eventDataStores: gathering.eventDataStores(),
    directory: { isLive: (id) => live.has(id), likelyLogArchives: likely },
    plan: run.plan,
    accountLogs: await accountsSampled(run, trails),
  });
  const done = new Set<string>();
  for await (const inspection of run.inspections())
    if (isAnswered(inspection) && !inspection.refused) done.add(inspection.itemId);
  const open = items.filter((item) => !done.has(item.itemId));
  // Answers change what is to be inspected: items of an earlier execution that are not listed here no longer count.
  await store.write(runKeys(runId).inspectPlan, jsonArray(items.map((item) => item.itemId)));
  await store.write(runKeys(runId).inspectItems, jsonArray(open));
  return { inspectItems: open.length };
}

/** By organization trail, the accounts whose own logs are sampled: a second look at the observations, where asked for. */
async function accountsSampled(run: RunFolder, trails: readonly TrailFacts[]): Promise<Map<string, string[]>> {
  const sampled = new Map<string, string[]>();
  if (!run.plan.settings.sampleAccounts || !trails.some(({ trail }) => trail.isOrganization)) return sampled;
  for await (const seen of run.records()) {
    for (const facts of trails) {
      if (!hasAccountLogs(facts, { plan: run.plan, ...seen })) continue;
      const { trailArn } = facts.trail;
      const accounts = sampled.get(trailArn) ?? [];
      accounts.push(seen.account.accountId);
      sampled.set(trailArn, accounts);
    }
  }
  return sampled;
}
