import { spawn } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const PROCESSES = 8;
const MODULE = new URL('../../functions/local/signing-key.ts', import.meta.url);
let folder: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signing-processes-'));
  program = join(folder, 'open.mts');
  // Opens the key again and again, and in between puts something else in the place of its public half, so that it is written.
  await writeFile(
    program,
    `import { writeFile, rename } from 'node:fs/promises';
import { openSigningKey } from ${JSON.stringify(MODULE.href)};
const home = process.argv[2];
let made = 0;
for (let n = 0; n < 15; n++) {
  const opened = await openSigningKey(home);
  if (opened.made) made += 1;
  const own = opened.publicKeyFile + '.other' + process.pid;
  await writeFile(own, 'changed');
  await rename(own, opened.publicKeyFile);
  console.log((await openSigningKey(home)).signer.keyName);
}
console.log('made', made);
`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const opening = (home: string): Promise<{ code: number | null; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', program, home], { cwd: new URL('../..', MODULE) });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => {
      out += text;
    });
    child.stderr.on('data', (text) => {
      err += text;
    });
    child.on('close', (code) => resolve({ code, out, err }));
  });

describe('the signing key of a machine on which many processes start at once', () => {
  it('is one, and its public half is read whole at every moment', async () => {
    const home = join(folder, 'home');
    const file = join(home, 'signing-key.pub.pem');
    const read = new Map<string, number>();
    let reading = true;
    const reader = (async () => {
      while (reading) {
        const text = await readFile(file, 'utf8').catch(() => 'not there yet');
        read.set(text, (read.get(text) ?? 0) + 1);
      }
    })();
    const ended = await Promise.all(Array.from({ length: PROCESSES }, () => opening(home)));
    reading = false;
    await reader;
    expect(ended.map(({ code, err }) => [code, err])).toEqual(ended.map(() => [0, '']));
    const lines = ended.flatMap(({ out }) => out.trim().split('\n'));
    expect(new Set(lines.filter((line) => line.startsWith('local'))).size).toBe(1);
    expect(lines.filter((line) => line === 'made 1')).toHaveLength(1);
    const pem = createPublicKey(createPrivateKey(await readFile(join(home, 'signing-key.pem'), 'utf8')))
      .export({ type: 'spki', format: 'pem' })
      .toString();
    // Whole, or what another process put there, or nothing: never a part of it.
    expect([...read.keys()].filter((text) => ![pem, 'changed', 'not there yet'].includes(text))).toEqual([]);
    expect(read.get(pem)).toBeGreaterThan(0);
    expect(await readFile(file, 'utf8')).toBe(pem);
    expect((await readdir(home)).sort()).toEqual(['signing-key.pem', 'signing-key.pub.pem']);
  }, 120_000);
});
