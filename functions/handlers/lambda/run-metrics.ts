import { Metrics } from '@aws-lambda-powertools/metrics';
import { unanswered } from '../../report/notify/run-events.ts';
import type { RunReport } from '../../report/run/run-report.ts';
import { METRIC_NAMESPACE, RUN_METRICS, type RunMetric } from './metric-names.ts';

/** A run in numbers. */
export const runNumbers = (
  { run }: RunReport,
  { overdue, silent }: { overdue: number; silent: number },
): Record<RunMetric, number> => ({
  RunsComplete: run.status === 'COMPLETE' ? 1 : 0,
  RunsPartial: run.status === 'PARTIAL' ? 1 : 0,
  RunSeconds: Math.max(Date.parse(run.finished_at) - Date.parse(run.started_at), 0) / 1_000,
  Accounts: run.accounts,
  AccountsOverdue: overdue,
  Targets: run.targets,
  TargetsUnanswered: unanswered(run),
  FindingsFailed: run.findings_failed,
  FindingsUnverified: run.findings_unverified,
  FindingsWaived: run.findings_waived,
  ApiCalls: run.api_calls,
  RegionsSilent: silent,
});

/** Writes the numbers to the log in CloudWatch's embedded metric format. Runs of another scope are another series. */
export const writeRunMetrics = (
  report: RunReport,
  counted: { overdue: number; silent: number },
  metrics = newMetrics(),
): void => {
  metrics.addDimension('scope', report.because ? CHANGED : report.run.scope);
  for (const [name, value] of Object.entries(runNumbers(report, counted))) {
    metrics.addMetric(name, RUN_METRICS[name as RunMetric], value);
  }
  metrics.publishStoredMetrics();
};

/** Runs that changes start: none of them stands in for the one of the schedule. */
const CHANGED = 'CHANGED';

const newMetrics = (): Metrics =>
  new Metrics({
    namespace: process.env.POWERTOOLS_METRICS_NAMESPACE ?? METRIC_NAMESPACE,
    serviceName: 'trailseal',
  });
