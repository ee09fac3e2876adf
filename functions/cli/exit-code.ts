import type { RunReport } from '../report/run/run-report.ts';
import type { FailOn } from './scan-options.ts';

/** 3 PARTIAL, 2 something is FAIL or UNVERIFIED, 0 otherwise; `--fail-on` says which of the two count. */
export function exitCode(run: RunReport['run'], failOn: FailOn): 0 | 2 | 3 {
  if (failOn.has('partial') && run.status === 'PARTIAL') return 3;
  if (failOn.has('findings') && run.findings_failed + run.findings_unverified > 0) return 2;
  return 0;
}
