import { join } from 'node:path';
import { type Figure, figure, type Scenario } from '../figure.ts';
import { runWorker } from '../worker.ts';
import type { ScanInput, ScanOutput } from '../workers/scan.ts';
import { CONCURRENCY, checkRun, phaseOf, WARM_UP } from './scan.ts';

const scenario = 'growth';

interface Size {
  accounts: number;
  targets: number;
  cpuMs: number;
  wallMs: number;
  peakRssMb: number;
}

/**
 * Ever larger organizations: what one more target costs must not depend on how many there are, nor memory. What is
 * compared is the cost of the targets that a size has beyond the one before: start and end of a run, which every size
 * pays once, fall out.
 */
export const growth: Scenario = {
  name: scenario,
  title:
    'Growth: CPU and wall time of each further target, and peak memory of the Scan state, as the organization grows',
  async run({ quick, long, folder, say }) {
    const sizes = quick ? [50, 150, 350] : [1_000, 2_000, 5_000, 10_000, 20_000, 50_000];
    // Accounts are what grows; with all 17 regions the largest size alone takes a quarter of an hour.
    const regions = long ? 17 : 4;
    const figures: Figure[] = [];
    let before: Size = { accounts: 0, targets: 0, cpuMs: 0, wallMs: 0, peakRssMb: 0 };
    let first: { cpu: number; wall: number } | null = null;
    for (const accounts of sizes) {
      say(`${accounts} accounts × ${regions} regions, 0 ms`);
      const now = await measured({ accounts, regions, out: join(folder, String(accounts)) });
      const more = now.targets - before.targets;
      const each = {
        cpu: (1000 * (now.cpuMs - before.cpuMs)) / more,
        wall: (1000 * (now.wallMs - before.wallMs)) / more,
      };
      const at = `${accounts} × ${regions}`;
      figures.push(
        figure(scenario, `${at}: CPU a target`, (1000 * now.cpuMs) / now.targets, 'µs', {
          note: `${((1000 * now.wallMs) / now.targets).toFixed(0)} µs of wall time`,
        }),
      );
      if (before.accounts > 0 && first)
        figures.push(
          figure(scenario, `${at}: CPU of each target beyond ${before.accounts} accounts`, each.cpu / first.cpu, '×', {
            goal: 1.15,
            note: `of the first ones'; wall time ${(each.wall / first.wall).toFixed(2)} ×`,
          }),
        );
      first ??= each;
      figures.push(
        figure(scenario, `${at}: peak memory of the Scan state`, now.peakRssMb, 'MB', {
          goal: 300,
          note: 'the simulated organization included',
        }),
      );
      before = now;
    }
    return figures;
  },
};

async function measured({ accounts, regions, out }: { accounts: number; regions: number; out: string }): Promise<Size> {
  // One organization trail: what is inspected afterwards, and not measured here, stays small.
  const spec = { accounts, regions, preset: 'control-tower' } as const;
  const input: ScanInput = { spec, concurrency: CONCURRENCY, out, warmUp: WARM_UP };
  const { output } = await runWorker<ScanOutput>('scan', input, { timeoutMs: 7_200_000 });
  checkRun(output, { accounts, regions });
  const { cpuMs, wallMs, peakRssMb } = phaseOf(output, 'Scan');
  return { accounts, targets: output.targets, cpuMs, wallMs, peakRssMb };
}
