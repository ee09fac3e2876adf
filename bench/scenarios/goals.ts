import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultSettings } from '../../functions/domain/settings/run-settings.ts';
import { AT_FIRST } from '../../functions/local/state-machine/side-by-side.ts';
import { type Figure, figure, mustHold, type Scenario } from '../figure.ts';
import { ownEnvironment, runWorker } from '../worker.ts';
import type { WholeFloorInput, WholeFloorOutput } from '../workers/floors/whole.ts';
import type { ScanInput, ScanOutput, ScanPhase } from '../workers/scan.ts';
import { CONCURRENCY } from './scan.ts';

const scenario = 'goals';
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** `--concurrency` by default: as many where answers, not this process, are waited for. */
const MOST_AT_ONCE = defaultSettings().concurrency;
const MODERN = Number(process.versions.node.split('.')[0]) >= 24;
/** Calls of the same run before accounts were asked region beside region and sessions were kept (2026-11-29). */
const CALLS_BEFORE: Record<string, number> = { '1000 × 17': 50_064 };
/** Reads of objects are data events, which no trail takes unless it is told to. */
const DATA_EVENTS = new Set(['ListObjectsV2', 'HeadObject']);

/** Everything a person waits for, beside a bare loop that makes the same calls, and where each second of it went. */
export const goals: Scenario = {
  name: scenario,
  title: 'A whole command beside a bare loop of its calls, where each second went, and the start of the showcase',
  async run({ quick, folder, say }) {
    const spec = { accounts: quick ? 150 : 1_000, regions: 17, latency: 50, seed: 7, quotas: false };
    const at = `${spec.accounts} × ${spec.regions}`;
    const limit = { timeoutMs: 3_600_000 };
    say(`${at} at ${spec.latency} ms`);
    const out = join(folder, 'whole');
    const scan: ScanInput = { spec, concurrency: MOST_AT_ONCE, atFirst: AT_FIRST, out, page: true };
    const run = await runWorker<ScanOutput>('scan', scan, limit);
    const evidence = join(out, 'evidence', run.output.runId);
    const floorOf = async (clients: WholeFloorInput['clients'], onlyInspect = false) => {
      say(`its floor, ${clients} clients${onlyInspect ? ', Inspect alone' : ''}`);
      const input: WholeFloorInput = { spec, evidence, concurrency: CONCURRENCY, clients, onlyInspect };
      return (await runWorker<WholeFloorOutput>('floors/whole', input, limit)).output;
    };
    const same = await floorOf('same');
    const sdk = await floorOf('sdk');
    const inspect = await floorOf('same', true);
    const { phases } = run.output;
    const sum = (of: (phase: ScanPhase) => number) => phases.reduce((total, phase) => total + of(phase), 0);
    const whole = { wall: sum((p) => p.wallMs), cpu: sum((p) => p.cpuMs), gc: sum((p) => p.gcMs) };
    const waiting = phases.filter(({ state }) => state === 'Scan' || state === 'Inspect');
    const outstanding = waiting.reduce((ms, p) => ms + p.wallMs, 0);
    const calls = phases.flatMap((p) => Object.entries(p.calls));
    const made = calls.reduce((total, [, count]) => total + count, 0);
    const data = calls.reduce((total, [name, count]) => total + (DATA_EVENTS.has(name) ? count : 0), 0);
    const roles = calls.reduce((total, [name, count]) => total + (name === 'AssumeRole' ? count : 0), 0);
    mustHold(same.calls > 0 && sdk.calls === same.calls, 'the floors made other calls');
    const ratio = (name: string, ours: number, theirs: number, goal?: number): Figure =>
      figure(scenario, `${at}: ${name}`, ours / theirs, '×', {
        ...(goal === undefined ? {} : { goal }),
        note: `${seconds(ours)} beside ${seconds(theirs)}`,
      });
    const before = CALLS_BEFORE[at];
    const inspected = phases.find(({ state }) => state === 'Inspect');
    mustHold(inspect.calls > 0 && inspected !== undefined, 'nothing was inspected');
    return [
      ratio("whole command, wall time of the floor's", whole.wall, same.wallMs, MODERN ? 1.25 : 1.4),
      ratio("whole command, CPU of the floor's", whole.cpu, same.cpuMs, MODERN ? 1.35 : 1.5),
      ratio("whole command, wall time of the floor's with the SDK's clients as they come", whole.wall, sdk.wallMs),
      ratio("whole command, CPU of the floor's with the SDK's clients as they come", whole.cpu, sdk.cpuMs),
      ratio("Inspect, wall time of the floor's", inspected?.wallMs ?? 0, inspect.wallMs, 1.3),
      ratio("Inspect, CPU of the floor's", inspected?.cpuMs ?? 0, inspect.cpuMs),
      figure(
        scenario,
        `${at}: idle while calls are outstanding`,
        (100 * waiting.reduce((ms, p) => ms + p.idleMs, 0)) / outstanding,
        '%',
        { goal: 10, note: 'of one core, in Scan and Inspect' },
      ),
      figure(scenario, `${at}: garbage collection`, (100 * whole.gc) / whole.cpu, '%', {
        goal: 8,
        note: 'pauses by the clock, of CPU: only on an idle machine',
      }),
      figure(scenario, `${at}: peak memory`, run.peakRssMb, 'MB', { goal: MODERN ? 380 : 300 }),
      figure(scenario, `${at}: AWS calls`, made, '', {
        ...(before === undefined ? {} : { goal: before - 1, note: `${before} before` }),
      }),
      figure(scenario, `${at}: management events`, made - data + roles, '', {
        note: 'in the trails of the accounts asked and, of each role assumed, in the scanner’s too',
      }),
      ...phases
        .filter(({ wallMs }) => wallMs >= 10)
        .map((p) =>
          figure(scenario, `${at}: ${p.state}`, p.wallMs / 1_000, 's', {
            note: `CPU ${seconds(p.cpuMs)} (simulated services ${seconds(p.simulatorMs)}), GC ${seconds(p.gcMs)}, idle ${seconds(p.idleMs)}, ${Object.values(p.calls).reduce((a, b) => a + b, 0)} calls, ${p.peakRssMb.toFixed(0)} MB`,
          }),
        ),
      figure(scenario, 'npm start', (await started(join(folder, 'start'))) / 1_000, 's', {
        goal: 2.5,
        note: 'dist/ is built before; wall time',
      }),
    ];
  },
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Milliseconds that the showcase takes. */
async function started(cwd: string): Promise<number> {
  mkdirSync(cwd, { recursive: true });
  const env = ownEnvironment();
  const run = (args: string[]) =>
    new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, args, { cwd, env, stdio: 'ignore' });
      child.on('error', reject).on('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`${args.join(' ')} ended with ${code}`));
      });
    });
  await run([join(REPOSITORY, 'functions', 'build.mjs'), '--unless-current']);
  const began = performance.now();
  await run([join(REPOSITORY, 'functions', 'build.mjs'), '--unless-current']);
  await run([join(REPOSITORY, 'dist', 'cli', 'start.js')]);
  return performance.now() - began;
}
