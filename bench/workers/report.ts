import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { tuneEngine } from '../../functions/local/engine.ts';
import { writeReport } from '../../functions/report/run/write-report.ts';
import { type Cost, serve, stopwatch } from './serve.ts';

/** The Report state's work on a run's folder: observations to Parquet, JSON, CSV and the manifest. */
export interface ReportInput {
  root: string;
  runId: string;
}

export interface ReportOutput extends Cost {
  targets: number;
  states: Record<string, number>;
  trails: number;
  findings: number;
}

// As `trailseal` does at its start.
tuneEngine();

await serve(async ({ root, runId }: ReportInput): Promise<ReportOutput> => {
  const end = stopwatch();
  const report = await writeReport({ store: createDirectoryStore(root), runId, now: Date.now });
  const cost = end();
  return {
    ...cost,
    targets: report.targets.total,
    states: report.targets.by_state,
    trails: report.trails.total,
    findings: Object.values(report.findings.by_status).reduce((a, b) => a + b, 0),
  };
});
