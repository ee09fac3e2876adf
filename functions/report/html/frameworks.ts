import { CONTROL_IDS } from '../../domain/controls/catalogue.ts';
import { DISCLAIMER } from '../../domain/frameworks/framework.ts';
import {
  type FrameworkResult,
  OUTCOMES,
  type Outcome,
  type RequirementResult,
} from '../../domain/frameworks/results.ts';
import { html, type Markup } from './escape.ts';
import { number, OUTCOME_WORDS } from './words.ts';

/** Results by framework: an overview, and each requirement with what supports it and what is not evidenced. */
export const frameworksView = (
  results: readonly FrameworkResult[],
): Markup => html`<section id="frameworks" class="view" aria-labelledby="frameworks-title" tabindex="-1" hidden>
<h1 id="frameworks-title">Frameworks</h1>
<p class="notice">${DISCLAIMER}</p>
<div class="scroll" tabindex="0" role="group" aria-label="Requirements of each framework by outcome"><table class="plain overview"><caption>Results for the requirements TrailSeal covers</caption>
<thead><tr><th scope="col">Framework</th>${OUTCOMES.map((outcome) => html`<th scope="col">${OUTCOME_WORDS[outcome]}</th>`)}</tr></thead>
<tbody>${results.map(
  (result) =>
    html`<tr data-framework="${result.frameworkId}"><th scope="row"><a href="#/frameworks/${result.frameworkId}">${result.name} ${result.version}</a></th>${OUTCOMES.map((outcome) => html`<td class="number">${number(result.outcomes[outcome])}</td>`)}</tr>`,
)}</tbody></table></div>
${results.map(framework)}
</section>`;

const framework = (
  result: FrameworkResult,
): Markup => html`<details class="framework" id="framework-${result.frameworkId}">
<summary>${result.name} ${result.version} <span class="facts">${result.publisher}</span></summary>
${result.note ? html`<p class="notice">${result.note}</p>` : null}
<ul class="requirements">${result.requirements.map(requirement)}</ul>
</details>`;

const requirement = (
  found: RequirementResult,
): Markup => html`<li class="requirement"><h3><span class="outcome o-${found.outcome}">${SIGNS[found.outcome]} ${OUTCOME_WORDS[found.outcome]}</span> ${found.requirementId} <span class="facts">${found.title}</span></h3>
<p>${found.summary}</p>
<p class="facts">${controls(found, true)}${controls(found, false)}Not evidenced here: ${found.notEvidenced}</p></li>`;

/** Which checks decide it, or only support it; nothing where none does. */
const controls = ({ controls: all }: RequirementResult, deciding: boolean): (string | Markup)[] => {
  const own = all.filter(({ decides }) => decides === deciding);
  if (own.length === 0) return [];
  const named = own.flatMap(({ id }, index) => [
    index > 0 ? ', ' : '',
    CONTROL_IDS.some((control) => control === id) ? html`<a href="#/findings?control=${id}">${id}</a>` : id,
  ]);
  return [deciding ? 'Decided by: ' : 'Only supported by: ', ...named, '. '];
};

const SIGNS: Record<Outcome, string> = {
  SUPPORTED: '✓',
  NOT_SUPPORTED: '✕',
  INCONCLUSIVE: '?',
  WAIVED: '~',
  NO_EVIDENCE: '∅',
  OUT_OF_SCOPE: '–',
};
