import { CAUSE_KINDS } from '../../domain/controls/reasons/cause-kinds.ts';
import {
  ANSWERED_STATES,
  COVERAGE_STATES,
  COVERAGE_VERDICTS,
  COVERAGE_WORDS,
  FINDING_STATUSES,
  SHOWN_WORDS,
  STATE_WORDS,
  STATUS_WORDS,
  TRAIL_VERDICTS,
  TRAIL_WORDS,
} from '../../domain/model/vocabulary.ts';
import { changeWords } from '../../domain/watch/affected-accounts.ts';
import { answer, causeReach, presentWords } from '../run/report-words.ts';
import type { CauseKindTally, RootCauseTally, RunReport } from '../run/run-report.ts';
import type { RunRow } from '../tables/columns.ts';
import { efforts } from './efforts.ts';
import { type Content, html, type Markup } from './escape.ts';
import type { RunTables } from './run-tables.ts';
import { arnHeads } from './short-arn.ts';
import { accountChart, controlChart, historyChart, ouChart } from './summary-charts.ts';
import { minute, number, plural } from './words.ts';

const CAUSES_SHOWN = 8;
const CHANGES_SHOWN = 5;
const KINDS_SHOWN = 5;
const CAUSES_OF_KIND = 12;

/** The first screen, complete without a script: whether the run is, how accounts stand, what changed, what to fix. */
export function summary(request: {
  report: RunReport;
  tables: RunTables;
  /** Oldest first, this run last. */
  runs: readonly RunRow[];
}): Markup {
  const { report, tables, runs } = request;
  return html`<section id="summary" class="view" aria-labelledby="summary-title" tabindex="-1">
<div class="lead">${headline(report)}
<div class="since">${changes(report)}</div></div>
${missing(tables)}
${accounts(report)}
<div class="beside"><div>${kinds(report)}</div>
<div id="summary-map"></div></div>
<div class="charts">${ouChart(tables.ous)}${controlChart(report)}${runs.length > 1 ? historyChart(runs) : null}</div>
${causes(report)}
${ledger(report)}
${efforts(report)}
${notes(report, runs)}
</section>`;
}

function headline(report: RunReport): Markup {
  const { run, targets, accounts: counted } = report;
  const unreached = COVERAGE_STATES.filter((state) => !ANSWERED_STATES.has(state) && targets.by_state[state] > 0);
  const complete = run.status === 'COMPLETE';
  const excluded = counted.excluded ?? 0;
  const inScope = targets.total - targets.by_state.EXCLUDED;
  const why = complete
    ? `All ${plural(inScope, 'account/Region pair')}${excluded > 0 || inScope < targets.total ? ' in scope' : ''} were scanned, or do not apply.`
    : unreached.length > 0
      ? `${unreached.map((state) => `${number(targets.by_state[state])} ${state}`).join(', ')} of ${plural(inScope, 'account/Region pair')}: not scanned. They count as unknown.`
      : 'An inspection of a key, bucket or log group got no answer: the findings that depend on it count as unknown.';
  return html`<div class="headline">
<h1 id="summary-title">${answer(report)}</h1>
<p class="status ${complete ? 'complete' : 'partial'}"><strong>${complete ? '✓ COMPLETE' : '! PARTIAL'}</strong> <span>${why}</span></p>
${run.scope === 'FILTERED' ? html`<p class="status partial"><strong>FILTERED</strong> <span>Scope: ${scopeWords(run.scope_filter)}. This says nothing about the organization as a whole.</span></p>` : null}
${presentWords(report).map((words) => html`<p class="facts present">${words}.</p>`)}
${(report.because?.changes ?? []).slice(-CHANGES_SHOWN).map((change) => html`<p class="facts">Started by ${changeWords(change)}.</p>`)}
<p class="facts">${plural(counted.total, 'account')}${excluded > 0 ? ` (${number(excluded)} excluded)` : ''} × ${plural(run.regions, 'Region')} · ${run.organization_id ?? 'a single account'} · ${minute(run.started_at)} · ${plural(run.api_calls, 'AWS call')} · run <code>${run.run_id}</code></p>
</div>`;
}

/** `accounts self` is what `--accounts self` writes into the filter. */
const scopeWords = (filter: string | null): string =>
  filter === 'accounts self' ? 'this account only' : (filter ?? 'part of the organization').replaceAll(/\bou /g, 'OU ');

const missing = ({ missing: gone }: RunTables): Content =>
  Object.keys(gone).length === 0
    ? null
    : html`<div class="notice" role="note"><h2>Some tables cannot be read</h2><ul>${[...new Set(Object.values(gone))].map((why) => html`<li>${why}</li>`)}</ul></div>`;

