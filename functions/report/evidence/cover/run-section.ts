import { decidedBy } from '../../../domain/judge/finding-words.ts';
import { COVERAGE_STATES, isUnreached, STATE_WORDS } from '../../../domain/model/vocabulary.ts';
import { html, type Markup } from '../../html/escape.ts';
import type { ListedWaiver } from '../../run/run-report.ts';
import { EXCEPTIONS_LISTED, type RunFacts, type ScopeFacts, type ShownFinding } from '../run-facts.ts';
import { whoCanDecrypt } from './decrypt-section.ts';
import { figure, type Rows, rowsInWords, said, tableFile } from './figure.ts';
import { requirementsSection } from './requirements.ts';

/** One run: population and ledger, what is missing, results, exceptions, open findings. */
export function runSection(facts: RunFacts): Markup {
  const { row } = facts.run;
  return html`<h2>Run ${row.run_id}, ${row.status}</h2>
<p>Began ${row.started_at}, ended ${row.finished_at}, as ${said(row.caller_arn)}, by TrailSeal ${said(row.scanner_version)}${row.scope_filter === null ? '' : html`, filter: ${said(row.scope_filter)}`}. SHA-256 of its own manifest: <code>${row.manifest_sha256 ?? 'none'}</code></p>
${population(facts)}
${gaps(facts)}
${requirementsSection(facts)}
${whoCanDecrypt(facts)}
${exceptions(facts)}
${openFindings(facts)}`;
}

interface Line {
  name: string;
  value(facts: ScopeFacts): number;
  /** Rows of the tables of what is shown; `total`: the same of the whole run, in its row of `runs`, where a part is shown. */
  rows: Rows;
  total: string;
}

/** Every figure of the ledger, with where it is counted. */
function ledgerLines(runId: string, { states }: ScopeFacts): Line[] {
  const coverage = tableFile(runId, 'coverage');
  const findings = tableFile(runId, 'findings');
  const inScope = `state is one of ${COVERAGE_STATES.filter((state) => state !== 'EXCLUDED').join(', ')}`;
  const ofStatus = (name: string, status: keyof ScopeFacts['statuses'], total: string): Line => ({
    name,
    value: (f) => f.statuses[status],
    rows: { file: findings, where: [`status = ${status}`] },
    total,
  });
  return [
    {
      name: 'Accounts',
      value: (f) => f.accounts,
      rows: { file: coverage, count: 'account_id, each once' },
      total: 'accounts',
    },
    { name: 'Targets (account × Region)', value: (f) => f.targets, rows: { file: coverage }, total: 'targets' },
    ...((states.EXCLUDED ?? 0) > 0
      ? [
          {
            name: 'Targets in the scope of the run: what follows, EXCLUDED apart, is about these',
            value: (f: ScopeFacts) => f.targets - (f.states.EXCLUDED ?? 0),
            rows: { file: coverage, where: [inScope] },
            total: 'targets less excluded',
          },
        ]
      : []),
    ...Object.keys(states)
      .sort()
      .map((state) => ({
        name: state,
        value: (f: ScopeFacts) => f.states[state] ?? 0,
        rows: { file: coverage, where: [`state = ${state}`] },
        total: state.toLowerCase(),
      })),
    {
      name: 'Verdicts inferred from another Region of the account',
      value: (f) => f.inferred,
      rows: { file: coverage, where: ['basis = INFERRED'] },
      total: 'inferred',
    },
    {
      name: 'Targets that could not be verified',
      value: (f) => f.unverified,
      rows: { file: coverage, where: ['verdict = UNVERIFIED', inScope] },
      total: 'unverified less excluded',
    },
    ofStatus('Findings that pass', 'PASS', 'findings_passed'),
    ofStatus('Findings that fail', 'FAIL', 'findings_failed'),
    ofStatus('Findings that could not be verified', 'UNVERIFIED', 'findings_unverified'),
    ofStatus('Findings that are waived (they do not pass)', 'WAIVED', 'findings_waived'),
  ];
}

