import { expect, it } from '@jest/globals';
import { FRAMEWORKS } from '../../../functions/domain/frameworks/catalogue.ts';
import { frameworksMarkdown } from '../../../functions/domain/frameworks/markdown.ts';

it('prints every requirement with its source, and no result', () => {
  const markdown = frameworksMarkdown();
  for (const framework of FRAMEWORKS) {
    expect(markdown).toContain(`\n## ${framework.id}\n`);
    for (const url of framework.published) expect(markdown).toContain(`](${url})`);
    for (const requirement of framework.requirements) expect(markdown).toContain(`\n| ${requirement.id} | `);
  }
  expect(markdown).not.toMatch(/: PASS\b/);
});
