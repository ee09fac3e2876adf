import { FRAMEWORKS } from '../../domain/frameworks/catalogue.ts';
import { frameworkResults, type StatusCounts } from '../../domain/frameworks/results.ts';
import type { ScanPlan } from '../../domain/model/plan.ts';
import type { RunStatus } from '../../domain/model/vocabulary.ts';
import type { CorruptFile } from '../../domain/run/run-folder.ts';
import type { RunRow } from '../tables/columns.ts';
import type { Tally } from '../tables/tally.ts';
import type { History } from './history.ts';
import type { RunReport } from './run-report.ts';
import type { StateEffort } from './state-efforts.ts';
import type { WaiversInForce } from './waivers-in-force.ts';

/** What report.json holds, from what was counted on the way. */
export function reportJson(request: {
  run: RunRow;
  plan: ScanPlan;
  tally: Tally;
  history: History;
  waivers: WaiversInForce;
  efforts: readonly StateEffort[];
  corrupt: CorruptFile[];
  /** Questions beside the targets' own that got no answer. */
  open: number;
  /** What the executions have said of themselves. */
  executionNotes: readonly string[];
}): RunReport {
  const { run, plan, tally, history } = request;
  return {
    version: 1,
    run: { ...run, run_date: plan.runDate },
    ...counts(tally, run.status),
    cause_kinds: tally.causeKinds(),
    changes: history.changes(),
    ...(plan.because && { because: plan.because }),
    waivers: request.waivers.report(),
    efforts: [...request.efforts],
    corrupt_files: request.corrupt,
    notes: [...notes(plan, tally, request.open), ...request.executionNotes],
  };
}

/** What a report counts, of a run, of a part of it or of the present; and what that says of every framework. */
export function counts(tally: Tally, runStatus: RunStatus) {
  const byControl = new Map<string, StatusCounts>(Object.entries(tally.byControl));
  const unverifiedTargets = tally.verdicts.UNVERIFIED;
  return {
    accounts: { total: tally.accountsTotal, excluded: tally.accountsExcluded, by_verdict: tally.accounts },
    targets: { total: tally.targets, by_state: tally.states, by_verdict: tally.verdicts, inferred: tally.inferred },
    trails: { total: Object.values(tally.trails).reduce((a, b) => a + b, 0), by_verdict: tally.trails },
    findings: { by_status: tally.byStatus, by_control: tally.byControl, by_severity: tally.bySeverity },
    ...tally.rootCauses(),
    worst_findings: tally.worstFindings(),
    finding_kinds: tally.findingKinds.worst(),
    frameworks: FRAMEWORKS.map((framework) =>
      frameworkResults({ framework, counts: byControl, runStatus, unverifiedTargets }),
    ),
  } satisfies Partial<RunReport>;
}

/** What holds of every report that is counted like this. */
export function limitations({ inferred }: Pick<Tally, 'inferred'>): string[] {
  const all = ['Verdicts concern new deliveries: logs kept from before a key was set are not covered by them.'];
  if (inferred > 0) {
    all.push(
      `${inferred} verdicts are inferred from another Region of the same account, since a service control policy denies the Region: a local trail created there before the deny would not be visible.`,
    );
  }
  return all;
}

function notes(plan: ScanPlan, tally: Tally, open: number): string[] {
  const all = limitations(tally);
  if (open > 0)
    all.push(
      `${open} questions about trails, keys, buckets or stores got no answer: what rests on them is UNVERIFIED; resuming the run asks again.`,
    );
  if (plan.scopeFilter)
    all.push(`This run was narrowed (${plan.scopeFilter}): it says nothing about the organization as a whole.`);
  return all;
}