function population(facts: RunFacts): Markup {
  const { whole, part, run } = facts;
  const { row } = run;
  const runFile = tableFile(row.run_id, 'runs');
  const lines = ledgerLines(row.run_id, whole);
  const ofRun = (column: string): Rows => ({ file: runFile, count: `value of ${column}` });
  const [accounts, targets] = lines;
  const wholeRows = (line: Line | undefined): Rows => (line && !part ? line.rows : ofRun(line?.total ?? ''));
  const sound = row.accounts === whole.accounts && row.targets === whole.targets;
  const agrees = sound && (facts.listed === null || facts.listed.accounts === whole.accounts);
  return html`<h3>Population and ledger</h3>
<p>${listing(facts)} The ledger has ${figure(whole.accounts, wholeRows(accounts), 'account')} × ${figure(row.regions, ofRun('regions'), 'Region')} = ${figure(whole.targets, wholeRows(targets), 'target')}, one row each.
${agrees ? 'They reconcile.' : html`<strong>They do not reconcile: the run counted ${figure(row.accounts, ofRun('accounts'), 'account')} and ${figure(row.targets, ofRun('targets'), 'target')}.</strong>`}</p>
<table><tr><th></th>${part ? html`<th class="n">The part</th><th class="n">The whole</th>` : html`<th class="n">Count</th>`}<th>Rows that are counted</th></tr>
${lines.map(
  (
    line,
  ) => html`<tr><th>${line.name}</th>${part ? html`<td class="n">${figure(line.value(part), line.rows)}</td>` : null}<td class="n">${figure(line.value(whole), wholeRows(line))}</td><td><code>${rowsInWords(line.rows, 'name')}</code></td></tr>
`,
)}</table>
${part ? html`<p>Of the whole, this pack has the row of the run alone: <code>runs.csv</code>.</p>` : null}
${whole.inferred > 0 ? html`<p class="note">Inferred: a service control policy denies the Region, and the verdict comes from a multi-Region trail. A trail created in that Region before the policy would not be visible.</p>` : null}`;
}

/** What Organizations listed; the list itself is not in a pack of a part. */
function listing({ listed, whole, part, run }: RunFacts): Markup {
  const [file] = listed?.files ?? [];
  if (listed === null || file === undefined)
    return html`Organizations was not asked for a list of accounts, or its answer is no longer kept.`;
  const when = html`when the run was planned (${run.row.population_at})`;
  if (!part)
    return html`Organizations listed ${figure(listed.accounts, { file: `runs/${run.row.run_id}/evidence/${file}`, count: 'accounts of ListAccounts or ListAccountsForParent, each once' }, 'account')} ${when}.`;
  return listed.accounts === whole.accounts
    ? html`Organizations listed as many accounts ${when} as the ledger has.`
    : html`Organizations listed another number of accounts ${when}: <code>accounts_listed</code> in results.json.`;
}

/** What a PARTIAL run is missing, by account. */
function gaps({ gaps: rows, gapsTotal, status, run }: RunFacts): Markup | null {
  if (status !== 'PARTIAL') return null;
  const file = tableFile(run.row.run_id, 'coverage');
  const unreached = COVERAGE_STATES.filter(isUnreached).join(', ');
  const listed = rows.reduce((sum, { regions }) => sum + regions, 0);
  return html`<h3>Not scanned</h3>
${
  gapsTotal === 0
    ? html`<p>Every account and Region was scanned. Answers about trails, keys, buckets or stores are missing: see the unverified findings.</p>`
    : html`<p>${figure(gapsTotal, { file, where: [`state is one of ${unreached}`] }, 'target')} (account × region) gave no answer.</p>
<table><tr><th>Account</th><th class="n">Regions</th><th>State</th><th>Error</th></tr>${rows.map((gap) => {
        const code = gap.error_code === null ? 'error_code is empty' : `error_code = ${gap.error_code}`;
        const where = [`account_id = ${gap.account_id}`, `state = ${gap.state}`, code];
        return html`<tr><td><code>${gap.account_id}</code> ${said(gap.account_name)}</td><td class="n">${figure(gap.regions, { file, where })}</td><td>${STATE_WORDS[gap.state]}</td><td>${said(gap.error_code)} ${said(gap.error_message)}</td></tr>
`;
      })}</table>${gapsTotal > listed ? html`<p>More are in coverage.csv.</p>` : null}`
}`;
}

