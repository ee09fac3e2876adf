import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseObservation } from '../../functions/domain/run-files.ts';
import { isSettled } from '../../functions/domain/settled.ts';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { trailseal } from '../cli/trailseal.ts';
import { comparable, resultsOf } from './tables.ts';

const WORLD = 'accounts=12,regions=4,seed=5,latency=8,now=2026-11-20T12:00:00Z';
const root = join(import.meta.dirname, '..', '..');

export interface CrashOutcome {
  /** Whether the process was killed before it had ended by itself. */
  killed: boolean;
  /** Observations that lay on the disk when it died; none of them was written again. */
  kept: number;
}

/** The tables of a run that nobody disturbed. */
export async function undisturbed(): Promise<Record<string, unknown[]>> {
  return inFolder(async (out) => {
    const ended = await trailseal(['scan', '--simulate', WORLD, '--out', out, '--quiet', '--fail-on', 'none']);
    assert.equal(ended.code, 0, ended.err);
    return resultsIn(out, await onlyRun(out));
  });
}

/** `kill -9` after so many milliseconds of scanning, then `--resume`, or a new scan where nothing was planned yet. */
export async function crashRun(afterMs: number, expected: Record<string, unknown[]>): Promise<CrashOutcome> {
  return inFolder(async (out) => {
    const killed = await killedScan(out, afterMs);
    const run = (await filesUnder(out, 'runs'))
      .filter(([file]) => file.endsWith('/plan.json'))
      .map(([file]) => file.split('/').at(-2) ?? '')[0];
    const before = new Map<string, number>();
    for (const [file, writtenAt] of await filesUnder(out, 'runs')) {
      if (!file.includes('/observations/') || file.endsWith('.tmp')) continue;
      const read = parseObservation(await readFile(file));
      assert.ok(read.ok, `${file} is half written`);
      // A refused account, or a lost answer, is rightly asked again.
      const { regions } = read.value;
      if (
        isSettled(
          read.value,
          regions.map((r) => r.region),
        )
      )
        before.set(file, writtenAt);
    }
    const resume = run === undefined ? [] : ['--resume', run];
    const words = ['scan', '--simulate', WORLD, '--out', out, '--quiet', '--fail-on', 'none', ...resume];
    const ended = await trailseal(words);
    assert.equal(ended.code, 0, ended.err);
    const after = new Map(await filesUnder(out, 'runs'));
    for (const [file, writtenAt] of before) assert.equal(after.get(file), writtenAt, `${file} was scanned twice`);
    assert.deepEqual(await resultsIn(out, run ?? (await onlyRun(out))), expected);
    return { killed, kept: before.size };
  });
}

/** Waits until the run is planned, so that the moments are those of the work and not of Node's start. */
function killedScan(out: string, afterMs: number): Promise<boolean> {
  const words = ['scan', '--simulate', WORLD, '--out', out, '--quiet', '--fail-on', 'none'];
  const main = join(root, 'functions/cli/main.ts');
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main, ...words], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', AWS_EC2_METADATA_DISABLED: 'true' },
    stdio: 'ignore',
  });
  let timer: NodeJS.Timeout | undefined;
  const poll = setInterval(async () => {
    const begun = (await readdir(join(out, 'runs'), { recursive: true }).catch(() => [])).some((f) =>
      f.includes('plan'),
    );
    if (begun) timer ??= setTimeout(() => child.kill('SIGKILL'), afterMs);
  }, 5);
  return new Promise((resolve) =>
    child.on('close', (_, signal) => {
      clearInterval(poll);
      clearTimeout(timer);
      resolve(signal === 'SIGKILL');
    }),
  );
}

async function resultsIn(out: string, runId: string): Promise<Record<string, unknown[]>> {
  return comparable(await resultsOf(createDirectoryStore(out), runId), runId);
}

async function onlyRun(out: string): Promise<string> {
  const runs = (await readdir(join(out, 'reports'))).filter((name) => name.length === 26).sort();
  return runs.at(-1) ?? '';
}

/** Files with the times at which they were written. */
async function filesUnder(out: string, folder: string): Promise<[string, number][]> {
  const names = await readdir(join(out, folder), { recursive: true }).catch(() => []);
  const files: [string, number][] = [];
  for (const name of names) {
    const facts = await stat(join(out, folder, name));
    if (facts.isFile()) files.push([join(out, folder, name), facts.mtimeMs]);
  }
  return files;
}

async function inFolder<T>(work: (out: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'trailseal-crash-'));
  try {
    return await work(join(folder, 'report'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
