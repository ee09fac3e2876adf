import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** Who may import whom (CONTRIBUTING.md). A folder may always import itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  domain: [],
  reads: ['domain'],
  report: ['domain', 'program-folder.ts'],
  aws: ['domain', 'reads'],
  simulator: ['domain', 'reads'],
  local: ['domain', 'report', 'program-folder.ts'],
  handlers: ['domain', 'report', 'aws'],
  cli: ['domain', 'report', 'reads', 'aws', 'simulator', 'local', 'handlers', 'program-folder.ts'],
};

/** What is not shipped may import what is, and nothing that is shipped imports it. */
const BESIDE: Record<string, readonly string[]> = {
  functions: [],
  infra: ['functions'],
  // The answers in docs/reference/named-queries.md are those of the organization that the tests' queries run on.
  tools: ['functions', 'infra', 'test'],
  bench: ['functions', 'tools'],
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

/** Everything that is written here. */
const CODE = ['functions', 'infra', 'tools', 'bench', 'test'];
const MOST_FILES_IN_A_FOLDER = 16;

/** The groups of files that import each other, and files that import themselves, each sorted (Tarjan's algorithm). */
const circles = (arrows: ReadonlyMap<string, readonly string[]>): string[][] => {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const path: string[] = [];
  const visit = (file: string): number => {
    const number = order.size;
    order.set(file, number);
    path.push(file);
    let low = number;
    for (const target of arrows.get(file) ?? []) {
      if (!arrows.has(target)) continue;
      if (!order.has(target)) low = Math.min(low, visit(target));
      else if (path.includes(target)) low = Math.min(low, order.get(target) ?? low);
    }
    if (low === number) {
      const group = path.splice(path.indexOf(file));
      if (group.length > 1 || arrows.get(file)?.includes(file)) found.push(group.sort());
    }
    return low;
  };
  for (const file of arrows.keys()) if (!order.has(file)) visit(file);
  return found;
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

  it.each(Object.keys(BESIDE))('%s imports only what it may', (folder) => {
    const wrong = sources(folder)
      .flatMap((file) => imports(file).map((target) => ({ file, target, to: target.split(sep)[0] ?? '' })))
      .filter(({ to }) => to !== folder && !BESIDE[folder]?.includes(to))
      .map(({ file, target }) => `${file} → ${target}`);
    expect(wrong).toEqual([]);
  });

  it('has no circle of imports, not even of types', () => {
    const arrows = new Map(CODE.flatMap(sources).map((file) => [file, imports(file)]));
    expect(circles(arrows)).toEqual([]);
  });

  it('finds a circle where there is one', () => {
    const arrows = new Map([
      ['a', ['b', 'outside']],
      ['b', ['c']],
      ['c', ['b']],
      ['d', ['d', 'a']],
    ]);
    expect(circles(arrows)).toEqual([['b', 'c'], ['d']]);
  });

  it('keeps every folder small enough to read', () => {
    const counts = new Map<string, number>();
    for (const file of CODE.flatMap(sources)) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    expect([...counts].filter(([, files]) => files > MOST_FILES_IN_A_FOLDER)).toEqual([]);
  });

  it('makes AWS clients only in functions/aws', () => {
    // An example in a docstring makes none.
    const makesOne = (line: string) => !line.trimStart().startsWith('*') && /new \w+Client\(/.test(line);
    const wrong = files.filter(
      (file) => layerOf(file) !== 'aws' && readFileSync(join(root, file), 'utf8').split('\n').some(makesOne),
    );
    expect(wrong).toEqual([]);
  });

  it('lets infra import of the functions only the tables, the queries, the registry of reads, the catalogue of settings and the workflow', () => {
    const allowed =
      /^functions\/(domain\/(model\/(arn|errors)|watch\/tick|settings\/(placement|run-settings|setting-schemas))|reads\/(grants|registry|watched\/[a-z-]+)|report\/(tables\/columns|queries\/(athena|queries))|handlers\/lambda\/(environment|metric-names))\.ts$/;
    const wrong = sources('infra')
      .flatMap((file) => imports(file).map((target) => ({ file, target })))
      .filter(({ target }) => !target.startsWith('infra') && !allowed.test(target))
      .map(({ file, target }) => `${file} → ${target}`);
    expect(wrong).toEqual([]);
  });
});
