import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** Who may import whom (CONTRIBUTING.md). A folder may always import itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  domain: [],
  report: ['domain'],
  aws: ['domain'],
  simulator: ['domain'],
  local: ['domain', 'report'],
  handlers: ['domain', 'report', 'aws'],
  cli: ['domain', 'report', 'aws', 'simulator', 'local', 'handlers'],
};

const root = join(import.meta.dirname, '..');
const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));

const imports = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    normalize(join(dirname(file), match[1] ?? '')),
  );

const layerOf = (file: string): string | undefined => {
  const [top, layer] = file.split(sep);
  return top === 'functions' ? layer : top;
};

describe('the arrows between the folders', () => {
  const files = sources('functions');

  it('finds the sources', () => {
    expect(files.length).toBeGreaterThan(100);
  });

  it.each(Object.keys(MAY_IMPORT))('%s imports only what it may', (layer) => {
    const wrong = files
      .filter((file) => layerOf(file) === layer)
      .flatMap((file) => imports(file).map((target) => ({ file, target, to: layerOf(target) ?? '' })))
      .filter(({ to }) => to !== layer && !MAY_IMPORT[layer]?.includes(to) && to !== '..')
      .map(({ file, target }) => `${file} → ${target}`);
    expect(wrong).toEqual([]);
  });

  it('makes AWS clients only in functions/aws', () => {
    // An example in a docstring makes none.
    const makesOne = (line: string) => !line.trimStart().startsWith('*') && /new \w+Client\(/.test(line);
    const wrong = files.filter(
      (file) => layerOf(file) !== 'aws' && readFileSync(join(root, file), 'utf8').split('\n').some(makesOne),
    );
    expect(wrong).toEqual([]);
  });

  it('lets infra import of the functions only the tables, the queries, the catalogue of settings and the workflow', () => {
    const allowed =
      /^functions\/(domain\/model\/errors|report\/(tables\/columns|queries\/(athena|queries))|handlers\/lambda\/(environment|metric-names))\.ts$/;
    const wrong = sources('infra')
      .flatMap((file) => imports(file).map((target) => ({ file, target })))
      .filter(({ target }) => !target.startsWith('infra') && !allowed.test(target))
      .map(({ file, target }) => `${file} → ${target}`);
    expect(wrong).toEqual([]);
  });
});
