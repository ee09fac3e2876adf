import type { ReportStore } from '../../domain/model/store.ts';
import { frameworkSummary } from '../run/framework-summary.ts';
import { limitations } from '../run/report-json.ts';
import type { RunReport } from '../run/run-report.ts';
import { readRunReport } from '../run/run-report-file.ts';
import type { FinishedRun } from '../tables/tables.ts';
import { narrowedRun } from './narrowed-run.ts';
import type { Subset, SubsetRequest } from './subset.ts';

/** The report of a run as that of a part of it: every number is counted from the rows of the part. */
export async function narrowedReport(request: {
  store: ReportStore;
  run: FinishedRun;
  subset: Subset;
  asked: SubsetRequest;
}): Promise<RunReport> {
  const { run, subset } = request;
  const whole = await readRunReport(request.store, run.row.run_id);
  const { row, tally, changes, waived } = await narrowedRun({ ...request, known: whole.root_causes });
  const { root_causes: causes, ...counted } = tally.rootCauses();
  const kinds = new Set(whole.root_causes.map(({ id }) => id));
  return {
    version: 1,
    run: { ...row, run_date: run.runDate },
    accounts: { total: tally.accountsTotal, excluded: tally.accountsExcluded, by_verdict: tally.accounts },
    targets: { total: tally.targets, by_state: tally.states, by_verdict: tally.verdicts, inferred: tally.inferred },
    trails: { total: Object.values(tally.trails).reduce((a, b) => a + b, 0), by_verdict: tally.trails },
    findings: { by_status: tally.byStatus, by_control: tally.byControl, by_severity: tally.bySeverity },
    root_causes: causes,
    ...counted,
    // A report lists the worst causes alone: of others the kind is not known.
    ...(causes.every(({ id }) => kinds.has(id)) ? { cause_kinds: tally.causeKinds() } : {}),
    worst_findings: tally.worstFindings(),
    finding_kinds: tally.findingKinds.worst(),
    changes,
    frameworks: frameworkSummary({ tally, status: row.status }),
    waivers: waiversOf(whole, waived),
    corrupt_files: whole.corrupt_files.filter(({ file }) => subset.accounts.has(/\d{12}/.exec(file)?.[0] ?? '')),
    notes: [
      ...limitations(tally),
      `This is a part of run ${row.run_id} (${row.scope_filter}): it says nothing about the organization as a whole.`,
      ...(subset.absent.length > 0 ? [`The run does not have ${subset.absent.join(', ')}.`] : []),
    ],
  };
}

/** Those that cover findings of the part; what an expired one would cover is open, and no row names it. */
function waiversOf({ waivers }: RunReport, waived: ReadonlyMap<string, number>): RunReport['waivers'] {
  const listed = waivers.listed.flatMap((waiver) => {
    const findings = waived.get(waiver.id) ?? 0;
    return findings > 0 ? [{ ...waiver, findings }] : [];
  });
  return { in_force: listed.length, expired: [], matching_nothing: [], listed };
}
