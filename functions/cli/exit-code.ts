import { SEVERITIES } from '../domain/model/vocabulary.ts';
import type { RunReport } from '../report/run/run-report.ts';
import type { FailOn } from './scan-options.ts';

/**
 * 3 PARTIAL, 2 something is FAIL or UNVERIFIED, a finding or a target that none tells of, 0 otherwise; `--fail-on` says
 * which of the two count, and from which severity.
 */
export function exitCode(
  { run, findings, root_causes: causes }: Counted,
  { partial, findingsFrom }: FailOn,
): 0 | 2 | 3 {
  if (partial && run.status === 'PARTIAL') return 3;
  if (findingsFrom === null) return 0;
  const severe = SEVERITIES.slice(0, SEVERITIES.indexOf(findingsFrom) + 1);
  const bySeverity = findings.by_severity;
  // A report of before severities were counted: all of them count.
  const counted = bySeverity
    ? severe
        .map((severity) => bySeverity[severity].FAIL + bySeverity[severity].UNVERIFIED)
        .reduce((sum, count) => sum + count, 0)
    : run.findings_failed + run.findings_unverified;
  const shownAlone = causes.some((cause) => cause.findings === 0 && severe.includes(cause.severity));
  return counted > 0 || shownAlone ? 2 : 0;
}

interface Counted extends Pick<RunReport, 'run' | 'root_causes'> {
  findings: Pick<RunReport['findings'], 'by_severity'>;
}
