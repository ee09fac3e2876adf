import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runKeys } from '../../functions/domain/model/plan.ts';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { tuneEngine } from '../../functions/local/engine.ts';
import { writeHtmlReport } from '../../functions/report/html/write-html-report.ts';
import type { RunReport } from '../../functions/report/run/run-report.ts';
import { type Cost, serve, stopwatch } from './serve.ts';

/** The page of a run whose tables and report.json are written. */
export interface HtmlInput {
  root: string;
  runId: string;
}

export interface HtmlOutput extends Cost {
  file: string;
  bytes: number;
  findings: number;
  trails: number;
}

// As `trailseal` does at its start.
tuneEngine();

await serve(async ({ root, runId }: HtmlInput): Promise<HtmlOutput> => {
  const keys = runKeys(runId);
  const report = JSON.parse(readFileSync(join(root, keys.report('report.json')), 'utf8')) as RunReport;
  const end = stopwatch();
  await writeHtmlReport({ store: createDirectoryStore(root), report });
  const cost = end();
  const file = join(root, keys.report('report.html'));
  return {
    ...cost,
    file,
    bytes: statSync(file).size,
    findings: report.findings.by_status.FAIL + report.findings.by_status.UNVERIFIED,
    trails: report.trails.total,
  };
});