function accounts({ accounts: counted, targets }: RunReport): Markup {
  return html`${accountChart(counted)}
<ul class="cards" id="account-cards">${COVERAGE_VERDICTS.toSorted((a, b) => order(a) - order(b)).map((verdict) => {
    const { label, sign, means } = COVERAGE_WORDS[verdict];
    const count = counted.by_verdict[verdict];
    return html`<li class="card v-${verdict}${count === 0 ? ' zero' : ''}" data-verdict="${verdict}"><a href="#/coverage?by=accounts&worst=${verdict}"><span class="sign" aria-hidden="true">${sign}</span>${cardCount(count)}<span class="label">${label}</span><span class="means">${means}</span></a></li>`;
  })}${excludedCard(counted)}</ul>
${targets.inferred > 0 ? html`<p class="facts">${plural(targets.inferred, 'verdict')} ${targets.inferred === 1 ? 'is' : 'are'} inferred from another Region of the same account.</p>` : null}`;
}

/** What the run was not to look at is shown as that, and counts nowhere else. */
function excludedCard({ excluded = 0 }: RunReport['accounts']): Content {
  if (excluded === 0) return null;
  const { label, sign, means } = SHOWN_WORDS.EXCLUDED;
  return html`<li class="card v-EXCLUDED" data-verdict="EXCLUDED"><a href="#/coverage?by=accounts&worst=EXCLUDED"><span class="sign" aria-hidden="true">${sign}</span>${cardCount(excluded)}<span class="label">${label}</span><span class="means">${means}</span></a></li>`;
}

/** A long number is smaller, and never breaks. */
const cardCount = (count: number): Markup =>
  html`<span class="count${count > 999 ? ' long' : ''}">${number(count)}</span>`;

/** Encrypted first: it is the number asked for; then the others, worst first. */
const order = (verdict: (typeof COVERAGE_VERDICTS)[number]): number =>
  verdict === 'ENCRYPTED' ? -1 : COVERAGE_VERDICTS.indexOf(verdict);

function changes({ changes: changed }: RunReport): Markup {
  if (changed.previous_run_id === null)
    return html`<p class="facts" id="changes">No earlier run of this scope to compare with.</p>`;
  const list = (title: string, arns: readonly string[]): Content =>
    arns.length === 0
      ? null
      : html`<details><summary>${title} (${number(arns.length)})</summary><ul>${arns.map((arn) => html`<li><a href="#/trail/${encodeURIComponent(arn)}">${arn}</a></li>`)}</ul></details>`;
  return html`<h2>Since the last run</h2>
<ul class="deltas" id="changes">
<li class="${changed.newly_failing > 0 ? 'worse' : 'same'}" data-change="newly_failing"><strong>${number(changed.newly_failing)}</strong> new</li>
<li class="${changed.fixed > 0 ? 'better' : 'same'}" data-change="fixed"><strong>${number(changed.fixed)}</strong> fixed</li>
<li class="same" data-change="still_failing"><strong>${number(changed.still_failing)}</strong> still open</li>
</ul><p class="facts">Open findings, compared with run <code>${changed.previous_run_id}</code>.</p>
${list('Trails newly failing', changed.trails_newly_failing)}${list('Trails fixed', changed.trails_fixed)}`;
}

/** What to fix first: causes of one kind together, those that reach most accounts first. */
function kinds({ cause_kinds: found = [], root_causes: listed, accounts: counted }: RunReport): Content {
  if (found.length === 0) return null;
  const targets = found.reduce((sum, kind) => sum + kind.targets, 0);
  const rest = found.slice(KINDS_SHOWN);
  const causesOf = ({ kind, severity }: CauseKindTally): Markup => {
    const own = listed.filter((cause) => cause.kind === kind);
    const { title } = CAUSE_KINDS[kind];
    const [only] = own;
    if (own.length === 1 && only) return html`${badge(severity)} <a href="#/findings?cause=${only.id}">${title}</a>`;
    return html`<details><summary>${badge(severity)} ${title}</summary><ul>${own.slice(0, CAUSES_OF_KIND).map(({ id, title: words }) => html`<li><a href="#/findings?cause=${id}">${withShortArns(words)}</a></li>`)}</ul></details>`;
  };
  const inScope = counted.total - (counted.excluded ?? 0);
  const row = (found: CauseKindTally): Markup => {
    const { kind, causes: n, accounts: reached, regions, targets: affected } = found;
    const { fix } = CAUSE_KINDS[kind];
    const share = targets > 0 ? Math.round((100 * affected) / targets) : 0;
    return html`<tr data-kind="${kind}"><th scope="row">${causesOf(found)}<span class="fix">${fix}</span></th>
<td class="number">${reached === 0 ? '–' : html`${number(reached)}<meter min="0" max="${inScope}" value="${reached}" aria-label="${`${number(reached)} of ${plural(inScope, 'account')}`}"></meter>`}</td><td class="number">${regions === 0 ? '–' : number(regions)}</td><td class="number">${number(n)}</td><td class="number">${affected === 0 ? '–' : share === 0 ? '< 1 %' : `${share} %`}</td></tr>`;
  };
  const table = (rows: readonly CauseKindTally[], id: string): Markup =>
    html`<div class="scroll" tabindex="0" role="group" aria-label="What to fix first"><table class="plain kinds" id="${id}"><thead><tr><th scope="col">Problem</th><th scope="col">Accounts</th><th scope="col">Regions</th><th scope="col">Root causes</th><th scope="col">Repairs</th></tr></thead><tbody>${rows.map(row)}</tbody></table></div>`;
  return html`<h2>What to fix first</h2>
<p class="facts">An account counts in every problem that affects it. Repairs: the share of the account/Region pairs without encrypted logs that the fix reaches.</p>
${table(found.slice(0, KINDS_SHOWN), 'kinds')}
${rest.length > 0 ? html`<details class="more"><summary>${plural(rest.length, 'more problem')}</summary>${table(rest, 'more-kinds')}</details>` : null}`;
}

