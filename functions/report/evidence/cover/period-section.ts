import { html, type Markup } from '../../html/escape.ts';
import { minute } from '../../html/words.ts';
import { DAYS_FILE } from '../pack-csv.ts';
import type { PackManifest } from '../pack-manifest.ts';
import type { Day } from '../period.ts';
import type { RunFacts } from '../run-facts.ts';
import { figure, type Rows, tableFile } from './figure.ts';

const DAY_WORDS: Record<Day['state'], string> = {
  COMPLETE: 'complete',
  PARTIAL: 'PARTIAL',
  FILTERED: 'only filtered runs',
  FAILED: 'FAILED: a run started and wrote no report',
  MISSING: 'MISSING: no run',
};

/** The days of a period, and its runs. */
export function periodSection(request: {
  days: readonly Day[];
  pack: Pick<PackManifest, 'runs'>;
  runs: readonly RunFacts[];
}): Markup {
  const { days, pack, runs } = request;
  const incomplete = days.filter(({ state }) => state !== 'COMPLETE');
  const complete = days.length - incomplete.length;
  const facts = new Map(runs.map((known) => [known.run.row.run_id, known]));
  return html`<h2>Days</h2>
<p>${figure(complete, { file: DAYS_FILE, where: ['state = COMPLETE'] })} of ${figure(days.length, { file: DAYS_FILE }, 'day')} ${complete === 1 ? 'has' : 'have'} a complete run. A run belongs to the day (UTC) on which it began, also where it ended or was resumed later.</p>
${incomplete.length > 0 ? html`<table><tr><th>Day (UTC)</th><th>State</th></tr>${incomplete.map((day) => html`<tr><td class="id">${day.date}</td><td>${DAY_WORDS[day.state]}</td></tr>`)}</table>` : null}
<h2>Runs</h2>
<table><tr><th>Run</th><th>Began</th><th>Status</th><th>Scope</th><th class="n">Targets</th><th class="n">Pass</th><th class="n">Fail</th><th class="n">Unverified</th><th class="n">Waived</th></tr>
${pack.runs.map((run) => runLine(run, facts.get(run.run_id)))}</table>`;
}

function runLine(run: PackManifest['runs'][number], facts: RunFacts | undefined): Markup {
  const known = facts && (facts.part ?? facts.whole);
  const findings = (status: string): Rows => ({
    file: tableFile(run.run_id, 'findings'),
    where: [`status = ${status}`],
  });
  const counts: (Markup | null)[] = known
    ? [
        figure(known.targets, { file: tableFile(run.run_id, 'coverage') }),
        ...(['PASS', 'FAIL', 'UNVERIFIED', 'WAIVED'] as const).map((status) =>
          figure(known.statuses[status], findings(status)),
        ),
      ]
    : [null, null, null, null, null];
  return html`<tr><td class="id"><code>${run.run_id}</code></td><td class="id">${facts ? minute(facts.run.row.started_at) : run.run_date}</td><td>${run.status}</td><td>${run.scope === 'FILTERED' ? 'filtered' : run.scope === null ? '' : 'organization'}</td>${counts.map((count) => html`<td class="n">${count}</td>`)}</tr>
`;
}
