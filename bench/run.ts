/**
 * `npm run bench`: every performance claim, measured. `-- --quick` for the small sizes, `-- --only NAME[,NAME]`,
 * `-- --long` for those that take hours. Ends 1 where a scenario is broken, never because a machine is slow.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile, OUT } from './compile.ts';
import { type Figure, type Scenario, table } from './figure.ts';
import { coldStart } from './scenarios/cold-start.ts';
import { cost } from './scenarios/cost.ts';
import { evidence } from './scenarios/evidence.ts';
import { goals } from './scenarios/goals.ts';
import { growth } from './scenarios/growth.ts';
import { html } from './scenarios/html.ts';
import { parquet } from './scenarios/parquet.ts';
import { peers } from './scenarios/peers.ts';
import { quotas } from './scenarios/quotas.ts';
import { report } from './scenarios/report.ts';
import { scan } from './scenarios/scan.ts';
import { watch } from './scenarios/watch.ts';

const SCENARIOS: readonly Scenario[] = [
  goals,
  scan,
  growth,
  report,
  html,
  evidence,
  parquet,
  coldStart,
  cost,
  watch,
  quotas,
  peers,
];

const options = optionsOf(process.argv.slice(2));
const names = SCENARIOS.map(({ name }) => name);
const wanted = options.only?.split(',') ?? names;
const unknown = wanted.find((name) => !names.includes(name));
if (unknown !== undefined) {
  console.error(`There is no scenario ${unknown}. There are ${names.join(', ')}.`);
  process.exit(1);
}

const began = performance.now();
const broken: { scenario: string; error: string }[] = [];
const figures: Figure[] = [];
await compile();
// Removed at the end only: for minutes after files are removed, ext4 looks for an inode that was not freed lately, and a
// new file costs ten times as much. The next scenario would pay for it.
const root = mkdtempSync(join(tmpdir(), 'trailseal-bench-'));
process.once('exit', () => rmSync(root, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

for (const scenario of SCENARIOS.filter(({ name }) => wanted.includes(name))) {
  const folder = join(root, scenario.name);
  mkdirSync(folder);
  console.log(`\n${scenario.name}: ${scenario.title}`);
  const started = performance.now();
  try {
    const made = await scenario.run({
      quick: options.quick ?? false,
      long: options.long ?? false,
      folder,
      say: (line) => process.stderr.write(`  … ${line}\n`),
    });
    figures.push(...made);
    console.log(table(made));
  } catch (error) {
    broken.push({ scenario: scenario.name, error: String(error) });
    console.log(`BROKEN: ${error instanceof Error ? error.message : String(error)}`);
  }
  console.log(`(${((performance.now() - started) / 1000).toFixed(0)} s)`);
}

const machine = {
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cpus: cpus().length,
  memoryMb: Math.round(totalmem() / 2 ** 20),
  version: JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version as string,
};
mkdirSync(OUT, { recursive: true });
const file = join(OUT, options.quick ? 'quick.json' : 'full.json');
const result = { at: new Date().toISOString(), machine, figures, broken };
writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
console.log(`\n${machine.cpus} × ${machine.cpu}, ${machine.memoryMb} MB, Node ${machine.node}, ${result.at}`);
const missed = figures.filter(({ goal, value }) => goal !== undefined && value !== null && value > goal).length;
console.log(
  `${figures.length} figures, ${missed} goals missed, ${broken.length} scenarios broken, ${((performance.now() - began) / 1000).toFixed(0)} s. JSON: bench/out/${options.quick ? 'quick' : 'full'}.json`,
);
process.exitCode = broken.length > 0 ? 1 : 0;

function optionsOf(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: { quick: { type: 'boolean' }, long: { type: 'boolean' }, only: { type: 'string' } },
    });
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\nnpm run bench -- [--quick] [--long] [--only NAME,NAME]`);
    return process.exit(1);
  }
}
