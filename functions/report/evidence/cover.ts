import { createHash } from 'node:crypto';
import { DISCLAIMER } from '../../domain/frameworks/framework.ts';
import { OUTCOMES } from '../../domain/frameworks/results.ts';
import { decidedBy } from '../../domain/judge/finding-words.ts';
import { sanitize } from '../../domain/model/sanitize.ts';
import { STATE_WORDS } from '../../domain/model/vocabulary.ts';
import { html, type Markup, trusted } from '../html/escape.ts';
import { minute, number, plural } from '../html/words.ts';
import type { ListedWaiver } from '../run/run-report.ts';
import type { PackManifest } from './pack-manifest.ts';
import type { Day } from './period.ts';
import { EXCEPTIONS_LISTED, type RunFacts, type ScopeFacts, type ShownFinding } from './run-facts.ts';

/** What the first page of a pack is made from. */
export interface CoverFacts {
  pack: Omit<PackManifest, 'files'>;
  runs: readonly RunFacts[];
  days: readonly Day[];
  /** What the manifest is signed with; a local key says only that nothing changed. */
  signedWith: { keyName: string; local: boolean };
  organizationId: string | null;
}

const STYLE = `
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{border:1px solid #8888;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th,td.id{overflow-wrap:normal}
td.id{white-space:nowrap}
span.word{overflow-wrap:normal}
small{display:block;opacity:.75}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.stop{border:3px solid #b00020;padding:.6rem 1rem;margin:1rem 0;font-weight:600}
.note{border-left:4px solid #8888;padding:.2rem .8rem;margin:1rem 0}
code{font-size:.9em;overflow-wrap:anywhere}
@media print{body{max-width:none;margin:0}h2,h3{break-after:avoid}tr{break-inside:avoid}}
`;

/** Nothing is fetched, nothing runs; only this very style applies. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** Text from other people's accounts: what hides or reorders is shown, and its direction stays its own. */
const said = (text: string | null): Markup => html`<bdi>${sanitize(text ?? '')}</bdi>`;

