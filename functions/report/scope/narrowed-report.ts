import type { ReportStore } from '../../domain/model/store.ts';
import { openHistory } from '../run/history.ts';
import { counts, limitations } from '../run/report-json.ts';
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
  const { store, run, subset } = request;
  const whole = await readRunReport(store, run.row.run_id);
  const { run_id: runId, scope, scope_filter: scopeFilter } = run.row;
  const history = await openHistory(store, { runId, scope, scopeFilter });
  const { row, tally, waived } = await narrowedRun({ ...request, known: whole.root_causes, history });
  const counted = counts(tally, row.status);
  const kinds = new Set(whole.root_causes.map(({ id }) => id));
  return {
    version: 1,
    run: { ...row, run_date: run.runDate },
    ...counted,
    // A report lists the worst causes alone: of others the kind is not known.
    ...(counted.root_causes.every(({ id }) => kinds.has(id)) ? { cause_kinds: tally.causeKinds() } : {}),
    changes: history.changes(),
    ...(whole.present && {
      present: { ...whole.present, newer: whole.present.newer.filter(({ account_id: id }) => subset.accounts.has(id)) },
    }),
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
