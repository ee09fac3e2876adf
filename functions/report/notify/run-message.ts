import { changeWords } from '../../domain/watch/affected-accounts.ts';
import { causeReach } from '../run/report-words.ts';
import type { RunReport } from '../run/run-report.ts';
import type { TrailNews } from './announced.ts';

const CAUSES_LISTED = 5;

export interface RunMessage {
  /** At most 100 printable ASCII characters, as SNS wants it. */
  subject: string;
  body: string;
}

/** The end of a run as a short message for people: what it came to, what changed, where to look. */
export function runMessage(
  report: RunReport,
  context: {
    root: string;
    overdue: readonly string[];
    trails: TrailNews;
    silent?: readonly string[];
    securityHub?: string | null;
  },
): RunMessage {
  const { run, changes } = report;
  const open = `${run.findings_failed} failed, ${run.findings_unverified} unverified`;
  const body = [
    `Run ${run.run_id} of ${run.run_date} is ${run.status}${run.scope === 'FILTERED' ? ` (narrowed: ${line(run.scope_filter ?? '', 200)})` : ''}.`,
    `${run.accounts} accounts x ${run.regions} Regions = ${run.targets} account/Region pairs${run.excluded > 0 ? `, ${run.targets - run.excluded} of them in scope` : ''}.`,
    `Findings: ${open}, ${run.findings_waived} waived, ${run.findings_passed} passed.`,
    changed(changes),
    announced(context.trails),
    ...because(report),
    ...causes(report),
    ...unreachable(context.overdue),
    ...quiet(context.silent ?? []),
    ...(context.securityHub ? [line(context.securityHub, 1_000)] : []),
    `Report: ${context.root}/reports/${run.run_id}/`,
    ...(run.status === 'PARTIAL' ? [`Finish the rest: start the state machine with {"resume": "${run.run_id}"}.`] : []),
  ];
  return { subject: line(`TrailSeal: ${run.status}, ${open}`, 100), body: `${body.join('\n\n')}\n` };
}

function changed(changes: RunReport['changes']): string {
  if (changes.previous_run_id === null) return 'This is the first run of its scope.';
  return `Since run ${changes.previous_run_id}: ${changes.newly_failing} newly failing, ${changes.fixed} fixed, ${changes.still_failing} still failing.`;
}

/** Counts since the last run may hold what a run after a change has announced already; events never do. */
const announced = ({ failing, fixed }: TrailNews): string =>
  `Trails announced with this run: ${failing.length} failing, ${fixed.length} fixed.`;

function because({ because: why }: RunReport): string[] {
  if (!why) return [];
  const lines = why.changes.slice(-CAUSES_LISTED).map((change) => `- ${line(changeWords(change), 400)}`);
  const more = why.events > lines.length ? [`and ${why.events - lines.length} more events`] : [];
  return [['Started by:', ...lines, ...more].join('\n')];
}

function causes({ root_causes: found, root_causes_total: total }: RunReport): string[] {
  if (found.length === 0) return [];
  const lines = found
    .slice(0, CAUSES_LISTED)
    .map((cause) => `- ${line(cause.title, 300)}: ${line(causeReach(cause).join(', ').replaceAll('…', '...'), 300)}`);
  const more = total > lines.length ? [`and ${total - lines.length} more`] : [];
  return [['Root causes, worst first:', ...lines, ...more].join('\n')];
}

function unreachable(accounts: readonly string[]): string[] {
  if (accounts.length === 0) return [];
  const named = accounts.slice(0, 10).join(', ');
  return [`Unreachable for too long: ${accounts.length} accounts (${named}${accounts.length > 10 ? ', …' : ''}).`];
}

const quiet = (regions: readonly string[]): string[] =>
  regions.length === 0
    ? []
    : [`No change has come from ${regions.join(', ')} for too long: is the rule there, and does a trail log there?`];

/**
 * Whether people get a message: a run that a change started and that found nothing new is of no interest to anybody, and
 * so are trails that another run has announced meanwhile.
 */
export function isWorthTelling({ run, changes, because: why }: RunReport, trails: TrailNews): boolean {
  if (why === undefined || run.status !== 'COMPLETE') return true;
  if (trails.failing.length > 0 || trails.fixed.length > 0) return true;
  const announced = changes.trails_newly_failing.length > 0 || changes.trails_fixed.length > 0;
  return !announced && (changes.newly_failing > 0 || changes.fixed > 0);
}

/** Untrusted text on one line, without anything that a terminal or a mail program would act on. */
const line = (text: string, characters: number): string => text.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, characters);
