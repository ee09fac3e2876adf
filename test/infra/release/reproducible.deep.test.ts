import { spawnSync } from 'node:child_process';
import { accessSync, constants, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { releaseFolder } from './release-folder.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..', '..');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trailseal-again-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Another clone: what git knows of, and the packages. */
const clone = (to: string): void => {
  const { stdout } = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    ...{ cwd: REPOSITORY, encoding: 'utf8', maxBuffer: 2 ** 24 },
  });
  for (const file of stdout.split('\0'))
    if (/^(functions|infra|statemachine|terraform)\/|^[^/]+$/.test(file))
      cpSync(join(REPOSITORY, file), join(to, file));
  // As links where the disk is the same: half a gigabyte.
  const packages = [join(REPOSITORY, 'node_modules'), join(to, 'node_modules')];
  if (spawnSync('cp', ['-al', ...packages]).status !== 0)
    cpSync(packages[0] ?? '', packages[1] ?? '', { recursive: true, verbatimSymlinks: true });
};

test('the same commit gives the same bytes, whatever folder, time zone, language and umask it is made with', async () => {
  const elsewhere = join(folder, 'Prüfung 50% (neu)');
  mkdirSync(elsewhere);
  clone(elsewhere);
  const out = join(folder, 'made again');
  const { status, stderr } = spawnSync('bash', ['-c', 'umask 077; npm run --silent release -- --out "$OUT"'], {
    ...{ cwd: elsewhere, encoding: 'utf8' },
    env: { PATH: process.env.PATH, HOME: folder, OUT: out, TZ: 'Asia/Tokyo', LANG: 'tr_TR.UTF-8', LC_ALL: 'C' },
  });
  expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
  const sums = (of: string) => readFileSync(join(of, 'SHA256SUMS'), 'utf8').split('\n');
  const first = await releaseFolder();
  expect(sums(first).length).toBeGreaterThan(15);
  expect(sums(out)).toEqual(sums(first));
  accessSync(join(out, 'deploy.sh'), constants.X_OK);
}, 900_000);