/** `cover.html`: one self-contained page that says what the pack is, and what it is not, before anything else. */
export function coverPage(facts: CoverFacts): string {
  const { pack } = facts;
  const { framework } = pack;
  const title = `${framework.name} ${framework.version}: evidence on CloudTrail encryption`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${pack.status === 'PARTIAL' ? 'PARTIAL: ' : ''}${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<h1>${title}</h1>
${warnings(facts)}
${scope(facts)}
${facts.days.length > 0 ? period(facts) : null}
${facts.runs.length > 1 ? overRuns(facts.runs) : null}
${inFull(facts.runs).map(runSection)}
${facts.runs.length > RUNS_IN_FULL ? html`<p>The figures of every run are in <code>results.json</code> and <code>requirements.csv</code>.</p>` : null}
<h2>Limitations</h2>
<p>${DISCLAIMER}</p>
<p>Verdicts concern new deliveries: logs kept from before a key was set are not covered by them.</p>
<h2>Verification</h2>
<p><code>VERIFY.txt</code> tells how with <code>openssl</code> and <code>sha256sum</code> alone; or <code>trailseal verify FILE.zip --key PUBLIC.pem</code>, offline, with a public key that you got from another source than this pack. ${
    facts.signedWith.local
      ? html`<strong>Integrity only:</strong> the signature is by a key of the machine that made the pack (${said(facts.signedWith.keyName)}). It shows that nothing was changed since, not who made it.`
      : html`The signature is by the AWS KMS key ${said(facts.signedWith.keyName)}.`
  }</p>
<p>How each run came to be, that is its arguments, settings, regions, who asked and the hash of the code, is in <code>runs/&lt;run&gt;/evidence/run-*.json</code>; who publishes that a control supports a requirement is in <code>requirements.csv</code>.</p>
<p>Tables are under <code>runs/&lt;run&gt;/tables/</code> as CSV and Parquet; the answers of AWS that every finding names in <code>evidence_refs</code> under <code>runs/&lt;run&gt;/evidence/</code> (gzip, one JSON record a line, field <code>ref</code>), with the waivers in force, the settings of the run and its own signed manifest.</p>
</body>
</html>
`.markup;
}

/** So many runs are told in full; of more, the foremost is. */
const RUNS_IN_FULL = 3;

const isWholeRun = ({ unfiltered }: RunFacts): boolean => unfiltered;

/** The foremost first: the newest of the whole organization, else the newest. */
function inFull(runs: readonly RunFacts[]): RunFacts[] {
  const foremost = runs.findLast(isWholeRun) ?? runs.at(-1);
  if (!foremost) return [];
  return runs.length > RUNS_IN_FULL ? [foremost] : [foremost, ...runs.toReversed().filter((run) => run !== foremost)];
}

function warnings({ pack, days, runs }: CoverFacts): Markup {
  const partial = runs.filter(({ status }) => status === 'PARTIAL').length;
  const partialElsewhere = runs.filter(
    ({ status, run }) => status === 'COMPLETE' && run.row.status === 'PARTIAL',
  ).length;
  const missing = days.filter(({ state }) => state !== 'COMPLETE').length;
  return html`${
    pack.simulated
      ? html`<p class="stop">SIMULATED ORGANIZATION: no AWS account was scanned. This is not evidence.</p>`
      : null
  }${
    pack.status === 'PARTIAL'
      ? html`<p class="stop">PARTIAL: ${partial === 0 ? 'no run wrote a report.' : `${pack.runs.length === 1 ? 'this run' : `${partial} of ${plural(pack.runs.length, 'run')}`} could not scan every account and Region${pack.subset ? ' of the part that is shown' : ''}. What is missing is listed below; it is not evidence of anything.`}</p>`
      : null
  }${
    partialElsewhere > 0
      ? html`<p class="note">${partialElsewhere === 1 ? 'A run' : `${partialElsewhere} runs`} did not see every account of the organization (PARTIAL); all of the part that is shown here was seen.</p>`
      : null
  }${missing > 0 ? html`<p class="stop">${missing} of ${plural(days.length, 'day')} ${missing === 1 ? 'has' : 'have'} no complete run of ${pack.subset ? 'all that is shown' : 'the whole organization'}.</p>` : null}${
    pack.problems.length > 0
      ? html`<div class="stop"><p>When the pack was made, the report root was not as its manifests say:</p><ul>${pack.problems.slice(0, 100).map((problem) => html`<li>${said(problem)}</li>`)}${pack.problems.length > 100 ? html`<li>and ${pack.problems.length - 100} more, in MANIFEST.json</li>` : null}</ul></div>`
      : null
  }`;
}

const HOLDS_WORDS: Record<string, string> = {
  'card-data': 'payment card account data',
  ephi: 'electronic protected health information',
};

const narrowedTo = ({ accounts, ous, tags }: NonNullable<PackManifest['subset']>): string[] => [
  ...accounts,
  ...ous,
  ...tags,
];

function scope({ pack, organizationId, runs }: CoverFacts): Markup {
  const subset = pack.subset;
  const narrowed = runs.filter((facts) => !isWholeRun(facts));
  const filters = [...new Set(narrowed.flatMap(({ run }) => run.row.scope_filter ?? []))];
  const absent = [...new Set(runs.flatMap((facts) => facts.absent))];
  return html`<h2>Scope</h2>
<table>
<tr><th>Organization</th><td>${said(organizationId ?? 'not known (a single account)')}</td></tr>
<tr><th>${pack.period ? 'Period (UTC)' : 'Run'}</th><td>${pack.period ? `${pack.period.from} to ${pack.period.to}, ${plural(pack.runs.length, 'run')}` : said(pack.runs[0]?.run_id ?? '')}</td></tr>
<tr><th>Shown</th><td>${
    subset
      ? html`${subset.scope ? html`<strong>${said(subset.scope.name)}</strong>${subset.scope.holds.length > 0 ? `, said to hold ${subset.scope.holds.map((what) => HOLDS_WORDS[what] ?? what).join(' and ')}` : ''}: ` : 'A part: '}${subset.accounts_shown} of ${subset.accounts_in_runs} accounts (${said(narrowedTo(subset).slice(0, 20).join(', '))}${narrowedTo(subset).length > 20 ? ', …' : ''}), with the trails that record them and the keys and buckets of those, wherever they are`
      : 'Everything that was scanned'
  }</td></tr>
${absent.length > 0 ? html`<tr><th>Not in every run</th><td>${said(absent.slice(0, 20).join(', '))}${absent.length > 20 ? ', …' : ''}: not there yet, or no longer; <code>absent</code> in results.json says in which run</td></tr>` : null}
${narrowed.length > 0 ? html`<tr><th>Filtered</th><td>${runs.length > 1 ? html`<div>${narrowed.length} of ${plural(runs.length, 'run')}:</div>` : null}${filters.slice(0, 20).map((filter) => html`<div>${said(filter)}: says nothing about the organization as a whole</div>`)}</td></tr>` : null}
<tr><th>Made</th><td>${pack.made_at === null ? '' : minute(pack.made_at)} by ${said(pack.made_by)} with TrailSeal ${pack.tool_version}</td></tr>
<tr><th>Time stamp</th><td>${pack.timestamp_url === null ? 'none: when the pack was made rests on the word of whoever made it' : html`by ${said(pack.timestamp_url)} (RFC 3161), in <code>MANIFEST.tsr</code>`}</td></tr>
</table>`;
}

const DAY_WORDS: Record<Day['state'], string> = {
  COMPLETE: 'complete',
  PARTIAL: 'PARTIAL',
  FILTERED: 'only filtered runs',
  FAILED: 'FAILED: a run started and wrote no report',
  MISSING: 'MISSING: no run',
};

function period({ days, pack, runs }: CoverFacts): Markup {
  const incomplete = days.filter(({ state }) => state !== 'COMPLETE');
  const facts = new Map(runs.map((known) => [known.run.row.run_id, known]));
  return html`<h2>Days</h2>
<p>${days.length - incomplete.length} of ${plural(days.length, 'day')} ${days.length - incomplete.length === 1 ? 'has' : 'have'} a complete run. A run belongs to the day (UTC) on which it began, also where it ended or was resumed later.</p>
${incomplete.length > 0 ? html`<table><tr><th>Day (UTC)</th><th>State</th></tr>${incomplete.map((day) => html`<tr><td class="id">${day.date}</td><td>${DAY_WORDS[day.state]}</td></tr>`)}</table>` : null}
<h2>Runs</h2>
<table><tr><th>Run</th><th>Began</th><th>Status</th><th>Scope</th><th class="n">Targets</th><th class="n">Pass</th><th class="n">Fail</th><th class="n">Unverified</th><th class="n">Waived</th></tr>
${pack.runs.map((run) => runLine(run, facts.get(run.run_id)))}</table>`;
}

function runLine(run: PackManifest['runs'][number], facts: RunFacts | undefined): Markup {
  const known = facts && (facts.part ?? facts.whole);
  const counts = known && [
    known.targets,
    ...(['PASS', 'FAIL', 'UNVERIFIED', 'WAIVED'] as const).map((s) => known.statuses[s]),
  ];
  return html`<tr><td class="id"><code>${run.run_id}</code></td><td class="id">${facts ? minute(facts.run.row.started_at) : run.run_date}</td><td>${run.status}</td><td>${run.scope === 'FILTERED' ? 'filtered' : run.scope === null ? '' : 'organization'}</td>${(counts ?? ['', '', '', '', '']).map((count) => html`<td class="n">${typeof count === 'number' ? number(count) : count}</td>`)}</tr>
`;
}

/** Narrowed runs say nothing of the whole: where there are others, those alone are counted. */
function overRuns(all: readonly RunFacts[]): Markup {
  const wholeRuns = all.filter(isWholeRun);
  const runs = wholeRuns.length > 0 ? wholeRuns : all;
  const newest = runs.at(-1);
  return html`<h2>Requirements over all runs</h2>
<p>Counted over ${plural(runs.length, 'run')}${wholeRuns.length > 0 ? ' of the whole organization' : ', each with its own filter'}.${wholeRuns.length > 0 && wholeRuns.length < all.length ? ` ${plural(all.length - wholeRuns.length, 'filtered run')} not counted.` : ''}</p>
<table><tr><th>Requirement</th>${OUTCOMES.map((outcome) => html`<th class="n">${outcome}</th>`)}</tr>
${(newest?.whole.result.requirements ?? []).map(
  ({ requirementId }, at) => html`<tr><td class="id">${requirementId}</td>${OUTCOMES.map(
    (outcome) =>
      html`<td class="n">${runs.filter(({ whole, part }) => (part ?? whole).result.requirements[at]?.outcome === outcome).length}</td>`,
  )}</tr>
`,
)}</table>`;
}

function runSection(facts: RunFacts): Markup {
  const { run, whole, part } = facts;
  const { row } = run;
  return html`<h2>Run ${row.run_id}, ${row.status}</h2>
<p>Began ${row.started_at}, ended ${row.finished_at}, as ${said(row.caller_arn)}, by TrailSeal ${said(row.scanner_version)}${row.scope_filter === null ? '' : html`, filter: ${said(row.scope_filter)}`}. SHA-256 of its own manifest: <code>${row.manifest_sha256 ?? 'none'}</code></p>
${population(facts)}
${gaps(facts)}
<h3>Result per requirement</h3>
<table><tr><th>Requirement</th><th>Summary and controls</th>${part ? html`<th>The part</th><th>The whole</th>` : html`<th>Result</th>`}<th class="n">Pass</th><th class="n">Fail</th><th class="n">Unverified</th><th class="n">Waived</th><th>Not evidenced here</th></tr>
${(part ?? whole).result.requirements.map(
  (
    result,
    at,
  ) => html`<tr><td class="id">${result.requirementId}${result.vendorMappingOnly ? html`<br>(vendors’<br>mapping only)` : null}</td><td>${result.title}<small>${result.controls.map(({ id, decides }) => `${id}${decides ? '' : ' (supports)'}`).join(', ')}</small></td><td>${result.outcome}<br>${result.summary}</td>${part ? html`<td>${whole.result.requirements[at]?.outcome}</td>` : null}<td class="n">${result.counts.PASS}</td><td class="n">${result.counts.FAIL}</td><td class="n">${result.counts.UNVERIFIED}</td><td class="n">${result.counts.WAIVED}</td><td>${result.notEvidenced}</td></tr>
`,
)}</table>
${exceptions(facts)}
${openFindings(facts)}`;
}

function population({ whole, part, listed, run }: RunFacts): Markup {
  const { row } = run;
  const columns: [string, ScopeFacts][] = part
    ? [
        ['The part', part],
        ['The whole', whole],
      ]
    : [['', whole]];
  const line = (name: string, value: (facts: ScopeFacts) => number): Markup =>
    html`<tr><th>${name}</th>${columns.map(([, facts]) => html`<td class="n">${number(value(facts))}</td>`)}</tr>`;
  const states = Object.keys(whole.states).sort();
  const sound = row.accounts === whole.accounts && row.targets === whole.targets;
  const agrees = sound && (listed === null || listed === whole.accounts);
  return html`<h3>Population and ledger</h3>
<p>${
    listed === null
      ? 'Organizations was not asked for a list of accounts, or its answer is no longer kept.'
      : `Organizations listed ${plural(listed, 'account')} when the run was planned (${row.population_at}).`
  } The ledger has ${plural(whole.accounts, 'account')} × ${plural(row.regions, 'region')} = ${plural(whole.targets, 'target')}, one row each.
${agrees ? 'They reconcile.' : html`<strong>They do not reconcile: the run counted ${row.accounts} accounts and ${row.targets} targets.</strong>`}</p>
<table>${part ? html`<tr><th></th>${columns.map(([name]) => html`<th class="n">${name}</th>`)}</tr>` : null}
${line('Accounts', (f) => f.accounts)}${line('Targets (account × region)', (f) => f.targets)}
${(whole.states.EXCLUDED ?? 0) > 0 ? line('Targets in the scope of the run: what follows, EXCLUDED apart, is about these', (f) => f.targets - (f.states.EXCLUDED ?? 0)) : null}
${states.map((state) => line(state, (f) => f.states[state] ?? 0))}
${line('Verdicts inferred from another region of the account', (f) => f.inferred)}
${line('Targets that could not be verified', (f) => f.unverified)}
${line('Findings that pass', (f) => f.statuses.PASS)}${line('Findings that fail', (f) => f.statuses.FAIL)}
${line('Findings that could not be verified', (f) => f.statuses.UNVERIFIED)}
${line('Findings that are waived (they do not pass)', (f) => f.statuses.WAIVED)}
</table>
${whole.inferred > 0 ? html`<p class="note">Inferred: a service control policy denies the Region, and the verdict comes from a multi-Region trail. A trail created in that Region before the policy would not be visible.</p>` : null}`;
}

/** What a PARTIAL run is missing, by account. */
function gaps({ gaps: rows, gapsTotal, status }: RunFacts): Markup | null {
  if (status !== 'PARTIAL') return null;
  const listed = rows.reduce((sum, { regions }) => sum + regions, 0);
  return html`<h3>Not scanned</h3>
${
  gapsTotal === 0
    ? html`<p>Every account and Region was scanned. Answers about trails, keys, buckets or stores are missing: see the unverified findings.</p>`
    : html`<p>${plural(gapsTotal, 'target')} (account × region) gave no answer.</p>
<table><tr><th>Account</th><th class="n">Regions</th><th>State</th><th>Error</th></tr>${rows.map(
        (gap) =>
          html`<tr><td>${gap.account_id} ${said(gap.account_name)}</td><td class="n">${gap.regions}</td><td>${STATE_WORDS[gap.state]}</td><td>${said(gap.error_code)} ${said(gap.error_message)}</td></tr>
`,
      )}</table>${gapsTotal > listed ? html`<p>${plural(gapsTotal - listed, 'more target')} in coverage.csv.</p>` : null}`
}`;
}

function exceptions({ exceptions: rows, exceptionsTotal, waivers }: RunFacts): Markup {
  const spent = (waivers?.listed ?? []).filter(({ state }) => state !== 'IN_FORCE');
  const because = new Map<string, ListedWaiver>((waivers?.listed ?? []).map((waiver) => [waiver.id, waiver]));
  return html`<h3>Exceptions</h3>
<p>${exceptionsTotal === 0 ? 'No finding is waived.' : `${plural(exceptionsTotal, 'finding')} ${exceptionsTotal === 1 ? 'is' : 'are'} waived: accepted until a date, and not counted as a pass.`}</p>
${
  rows.length > 0
    ? html`<table><tr><th>Waiver</th><th>Control</th><th>Resource</th><th>Account</th><th>Approved by</th><th>Until</th><th>Why</th></tr>${rows.map(
        (row) =>
          html`<tr><td>${said(row.waiver_id)}</td><td>${control(row)}</td><td>${said(row.resource_arn)}</td><td>${account(row)}</td><td>${said(row.waived_by)}</td><td class="id">${row.waived_until?.slice(0, 10)}</td><td>${said(because.get(row.waiver_id ?? '')?.reason ?? '')} ${said(because.get(row.waiver_id ?? '')?.ticket ?? '')}</td></tr>
`,
      )}</table>${exceptionsTotal > EXCEPTIONS_LISTED ? html`<p>${exceptionsTotal - EXCEPTIONS_LISTED} more in findings.csv.</p>` : null}`
    : null
}${
  spent.length > 0
    ? html`<p>Waivers that match no finding:</p><ul>${spent.slice(0, 100).map((waiver) => html`<li>${said(waiver.id)} (${waiver.control_id}): ${waiver.state === 'EXPIRED' ? `expired on ${waiver.expires_on}, ${plural(waiver.findings, 'finding')} open again` : 'matches nothing'}</li>`)}</ul>`
    : null
}`;
}

function openFindings({ open: rows, openTotal }: RunFacts): Markup {
  return html`<h3>Open findings</h3>
<p>${openTotal === 0 ? 'No open findings.' : `${plural(openTotal, 'finding')} failed or could not be verified.`}</p>
${
  rows.length > 0
    ? html`<table><tr><th>Status</th><th>Control</th><th>Resource</th><th>Account</th><th>Observed</th><th>Since</th></tr>${rows.map(
        (row) =>
          html`<tr><td class="id">${row.status}</td><td>${control(row)}</td><td>${said(row.resource_arn)}</td><td>${account(row)}</td><td>${said(decidedBy(row))}</td><td class="id">${row.first_seen_at?.slice(0, 10)}</td></tr>
`,
      )}</table>${openTotal > rows.length ? html`<p>The worst are shown; ${openTotal - rows.length} more are in findings.csv.</p>` : null}`
    : null
}`;
}

const account = (row: ShownFinding): Markup => html`${row.account_id} ${said(row.account_name)}`;
/** Breaks at its dashes, and nowhere else. */
const control = (row: ShownFinding): Markup => html`<span class="word">${row.control_id}</span>`;
