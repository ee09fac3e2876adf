import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { chunks, keys, listsBeyondAPage, ordersByBytes, storeContract, text } from './store-contract.ts';

const roots: string[] = [];
const newRoot = async () => {
  const root = await mkdtemp(join(tmpdir(), 'trailseal-store-'));
  roots.push(root);
  return root;
};
afterAll(() => Promise.all(roots.map((root) => rm(root, { recursive: true, force: true }))));

const newStore = async () => createDirectoryStore(join(await newRoot(), 'report'));
storeContract('a directory', newStore);
listsBeyondAPage('a directory', newStore);
ordersByBytes('a directory', newStore);

describe('a directory', () => {
  test('is readable by its owner only, files and folders alike', async () => {
    const root = join(await newRoot(), 'report');
    await createDirectoryStore(root).write('runs/a/plan.json', '{}');
    const modes = await Promise.all(
      [root, join(root, 'runs'), join(root, 'runs/a'), join(root, 'runs/a/plan.json')].map(async (path) =>
        ((await stat(path)).mode & 0o777).toString(8),
      ),
    );
    expect(modes).toEqual(['700', '700', '700', '600']);
  });

  test('leaves no temporary file behind, and never lists one', async () => {
    const root = await newRoot();
    const store = createDirectoryStore(root);
    await writeFile(join(root, '.0123456789abcdef.tmp'), 'half');
    await store.write('a', 'x');
    expect((await readdir(root)).sort()).toEqual(['.0123456789abcdef.tmp', 'a']);
    expect(await keys(store, '')).toEqual(['a']);
    await expect(store.read('.0123456789abcdef.tmp')).rejects.toThrow('is no key of a report');
  });

  test('removes what a dead writer left, once it is a day old', async () => {
    const root = await newRoot();
    const [old, young] = ['.0000000000000000.tmp', '.1111111111111111.tmp'];
    for (const name of [old, young]) await writeFile(join(root, name), 'half');
    const twoDaysAgo = Date.now() / 1_000 - 172_800;
    await utimes(join(root, old), twoDaysAgo, twoDaysAgo);
    await createDirectoryStore(root).write('a', 'x');
    expect((await readdir(root)).sort()).toEqual([young, 'a']);
  });

  test('says in one sentence that a file stands where a folder must be', async () => {
    const root = await newRoot();
    await writeFile(join(root, 'taken'), 'a file');
    const store = createDirectoryStore(join(root, 'taken'));
    await expect(store.write('runs/a', 'x')).rejects.toMatchObject({
      name: 'StoreError',
      code: 'STORE',
      message: `${join(root, 'taken/runs/a')} cannot be made, because a part of that path is a file: choose another folder.`,
    });
    expect(await readFile(join(root, 'taken'), 'utf8')).toBe('a file');
  });

  test('says in one sentence that a folder stands where the file must be', async () => {
    const root = await newRoot();
    await mkdir(join(root, 'report.json'));
    await expect(createDirectoryStore(root).write('report.json', 'x')).rejects.toThrow(
      `${join(root, 'report.json')} cannot be written, because it is a folder: choose another report root.`,
    );
    expect(await readdir(root)).toEqual(['report.json']);
  });

  // Root may write anywhere, so permissions cannot be shown to it.
  const isRoot = process.getuid?.() === 0;
  (isRoot ? test.skip : test)('says in one sentence that there is no permission (skipped for root)', async () => {
    const root = await newRoot();
    await chmod(root, 0o500);
    await expect(createDirectoryStore(root).write('a', 'x')).rejects.toThrow(
      `There is no permission to write ${root}/a`,
    );
  });

  test('a full disk gives one sentence and keeps what was there', async () => {
    const root = await newRoot();
    const store = createDirectoryStore(root);
    await store.write('kept', 'first');
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    const body = (async function* () {
      yield new Uint8Array(10);
      throw full;
    })();
    await expect(store.write('kept', body)).rejects.toThrow(
      `The disk is full and ${join(root, 'kept')} was not written: free some space and run again.`,
    );
    expect(text(await store.read('kept'))).toBe('first');
  });
});

/** A disk of 64 KB, where this user may mount one: containers and CI mostly run as root, laptops do not. */
const mountDisk = async (): Promise<string | null> => {
  const disk = await newRoot();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
  return mounted.status === 0 ? disk : null;
};
const unmount = (disk: string) => spawnSync('umount', [disk], { stdio: 'ignore' });
const probe = await mountDisk();
if (probe) unmount(probe);

(probe ? describe : describe.skip)(`a disk${probe ? '' : ' (skipped: this user may not mount one)'}`, () => {
  let disk = '';
  beforeEach(async () => {
    disk = (await mountDisk()) ?? '';
  });
  afterEach(() => {
    unmount(disk);
  });

  test('that is full gives one sentence, keeps what was there and nothing else', async () => {
    const store = createDirectoryStore(join(disk, 'report'));
    await store.write('runs/kept', 'first');
    const sentence = `The disk is full and ${join(disk, 'report/runs/kept')} was not written: free some space and run again.`;
    await expect(store.write('runs/kept', 'x'.repeat(200_000))).rejects.toMatchObject({
      name: 'StoreError',
      message: sentence,
    });
    const body = chunks(Array.from({ length: 50 }, () => 'x'.repeat(4_000)));
    await expect(store.write('runs/kept', body)).rejects.toThrow(sentence);
    expect(text(await store.read('runs/kept'))).toBe('first');
    expect(await readdir(join(disk, 'report/runs'))).toEqual(['kept']);
    await store.write('runs/kept', 'there is room for this');
    expect(text(await store.read('runs/kept'))).toBe('there is room for this');
  });

  test('that is read-only gives one sentence and is still read', async () => {
    const store = createDirectoryStore(join(disk, 'report'));
    await store.write('kept', 'first');
    spawnSync('mount', ['-o', 'remount,ro', disk]);
    await expect(store.write('kept', 'second')).rejects.toThrow(
      `${join(disk, 'report/kept')} is on a read-only disk: choose another folder.`,
    );
    await expect(store.write('runs/new', 'x')).rejects.toThrow('is on a read-only disk: choose another folder.');
    expect(text(await store.read('kept'))).toBe('first');
    expect(await keys(store, '')).toEqual(['kept']);
  });
});

test('a writer that is killed leaves the old version or the new one', async () => {
  const root = await newRoot();
  const versions = ['a', 'b'].map((letter) => letter.repeat(300_000));
  const store = createDirectoryStore(root);
  await store.write('contended', versions[0] ?? '');
  const module = new URL('../../functions/local/directory-store.ts', import.meta.url).href;
  const script = `
    import { createDirectoryStore } from ${JSON.stringify(module)};
    const store = createDirectoryStore(${JSON.stringify(root)});
    process.stdout.write('writing');
    for (let i = 0; ; i++) await store.write('contended', (i % 2 ? 'a' : 'b').repeat(300_000));
  `;
  let leftovers = 0;
  for (let kill = 0; kill < 6; kill++) {
    const writer = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, 5 + kill * 7));
    writer.kill('SIGKILL');
    await new Promise((resolve) => writer.once('exit', resolve));
    expect(versions).toContain(text(await store.read('contended')));
    expect(await keys(store, '')).toEqual(['contended']);
    leftovers = (await readdir(root)).length - 1;
  }
  expect(leftovers).toBeLessThanOrEqual(6);
}, 60_000);
