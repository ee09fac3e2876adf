import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/README.md'],
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.md'))
    .map((f) => `docs/${f}`),
];

/** The anchors that GitHub makes of a document's headings. */
const anchors = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[`*]/g, '')
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('links between documents', () => {
  it.each(documents)('%s points only to what is there', (file) => {
    const text = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, '');
    const missing = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [path = '', anchor] = target.split('#');
      const to = path === '' ? file : normalize(join(dirname(file), path));
      if (!existsSync(join(root, to))) return [target];
      return anchor !== undefined && to.endsWith('.md') && !anchors(to).includes(anchor) ? [target] : [];
    });
    expect(missing).toEqual([]);
  });
});

it.each(documents)('%s runs no package that somebody else may publish under our name', (file) => {
  expect(readFileSync(join(root, file), 'utf8')).not.toMatch(/npx (?!--no-install )trailseal/);
});

it('docs/README.md leads to every other document of the folder, so that none lies there unread', () => {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
  const pages = documents.flatMap((f) =>
    f.startsWith('docs/') && f !== 'docs/README.md' ? [f.slice('docs/'.length)] : [],
  );
  expect(pages.filter((page) => !new RegExp(`\\]\\(${page.replaceAll('.', '\\.')}[)#]`).test(index))).toEqual([]);
});