function exceptions({ exceptions: rows, exceptionsTotal, waivers, run }: RunFacts): Markup {
  const spent = (waivers?.listed ?? []).filter(({ state }) => state !== 'IN_FORCE');
  const because = new Map<string, ListedWaiver>((waivers?.listed ?? []).map((waiver) => [waiver.id, waiver]));
  const waived: Rows = { file: tableFile(run.row.run_id, 'findings'), where: ['status = WAIVED'] };
  return html`<h3>Exceptions</h3>
<p>${exceptionsTotal === 0 ? 'No finding is waived.' : html`${figure(exceptionsTotal, waived, 'finding')} ${exceptionsTotal === 1 ? 'is' : 'are'} waived: accepted until a date, and not counted as a pass.`}</p>
${
  rows.length > 0
    ? html`<table><tr><th>Waiver</th><th>Control</th><th>Resource</th><th>Account</th><th>Approved by</th><th>Until</th><th>Why</th></tr>${rows.map(
        (row) =>
          html`<tr><td>${said(row.waiver_id)}</td><td>${control(row)}</td><td>${said(row.resource_arn)}</td><td>${account(row)}</td><td>${said(row.waived_by)}</td><td class="id">${row.waived_until?.slice(0, 10)}</td><td>${said(because.get(row.waiver_id ?? '')?.reason ?? '')} ${said(because.get(row.waiver_id ?? '')?.ticket ?? '')}</td></tr>
`,
      )}</table>${exceptionsTotal > EXCEPTIONS_LISTED ? html`<p>More are in findings.csv.</p>` : null}`
    : null
}${
  spent.length > 0
    ? html`<p>Waivers that match no finding:</p><ul>${spent.slice(0, 100).map((waiver) => html`<li>${said(waiver.id)} (<span class="word">${waiver.control_id}</span>): ${waiver.state === 'EXPIRED' ? `expired on ${waiver.expires_on}; what it covered is open again` : 'matches nothing'}</li>`)}</ul>`
    : null
}`;
}

function openFindings({ open: rows, openTotal, run }: RunFacts): Markup {
  const open: Rows = { file: tableFile(run.row.run_id, 'findings'), where: ['status is one of FAIL, UNVERIFIED'] };
  return html`<h3>Open findings</h3>
<p>${openTotal === 0 ? 'No open findings.' : html`${figure(openTotal, open, 'finding')} failed or could not be verified.`}</p>
${
  rows.length > 0
    ? html`<table><tr><th>Status</th><th>Control</th><th>Resource</th><th>Account</th><th>Observed</th><th>Since</th></tr>${rows.map(
        (row) =>
          html`<tr><td class="id">${row.status}</td><td>${control(row)}</td><td>${said(row.resource_arn)}</td><td>${account(row)}</td><td>${said(decidedBy(row))}</td><td class="id">${row.first_seen_at?.slice(0, 10)}</td></tr>
`,
      )}</table>${openTotal > rows.length ? html`<p>The worst are shown; more are in findings.csv.</p>` : null}`
    : null
}`;
}

const account = (row: ShownFinding): Markup => html`<code>${row.account_id}</code> ${said(row.account_name)}`;
/** Breaks at its dashes, and nowhere else. */
const control = (row: ShownFinding): Markup => html`<span class="word">${row.control_id}</span>`;
