import { OUTCOMES, type RequirementResult } from '../../../domain/frameworks/results.ts';
import { html, type Markup } from '../../html/escape.ts';
import { REQUIREMENTS_FILE, RUNS_FILE } from '../pack-csv.ts';
import type { RunFacts } from '../run-facts.ts';
import { figure, type Rows, tableFile } from './figure.ts';

const COUNTED = ['PASS', 'FAIL', 'UNVERIFIED', 'WAIVED'] as const;

const requirementRows = (
  runId: string,
  requirementId: string,
  shown: string,
): Required<Pick<Rows, 'file' | 'where'>> => ({
  file: REQUIREMENTS_FILE,
  where: [`run_id = ${runId}`, `requirement = ${requirementId}`, `shown = ${shown}`],
});

/** Result per requirement: what each control counted, and apart from it what nothing was judged for. */
export function requirementsSection(facts: RunFacts): Markup {
  const { whole, part, run } = facts;
  const { run_id: runId } = run.row;
  const shown = part ? 'part' : 'whole';
  const { requirements } = (part ?? whole).result;
  const row = (result: RequirementResult, at: number): Markup => {
    const rows = requirementRows(runId, result.requirementId, shown);
    const judged = result.controls.filter(({ id }) => !result.withoutEvidence.includes(id));
    return html`<tr class="requirement"><td class="id">${result.requirementId}${result.vendorMappingOnly ? html`<br>(vendors’<br>mapping only)` : null}</td><td class="words">${result.title}</td><td class="result">${result.outcome}<br><a class="summary" href="${rows.file}">${result.summary}</a></td>${part ? html`<td class="result">${whole.result.requirements[at]?.outcome}</td>` : null}${COUNTED.map(
      (status) =>
        html`<td class="n">${figure(result.counts[status], { ...rows, count: `sum of ${status.toLowerCase()}` })}</td>`,
    )}<td class="words">${result.notEvidenced}</td></tr>
${judged.map(
  ({ id, counts, decides }) =>
    html`<tr class="control"><td></td><td colspan="${part ? 3 : 2}"><span class="word">${id}</span>${decides ? '' : ' (supports)'}</td>${COUNTED.map(
      (status) =>
        html`<td class="n">${figure(counts[status], { file: tableFile(runId, 'findings'), where: [`control_id = ${id}`, `status = ${status}`] })}</td>`,
    )}<td></td></tr>
`,
)}`;
  };
  return html`<h3>Result per requirement</h3>
<p>Each control counts its rows of <code>findings.csv</code>, by status; a requirement sums those of its controls (<code>${REQUIREMENTS_FILE}</code>). A control without (supports) decides: its failure fails the requirement.</p>
<table><tr><th>Requirement</th><th>Summary and controls</th>${part ? html`<th>The part</th><th>The whole</th>` : html`<th>Result</th>`}<th class="n">Pass</th><th class="n">Fail</th><th class="n">Unverified</th><th class="n">Waived</th><th>Not evidenced here</th></tr>
${requirements.map(row)}</table>
${withoutEvidence(runId, requirements, shown)}`;
}

const NOTHING = ['NO_EVIDENCE', 'OUT_OF_SCOPE'] as const;

/** What a reader might take for evidenced since its name is there. */
function withoutEvidence(runId: string, requirements: readonly RequirementResult[], shown: string): Markup {
  const without = requirements.filter(({ outcome }) => NOTHING.some((nothing) => nothing === outcome));
  const silent = [...new Set(requirements.flatMap((requirement) => requirement.withoutEvidence))].sort();
  const rows = {
    file: REQUIREMENTS_FILE,
    count: 'requirement, each once',
    where: [`run_id = ${runId}`, `shown = ${shown}`],
  };
  return html`<h3>Without evidence</h3>
<p>${figure(without.length, { ...rows, where: [...rows.where, `outcome is one of ${NOTHING.join(', ')}`] })} of ${figure(requirements.length, rows, 'requirement')} ${without.length === 1 ? 'has' : 'have'} no evidence here. Of the others, the last column above says what they ask that no control here gives evidence of.</p>
${without.length > 0 ? html`<ul>${without.map(({ requirementId, title, outcome, controls }) => html`<li><code>${requirementId}</code> <span class="words">${title}</span>: ${outcome === 'OUT_OF_SCOPE' ? 'out of scope, since nobody said that account data is stored in these accounts' : controls.length === 0 ? 'no control judges it' : 'its controls had nothing to judge'}</li>`)}</ul>` : null}
${silent.length > 0 ? html`<p>Controls of these requirements that judged nothing, and are not listed above: ${silent.map((id, at) => html`${at > 0 ? ', ' : ''}<span class="word">${id}</span>`)}.</p>` : null}`;
}

/** Narrowed runs say nothing of the whole: where there are others, those alone are counted. */
export function requirementsOverRuns(all: readonly RunFacts[]): Markup {
  const wholeRuns = all.filter(({ unfiltered }) => unfiltered);
  const counted = wholeRuns.length > 0;
  const runs = counted ? wholeRuns : all;
  const newest = runs.at(-1);
  const filtered = all.length - wholeRuns.length;
  const ofRuns = (unfiltered: boolean): Rows => ({ file: RUNS_FILE, where: [`unfiltered = ${unfiltered}`] });
  return html`<h2>Requirements over all runs</h2>
<p>Counted over ${figure(runs.length, ofRuns(counted), 'run')}${counted ? ' of the whole organization' : ', each with its own filter'}.${counted && filtered > 0 ? html` ${figure(filtered, ofRuns(false), 'filtered run')} not counted.` : null}</p>
<table><tr><th>Requirement</th>${OUTCOMES.map((outcome) => html`<th class="n">${outcome}</th>`)}</tr>
${(newest?.whole.result.requirements ?? []).map(
  ({ requirementId }, at) => html`<tr><td class="id">${requirementId}</td>${OUTCOMES.map(
    (outcome) =>
      html`<td class="n">${figure(
        runs.filter(({ whole, part }) => (part ?? whole).result.requirements[at]?.outcome === outcome).length,
        {
          file: REQUIREMENTS_FILE,
          count: 'run_id, each once',
          where: [
            `requirement = ${requirementId}`,
            `outcome = ${outcome}`,
            `shown = ${newest?.part ? 'part' : 'whole'}`,
            `run_unfiltered = ${counted}`,
          ],
        },
      )}</td>`,
  )}</tr>
`,
)}</table>`;
}
