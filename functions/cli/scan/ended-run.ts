import { usageError } from '../../domain/model/errors.ts';
import { isRunId } from '../../domain/model/run-id.ts';
import type { RunReport } from '../../report/run/run-report.ts';
import { exitCode } from '../exit-code.ts';
import type { FailOn } from '../scan-options.ts';
import { summary } from '../summary.ts';
import { lineWidth, type Terminal, wrapped } from '../terminal.ts';
import { timingsOf } from './timings.ts';

/** How a run is reported, wherever it ran. */
export interface TellOptions {
  json?: boolean;
  quiet?: boolean;
  timings?: boolean;
}

/** Prints what came of a run. @returns the exit code */
export function tellEndedRun(
  { report, root, resume, counting }: { report: RunReport; root: string; resume: string; counting: FailOn },
  { json, quiet, timings }: TellOptions,
  terminal: Terminal,
): number {
  terminal.out.write(json ? `${JSON.stringify(report)}\n` : summary(report, terminal));
  if (timings && !json) terminal.out.write(timingsOf(report, terminal));
  if (!json && !quiet) {
    const { run } = report;
    const lines = [
      `Report: ${root}/reports/${run.run_id}/ (report.html, report.json, findings.csv), tables under ${root}/tables/.`,
    ];
    if (run.status === 'PARTIAL')
      lines.push(`PARTIAL: fix what is named above, then complete the run with\n  ${resume}`);
    const width = lineWidth(terminal);
    terminal.out.write(
      `\n${lines.map((line) => (line.includes('\n') ? line : wrapped(line, { indent: 2, width }))).join('\n')}\n`,
    );
  }
  return exitCode(report, counting);
}

/** @throws TrailSealError USAGE */
export function checkRunId(resume: string | undefined): void {
  if (resume === undefined || isRunId(resume)) return;
  throw usageError(
    `"${resume.slice(0, 60)}" (--resume) is not a run id: 26 letters and digits, as \`scan\` prints it.`,
  );
}
