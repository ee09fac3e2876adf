import { carryFirstSeen } from '../../domain/judge/diff.ts';
import type { ScanPlan } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { isOpen, isUnmet } from '../../domain/model/vocabulary.ts';
import { type CurrentPart, currentParts, currentRuns } from '../current/current-runs.ts';
import type { FindingRow, RunRow } from '../tables/columns.ts';
import { type FinishedRun, finishedRuns, readTable } from '../tables/tables.ts';
import { CHANGED_TRAILS_LISTED, type RunReport } from './run-report.ts';

/** What the previous run said, as far as this one needs it: its findings that do not pass. */
export interface History {
  previous: RunRow | null;
  /** The run before this one in the root, of whatever scope: the one whose manifest this one's names. */
  before: RunRow | null;
  /** Since when a finding has been unmet without a break; null where it passes or does not apply. */
  firstSeenAt(findingId: string, current: { status: string; observed_at: string }): string | null;
  /** Takes a row of this run and counts what changed. */
  compare(row: FindingRow): void;
  changes(): RunReport['changes'];
}

/** What a comparison goes by. */
type ComparedPlan = Pick<ScanPlan, 'runId' | 'scope' | 'scopeFilter'> & Partial<Pick<ScanPlan, 'because'>>;

/**
 * What the run is compared with, and its findings that do not pass: the newest earlier finished run of the same scope and
 * filter; for a run that a change started the present before it, account by account.
 */
export async function openHistory(store: ReportStore, plan: ComparedPlan): Promise<History> {
  const { same: found, before, parts } = await previousRuns(store, plan);
  const unmet = new Map<string, Parameters<typeof carryFirstSeen>[0]>();
  for (const { run, shows } of parts) {
    for await (const row of readTable({ store, table: 'findings', runId: run.row.run_id, runDate: run.runDate })) {
      if (!isUnmet(row.status) || !shows(row.account_id)) continue;
      const { status, first_seen_at, observed_at } = row;
      unmet.set(row.finding_id, { status, first_seen_at, observed_at: observed_at ?? run.row.started_at });
    }
  }
  const scanned = plan.because && new Set(plan.because.accounts);
  const changed = { newly_failing: 0, fixed: 0, still_failing: 0 };
  const newlyFailing = new Set<string>();
  const fixed = new Set<string>();
  return {
    previous: found?.row ?? null,
    before,
    firstSeenAt: (findingId, current) => carryFirstSeen(unmet.get(findingId) ?? null, current),
    compare(row) {
      if (!found || (scanned && !scanned.has(row.account_id ?? ''))) return;
      const known = unmet.get(row.finding_id);
      const wasOpen = known ? isOpen(known.status) : false;
      // One whose waiver ended is new; one that was waived since is neither open nor fixed.
      if (isOpen(row.status)) changed[wasOpen ? 'still_failing' : 'newly_failing'] += 1;
      else if (known && row.status === 'PASS') changed.fixed += 1;
      if (row.resource_type !== 'trail') return;
      if (row.status === 'FAIL' && !wasOpen && newlyFailing.size < CHANGED_TRAILS_LISTED)
        newlyFailing.add(row.resource_arn);
      if (row.status === 'PASS' && known && fixed.size < CHANGED_TRAILS_LISTED) fixed.add(row.resource_arn);
    },
    changes: () => ({
      previous_run_id: found?.row.run_id ?? null,
      ...changed,
      trails_newly_failing: [...newlyFailing].sort(),
      // A trail that got one thing right and another wrong is not fixed.
      trails_fixed: [...fixed].filter((arn) => !newlyFailing.has(arn)).sort(),
    }),
  };
}

interface Previous {
  same: FinishedRun | null;
  before: RunRow | null;
  parts: Iterable<CurrentPart>;
}

/** The newest earlier finished run, and what this one is compared with. */
async function previousRuns(store: ReportStore, plan: ComparedPlan): Promise<Previous> {
  let before: RunRow | null = null;
  for await (const run of finishedRuns(store)) {
    const { row } = run;
    if (row.run_id >= plan.runId) continue;
    before ??= row;
    if (plan.because) {
      const current = await currentRuns(store, { before: plan.runId });
      return { same: current.whole, before, parts: currentParts(current) };
    }
    if (row.scope === plan.scope && row.scope_filter === plan.scopeFilter)
      return { same: run, before, parts: [{ run, shows: () => true }] };
  }
  return { same: null, before, parts: [] };
}
