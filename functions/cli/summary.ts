import { isUnreached } from '../domain/judge/coverage.ts';
import { COVERAGE_STATES } from '../domain/judge/ledger.ts';
import { sanitize } from '../domain/model/sanitize.ts';
import { causeReach } from '../report/run/cause-reach.ts';
import type { RunReport } from '../report/run/run-report.ts';
import { programName } from './program-name.ts';
import { columns, foldedColumns, lineWidth, type Terminal, wrapped } from './terminal.ts';

const CAUSES = 8;
const FINDINGS = 8;
const WAIVERS = 8;

/** What a run comes to, for a person: complete or not, accounts, ledger, trails, causes worst first, worst findings. */
export function summary(report: RunReport, terminal: Terminal): string {
  const width = lineWidth(terminal);
  const parts = [
    headline(report, terminal),
    section('Accounts, by the worst of their regions', counts(report.accounts.by_verdict, VERDICT_WORDS), terminal),
    section('Accounts × regions, by what became of looking', counts(report.targets.by_state, {}), terminal),
    section('Trails', counts(report.trails.by_verdict, TRAIL_WORDS), terminal),
    section('Root causes, worst first', causes(report, terminal), terminal),
    section('Worst findings', worst(report, width), terminal),
    section('Waivers', waivers(report), terminal),
    changes(report),
    ...report.notes.map((note) => wrapped(`Note: ${note}`, { indent: 6, width })),
    ...report.corrupt_files
      .slice(0, 5)
      .map((f) => `Not readable: ${sanitize(f.file)} (${sanitize(f.why)}); its targets are NOT_SCANNED.`),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function headline({ run, accounts, targets }: RunReport, terminal: Terminal): string {
  const { style } = terminal;
  const width = lineWidth(terminal);
  const status = run.status === 'COMPLETE' ? style('green', 'COMPLETE') : style('yellow', 'PARTIAL');
  const unmet = run.findings_failed > 0 ? style('red', `${run.findings_failed} failed`) : '0 failed';
  const scope = run.scope === 'FILTERED' ? ` (narrowed: ${sanitize(run.scope_filter ?? '')})` : '';
  const size = `${plural(accounts.total, 'account')} × ${plural(run.regions, 'region')} = ${plural(targets.total, 'target')}, ${plural(run.api_calls, 'AWS call')}.`;
  return [
    `${style('bold', `Run ${run.run_id}`)} is ${status}${scope}: ${size}`,
    `Findings: ${unmet}, ${run.findings_unverified} unverified, ${run.findings_waived} waived, ${run.findings_passed} passed.`,
    ...(run.status === 'PARTIAL' ? [wrapped(whyPartial(targets), { indent: 0, width })] : []),
  ].join('\n');
}

/** What makes a run PARTIAL, for a reader who has not met the word. */
function whyPartial({ by_state: states }: RunReport['targets']): string {
  const unreached = COVERAGE_STATES.filter((state) => isUnreached(state) && (states[state] ?? 0) > 0);
  const total = unreached.reduce((sum, state) => sum + (states[state] ?? 0), 0);
  const what =
    total > 0
      ? `${plural(total, 'target')} gave no answer (${unreached.map((state) => `${states[state]} ${state}`).join(', ')})`
      : 'some questions about trails, keys or buckets got no answer';
  return `PARTIAL: ${what}. What was not seen counts as unverified, never as fine.`;
}

const VERDICT_WORDS: Record<string, string> = {
  UNENCRYPTED: 'recorded by a trail without a KMS key',
  NO_TRAIL: 'no trail records them',
  NOT_LOGGING: 'their trail is stopped',
  BROKEN: 'the key is dead or delivery fails',
  FOREIGN_KEY: 'the key is not ours',
  UNVERIFIED: 'could not be determined',
  ENCRYPTED: 'sealed with a key that works and that we own',
  NOT_APPLICABLE: 'closed or suspended accounts',
};
const TRAIL_WORDS: Record<string, string> = {
  SEALED: 'encrypted, delivering, key alive and ours',
  UNSEALED: 'no KMS key',
  BROKEN: 'dead key or failing delivery',
  STOPPED: 'not logging',
  FOREIGN_KEY: 'key is not ours',
  UNVERIFIED: 'could not be determined',
};

function counts(numbers: Record<string, number>, words: Record<string, string>): string {
  const rows = Object.entries(numbers).filter(([, n]) => n > 0);
  const width = Math.max(...rows.map(([, n]) => String(n).length), 1);
  return columns(rows.map(([name, n]) => [String(n).padStart(width), name, words[name] ?? '']));
}

function causes(report: RunReport, terminal: Terminal): string {
  const { style } = terminal;
  const width = lineWidth(terminal);
  const shown = report.root_causes.slice(0, CAUSES).map((cause) => {
    const at = { indent: 12, width };
    return `  ${style('bold', cause.severity.padEnd(8))}  ${wrapped(sanitize(cause.title), at)}\n${' '.repeat(12)}${wrapped(sanitize(`${causeReach(cause).join(', ')}. Fix: ${cause.fix}`), at)}`;
  });
  const more = report.root_causes_total - shown.length;
  return [...shown, ...(more > 0 ? [`  … and ${more} more: ${programName()} query --named root-causes`] : [])].join(
    '\n',
  );
}

function worst(report: RunReport, width: number): string {
  const shown = report.worst_findings
    .slice(0, FINDINGS)
    .map((f) => [
      f.status,
      f.control_id,
      f.region ?? '',
      `${f.account_id ?? 'owner unknown'}${f.account_name ? ` ${sanitize(f.account_name).slice(0, 30)}` : ''}`,
      sanitize(f.observed ?? f.reason ?? '').slice(0, 200),
    ]);
  return foldedColumns(shown, { details: 1, width });
}

/** Those that no longer do what they were written for; the ones that work are in the counts. */
function waivers({ waivers: w }: RunReport): string {
  const spent = (w.listed ?? []).filter(({ state }) => state !== 'IN_FORCE');
  return [
    ...(w.in_force > 0 ? [`  ${plural(w.in_force, 'waiver')} in force. Waived is not met.`] : []),
    ...spent
      .slice(0, WAIVERS)
      .map((waiver) =>
        waiver.state === 'EXPIRED'
          ? `  ${sanitize(waiver.id)} (${waiver.control_id}) expired on ${waiver.expires_on}: ${plural(waiver.findings, 'finding')} ${waiver.findings === 1 ? 'fails' : 'fail'} again.`
          : `  ${sanitize(waiver.id)} (${waiver.control_id}) matches nothing: fixed, misspelt, or needed no more.`,
      ),
    ...(spent.length > WAIVERS ? [`  … and ${spent.length - WAIVERS} more in report.json`] : []),
  ].join('\n');
}

function changes({ changes: c }: RunReport): string {
  if (!c.previous_run_id) return '';
  return `Since run ${c.previous_run_id}: ${c.newly_failing} newly unmet, ${c.fixed} fixed, ${c.still_failing} still unmet.`;
}

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
const section = (title: string, body: string, { style }: Terminal): string =>
  body === '' ? '' : `${style('bold', title)}\n${body}`;