/** Of an ARN in a sentence only what follows the account is shown; a copy has it whole. */
const withShortArns = (text: string): Content[] =>
  arnHeads(text).map(({ text: part, head }) => (head ? html`<span class="arn-head">${part}</span>` : part));

function causes({ root_causes: listed, root_causes_total: total }: RunReport): Markup {
  if (total === 0) return html`<h2>Root causes</h2><p>No open findings.</p>`;
  const rest = listed.slice(CAUSES_SHOWN);
  return html`<h2>Root causes, worst first</h2>
<p class="facts">${plural(total, 'root cause')} ${total === 1 ? 'explains' : 'explain'} every failed or unverified finding${listed.some((c) => c.findings === 0) ? ', and the Regions that no finding explains' : ''}.</p>
<ol class="causes" id="causes">${listed.slice(0, CAUSES_SHOWN).map(cause)}</ol>
${rest.length > 0 ? html`<details class="more"><summary>${plural(rest.length, 'more root cause')}${total > listed.length ? `, of ${number(total - CAUSES_SHOWN)}` : ''}</summary><ol class="causes" start="${CAUSES_SHOWN + 1}">${rest.map(cause)}</ol>${total > listed.length ? html`<p>The rest are in the findings table and in <code>trailseal query --named root-causes</code>.</p>` : null}</details>` : null}`;
}

function cause(found: RootCauseTally): Markup {
  return html`<li data-cause="${found.id}"><div>${badge(found.severity)} <a class="title" href="#/findings?cause=${found.id}">${withShortArns(found.title)}</a></div>
<p class="fix"><strong>Fix:</strong> ${withShortArns(found.fix)}</p>
<p class="facts">${causeReach(found).join(' · ')}</p></li>`;
}

const badge = (severity: string): Markup => html`<span class="severity s-${severity}">${severity}</span>`;

function ledger({ targets, trails, findings }: RunReport): Markup {
  const row = (name: string, count: number, words: string): Markup =>
    html`<tr><th scope="row">${name}</th><td class="number">${number(count)}</td><td>${words}</td></tr>`;
  return html`<div class="columns">
<div><h2>Scan results</h2><table class="plain" id="states"><caption>${plural(targets.total, 'account/Region pair')}, each in exactly one state</caption><tbody>${COVERAGE_STATES.filter((state) => targets.by_state[state] > 0).map((state) => row(state, targets.by_state[state], STATE_WORDS[state]))}</tbody></table></div>
<div><h2>Trails</h2><table class="plain" id="trail-verdicts"><caption>${plural(trails.total, 'trail')}, each listed once, under its owner</caption><tbody>${TRAIL_VERDICTS.filter((verdict) => trails.by_verdict[verdict] > 0).map((verdict) => row(TRAIL_WORDS[verdict].label, trails.by_verdict[verdict], TRAIL_WORDS[verdict].means))}</tbody></table></div>
<div><h2>Findings</h2><table class="plain" id="statuses"><caption>Every control on every resource</caption><tbody>${FINDING_STATUSES.map((status) => row(status, findings.by_status[status], STATUS_WORDS[status].means))}</tbody></table></div>
</div>`;
}

function notes(report: RunReport, runs: readonly RunRow[]): Markup {
  const { waivers, corrupt_files: corrupt } = report;
  const sentences = [
    ...report.notes,
    ...(runs.length <= 1 ? ['First run of this scope in this report root.'] : []),
    ...(waivers.in_force > 0
      ? [`${plural(waivers.in_force, 'waiver')} in force. A waived finding does not pass.`]
      : []),
    ...(waivers.expired.length > 0 ? [`Expired waivers: ${waivers.expired.join(', ')}.`] : []),
    ...(waivers.matching_nothing.length > 0
      ? [`Waivers that match no finding: ${waivers.matching_nothing.join(', ')}.`]
      : []),
    ...corrupt
      .slice(0, 20)
      .map(({ file, why }) => `Cannot read: ${file} (${why}); its account/Region pairs are NOT_SCANNED.`),
  ];
  return html`<h2>Notes and limitations</h2><ul class="notes">${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
}
