import { createHash } from 'node:crypto';
import { DISCLAIMER } from '../../../domain/frameworks/framework.ts';
import { html, type Markup, trusted } from '../../html/escape.ts';
import { minute } from '../../html/words.ts';
import { DAYS_FILE, REQUIREMENTS_FILE, RUNS_FILE } from '../pack-csv.ts';
import type { PackManifest } from '../pack-manifest.ts';
import type { Day } from '../period.ts';
import type { RunFacts } from '../run-facts.ts';
import { figure, type Rows, said, tableFile } from './figure.ts';
import { periodSection } from './period-section.ts';
import { requirementsOverRuns } from './requirements.ts';
import { runSection } from './run-section.ts';

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
th,td.id,td.result{overflow-wrap:normal}
td.id{white-space:nowrap}
span.word{overflow-wrap:normal}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.stop{border:3px solid #b00020;padding:.6rem 1rem;margin:1rem 0;font-weight:600}
.note{border-left:4px solid #8888;padding:.2rem .8rem;margin:1rem 0}
code{font-size:.9em;overflow-wrap:anywhere}
a.figure,a.summary{color:inherit;text-decoration-color:#8888;text-underline-offset:.2em}
tr.requirement td{border-top-width:2px}
tr.control td{border-style:dotted;font-size:.9em}
@media print{body{max-width:none;margin:0}h2,h3{break-after:avoid}tr{break-inside:avoid}}
`;

/** Nothing is fetched, nothing runs; only this very style applies. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

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
<p>Every figure leads to the rows that it counts: it links to the file, and names file and filter where it is pointed at.</p>
${facts.days.length > 0 ? periodSection(facts) : null}
${facts.runs.length > 1 ? requirementsOverRuns(facts.runs) : null}
${inFull(facts.runs).map(runSection)}
${facts.runs.length > RUNS_IN_FULL ? html`<p>The figures of every run are in <code>results.json</code> and <code>${REQUIREMENTS_FILE}</code>.</p>` : null}
<h2>Limitations</h2>
<p>${DISCLAIMER}</p>
<p>Verdicts concern new deliveries: logs kept from before a key was set are not covered by them.</p>
<h2>Verification</h2>
<p><code>VERIFY.txt</code> tells how with <code>openssl</code> and <code>sha256sum</code> alone; or <code>trailseal verify FILE.zip --key PUBLIC.pem</code>, offline, with a public key that you got from another source than this pack. ${
    facts.signedWith.local
      ? html`<strong>Integrity only:</strong> the signature is by a key of the machine that made the pack (${said(facts.signedWith.keyName)}). It shows that nothing was changed since, not who made it.`
      : html`The signature is by the AWS KMS key ${said(facts.signedWith.keyName)}.`
  }</p>
<p>How each run came to be, that is its arguments, settings, Regions, who asked and the hash of the code, is in <code>runs/&lt;run&gt;/evidence/run-*.json</code>; who publishes that a control supports a requirement is in <code>${REQUIREMENTS_FILE}</code>.</p>
<p>Tables are under <code>runs/&lt;run&gt;/tables/</code> as CSV and Parquet; the answers of AWS that every finding names in <code>evidence_refs</code> under <code>runs/&lt;run&gt;/evidence/</code> (gzip, one JSON record a line, field <code>ref</code>), with the waivers in force, the settings of the run and its own signed manifest.</p>
</body>
</html>
`.markup;
}

/** So many runs are shown in full; of more, only the first. */
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
  }${pack.status === 'PARTIAL' ? html`<p class="stop">PARTIAL: ${partialWords(pack, partial)}</p>` : null}${
    partialElsewhere > 0
      ? html`<p class="note">${pack.period === null ? 'The run' : figure(partialElsewhere, { file: RUNS_FILE, where: ['shown_status = COMPLETE', 'status = PARTIAL'] }, 'run')} did not see every account of the organization (PARTIAL); all of the part that is shown here was seen.</p>`
      : null
  }${missing > 0 ? html`<p class="stop">${figure(missing, { file: DAYS_FILE, where: ['state is one of PARTIAL, FILTERED, FAILED, MISSING'] })} of ${figure(days.length, { file: DAYS_FILE }, 'day')} ${missing === 1 ? 'has' : 'have'} no complete run of ${pack.subset ? 'all that is shown' : 'the whole organization'}.</p>` : null}${
    pack.problems.length > 0
      ? html`<div class="stop"><p>When the pack was made, the report root was not as its manifests say:</p><ul>${pack.problems.slice(0, PROBLEMS_LISTED).map((problem) => html`<li>${said(problem)}</li>`)}${pack.problems.length > PROBLEMS_LISTED ? html`<li>and more, in MANIFEST.json</li>` : null}</ul></div>`
      : null
  }`;
}

const PROBLEMS_LISTED = 100;

function partialWords({ runs, period, subset }: CoverFacts['pack'], partial: number): Markup {
  if (partial === 0)
    return html`no run wrote a report. What is missing is listed below; it is not evidence of anything.`;
  const which =
    period === null || runs.length === 1
      ? html`this run`
      : html`${figure(partial, { file: RUNS_FILE, where: ['shown_status = PARTIAL'] })} of ${figure(runs.length, { file: RUNS_FILE }, 'run')}`;
  return html`${which} could not scan every account and Region${subset ? ' of the part that is shown' : ''}. What is missing is listed below; it is not evidence of anything.`;
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
  const newestRun = runs.at(-1)?.run.row.run_id ?? '';
  const newest = (table: 'coverage' | 'runs', count: string): Rows => ({ file: tableFile(newestRun, table), count });
  const filters = [...new Set(narrowed.flatMap(({ run }) => run.row.scope_filter ?? []))];
  const absent = [...new Set(runs.flatMap((facts) => facts.absent))];
  return html`<h2>Scope</h2>
<table>
<tr><th>Organization</th><td>${said(organizationId ?? 'not known (a single account)')}</td></tr>
<tr><th>${pack.period ? 'Period (UTC)' : 'Run'}</th><td>${pack.period ? html`${pack.period.from} to ${pack.period.to}, ${figure(pack.runs.length, { file: RUNS_FILE }, 'run')}` : said(pack.runs[0]?.run_id ?? '')}</td></tr>
<tr><th>Shown</th><td>${
    subset
      ? html`${subset.scope ? html`<strong>${said(subset.scope.name)}</strong>${subset.scope.holds.length > 0 ? `, said to hold ${subset.scope.holds.map((what) => HOLDS_WORDS[what] ?? what).join(' and ')}` : ''}: ` : 'A part: '}${figure(subset.accounts_shown, newest('coverage', 'account_id, each once'))} of ${figure(subset.accounts_in_runs, newest('runs', 'value of accounts'))} accounts (${said(narrowedTo(subset).slice(0, 20).join(', '))}${narrowedTo(subset).length > 20 ? ', …' : ''}), with the trails that record them and the keys and buckets of those, wherever they are`
      : 'Everything that was scanned'
  }</td></tr>
${absent.length > 0 ? html`<tr><th>Not in every run</th><td>${said(absent.slice(0, 20).join(', '))}${absent.length > 20 ? ', …' : ''}: not there yet, or no longer; <code>absent</code> in results.json says in which run</td></tr>` : null}
${narrowed.length > 0 ? html`<tr><th>Filtered</th><td>${runs.length > 1 ? html`<div>${figure(narrowed.length, { file: RUNS_FILE, where: ['unfiltered = false'] })} of ${figure(runs.length, { file: RUNS_FILE, where: ['unfiltered is one of true, false'] }, 'run')}:</div>` : null}${filters.slice(0, 20).map((filter) => html`<div>${said(filter)}: says nothing about the organization as a whole</div>`)}</td></tr>` : null}
<tr><th>Made</th><td>${pack.made_at === null ? '' : minute(pack.made_at)} by ${said(pack.made_by)} with TrailSeal ${said(pack.tool_version)}</td></tr>
<tr><th>Time stamp</th><td>${pack.timestamp_url === null ? 'none: when the pack was made rests on the word of its maker' : html`by ${said(pack.timestamp_url)} (RFC 3161), in <code>MANIFEST.tsr</code>`}</td></tr>
</table>`;
}
