import { chaosRun } from './chaos-run.ts';
import { crashRun, undisturbed } from './crash-run.ts';
import { Injected } from './injected.ts';
import { random } from './random.ts';

/**
 * `npm run test:chaos`: many runs under faults, by seed. and real processes killed.
 * `TRAILSEAL_CHAOS_RUNS` (default 300), `TRAILSEAL_CHAOS_KILLS` (default 50), `TRAILSEAL_CHAOS_SEED` (default 1).
 */
const runs = Number(process.env.TRAILSEAL_CHAOS_RUNS ?? 300);
const kills = Number(process.env.TRAILSEAL_CHAOS_KILLS ?? 50);
const firstSeed = Number(process.env.TRAILSEAL_CHAOS_SEED ?? 1);
const injected = new Injected();
const ended = new Map<string, number>();
const broken: string[] = [];
let targets = 0;
for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
  try {
    const outcome = await chaosRun(seed);
    injected.addAll(outcome.injected);
    ended.set(outcome.ended, (ended.get(outcome.ended) ?? 0) + 1);
    targets += outcome.targets;
  } catch (error) {
    broken.push((error as Error).message);
    process.stderr.write(`${(error as Error).stack ?? error}\n`);
  }
}
let survived = 0;
let kept = 0;
const moments = random(firstSeed);
const expected = kills > 0 ? await undisturbed() : {};
while (survived < kills && broken.length < 10) {
  const afterMs = moments.whole(0, 700);
  try {
    const outcome = await crashRun(afterMs, expected);
    // One that had ended before it could be killed proves nothing.
    if (outcome.killed) survived += 1;
    kept += outcome.kept;
  } catch (error) {
    broken.push(`kill -9 after ${afterMs} ms: ${(error as Error).message}`);
    process.stderr.write(`${(error as Error).stack ?? error}\n`);
  }
}
const counts = (byName: Map<string, number>) =>
  [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `  ${name}: ${count}`)
    .join('\n');
process.stdout.write(`chaos: ${runs} runs (seeds ${firstSeed} to ${firstSeed + runs - 1}), ${targets} targets
first execution ended:
${counts(ended)}
faults injected: ${injected.total}
${counts(injected.byKind)}
kills survived: ${survived} (${kept} observations were on the disk, none was scanned again)
lost: ${broken.length}
`);
process.exitCode = broken.length > 0 ? 1 : 0;
