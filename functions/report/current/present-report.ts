import type { ReportStore } from '../../domain/model/store.ts';
import type { RunStatus } from '../../domain/model/vocabulary.ts';
import { openHistory } from '../run/history.ts';
import { counts, limitations } from '../run/report-json.ts';
import { CHANGES_NAMED, type RunReport } from '../run/run-report.ts';
import { readRunReport } from '../run/run-report-file.ts';
import { statusOfPart } from '../scope/subset.ts';
import type { RunRow } from '../tables/columns.ts';
import { countRows } from '../tables/count-rows.ts';
import { countsOf } from '../tables/run-row.ts';
import type { FinishedRun } from '../tables/tables.ts';
import { type CurrentRuns, staleSince } from './current-runs.ts';
import { presentRows } from './present-rows.ts';

export interface Present {
  /** The row of the whole run, with the numbers of the present. */
  row: RunRow;
  report: RunReport;
}

/**
 * The report of the present: the newest whole run with what changes had scanned again since. Every number is counted from the rows
 * of `current_*`; what is not in the tables is the whole run's.
 */
export async function countPresent(store: ReportStore, current: CurrentRuns, run: FinishedRun): Promise<Present> {
  const whole = await readRunReport(store, run.row.run_id);
  const newer = [...new Set(current.byAccount.values())];
  const reports = [whole, ...(await Promise.all(newer.map(({ row }) => readRunReport(store, row.run_id))))];
  const { run_id: runId, scope, scope_filter: scopeFilter } = run.row;
  const history = await openHistory(store, { runId, scope, scopeFilter });
  const { tally, waived } = await countRows({
    rows: (table) => presentRows(store, current, table),
    known: reports.flatMap(({ root_causes: causes }) => causes),
    finding: (row) => history.compare(row),
  });
  const complete = reports.every(({ run: { status } }) => status === 'COMPLETE');
  const judged = { states: tally.states, unverifiedFindings: tally.byStatus.UNVERIFIED };
  const status: RunStatus = statusOfPart(judged, complete ? 'COMPLETE' : 'PARTIAL');
  const row: RunRow = { ...run.row, ...countsOf(tally), status, accounts: tally.accountsTotal };
  const counted = counts(tally, status);
  const kinds = new Set(reports.flatMap(({ root_causes: listed }) => listed.map(({ id }) => id)));
  const said = new Set(limitations(whole.targets));
  const report: RunReport = {
    ...whole,
    run: { ...row, run_date: run.runDate },
    ...counted,
    // A report lists the worst causes alone: of others the kind is not known.
    cause_kinds: counted.root_causes.every(({ id }) => kinds.has(id)) ? tally.causeKinds() : undefined,
    changes: history.changes(),
    waivers: {
      ...whole.waivers,
      listed: whole.waivers.listed.map((waiver) => ({ ...waiver, findings: waived.get(waiver.id) ?? 0 })),
    },
    corrupt_files: reports.flatMap(({ corrupt_files: files }) => files),
    notes: [...limitations(tally), ...whole.notes.filter((note) => !said.has(note))],
    present: {
      as_of: run.row.started_at,
      stale_since: staleSince(current, run.row),
      newer: [...current.byAccount]
        .map(([account, { row: of }]) => ({
          account_id: account,
          run_id: of.run_id,
          as_of: of.started_at,
          stale_since: staleSince(current, of),
        }))
        .sort((a, b) => (a.account_id < b.account_id ? -1 : 1)),
      // Each begins with its time.
      because: [...new Set(newer.flatMap(({ row: of }) => of.because))].sort().slice(-CHANGES_NAMED),
    },
  };
  return { row, report };
}
