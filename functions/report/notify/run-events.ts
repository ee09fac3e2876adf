import type { RunReport } from '../run/run-report.ts';
import type { TrailNews } from './announced.ts';

/** An event for other systems: its name, and a detail of pointers and numbers. */
export interface RunEvent {
  detailType: 'TrailSeal Run Completed' | 'TrailSeal Trail Failing' | 'TrailSeal Trail Fixed';
  detail: Record<string, unknown>;
}

/** What the end of a run is to other systems: that it ended, and one event for every trail that newly fails or is fixed. */
export function runEvents(
  report: RunReport,
  context: { root: string; overdue: readonly string[]; trails: TrailNews },
): RunEvent[] {
  const { run, changes } = report;
  const which = { run_id: run.run_id, run_date: run.run_date, organization_id: run.organization_id };
  return [
    {
      detailType: 'TrailSeal Run Completed',
      detail: {
        ...which,
        status: run.status,
        scope: run.scope,
        accounts: run.accounts,
        targets: run.targets,
        unanswered: unanswered(run),
        accounts_overdue: context.overdue.length,
        findings_failed: run.findings_failed,
        findings_unverified: run.findings_unverified,
        findings_waived: run.findings_waived,
        newly_failing: changes.newly_failing,
        fixed: changes.fixed,
        report: `${context.root}/reports/${run.run_id}/report.json`,
      },
    },
    ...context.trails.failing.map((arn) => trailEvent('TrailSeal Trail Failing', arn, { which, report })),
    ...context.trails.fixed.map((arn) => trailEvent('TrailSeal Trail Fixed', arn, { which, report })),
  ];
}

/** Targets that should have answered and did not. */
export const unanswered = (run: RunReport['run']): number =>
  run.access_denied + run.throttled + run.error + run.not_scanned;

function trailEvent(
  detailType: RunEvent['detailType'],
  arn: string,
  { which, report }: { which: Record<string, unknown>; report: RunReport },
): RunEvent {
  const [, , , region = '', accountId = ''] = arn.split(':');
  const because = changesOf(arn, accountId, report);
  return {
    detailType,
    detail: { ...which, trail_arn: arn, account_id: accountId, region, ...(because.length > 0 && { because }) },
  };
}

/** An event has 256 KB; an actor and a name are short. */
const CHANGES_NAMED = 20;

/** Who did what, where a change started the run: what names the trail or what it uses, else what its account is affected by. */
function changesOf(arn: string, accountId: string, { because }: RunReport): Record<string, string>[] {
  const changes = because?.changes ?? [];
  const named = changes.filter(({ trails }) => trails.includes(arn));
  const those = named.length > 0 ? named : changes.filter(({ accounts }) => accounts.includes(accountId));
  return those.slice(-CHANGES_NAMED).map(({ name, actor, at, eventId, accountId: account, region }) => ({
    ...{ name, actor, at, account_id: account, region, event_id: eventId },
  }));
}
