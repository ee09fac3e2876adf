import { FAULTS } from '../../functions/simulator/simulation.ts';
import { fuzz } from '../hostile/fuzz.ts';
import { parsers, samples } from '../hostile/parsers.ts';
import { chaosRun } from './chaos-run.ts';
import { crashRun, type Moment, PHASES, undisturbed } from './crash-run.ts';
import { HANDLER_FAULTS } from './faulty-handlers.ts';
import { STORE_WAYS } from './faulty-store.ts';
import { Injected } from './injected.ts';
import { random } from './random.ts';

/**
 * `npm run test:chaos`: many runs under faults, by seed; real processes killed in every phase; hostile input.
 * `TRAILSEAL_CHAOS_RUNS` (default 300), `TRAILSEAL_CHAOS_KILLS` (50), `TRAILSEAL_CHAOS_INPUTS` a parser (500),
 * `TRAILSEAL_CHAOS_SEED` (1). Ctrl-C ends it early, with the figures so far.
 */
const runs = Number(process.env.TRAILSEAL_CHAOS_RUNS ?? 300);
const kills = Number(process.env.TRAILSEAL_CHAOS_KILLS ?? 50);
const inputs = Number(process.env.TRAILSEAL_CHAOS_INPUTS ?? 500);
const firstSeed = Number(process.env.TRAILSEAL_CHAOS_SEED ?? 1);
/** From so many runs on, a kind of fault that hit none is a hole in the suite. */
const RUNS_FOR_EVERY_KIND = 200;
const KILLS_IN_EVERY_PHASE = 3;

/** Every kind of fault that the runs must have met. */
const KINDS = [
  ...FAULTS.map((fault) => `call ${fault}`),
  ...['empty', 'repeated', 'short'].map((oddity) => `page ${oddity}`),
  ...['token ended', 'clock off', 'account moved mid-run', 'account closed mid-run'],
  ...STORE_WAYS.map((way) => `store ${way}`),
  ...['throttle', 'error', 'reset', 'lost'].map((fault) => `report root: call ${fault}`),
  ...HANDLER_FAULTS.map(({ name, way }) => `${name}: ${way}`),
];

const broken: string[] = [];
let stopped = false;
process.once('SIGINT', () => {
  stopped = true;
});
const say = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

function lost(where: string, error: unknown): void {
  const { message, stack } = error as Error;
  broken.push(where);
  process.stderr.write(`LOST: ${where}: ${message}\n${stack}\n`);
}

const counts = (byName: ReadonlyMap<string, number>) =>
  [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `  ${name}: ${count}`)
    .join('\n');
const count = (byName: Map<string, number>, name: string) => byName.set(name, (byName.get(name) ?? 0) + 1);

async function underFaults(): Promise<string> {
  const injected = new Injected();
  const ended = new Map<string, number>();
  const roots = new Map<string, number>();
  let targets = 0;
  let done = 0;
  for (let seed = firstSeed; seed < firstSeed + runs && !stopped; seed++) {
    done += 1;
    try {
      const outcome = await chaosRun(seed);
      injected.addAll(outcome.injected);
      count(ended, outcome.ended);
      count(roots, outcome.root);
      targets += outcome.targets;
    } catch (error) {
      lost(`seed ${seed}`, error);
    }
    if (done % 25 === 0) say(`${done} runs, ${injected.total} faults`);
  }
  const missing = done >= RUNS_FOR_EVERY_KIND ? injected.missing(KINDS) : [];
  for (const kind of missing) lost('the suite', new Error(`no run met ${kind}`));
  return `chaos: ${done} runs (from seed ${firstSeed}), ${targets} targets
report roots:
${counts(roots)}
first execution ended:
${counts(ended)}
faults injected: ${injected.total}
${counts(injected.byKind)}`;
}

async function killed(): Promise<string> {
  const moments = random(firstSeed);
  const survived = new Map<string, number>();
  const enough = () =>
    [...survived.values()].reduce((a, b) => a + b, 0) >= kills &&
    (kills < 50 || PHASES.every((phase) => phase === 'done' || (survived.get(phase) ?? 0) >= KILLS_IN_EVERY_PHASE));
  let kept = 0;
  const calm = kills > 0 ? await undisturbed() : null;
  for (let tried = 0; calm && !stopped && !enough() && tried < 4 * kills && broken.length < 10; tried++) {
    const phase = PHASES[tried % (PHASES.length - 1)] as Moment['phase'];
    const moment = { phase, share: moments.unit() };
    try {
      const outcome = await crashRun(moment, calm);
      // One that had ended before it could be killed proves nothing.
      if (outcome.killedIn) count(survived, outcome.killedIn);
      kept += outcome.kept;
    } catch (error) {
      lost(`kill -9 at ${moment.share.toFixed(3)} of ${phase}`, error);
    }
    if ((tried + 1) % 10 === 0) say(`${tried + 1} processes killed`);
  }
  if (calm && !stopped && !enough()) lost('the suite', new Error('too few kills, or a phase without any'));
  return `kills survived: ${[...survived.values()].reduce((a, b) => a + b, 0)} (${kept} observations were on the disk, none was scanned again)
${counts(survived)}`;
}

async function hostile(): Promise<string> {
  if (inputs === 0) return 'hostile inputs tried: 0';
  const given = await samples();
  const all = parsers(given);
  let tried = 0;
  for (const parser of all) {
    if (stopped) break;
    try {
      tried += await fuzz(parser, { inputs: Math.ceil(inputs * (parser.share ?? 1)), seed: firstSeed });
    } catch (error) {
      lost(parser.name, error);
    }
  }
  await given.close();
  return `hostile inputs tried: ${tried}, by ${all.length} parsers`;
}

const told = [await hostile(), await killed(), await underFaults()];
process.stdout.write(`${told.join('\n')}\nlost: ${broken.length}\n`);
process.exitCode = broken.length > 0 ? 1 : 0;
