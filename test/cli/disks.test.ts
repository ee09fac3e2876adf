import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { copyOfFolder } from '../chaos/chaos-root.ts';
import { nothingHalfWritten } from '../chaos/promises.ts';
import { comparable, resultsOf } from '../chaos/tables.ts';
import { atDepth } from '../depth.ts';
import { type Ended, trailseal } from './trailseal.ts';

const SIZE = atDepth({ quick: 'accounts=6,regions=2', deep: 'accounts=8,regions=3' });
const WORLD = `${SIZE},seed=6,now=2026-11-20T12:00:00Z`;

let folder: string;
const mounted: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trailseal-disks-'));
});
afterEach(async () => {
  for (const path of mounted.splice(0)) spawnSync('umount', [path]);
  await rm(folder, { recursive: true, force: true });
});

/** A disk of its own. */
async function disk(options: string): Promise<string> {
  const path = join(folder, 'disk');
  await mkdir(path, { recursive: true });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  if (status !== 0) throw new Error(`${path} cannot be mounted`);
  mounted.push(path);
  return path;
}

const scan = (out: string, { ownProcess = false } = {}): Promise<Ended> =>
  trailseal(['scan', '--simulate', WORLD, '--out', out, '--quiet', '--fail-on', 'none'], {
    ownProcess,
    env: { TRAILSEAL_HOME: join(folder, 'home') },
  });

/** What lies under a folder, by name and content. */
async function snapshot(path: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) found.set(file, (await readFile(file)).toString('base64'));
  }
  return found;
}

/** Whether this machine lets its tests mount disks, as the containers of CI do where they run as root. */
function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'trailseal-mount-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path]);
  if (status === 0) spawnSync('umount', [path]);
  rmSync(path, { recursive: true, force: true });
  return status === 0;
}
const withDisk = canMount() ? test : test.skip;

describe('a report root on a disk', () => {
  withDisk(
    'that is full: one sentence, what was there is kept, and the run can be finished',
    async () => {
      const path = await disk('size=4m');
      const out = join(path, 'report');
      expect((await scan(out)).code).toBe(0);
      const before = await snapshot(out);
      // Room for a few small files, not for a run.
      const free =
        4 * 2 ** 20 - Number(spawnSync('du', ['-sk', path], { encoding: 'utf8' }).stdout.split('\t')[0]) * 1024;
      await writeFile(join(path, 'ballast'), Buffer.alloc(Math.max(free - 60_000, 0)));
      const full = await scan(out);
      expect([full.code, full.out]).toEqual([1, '']);
      expect(full.err).toMatch(
        /^trailseal: The disk is full and .+ was not written: free some space and run again\.\n$/,
      );
      const after = await snapshot(out);
      for (const [file, content] of before) expect([file, after.get(file) === content]).toEqual([file, true]);
      await nothingHalfWritten(await copyOfFolder(out));
      await rm(join(path, 'ballast'));
      expect((await scan(out)).code).toBe(0);
    },
    180_000,
  );

  withDisk(
    'that is read-only: one sentence, and what was there can still be read',
    async () => {
      const path = await disk('size=16m');
      const out = join(path, 'report');
      expect((await scan(out)).code).toBe(0);
      const before = await snapshot(out);
      spawnSync('mount', ['-o', 'remount,ro', path]);
      const refused = await scan(out);
      expect([refused.code, refused.out]).toEqual([1, '']);
      expect(refused.err).toMatch(/^trailseal: .+ is on a read-only disk: choose another folder\.\n$/);
      expect(await snapshot(out)).toEqual(before);
      const report = await trailseal(['report', '--report', out]);
      expect([report.code, report.out]).toEqual([0, expect.stringContaining('Findings:')]);
    },
    180_000,
  );

  test('two scans into one root at once: each ends as if alone, and the newer one is the latest', async () => {
    const alone = join(folder, 'alone');
    const out = join(folder, 'report');
    const both = await Promise.all([scan(out, { ownProcess: true }), scan(out, { ownProcess: true })]);
    expect(both.map(({ code, err }) => [code, err.replace(/^A signing key .+\n.+\n/, '')])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect((await scan(alone)).code).toBe(0);
    const runsIn = async (path: string) =>
      (await readdir(join(path, 'reports'))).filter((name) => name.length === 26).sort();
    const [expectedRun = ''] = await runsIn(alone);
    const expected = comparable(await resultsOf(createDirectoryStore(alone), expectedRun), expectedRun);
    const runs = await runsIn(out);
    expect(runs).toHaveLength(2);
    for (const run of runs) expect(comparable(await resultsOf(createDirectoryStore(out), run), run)).toEqual(expected);
    await nothingHalfWritten(await copyOfFolder(out));
    const latest = JSON.parse(await readFile(join(out, 'reports/latest.json'), 'utf8')) as { run_id: string };
    expect(runs).toContain(latest.run_id);
    expect((await stat(join(out, 'reports/latest.json'))).mode & 0o777).toBe(0o600);
  }, 180_000);
});
