import { FRAMEWORKS } from './catalogue.ts';
import { DISCLAIMER, type Framework, type Requirement } from './framework.ts';
import { SOURCES } from './sources.ts';

/** docs/frameworks.md, generated from the catalogue. */
export function frameworksMarkdown(): string {
  const index = FRAMEWORKS.map(
    (f) =>
      `| [\`${f.id}\`](#${f.id.replaceAll('.', '')}) | ${cell(f.name)} | ${cell(f.version)} | ${f.requirements.length} |`,
  );
  const sources = Object.entries(SOURCES).map(
    ([id, { title, url }]) => `- \`${id}\`: ${url === null ? title : `[${title}](${url})`}`,
  );
  return `${[
    '# Frameworks',
    '<!-- Generated from functions/domain/frameworks: edit there, then `npm test -- frameworks/markdown` says how to renew it. -->',
    `Which requirements of which framework the [controls](controls.md) support. ${DISCLAIMER}`,
    'Titles are in our words; read the requirement in the framework itself. Results are `SUPPORTED`, `NOT_SUPPORTED` (something fails), `INCONCLUSIVE` (something could not be determined, or the run is PARTIAL), `WAIVED` (waived is not met, and is counted apart), `NO_EVIDENCE` (nothing to judge) and `OUT_OF_SCOPE`.',
    ['| Id | Framework | Version | Requirements |', '|---|---|---|---|', ...index].join('\n'),
    ['Every mapping names its source:', ...sources].join('\n'),
    ...FRAMEWORKS.map(section),
  ].join('\n\n')}\n`;
}

const section = (framework: Framework): string =>
  [
    `## ${framework.id}`,
    `${framework.name}, ${framework.version}. ${framework.publisher}.${framework.note === null ? '' : ` ${framework.note}`}`,
    [
      '| Requirement | In our words | Supported by (source) | Not evidenced here |',
      '|---|---|---|---|',
      ...framework.requirements.map(row),
    ].join('\n'),
  ].join('\n\n');

function row(requirement: Requirement): string {
  const support = requirement.support.map((s) => `${s.controls.map((id) => `\`${id}\``).join(', ')} (${s.source})`);
  const title = [
    requirement.title,
    ...(requirement.onlyIf === undefined ? [] : ['*Only with account data in scope.*']),
    ...(requirement.vendorMappingOnly ? ['*Vendors map it; counted apart.*'] : []),
  ].join('. ');
  return `| ${cell(requirement.id)} | ${cell(title)} | ${cell(support.join('; '))} | ${cell(requirement.notEvidenced)} |`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
