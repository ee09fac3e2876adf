// `npm run docs`: writes docs/reference/licences.md, and the parts of settings.md, costs.md and permissions.md beside it that are
// generated from the deployment.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { costTable, priceList, watchTable } from './cost-table.ts';
import { licencesMarkdown } from './licences.ts';
import { permissionTable } from './permission-table.ts';
import { settingsTable } from './settings-table.ts';
import { endpointTable } from './vpc-endpoints.ts';

const DOCS = join(import.meta.dirname, '..', 'docs', 'reference');

/** The generated parts of each document, by the name in their marks: `<!-- settings -->` … `<!-- /settings -->`. */
const PARTS: Record<string, Record<string, () => string>> = {
  'settings.md': { settings: settingsTable, endpoints: endpointTable },
  'costs.md': { cost: costTable, watch: watchTable, prices: () => `${priceList()}.\n` },
  'permissions.md': { permissions: permissionTable },
};
export const DOCUMENTS = Object.keys(PARTS);

/** A document as it is, and as it must be. @throws where a mark is missing */
export const documentWithParts = (name: string): { is: string; mustBe: string } => {
  const is = readFileSync(join(DOCS, name), 'utf8');
  const mustBe = Object.entries(PARTS[name] ?? {}).reduce((text, [part, render]) => {
    const marked = new RegExp(`(<!-- ${part} -->\\n)[^]*?(<!-- /${part} -->)`);
    if (!marked.test(text)) throw new Error(`docs/reference/${name} lacks the marks of ${part}`);
    return text.replace(marked, (_, begin: string, end: string) => `${begin}${render()}${end}`);
  }, is);
  return { is, mustBe };
};

if (process.argv[1]?.endsWith('deployment-docs.ts')) {
  for (const name of DOCUMENTS) writeFileSync(join(DOCS, name), documentWithParts(name).mustBe);
  writeFileSync(join(DOCS, 'licences.md'), licencesMarkdown());
}
