import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isComplete } from '../../functions/domain/run/is-complete.ts';
import { parseObservation } from '../../functions/domain/run/run-files.ts';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { compiledMain } from '../cli/compiled.ts';
import { trailseal } from '../cli/trailseal.ts';
import { copyOfFolder } from './chaos-root.ts';
import { nothingHalfWritten } from './promises.ts';
import { comparable, resultsOf } from './tables.ts';

const WORLD = 'accounts=12,regions=4,seed=5,latency=8,now=2026-11-20T12:00:00Z';
const root = join(import.meta.dirname, '..', '..');

/** The states of a run by the words with which it announces them; the last is the time after the report is there. */
export const PHASES = ['plan', 'scan', 'gather', 'inspect', 'report', 'done'] as const;
export type Phase = (typeof PHASES)[number];
const ANNOUNCED: Readonly<Record<Exclude<Phase, 'done'>, string>> = {
  plan: 'Listing the organization',
  scan: 'Scanning accounts',
  gather: 'Gathering trails',
  inspect: 'Inspecting keys and buckets',
  report: 'Writing the report',
};

/** When to kill: so far into a phase, as a share of how long it takes undisturbed. */
export interface Moment {
  phase: Exclude<Phase, 'done'>;
  share: number;
}

export interface Undisturbed {
  results: Record<string, unknown[]>;
  /** Milliseconds that each phase took. */
  lasted: Record<Moment['phase'], number>;
}

export interface CrashOutcome {
  /** What the process was at when it was killed; null where it had ended by itself. */
  killedIn: Phase | null;
  /** Observations that lay on the disk when it died; none of them was written again. */
  kept: number;
}

const words = (out: string, ...more: string[]) => [
  ...['scan', '--simulate', WORLD, '--out', out, '--fail-on', 'none'],
  ...more,
];

/** The tables of a run that nobody disturbed, and how long its phases took. */
export async function undisturbed(): Promise<Undisturbed> {
  return inFolder(async (out) => {
    const began = new Map<Moment['phase'], number>();
    const ended = await trailseal(words(out), {
      onErr: (said) => {
        for (const phase of announcedIn(said)) if (!began.has(phase)) began.set(phase, performance.now());
      },
    });
    assert.equal(ended.code, 0, ended.err);
    const marks = [...began.values(), performance.now()];
    const lasted = Object.fromEntries([...began.keys()].map((p, i) => [p, (marks[i + 1] ?? 0) - (marks[i] ?? 0)]));
    return {
      results: await resultsIn(out, await onlyRun(out)),
      lasted: lasted as Undisturbed['lasted'],
    };
  });
}

/** `kill -9` at a moment, then `--resume`, or a new scan where nothing was planned yet. */
export async function crashRun(moment: Moment, { results, lasted }: Undisturbed): Promise<CrashOutcome> {
  return inFolder(async (out) => {
    const killedIn = await killedScan(out, { phase: moment.phase, afterMs: moment.share * lasted[moment.phase] });
    await nothingHalfWritten(await copyOfFolder(out));
    const run = (await filesUnder(out, 'runs'))
      .filter(([file]) => file.endsWith('/plan.json'))
      .map(([file]) => file.split('/').at(-2) ?? '')[0];
    const before = await completeObservations(out);
    const ended = await trailseal(words(out, '--quiet', ...(run === undefined ? [] : ['--resume', run])));
    assert.equal(ended.code, 0, ended.err);
    const after = new Map(await filesUnder(out, 'runs'));
    for (const [file, writtenAt] of before) assert.equal(after.get(file), writtenAt, `${file} was scanned twice`);
    await nothingHalfWritten(await copyOfFolder(out));
    assert.deepEqual(await resultsIn(out, run ?? (await onlyRun(out))), results);
    return { killedIn, kept: before.size };
  });
}

/** What need not be asked again, with when it was written: a refused account or a lost answer rightly is. */
async function completeObservations(out: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const [file, writtenAt] of await filesUnder(out, 'runs')) {
    if (!file.includes('/observations/') || file.endsWith('.tmp')) continue;
    const read = parseObservation(await readFile(file));
    assert.ok(read.ok, `${file} is half written`);
    const regions = read.value.regions.map((r) => r.region);
    if (isComplete(read.value, regions)) found.set(file, writtenAt);
  }
  return found;
}

/** Counted from when the process says that the phase begins, so that the moments are those of the work. */
async function killedScan(out: string, { phase, afterMs }: { phase: Moment['phase']; afterMs: number }) {
  const child = spawn(process.execPath, [await compiledMain(), ...words(out)], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', AWS_EC2_METADATA_DISABLED: 'true', TRAILSEAL_HOME: join(out, '..', 'home') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  child.stderr.on('data', (chunk) => {
    said += chunk;
    if (announcedIn(said).includes(phase)) timer ??= setTimeout(() => child.kill('SIGKILL'), afterMs);
  });
  const signal = await new Promise((resolve) => child.on('close', (_, by) => resolve(by)));
  clearTimeout(timer);
  if (signal !== 'SIGKILL') return null;
  const isDone = await access(join(out, 'reports/latest.json')).then(
    () => true,
    () => false,
  );
  return isDone ? 'done' : (announcedIn(said).at(-1) ?? 'plan');
}

const announcedIn = (said: string): Moment['phase'][] =>
  (Object.keys(ANNOUNCED) as Moment['phase'][]).filter((phase) => said.includes(ANNOUNCED[phase]));

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
