import { join } from 'node:path';
import type { SimulationSpec } from '../../functions/simulator/simulation.ts';
import { type Figure, figure, mustHold, type Scenario } from '../figure.ts';
import { runWorker } from '../worker.ts';
import type { FloorInput, FloorOutput } from '../workers/floors/scan.ts';
import type { ScanInput, ScanOutput, ScanPhase } from '../workers/scan.ts';

const scenario = 'scan';
/** The default of `trailseal scan`. */
export const CONCURRENCY = 32;
/** Accounts until V8 has compiled what a scan runs; about 2 s of CPU that a larger scan never sees again. */
export const WARM_UP = 100;

/** The Scan state beside a bare loop that makes the same calls. */
export const scan: Scenario = {
  name: scenario,
  title: 'Scan throughput, beside a bare loop that makes the same calls and throws the answers away',
  async run({ quick, long, folder, say }) {
    const sizes = quick
      ? [{ accounts: 150, latencies: [20] }]
      : [
          { accounts: 1_000, latencies: [0, 20, 100] },
          { accounts: 10_000, latencies: long ? [0, 20, 100] : [] },
        ];
    const figures: Figure[] = [];
    for (const { accounts, latencies } of sizes) {
      for (const latency of latencies) {
        say(`${accounts} accounts × 17 regions, ${latency} ms`);
        figures.push(...(await compare({ accounts, regions: 17, latency }, join(folder, `${accounts}-${latency}`))));
      }
    }
    return figures;
  },
};

export const phaseOf = (output: ScanOutput, state: string): ScanPhase => {
  const phase = output.phases.find((p) => p.state === state);
  if (!phase) throw new Error(`the run had no state ${state}`);
  return phase;
};

async function compare(spec: SimulationSpec & { accounts: number; regions: number; latency: number }, out: string) {
  const input: ScanInput = { spec, concurrency: CONCURRENCY, out, warmUp: WARM_UP };
  const limit = { timeoutMs: 3_600_000 };
  const run = await runWorker<ScanOutput>('scan', input, limit);
  const bare: FloorInput = { spec, concurrency: CONCURRENCY, warmUp: WARM_UP };
  const { output: floor } = await runWorker<FloorOutput>('floors/scan', bare, limit);
  checkRun(run.output, spec);
  const ours = phaseOf(run.output, 'Scan');
  const same = JSON.stringify(sorted(ours.calls)) === JSON.stringify(sorted(floor.calls));
  mustHold(same, `the floor made other calls: ${JSON.stringify(floor.calls)}, the scan ${JSON.stringify(ours.calls)}`);
  const calls = Object.values(ours.calls).reduce((a, b) => a + b, 0);
  const at = `${spec.accounts} × ${spec.regions}, ${spec.latency} ms`;
  const pure = (cost: { cpuMs: number; simulatorMs: number }) => cost.cpuMs - cost.simulatorMs;
  return [
    figure(scenario, `${at}: wall time of the floor's`, ours.wallMs / floor.wallMs, '×', {
      goal: 1.15,
      note: `${seconds(ours.wallMs)} beside ${seconds(floor.wallMs)}`,
    }),
    figure(scenario, `${at}: CPU of the floor's`, ours.cpuMs / floor.cpuMs, '×', {
      goal: 1.15,
      note: `${seconds(ours.cpuMs)} beside ${seconds(floor.cpuMs)}, simulated services included in both`,
    }),
    figure(scenario, `${at}: CPU of the floor's, services taken out`, pure(ours) / pure(floor), '×', {
      note: `${((1000 * pure(ours)) / calls).toFixed(0)} µs a call beside ${((1000 * pure(floor)) / calls).toFixed(0)} µs`,
    }),
    figure(scenario, `${at}: calls`, calls, '', {
      note: `${Math.round(calls / (ours.wallMs / 1000))} a second, ${CONCURRENCY} accounts at once`,
    }),
    figure(scenario, `${at}: peak memory of the Scan state`, ours.peakRssMb, 'MB', {
      goal: 300,
      note: 'the simulated organization included',
    }),
  ];
}

/** Nothing lost, nothing twice: a fast wrong scan is a broken one. */
export function checkRun(output: ScanOutput, spec: { accounts: number; regions: number }): void {
  const { accounts, targets, states } = output;
  const sum = Object.values(states).reduce((a, b) => a + b, 0);
  mustHold(accounts === spec.accounts, `${spec.accounts} accounts were asked for, ${accounts} reported`);
  mustHold(
    targets >= spec.accounts * spec.regions && sum === targets && targets % accounts === 0,
    `the ledger has ${targets} targets, its states add up to ${sum}`,
  );
  for (const state of ['THROTTLED', 'NOT_SCANNED', 'ERROR'])
    mustHold((states[state] ?? 0) === 0, `${states[state]} targets are ${state} where nothing goes wrong`);
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const sorted = (counts: Record<string, number>) => Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
