import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { FRAMEWORKS } from '../../../functions/domain/frameworks/catalogue.ts';
import { frameworksMarkdown } from '../../../functions/domain/frameworks/markdown.ts';

const FILE = new URL('../../../docs/frameworks.md', import.meta.url);

it('docs/frameworks.md is what the catalogue says (renew it: UPDATE_DOCS=1 npm test -- frameworks/markdown)', () => {
  const markdown = frameworksMarkdown();
  if (process.env.UPDATE_DOCS === '1') writeFileSync(FILE, markdown);
  expect(readFileSync(FILE, 'utf8')).toBe(markdown);
});

it('prints every requirement with its source, and no result', () => {
  const markdown = frameworksMarkdown();
  for (const framework of FRAMEWORKS) {
    expect(markdown).toContain(`\n## ${framework.id}\n`);
    for (const requirement of framework.requirements) expect(markdown).toContain(`\n| ${requirement.id} | `);
  }
  expect(markdown).not.toMatch(/: PASS\b/);
});
