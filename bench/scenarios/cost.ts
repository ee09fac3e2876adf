import { join } from 'node:path';
import { costOf } from '../../tools/run-cost.ts';
import { type Figure, figure, mustHold, type Scenario } from '../figure.ts';
import { runWorker } from '../worker.ts';
import type { ScanInput, ScanOutput, ScanPhase } from '../workers/scan.ts';
import { checkRun, phaseOf } from './scan.ts';

const scenario = 'cost';
/** Milliseconds of one AWS answer, and of one S3 request. */
const LATENCY = 50;
/** A function of 512 MB has this share of a CPU (one at 1,769 MB). */
const SHARE = 512 / 1769;
/** HTTPS adds to each call what the simulated services do not ask for, milliseconds of a whole CPU. */
const TLS_MS = 0.3;

/** What a run costs in AWS, from durations measured here and list prices. */
export const cost: Scenario = {
  name: scenario,
  title: `Cost of a run in AWS, from measured calls and CPU, ${LATENCY} ms an answer, list prices of us-east-1`,
  async run({ quick, folder }) {
    const regions = 17;
    const accounts = quick ? 40 : 200;
    const input: ScanInput = {
      spec: { accounts, regions, latency: LATENCY, preset: 'control-tower' },
      // One after the other: each account's own time, not a wait for its neighbours.
      concurrency: 1,
      out: join(folder, 'run'),
    };
    const { output } = await runWorker<ScanOutput>('scan', input, { timeoutMs: 1_200_000 });
    checkRun(output, { accounts, regions });
    const scanSeconds = lambdaSeconds(phaseOf(output, 'Scan'), accounts);
    const inspect = output.phases.find(({ state }) => state === 'Inspect');
    const inspectSeconds = inspect ? lambdaSeconds(inspect, Math.max(1, inspect.calls.AssumeRole ?? 1)) : 0;
    const perAccount = (state: string) => (output.phases.find((p) => p.state === state)?.cpuMs ?? 0) / 1000 / accounts;
    const figures: Figure[] = [
      figure(scenario, 'one Scan invocation', scanSeconds, 's', { note: '512 MB, arm64, warm' }),
    ];
    for (const size of [100, 1_000, 10_000, 50_000]) {
      const price = costOf({
        accounts: size,
        scanSeconds,
        // Under one organization trail a handful of owners, with local trails up to one an account; a tenth is assumed.
        inspectItems: Math.ceil(size / 10),
        inspectSeconds,
        planSeconds: size / 20 / 8 + 5,
        gatherSeconds: size * perAccount('Gather') + (size / 32) * 0.03,
        reportSeconds: size * perAccount('Report') + 2 * (size / 32) * 0.03 + 5,
      });
      mustHold(Number.isFinite(price.total) && price.total > 0, `the price of ${size} accounts is ${price.total}`);
      figures.push(
        figure(scenario, `${size} × ${regions}`, price.total, '$', {
          ...(size === 10_000 ? { goal: 1 } : {}),
          note: `Lambda ${price.lambda.toFixed(3)}, Step Functions ${price.stepFunctions.toFixed(3)}, S3 ${price.s3.toFixed(3)}`,
        }),
      );
    }
    return figures;
  },
};

/** The time that waiting takes, and the CPU at the function's share of one, TLS added. */
function lambdaSeconds({ wallMs, cpuMs, simulatorMs, calls }: ScanPhase, invocations: number): number {
  const count = Object.values(calls).reduce((a, b) => a + b, 0);
  const waiting = Math.max(0, wallMs - cpuMs);
  const own = Math.max(0, cpuMs - simulatorMs) + count * TLS_MS;
  return (waiting + own / SHARE) / invocations / 1000 + (2 * LATENCY) / 1000;
}
