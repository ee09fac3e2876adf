import { decidedBy } from '../domain/judge/finding-words.ts';
import { sanitize } from '../domain/model/sanitize.ts';
import {
  COVERAGE_STATES,
  isUnreached,
  SHOWN_WORDS,
  STATE_WORDS,
  TRAIL_WORDS,
  type Words,
} from '../domain/model/vocabulary.ts';
import { changeWords } from '../domain/watch/affected-accounts.ts';
import { number, plural } from '../report/html/words.ts';
import { answer, causeReach, presentWords } from '../report/run/report-words.ts';
import type { RunReport } from '../report/run/run-report.ts';
import { programName } from './program-name.ts';
import { columnsWithProse, foldedColumns, lineWidth, type Terminal, wrapped } from './terminal.ts';

const CAUSES = 8;
const CHANGES = 5;
const FINDINGS = 8;
const WAIVERS = 8;

/** The summary of a run: complete or not, accounts, ledger, trails, causes worst first, worst findings. */
export function summary(report: RunReport, terminal: Terminal): string {
  const width = lineWidth(terminal);
  const parts = [
    headline(report, terminal),
    section(
      'Accounts by status (worst Region counts)',
      counts(
        { ...report.accounts.by_verdict, EXCLUDED: report.accounts.excluded ?? 0 },
        verdictWords(SHOWN_WORDS),
        width,
      ),
      terminal,
    ),
    section(
      'Scan results by account and Region',
      counts(report.targets.by_state, (state) => STATE_WORDS[state] ?? '', width),
      terminal,
    ),
    section('Trails', counts(report.trails.by_verdict, verdictWords(TRAIL_WORDS), width), terminal),
    section('Root causes, worst first', causes(report, terminal), terminal),
    section('Worst findings', worst(report, width), terminal),
    section('Waivers', waivers(report, width), terminal),
    wrapped(changes(report), { indent: 2, width }),
    ...report.notes.map((note) => wrapped(`Note: ${note}`, { indent: 6, width })),
    ...report.corrupt_files.slice(0, 5).map((f) =>
      wrapped(`Cannot read: ${sanitize(f.file)} (${sanitize(f.why)}); its account/Region pairs are NOT_SCANNED.`, {
        indent: 2,
        width,
      }),
    ),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function headline(report: RunReport, terminal: Terminal): string {
  const { run, accounts, targets, because } = report;
  const { style } = terminal;
  const width = lineWidth(terminal);
  const status = run.status === 'COMPLETE' ? style('green', 'COMPLETE') : style('yellow', 'PARTIAL');
  const failed = run.findings_failed > 0 ? style('red', `${number(run.findings_failed)} failed`) : '0 failed';
  const scope = run.scope === 'FILTERED' ? ` (filtered: ${sanitize(run.scope_filter ?? '')})` : '';
  const size = `${plural(accounts.total, 'account')} × ${plural(run.regions, 'Region')} = ${plural(targets.total, 'account/Region pair')}${excludedOf(targets)}, ${plural(run.api_calls, 'AWS call')}.`;
  return [
    wrapped(`${style('bold', `Run ${run.run_id}`)} is ${status}${scope}: ${size}`, { indent: 2, width }),
    wrapped(`${answer(report)}.`, { indent: 2, width }),
    ...presentWords(report).map((words) => wrapped(sanitize(`${words}.`), { indent: 2, width })),
    wrapped(
      `Findings: ${failed}, ${number(run.findings_unverified)} unverified, ${number(run.findings_waived)} waived, ${number(run.findings_passed)} passed.`,
      { indent: 2, width },
    ),
    ...(run.status === 'PARTIAL' ? [wrapped(whyPartial(targets), { indent: 2, width })] : []),
    ...startedBy(because).map((line) => wrapped(line, { indent: 2, width })),
  ].join('\n');
}

/** The changes that started the run, newest last. */
const startedBy = (because: RunReport['because']): string[] =>
  (because?.changes ?? []).slice(-CHANGES).map((change) => `Started by ${sanitize(changeWords(change))}`);

/** What the scope leaves out; nothing of it is counted below. */
const excludedOf = ({ total, by_state: { EXCLUDED: excluded } }: RunReport['targets']): string =>
  excluded > 0 ? `, ${number(total - excluded)} of them in scope` : '';

/** What makes a run PARTIAL. */
function whyPartial({ by_state: states }: RunReport['targets']): string {
  const unreached = COVERAGE_STATES.filter((state) => isUnreached(state) && (states[state] ?? 0) > 0);
  const total = unreached.reduce((sum, state) => sum + (states[state] ?? 0), 0);
  const what =
    total > 0
      ? `${plural(total, 'account/Region pair')} gave no answer (${unreached.map((state) => `${number(states[state] ?? 0)} ${state}`).join(', ')})`
      : 'some inspections of trails, keys or buckets got no answer';
  return `PARTIAL: ${what}. What was not scanned counts as unverified, never as passed.`;
}

/** `Encrypted: …`; nothing for a code that this version does not know. */
const verdictWords =
  <C extends string>(words: Record<C, Words>) =>
  (code: C): string =>
    words[code] ? `${words[code].label}: ${words[code].means}` : '';

/** A line a code that occurs: its number, the code, and what it means. */
function counts<C extends string>(numbers: Record<C, number>, words: (code: C) => string, width: number): string {
  const rows = (Object.entries(numbers) as [C, number][]).filter(([, n]) => n > 0);
  const digits = Math.max(...rows.map(([, n]) => String(n).length), 1);
  return columnsWithProse(
    rows.map(([code, n]) => [String(n).padStart(digits), code, words(code)]),
    width,
  );
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

/** What is the same is one line, with one example. */
function worst({ finding_kinds: kinds, worst_findings: listed }: RunReport, width: number): string {
  const account = (f: { account_id: string | null; account_name: string | null }) =>
    sanitize(f.account_name || f.account_id || 'owner unknown').slice(0, 30);
  const found = kinds ?? listed.map((f) => ({ ...f, findings: 1, accounts: 1, example: f }));
  const shown = found.slice(0, FINDINGS).map(({ status, control_id, reason, findings, accounts, example }) => {
    const where = [account(example), example.region].filter(Boolean).join(', ');
    const decided = sanitize(decidedBy({ status, reason, observed: example.observed })).slice(0, 200);
    const many = accounts > 1 ? `${findings} in ${plural(accounts, 'account')}` : String(findings);
    return [status, control_id, many, `${findings > 1 ? 'e.g. ' : ''}${where}: ${decided}`];
  });
  const more = found.length - shown.length;
  return [
    foldedColumns(shown, { details: 1, width }),
    ...(more > 0
      ? [wrapped(`  … and more kinds: ${programName()} query --named open-findings`, { indent: 4, width })]
      : []),
  ].join('\n');
}

/** Those that no longer match or have expired; the others are in the counts. */
function waivers({ waivers: w }: RunReport, width: number): string {
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
  ]
    .map((line) => `  ${wrapped(line.trim(), { indent: 4, width })}`)
    .join('\n');
}

function changes({ changes: c }: RunReport): string {
  if (!c.previous_run_id) return '';
  return `Since run ${c.previous_run_id}: ${c.newly_failing} new, ${c.fixed} fixed, ${c.still_failing} still open.`;
}

const section = (title: string, body: string, { style }: Terminal): string =>
  body === '' ? '' : `${style('bold', title)}\n${body}`;
