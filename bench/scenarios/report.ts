import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runKeys } from '../../functions/domain/model/plan.ts';
import { type Figure, figure, mustHold, type Scenario } from '../figure.ts';
import { runWorker } from '../worker.ts';
import type { CloneInput, CloneOutput } from '../workers/clone-run.ts';
import type { ConvertInput, ConvertOutput } from '../workers/convert.ts';
import type { DuckdbInput, DuckdbOutput } from '../workers/duckdb.ts';
import type { ReportInput, ReportOutput } from '../workers/report.ts';
import type { ScanInput, ScanOutput } from '../workers/scan.ts';
import type { TableRowsInput } from '../workers/table-rows.ts';
import { CONCURRENCY, seconds } from './scan.ts';

const scenario = 'report';
const patient = { timeoutMs: 3_600_000 };

/** A scanned organization grown to `accounts`; see workers/clone-run.ts for how. */
export async function grownRun(request: {
  folder: string;
  model: number;
  accounts: number;
  regions: number;
  /** The raw answers too. */
  evidence?: boolean;
}) {
  const { folder, model, accounts, regions, evidence = false } = request;
  const from = join(folder, `model-${model}-${regions}`);
  const scanned: ScanInput = { spec: { accounts: model, regions }, concurrency: CONCURRENCY, out: from };
  const { output: run } = await runWorker<ScanOutput>('scan', scanned, patient);
  const root = join(folder, `grown-${accounts}-${regions}`);
  const input: CloneInput = { from, runId: run.runId, accounts, out: root, evidence };
  const { output: grown } = await runWorker<CloneOutput>('clone-run', input, patient);
  mustHold(grown.accounts === accounts, `${accounts} accounts were asked for, ${grown.accounts} were made`);
  return { root, runId: run.runId, ...grown };
}

/** The Report step beside DuckDB, which makes the same kind of files from the same observations on one thread. */
export const report: Scenario = {
  name: scenario,
  title: 'The Report step, beside DuckDB making the same kind of files from the same observations',
  async run({ quick, folder, say }) {
    const sizes = quick
      ? [{ model: 60, accounts: 2_000, regions: 17 }]
      : [
          { model: 300, accounts: 10_000, regions: 17 },
          { model: 300, accounts: 50_000, regions: 34 },
        ];
    const figures: Figure[] = [];
    for (const size of sizes) figures.push(...(await measured(size, join(folder, String(size.accounts)), say)));
    return figures;
  },
};

async function measured(
  { model, accounts, regions }: { model: number; accounts: number; regions: number },
  folder: string,
  say: (line: string) => void,
): Promise<Figure[]> {
  say(`${accounts} accounts × ${regions} regions, grown from a scan of ${model}`);
  const grown = await grownRun({ folder, model, accounts, regions });
  const ours = await runWorker<ReportOutput>(
    'report',
    { root: grown.root, runId: grown.runId } satisfies ReportInput,
    patient,
  );
  const made = ours.output;
  mustHold(made.targets === grown.accounts * grown.regions, `${made.targets} targets were reported`);
  say('DuckDB');
  const out = join(folder, 'duckdb');
  mkdirSync(out);
  const input: DuckdbInput = {
    observations: join(grown.root, 'observations.ndjson'),
    accounts: join(grown.root, runKeys(grown.runId).accounts),
    out,
  };
  const duck = await runWorker<DuckdbOutput>('duckdb', input, patient);
  mustHold(
    duck.output.scanned === (made.states.SCANNED ?? 0),
    `DuckDB found ${duck.output.scanned} scanned targets, the report ${made.states.SCANNED}`,
  );
  mustHold(duck.output.targets === made.targets, `DuckDB made ${duck.output.targets} targets of ${made.targets}`);
  const alike = await likeForLike({ ...grown, folder, say });
  const at = `${accounts} × ${grown.regions}`;
  const megabytes = statSync(input.observations).size / 1e6;
  return [
    figure(scenario, `${at}: ready rows, CPU of DuckDB's`, alike.ours.cpuMs / alike.duckdb.cpuMs, '×', {
      goal: 1.5,
      note: `${seconds(alike.ours.cpuMs)} beside ${seconds(alike.duckdb.cpuMs)}: the same NDJSON rows to Parquet, CSV, JSON`,
    }),
    figure(scenario, `${at}: the whole step, CPU of DuckDB's`, made.cpuMs / duck.output.cpuMs, '×', {
      goal: accounts >= 50_000 ? 3 : 4,
      note: `${seconds(made.cpuMs)} beside ${seconds(duck.output.cpuMs)}, which judges no keys, policies or causes`,
    }),
    figure(scenario, `${at}: the whole step, wall time of DuckDB's`, made.wallMs / duck.output.wallMs, '×', {
      note: `${seconds(made.wallMs)} beside ${seconds(duck.output.wallMs)}`,
    }),
    figure(scenario, `${at}: CPU a target`, (1000 * made.cpuMs) / made.targets, 'µs', {
      note: `${made.findings} findings, ${made.trails} trails, ${megabytes.toFixed(0)} MB of observations`,
    }),
    figure(scenario, `${at}: peak memory`, ours.peakRssMb, 'MB', {
      goal: 512,
      note: `DuckDB ${duck.peakRssMb.toFixed(0)} MB`,
    }),
  ];
}

/** The writing alone: the same rows from the same NDJSON into the same files, by either. */
async function likeForLike(request: {
  root: string;
  runId: string;
  runDate: string;
  folder: string;
  say: (line: string) => void;
}) {
  const { root, runId, runDate, folder, say } = request;
  const made = (name: string) => {
    mkdirSync(join(folder, name), { recursive: true });
    return join(folder, name);
  };
  const rows = made('rows');
  await runWorker<null>('table-rows', { root, runId, runDate, out: rows } satisfies TableRowsInput, patient);
  const inputFor = (name: string) => ({ from: rows, runId, runDate, out: made(name) }) satisfies ConvertInput;
  say('the same rows, ours');
  const { output: ours } = await runWorker<ConvertOutput>('convert', inputFor('rows-ours'), patient);
  say('the same rows, DuckDB');
  const { output: duckdb } = await runWorker<ConvertOutput>('duckdb-convert', inputFor('rows-duckdb'), patient);
  for (const what of ['coverage', 'findings', 'unmet'] as const)
    mustHold(ours[what] === duckdb[what], `${ours[what]} ${what} were written, by DuckDB ${duckdb[what]}`);
  return { ours, duckdb };
}
