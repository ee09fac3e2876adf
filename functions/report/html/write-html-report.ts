import { CONTROLS } from '../../domain/controls/catalogue.ts';
import { runKeys } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import type { RunReport } from '../run/run-report.ts';
import type { RunRow } from '../tables/columns.ts';
import { finishedRuns } from '../tables/tables.ts';
import { documentBody } from './document.ts';
import { frameworksView } from './frameworks.ts';
import { PACKED_TABLES, type PageFacts } from './pack-format.ts';
import { type RunTables, readRunTables } from './run-tables.ts';
import { summary } from './summary.ts';
import { RUNS_DRAWN } from './summary-charts.ts';

/** Runs of other scopes looked past while gathering the history. */
const RUNS_READ = 4 * RUNS_DRAWN;

export interface HtmlReportRequest {
  store: ReportStore;
  /** What `report.json` holds; its run's tables, `runs` excepted, are in the store. */
  report: RunReport;
  /** Where the earlier runs are read; the store by default. */
  history?: ReportStore;
}

/**
 * Writes `reports/<run_id>/report.html`: one file that needs nothing else. Rows go from the tables into packed columns
 * one by one; what stays in memory is a few bytes a row. A table that is gone makes a page that says so.
 */
export async function writeHtmlReport({ store, report, history = store }: HtmlReportRequest): Promise<void> {
  const tables = await readRunTables({ store, report });
  const runs = await runsUntil(history, report.run);
  const body = documentBody({
    facts: factsOf(report, tables),
    summary: summary({ report, tables, runs }),
    frameworks: frameworksView(report.frameworks),
    counts: {
      trails: tables.packs.get('trails')?.rows,
      keys: tables.packs.get('keys')?.rows,
      buckets: tables.packs.get('buckets')?.rows,
    } as Record<string, number>,
    tables: packed(tables),
  });
  await store.write(runKeys(report.run.run_id).report('report.html'), body);
}

async function* packed(tables: RunTables) {
  for (const name of PACKED_TABLES) {
    const pack = tables.packs.get(name);
    tables.packs.delete(name);
    if (pack) yield [name, await pack.compressed()] as [typeof name, Uint8Array];
  }
}

/** Finished runs of the same scope up to this one, oldest first, this one last. */
async function runsUntil(store: ReportStore, run: RunRow): Promise<RunRow[]> {
  const runs: RunRow[] = [run];
  let read = 0;
  for await (const { row } of finishedRuns(store)) {
    if (row.run_id < run.run_id && row.scope === run.scope && row.scope_filter === run.scope_filter) runs.push(row);
    read += 1;
    if (runs.length >= RUNS_DRAWN || read >= RUNS_READ) break;
  }
  return runs.reverse();
}

function presentOf({ present }: RunReport): PageFacts['present'] {
  if (!present) return null;
  const newer = present.newer.map(({ account_id: id, as_of: asOf, stale_since: staleSince, run_id: runId }) => [
    id,
    { asOf, staleSince, evidencePrefix: runKeys(runId).evidence },
  ]);
  return { asOf: present.as_of, staleSince: present.stale_since, newer: Object.fromEntries(newer) };
}

function factsOf(report: RunReport, tables: RunTables): PageFacts {
  const { run } = report;
  return {
    runId: run.run_id,
    runDate: run.run_date,
    status: run.status,
    partition: run.partition,
    organizationId: run.organization_id,
    regions: tables.regions,
    missing: tables.missing,
    controls: Object.fromEntries(
      CONTROLS.map(({ id, title, severity, expected, rationale, remediation, page }) => [
        id,
        { title, severity, expected, rationale, remediation, link: page },
      ]),
    ),
    findingsTotal: Object.values(report.findings.by_status).reduce((a, b) => a + b, 0),
    present: presentOf(report),
    evidencePrefix: runKeys(run.run_id).evidence,
  };
}
