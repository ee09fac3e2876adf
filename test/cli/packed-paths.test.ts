import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from '@jest/globals';
import { compiledMain } from './compiled.ts';
import { trailseal } from './trailseal.ts';

const root = join(import.meta.dirname, '../..');
const packed = (): Set<string> => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  // With their folders: a link may lead to one.
  return new Set(
    files.flatMap(({ path }) => path.split('/').map((_, depth, parts) => parts.slice(0, depth + 1).join('/'))),
  );
};

it('leads to nothing that the package has not: neither the command nor a document in it', async () => {
  const files = packed();
  const dist = dirname(dirname(await compiledMain()));
  const named = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js') || file.endsWith('.sql'))
    .flatMap((file) => [...readFileSync(join(dist, file), 'utf8').matchAll(/(?<![\w./-])docs\/[\w./-]*\w/g)])
    .map(([path]) => path);
  expect(named).toContain('docs/getting-started.md');
  const linked = [...files]
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
      return [...text.matchAll(/\]\(([^)\s#]+)/g)].flatMap(([, target = '']) =>
        /^[a-z]+:/.test(target) ? [] : [normalize(join(dirname(file), target)).replace(/\/$/, '')],
      );
    });
  expect(linked.length).toBeGreaterThan(100);
  expect([...new Set([...named, ...linked])].filter((path) => !files.has(path))).toEqual([]);
});

it('says where its documents are', async () => {
  const { out } = await trailseal(['--help'], { ownProcess: true });
  const [, folder = ''] = /Documents named as docs\/… are in (\S+)/.exec(out) ?? [];
  expect(folder).toBe(`${dirname(dirname(dirname(await compiledMain())))}/`);
});
