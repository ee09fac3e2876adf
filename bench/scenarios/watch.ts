import { join } from 'node:path';
import { GRACE_SECONDS } from '../../functions/domain/watch/tick.ts';
import { type Figure, figure, mustHold, type Scenario } from '../figure.ts';
import { runWorker } from '../worker.ts';
import type { ScanInput, ScanOutput } from '../workers/scan.ts';

const scenario = 'watch';
/** Milliseconds of one AWS answer. */
const LATENCY = 100;
const REGIONS = 17;
/** The defaults of the deployment (infra/settings/settings.ts, infra/watch/change-watch.ts), seconds. */
const WINDOW = 300;
const BATCH = 20;
/** Starts of functions and of the execution, and what Step Functions takes between nine states, seconds: assumed. */
const STARTS = 8;
/** ListAccounts: 20 accounts a page, 8 pages a second. */
const LISTED_A_SECOND = 160;

/** From a change to the event that tells of it: the waits that are made on purpose, computed, and the run, measured. */
export const watch: Scenario = {
  name: scenario,
  title: `From a change to 'TrailSeal Trail Failing', ${LATENCY} ms an answer, defaults of the deployment`,
  async run({ quick, folder }) {
    const figures: Figure[] = [];
    for (const accounts of quick ? [100] : [100, 1_000, 10_000]) {
      const input: ScanInput = {
        spec: { accounts, regions: REGIONS, latency: LATENCY, preset: 'control-tower' },
        ...{ concurrency: 32, affected: 3, out: join(folder, `run-${accounts}`) },
      };
      const { output } = await runWorker<ScanOutput>('scan', input, { timeoutMs: 1_200_000 });
      mustHold(output.targets === accounts * REGIONS, `the ledger has ${output.targets} targets`);
      const scanned = output.targets - (output.states.EXCLUDED ?? 0) - (output.states.ACCOUNT_INACTIVE ?? 0);
      mustHold(scanned === 3 * REGIONS, `${scanned} targets were scanned, of 3 accounts`);
      const measured = output.phases.reduce((sum, { wallMs }) => sum + wallMs, 0) / 1_000;
      const listing = accounts / LISTED_A_SECOND;
      const run = STARTS + listing + measured;
      const note = `run ${run.toFixed(0)} s: ${measured.toFixed(1)} measured, ${listing.toFixed(0)} of ListAccounts' quota, ${STARTS} assumed`;
      // The last change of a window waits for the grace, the first for the window too; a batch may be gathered before.
      figures.push(figure(scenario, `${accounts} accounts, at best`, GRACE_SECONDS + run, 's', { note }));
      figures.push(
        figure(scenario, `${accounts} accounts, at worst`, BATCH + WINDOW + GRACE_SECONDS + run, 's', {
          goal: 2 * WINDOW,
        }),
      );
    }
    return figures;
  },
};
