import { SEVERITIES } from '../domain/model/vocabulary.ts';
import type { RunReport } from '../report/run/run-report.ts';
import type { FailOn } from './scan-options.ts';

/** 3 PARTIAL, 2 something is FAIL or UNVERIFIED, 0 otherwise; `--fail-on` says which of the two count, and from which severity. */
export function exitCode(
  { run, findings }: { run: RunReport['run']; findings: Pick<RunReport['findings'], 'by_severity'> },
  { partial, findingsFrom }: FailOn,
): 0 | 2 | 3 {
  if (partial && run.status === 'PARTIAL') return 3;
  if (findingsFrom === null) return 0;
  const bySeverity = findings.by_severity;
  // A report of before severities were counted: all of them count.
  const counted = bySeverity
    ? SEVERITIES.slice(0, SEVERITIES.indexOf(findingsFrom) + 1)
        .map((severity) => bySeverity[severity].FAIL + bySeverity[severity].UNVERIFIED)
        .reduce((sum, count) => sum + count, 0)
    : run.findings_failed + run.findings_unverified;
  return counted > 0 ? 2 : 0;
}
