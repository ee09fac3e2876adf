/** CloudWatch namespace of everything below, where POWERTOOLS_METRICS_NAMESPACE does not name another. */
export const METRIC_NAMESPACE = 'TrailSeal';

/** What a run says of itself in numbers, once at its end, with its unit. The deployment's alarms and dashboard read them. */
export const RUN_METRICS = {
  RunsComplete: 'Count',
  RunsPartial: 'Count',
  RunSeconds: 'Seconds',
  Accounts: 'Count',
  /** Accounts that have had an unanswered target for longer than UNREACHABLE_HOURS. */
  AccountsOverdue: 'Count',
  Targets: 'Count',
  /** Targets without an answer: denied, throttled, in error or not scanned. */
  TargetsUnanswered: 'Count',
  FindingsFailed: 'Count',
  FindingsUnverified: 'Count',
  FindingsWaived: 'Count',
  ApiCalls: 'Count',
  /** Regions that sent changes once and none for WATCH_SILENT_DAYS. */
  RegionsSilent: 'Count',
} as const;

export type RunMetric = keyof typeof RUN_METRICS;
