import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'trailseal-install-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (program: string, words: string[], cwd = folder): string => {
  const ended = spawnSync(program, words, { cwd, encoding: 'utf8' });
  if (ended.status !== 0) throw new Error(`${program} ${words.join(' ')}: ${ended.stderr}`);
  return ended.stdout;
};

/** Bytes on disk, as a quota counts them. */
const bytesIn = (path: string): number => {
  let sum = 0;
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) sum += statSync(join(entry.parentPath, entry.name)).blocks * 512;
  return sum;
};

/** CloudShell keeps 1 GB of home, which is not ours alone. */
const MOST = 400 * 2 ** 20;

test('npm ci --omit=dev goes through, and the packed package is installed with npm’s cache in less than 400 MB, and scans', () => {
  // Packed from a copy: a build replaces dist/ while other tests read it.
  const copy = join(folder, 'checkout');
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => !/\/(?:node_modules|\.git|dist|cdk\.out|trailseal-report)$/.test(path),
  });
  const home = join(folder, 'home');
  const cache = ['--cache', join(home, 'cache')];
  // With no bundler at hand, the lifecycle script lets the installation go on.
  run('npm', ['ci', '--omit=dev', '--silent', ...cache], copy);
  expect(bytesIn(home) + bytesIn(join(copy, 'node_modules'))).toBeLessThan(MOST);
  rmSync(join(copy, 'node_modules'), { recursive: true });
  run('ln', ['-s', join(root, 'node_modules'), join(copy, 'node_modules')]);
  run('npm', ['pack', '--silent', '--pack-destination', folder], copy);
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  run('npm', ['install', '--global', '--silent', '--prefix', home, ...cache, join(folder, tarball)]);
  expect(bytesIn(home)).toBeLessThan(MOST);
  const out = join(folder, 'report');
  const words = ['scan', '--simulate', 'accounts=3,regions=2', '--out', out, '--json', '--fail-on', 'none'];
  expect(JSON.parse(run(join(home, 'bin/trailseal'), words))).toMatchObject({ run: { accounts: 3 } });
}, 600_000);
