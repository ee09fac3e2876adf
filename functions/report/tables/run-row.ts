import type { ScanPlan } from '../../domain/model/plan.ts';
import { changeWords } from '../../domain/watch/affected-accounts.ts';
import type { StateEffort } from '../run/state-efforts.ts';
import type { RunRow } from './columns.ts';
import type { Tally } from './tally.ts';

/** The run's row in the `runs` table. */
export function runRow(request: {
  plan: ScanPlan;
  tally: Tally;
  status: 'COMPLETE' | 'PARTIAL';
  finishedAt: string;
  apiCalls: number;
  efforts: readonly StateEffort[];
  manifestSha256: string | null;
  previous: RunRow | null;
}): RunRow {
  const { plan, tally } = request;
  return {
    run_id: plan.runId,
    status: request.status,
    scope: plan.scope,
    scope_filter: plan.scopeFilter,
    started_at: plan.startedAt,
    finished_at: request.finishedAt,
    population_at: plan.populationAt,
    organization_id: plan.organizationId,
    partition: plan.partition,
    caller_arn: plan.callerArn,
    execution_arn: plan.executionArn,
    scanner_version: plan.scannerVersion,
    accounts: plan.accounts,
    regions: plan.regions.length,
    ...countsOf(tally),
    api_calls: request.apiCalls,
    manifest_sha256: request.manifestSha256,
    previous_run_id: request.previous?.run_id ?? null,
    ...effortsOf(request.efforts),
    because_accounts: plan.because?.accounts ?? [],
    because: plan.because?.changes.map(changeWords) ?? [],
    because_events: plan.because?.events ?? null,
    everywhere_changed_at: earlier(plan.because?.everywhereAt ?? null, plan.startedAt),
  };
}

/** A run never shows what was after its start: not where the clock of an event is ahead either. */
const earlier = (at: string | null, started: string): string | null => (at !== null && at > started ? started : at);

function effortsOf(efforts: readonly StateEffort[]) {
  const wall = (state: StateEffort['state']) => efforts.find((effort) => effort.state === state)?.wall_ms ?? 0;
  return {
    plan_ms: wall('Plan'),
    scan_ms: wall('Scan'),
    gather_ms: wall('Gather'),
    inspect_ms: wall('Inspect'),
    report_ms: wall('Report'),
    listing_calls: efforts.find(({ state }) => state === 'Plan')?.calls ?? 0,
    throttled_attempts: efforts.reduce((sum, { throttled }) => sum + throttled, 0),
    waited_ms: efforts.reduce((sum, { waited_ms: waited }) => sum + waited, 0),
  } satisfies Partial<RunRow>;
}

/** What a run's row counts of targets and findings. */
export function countsOf({ targets, inferred, states, verdicts, byStatus }: Tally) {
  return {
    targets,
    scanned: states.SCANNED,
    region_disabled: states.REGION_DISABLED,
    region_denied: states.REGION_DENIED,
    account_inactive: states.ACCOUNT_INACTIVE,
    excluded: states.EXCLUDED,
    access_denied: states.ACCESS_DENIED,
    throttled: states.THROTTLED,
    error: states.ERROR,
    not_scanned: states.NOT_SCANNED,
    inferred,
    findings_failed: byStatus.FAIL,
    findings_unverified: byStatus.UNVERIFIED,
    findings_waived: byStatus.WAIVED,
    findings_passed: byStatus.PASS,
    encrypted: verdicts.ENCRYPTED,
    unencrypted: verdicts.UNENCRYPTED,
    foreign_key: verdicts.FOREIGN_KEY,
    // The table's verdicts add up to targets, and what was excluded is not known to be anything.
    unverified: verdicts.UNVERIFIED + states.EXCLUDED,
    broken: verdicts.BROKEN,
    not_logging: verdicts.NOT_LOGGING,
    no_trail: verdicts.NO_TRAIL,
    not_applicable: verdicts.NOT_APPLICABLE,
  } satisfies Partial<RunRow>;
}
