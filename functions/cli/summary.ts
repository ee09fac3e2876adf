import { sanitize } from '../domain/model/sanitize.ts';
import {
  COVERAGE_STATES,
  isUnreached,
  SHOWN_WORDS,
  STATE_WORDS,
  TRAIL_WORDS,
  type Words,
} from '../domain/model/vocabulary.ts';
import { causeReach } from '../report/run/cause-reach.ts';
import type { RunReport } from '../report/run/run-report.ts';
import { programName } from './program-name.ts';
import { columns, foldedColumns, lineWidth, type Terminal, wrapped } from './terminal.ts';

const CAUSES = 8;
const FINDINGS = 8;
const WAIVERS = 8;

/** The summary of a run: complete or not, accounts, ledger, trails, causes worst first, worst findings. */
export function summary(report: RunReport, terminal: Terminal): string {
  const width = lineWidth(terminal);
  const parts = [
    headline(report, terminal),
    section(
      'Accounts by status (worst Region counts)',
      counts({ ...report.accounts.by_verdict, EXCLUDED: report.accounts.excluded ?? 0 }, verdictWords(SHOWN_WORDS)),
      terminal,
    ),
    section(
      'Scan results by account and Region',
      counts(report.targets.by_state, (state) => STATE_WORDS[state] ?? ''),
      terminal,
    ),
    section('Trails', counts(report.trails.by_verdict, verdictWords(TRAIL_WORDS)), terminal),
    section('Root causes, worst first', causes(report, terminal), terminal),
    section('Worst findings', worst(report, width), terminal),
    section('Waivers', waivers(report), terminal),
    changes(report),
    ...report.notes.map((note) => wrapped(`Note: ${note}`, { indent: 6, width })),
    ...report.corrupt_files
      .slice(0, 5)
      .map((f) => `Cannot read: ${sanitize(f.file)} (${sanitize(f.why)}); its targets are NOT_SCANNED.`),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function headline({ run, accounts, targets }: RunReport, terminal: Terminal): string {
  const { style } = terminal;
  const width = lineWidth(terminal);
  const status = run.status === 'COMPLETE' ? style('green', 'COMPLETE') : style('yellow', 'PARTIAL');
  const failed = run.findings_failed > 0 ? style('red', `${run.findings_failed} failed`) : '0 failed';
  const scope = run.scope === 'FILTERED' ? ` (filtered: ${sanitize(run.scope_filter ?? '')})` : '';
  const size = `${plural(accounts.total, 'account')} × ${plural(run.regions, 'region')} = ${plural(targets.total, 'target')}${excludedOf(targets)}, ${plural(run.api_calls, 'AWS call')}.`;
  return [
    `${style('bold', `Run ${run.run_id}`)} is ${status}${scope}: ${size}`,
    `Findings: ${failed}, ${run.findings_unverified} unverified, ${run.findings_waived} waived, ${run.findings_passed} passed.`,
    ...(run.status === 'PARTIAL' ? [wrapped(whyPartial(targets), { indent: 0, width })] : []),
  ].join('\n');
}

/** What the scope leaves out; nothing of it is counted below. */
const excludedOf = ({ total, by_state: { EXCLUDED: excluded } }: RunReport['targets']): string =>
  excluded > 0 ? `, ${total - excluded} of them in scope` : '';

/** What makes a run PARTIAL. */
function whyPartial({ by_state: states }: RunReport['targets']): string {
  const unreached = COVERAGE_STATES.filter((state) => isUnreached(state) && (states[state] ?? 0) > 0);
  const total = unreached.reduce((sum, state) => sum + (states[state] ?? 0), 0);
  const what =
    total > 0
      ? `${plural(total, 'target')} gave no answer (${unreached.map((state) => `${states[state]} ${state}`).join(', ')})`
      : 'some inspections of trails, keys or buckets got no answer';
  return `PARTIAL: ${what}. What was not scanned counts as unverified, never as passed.`;
}

/** `Encrypted: …`; nothing for a code that this version does not know. */
const verdictWords =
  <C extends string>(words: Record<C, Words>) =>
  (code: C): string =>
    words[code] ? `${words[code].label}: ${words[code].means}` : '';

/** A line a code that occurs: its number, the code, and what it means. */
function counts<C extends string>(numbers: Record<C, number>, words: (code: C) => string): string {
  const rows = (Object.entries(numbers) as [C, number][]).filter(([, n]) => n > 0);
  const width = Math.max(...rows.map(([, n]) => String(n).length), 1);
  return columns(rows.map(([code, n]) => [String(n).padStart(width), code, words(code)]));
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

/** Those that no longer match or have expired; the others are in the counts. */
function waivers({ waivers: w }: RunReport): string {
  const spent = (w.listed ?? []).filter(({ state }) => state !== 'IN_FORCE');
  return [
    ...(w.in_force > 0 ? [`  ${plural(w.in_force, 'waiver')} in force. A waived finding does not pass.`] : []),
    ...spent
      .slice(0, WAIVERS)
      .map((waiver) =>
        waiver.state === 'EXPIRED'
          ? `  ${sanitize(waiver.id)} (${waiver.control_id}) expired on ${waiver.expires_on}: ${plural(waiver.findings, 'finding')} ${waiver.findings === 1 ? 'is' : 'are'} open again.`
          : `  ${sanitize(waiver.id)} (${waiver.control_id}) matches no finding: fixed, mistyped, or no longer needed.`,
      ),
    ...(spent.length > WAIVERS ? [`  … and ${spent.length - WAIVERS} more in report.json`] : []),
  ].join('\n');
}

function changes({ changes: c }: RunReport): string {
  if (!c.previous_run_id) return '';
  return `Since run ${c.previous_run_id}: ${c.newly_failing} new, ${c.fixed} fixed, ${c.still_failing} still open.`;
}

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
const section = (title: string, body: string, { style }: Terminal): string =>
  body === '' ? '' : `${style('bold', title)}\n${body}`;
