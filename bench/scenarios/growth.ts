import { join } from 'node:path';
import { type Figure, figure, type Scenario } from '../figure.ts';
import { runWorker } from '../worker.ts';
import type { ScanInput, ScanOutput } from '../workers/scan.ts';
import { CONCURRENCY, checkRun, phaseOf } from './scan.ts';

const scenario = 'growth';
const REGIONS = 17;

/** Ever larger organizations: what one target costs must not depend on how many there are, nor memory. */
export const growth: Scenario = {
  name: scenario,
  title: 'Growth: CPU a target and peak memory of the Scan state, as the organization grows',
  async run({ quick, long, folder, say }) {
    const sizes = quick ? [40, 160] : long ? [1_000, 2_000, 5_000, 10_000, 20_000, 50_000] : [1_000, 2_000, 5_000];
    const figures: Figure[] = [];
    let first: number | null = null;
    for (const accounts of sizes) {
      say(`${accounts} accounts × ${REGIONS} regions, 0 ms`);
      const input: ScanInput = {
        spec: { accounts, regions: REGIONS },
        concurrency: CONCURRENCY,
        out: join(folder, String(accounts)),
      };
      const { output } = await runWorker<ScanOutput>('scan', input, { timeoutMs: 7_200_000 });
      checkRun(output, { accounts, regions: REGIONS });
      const phase = phaseOf(output, 'Scan');
      const perTarget = (1000 * phase.cpuMs) / output.targets;
      first ??= perTarget;
      figures.push(
        figure(scenario, `${accounts} × ${REGIONS}: CPU a target`, perTarget, 'µs', {
          note: `${(perTarget / first).toFixed(2)} × that of ${sizes[0]} accounts (goal: 0.85 to 1.15)`,
        }),
        figure(scenario, `${accounts} × ${REGIONS}: peak memory of the Scan state`, phase.peakRssMb, 'MB', {
          goal: 300,
          note: 'the simulated organization included',
        }),
      );
    }
    return figures;
  },
};
