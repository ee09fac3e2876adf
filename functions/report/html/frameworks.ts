import { CONTROL_IDS } from '../../domain/controls/catalogue.ts';
import { DISCLAIMER } from '../../domain/frameworks/framework.ts';
import {
  type FrameworkResult,
  OUTCOMES,
  type Outcome,
  type RequirementResult,
} from '../../domain/frameworks/results.ts';
import { html, type Markup } from './escape.ts';
import { number, OUTCOME_WORDS, plural } from './words.ts';

/**
 * Results by framework: an overview, newest version first and older ones folded, and each requirement with the share met,
 * what supports it, what is not evidenced, and the command of its evidence pack.
 */
export function frameworksView(results: readonly FrameworkResult[]): Markup {
  const families = new Map<string, FrameworkResult[]>();
  for (const result of results) families.set(result.name, [result, ...(families.get(result.name) ?? [])]);
  const newest = [...families.values()].flatMap(([first]) => (first ? [first] : []));
  const older = [...families.values()].flatMap(([, ...others]) => others);
  return html`<section id="frameworks" class="view" aria-labelledby="frameworks-title" tabindex="-1" hidden>
<h1 id="frameworks-title">Frameworks</h1>
<p class="notice">${DISCLAIMER}</p>
${overview(newest, 'Results for the requirements TrailSeal covers')}
${older.length > 0 ? html`<details class="older"><summary>Older versions (${number(older.length)})</summary>${overview(older, 'Older versions')}</details>` : null}
<h2>Requirements</h2>
${[...newest, ...older].map(framework)}
</section>`;
}

const overview = (results: readonly FrameworkResult[], caption: string): Markup =>
  html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table class="plain overview"><caption>${caption}</caption>
<thead><tr><th scope="col">Framework</th>${OUTCOMES.map((outcome) => html`<th scope="col">${OUTCOME_WORDS[outcome]}</th>`)}</tr></thead>
<tbody>${results.map(
    (result) =>
      html`<tr data-framework="${result.frameworkId}"><th scope="row"><a href="#/frameworks/${result.frameworkId}">${result.name} ${result.version}</a></th>${OUTCOMES.map((outcome) => html`<td class="number">${number(result.outcomes[outcome])}</td>`)}</tr>`,
  )}</tbody></table></div>`;

const framework = (
  result: FrameworkResult,
): Markup => html`<details class="framework" id="framework-${result.frameworkId}">
<summary>${result.name} ${result.version} <span class="facts">${result.publisher}</span></summary>
${result.note ? html`<p class="notice">${result.note}</p>` : null}
<p class="facts">Evidence pack: <code>trailseal evidence --framework ${result.frameworkId} --out ${result.frameworkId}.zip</code></p>
<ul class="requirements">${result.requirements.map(requirement)}</ul>
</details>`;

/** The findings in its support, of all that could be: what does not apply is left out, and waived is not met. */
function share({ counts }: RequirementResult): Markup | null {
  const all = counts.PASS + counts.FAIL + counts.UNVERIFIED + counts.WAIVED;
  if (all === 0) return null;
  const words = `${number(counts.PASS)} of ${plural(all, 'finding')} in support`;
  return html`<p><meter class="share" min="0" max="${all}" value="${counts.PASS}" aria-label="${words}"></meter>${words} (${Math.floor((100 * counts.PASS) / all)} %)</p>`;
}

const requirement = (
  found: RequirementResult,
): Markup => html`<li class="requirement"><h3><span class="outcome o-${found.outcome}">${SIGNS[found.outcome]} ${OUTCOME_WORDS[found.outcome]}</span> ${found.requirementId} <span class="facts">${found.title}</span></h3>
<p>${found.summary}</p>${share(found)}
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
