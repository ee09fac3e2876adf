import { controlById } from '../../domain/controls/catalogue.ts';
import { CAUSE_KINDS } from '../../domain/controls/reasons/cause-kinds.ts';
import { decidedBy } from '../../domain/judge/finding-words.ts';
import { COVERAGE_VERDICTS, COVERAGE_WORDS } from '../../domain/model/vocabulary.ts';
import { minute, number, plural } from '../html/words.ts';
import type { RunReport } from '../run/run-report.ts';

const KINDS = 5;
const FINDINGS = 10;

/** Text on one line that Markdown shows and does not obey: names and messages are other people's. */
const said = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .slice(0, 300)
    .replaceAll(/[<>&@#$]|:\/\//g, (sign) => `&#${sign.charCodeAt(0)};${sign.slice(1)}`)
    .replaceAll(/[\\`*_{}[\]()|~]/g, (sign) => `\\${sign}`);

/** The summary of a run as Markdown, for a pull request or a job summary. */
export function runMarkdown(report: RunReport): string {
  const { run, accounts, changes } = report;
  const live = accounts.total - (accounts.excluded ?? 0) - accounts.by_verdict.NOT_APPLICABLE;
  const lines = [
    `## TrailSeal: ${number(accounts.by_verdict.ENCRYPTED)} of ${plural(live, 'account')} encrypted, run ${run.status}`,
    '',
    `${run.findings_failed} failed, ${run.findings_unverified} unverified, ${run.findings_waived} waived, ${run.findings_passed} passed. Run \`${run.run_id}\` of ${minute(run.started_at)}${run.scope === 'FILTERED' ? `, filtered: ${said(run.scope_filter ?? '')}` : ''}.`,
    ...(changes.previous_run_id === null
      ? []
      : [
          '',
          `Since run \`${changes.previous_run_id}\`: **${changes.newly_failing} new**, ${changes.fixed} fixed, ${changes.still_failing} still open.`,
        ]),
    '',
    '| Accounts | Status |',
    '|---:|---|',
    ...COVERAGE_VERDICTS.filter((verdict) => accounts.by_verdict[verdict] > 0).map(
      (verdict) =>
        `| ${number(accounts.by_verdict[verdict])} | ${COVERAGE_WORDS[verdict].sign} ${COVERAGE_WORDS[verdict].label} |`,
    ),
    ...kinds(report),
    ...findings(report),
  ];
  return `${lines.join('\n')}\n`;
}

function kinds({ cause_kinds: found = [] }: RunReport): string[] {
  if (found.length === 0) return [];
  return [
    '',
    '### What to fix first',
    '',
    '| Problem | Accounts | Root causes | Fix |',
    '|---|---:|---:|---|',
    ...found
      .slice(0, KINDS)
      .map(
        ({ kind, severity, accounts, causes }) =>
          `| ${severity}: ${CAUSE_KINDS[kind].title} | ${number(accounts)} | ${number(causes)} | ${CAUSE_KINDS[kind].fix} |`,
      ),
  ];
}

function findings({ finding_kinds: found = [] }: RunReport): string[] {
  if (found.length === 0) return [];
  return [
    '',
    '### Worst findings',
    '',
    '| Status | Control | Findings | Example |',
    '|---|---|---:|---|',
    ...found.slice(0, FINDINGS).map(({ status, control_id, findings: count, reason, example }) => {
      const where = [example.account_name || example.account_id, example.region].filter(Boolean).join(', ');
      const decided = decidedBy({ status, reason, observed: example.observed });
      return `| ${status} | ${controlById(control_id)?.title ?? said(control_id)} | ${number(count)} | ${said(`${where}: ${decided}`)} |`;
    }),
  ];
}
