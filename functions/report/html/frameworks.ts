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
<p class="crumbs" hidden><a href="#/frameworks">Frameworks</a></p>
<h1 id="frameworks-title">Frameworks</h1>
<p class="notice">${DISCLAIMER}</p>
<div class="all-frameworks">${overview(newest, 'Results for the requirements TrailSeal covers')}
${older.length > 0 ? html`<details class="older"><summary>Older versions (${number(older.length)})</summary>${overview(older, 'Older versions')}</details>` : null}</div>
<h2 class="sr">Requirements</h2>
${[...newest, ...older].map(framework)}
</section>`;
}

const overview = (results: readonly FrameworkResult[], caption: string): Markup =>
  html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table class="plain overview"><caption>${caption}</caption>
<thead><tr><th scope="col">Framework</th>${OUTCOMES.map((outcome) => html`<th scope="col" class="number">${OUTCOME_WORDS[outcome]}</th>`)}</tr></thead>
<tbody>${results.map(
    (result) =>
      html`<tr data-framework="${result.frameworkId}"><th scope="row"><a href="#/frameworks/${result.frameworkId}">${result.name} ${result.version}</a></th>${OUTCOMES.map((outcome) => html`<td class="number${result.outcomes[outcome] === 0 ? ' zero' : ''}" data-label="${OUTCOME_WORDS[outcome].toLowerCase()}">${number(result.outcomes[outcome])}</td>`)}</tr>`,
  )}</tbody></table></div>`;

const framework = (
  result: FrameworkResult,
): Markup => html`<details class="framework" id="framework-${result.frameworkId}">
<summary><span class="named">${result.name} ${result.version}</span> <span class="facts">${result.publisher}</span></summary>
${result.note ? html`<p class="notice">${result.note}</p>` : null}
${metOf(result)}
<p class="facts">The evidence pack, for an assessor:</p>
<div class="copyable"><pre tabindex="0" role="group" aria-label="the command of the evidence pack"><code>trailseal evidence --framework ${result.frameworkId} --out ${result.frameworkId}.zip</code></pre><button type="button" class="copy" aria-label="Copy the command of the evidence pack">Copy</button></div>
<ul class="requirements">${result.requirements.map(requirement)}</ul>
</details>`;

/** How many of its requirements are supported, of those that the run says something of. */
function metOf({ outcomes }: FrameworkResult): Markup {
  const all = OUTCOMES.reduce((sum, outcome) => sum + (outcome === 'OUT_OF_SCOPE' ? 0 : outcomes[outcome]), 0);
  if (all === 0) return html``;
  const words = `${number(outcomes.SUPPORTED)} of ${plural(all, 'requirement')} supported`;
  return html`<p><meter class="share" min="0" max="${all}" value="${outcomes.SUPPORTED}" aria-label="${words}"></meter>${words}</p>`;
}

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
<p>${found.summary}</p>${share(found)}${openFindings(found)}
<p class="facts">${controls(found, true)}${controls(found, false)}Not evidenced here: ${found.notEvidenced}</p></li>`;

/** Its open findings, each with its fix. */
function openFindings({ controls: all }: RequirementResult): Markup | null {
  const own = all.filter(({ id }) => CONTROL_IDS.some((control) => control === id));
  const open = own.filter(({ counts }) => counts.FAIL + counts.UNVERIFIED > 0);
  const count = open.reduce((sum, { counts }) => sum + counts.FAIL + counts.UNVERIFIED, 0);
  if (count === 0) return null;
  const columns = 'status,severity,control_id,account_id,region,resource_arn,observed,root_cause_id';
  const href = `#/findings?control=${open.map(({ id }) => id).join(',')}&status=FAIL,UNVERIFIED&cols=${columns}`;
  return html`<p><a href="${href}">${plural(count, 'open finding')} and their fixes</a></p>`;
}

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
