import { TrailSealError } from '../../domain/model/errors.ts';
import { runKeys } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { writeHtmlReport } from '../html/write-html-report.ts';
import type { RunReport } from '../run/run-report.ts';
import { readRunReport } from '../run/run-report-file.ts';
import { currentRuns, withRun } from './current-runs.ts';
import { presentStore } from './present-store.ts';

/**
 * Writes the page of a run. That of a run which changes started shows the present, all accounts with those that it has looked at again:
 * by itself it would be a page of what was left out.
 * @param writing the store of this run's own files
 * @param root where other runs are read
 */
export async function writeRunPage(request: {
  report: RunReport;
  writing: ReportStore;
  root: ReportStore;
}): Promise<void> {
  const { report, writing, root } = request;
  const shown = report.because ? await presentWith(report, root) : null;
  if (shown === null) return writeHtmlReport({ store: writing, report, history: root });
  const key = runKeys(report.run.run_id).report('report.html');
  const store: ReportStore = { ...shown.store, write: (_, body) => writing.write(key, body) };
  await writeHtmlReport({ store, report: shown.report, history: root });
}

/** The present with a run that is not finished yet; null where there is no whole run, or its files are gone. */
async function presentWith(report: RunReport, root: ReportStore) {
  const { run_date: runDate, ...row } = report.run;
  const current = withRun(await currentRuns(root), { row, runDate });
  const { whole } = current;
  const store = presentStore(root, current);
  if (whole === null || store === root) return null;
  try {
    return { store, report: await readRunReport(store, whole.row.run_id) };
  } catch (error) {
    if (error instanceof TrailSealError) return null;
    throw error;
  }
}
