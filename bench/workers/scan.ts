import { becauseKey, runKeys } from '../../functions/domain/model/plan.ts';
import { newRunId } from '../../functions/domain/model/run-id.ts';
import type { ReportStore } from '../../functions/domain/model/store.ts';
import { createHandlers } from '../../functions/handlers/handlers.ts';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { tuneEngine } from '../../functions/local/engine.ts';
import { runStateMachine } from '../../functions/local/state-machine/run.ts';
import type { RunReport } from '../../functions/report/run/run-report.ts';
import type { SimulationSpec } from '../../functions/simulator/simulation.ts';
import { type Cost, idleWatch, serve, stopwatch } from './serve.ts';
import { openWorld, quietPorts, settingsOf } from './world.ts';

/** The whole workflow on the simulated organization, measured state by state. */
export interface ScanInput {
  spec: SimulationSpec;
  /** Accounts at once, at most. */
  concurrency: number;
  /** At once at first, as `trailseal scan` begins. Default: as many as at most. */
  atFirst?: number;
  /** A folder for the report root. */
  out: string;
  /** How many accounts a change affects: the run is narrowed to them. Default: all are scanned. */
  affected?: number;
  /** Whether the report's page is written too. */
  page?: boolean;
  /** Accounts of another organization that are scanned first, unmeasured: what is measured runs compiled code. */
  warmUp?: number;
}

export interface ScanPhase extends Cost {
  state: string;
  /** Of `cpuMs`, what the simulated services took. */
  simulatorMs: number;
  /** Time without anything to do, and in garbage collection. */
  idleMs: number;
  gcMs: number;
  /** Greatest resident memory seen while the state ran, MB. */
  peakRssMb: number;
  calls: Record<string, number>;
}

export interface ScanOutput {
  runId: string;
  status: string;
  accounts: number;
  targets: number;
  states: Record<string, number>;
  verdicts: Record<string, number>;
  trails: number;
  phases: ScanPhase[];
}

// As `trailseal` does at its start.
tuneEngine();

await serve(async ({ warmUp = 0, ...input }: ScanInput): Promise<ScanOutput> => {
  if (warmUp > 0)
    await scanned({ ...input, spec: { ...input.spec, accounts: warmUp, latency: 0 }, out: `${input.out}-warm-up` });
  return scanned(input);
});

async function scanned({
  spec,
  concurrency,
  atFirst,
  out,
  affected,
  page = false,
}: Omit<ScanInput, 'warmUp'>): Promise<ScanOutput> {
  const world = openWorld(spec);
  const store = createDirectoryStore(out);
  const settings = settingsOf({ region: world.region, concurrency });
  const phases: ScanPhase[] = [];
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss() / 2 ** 20);
  };
  const sampler = setInterval(look, 50);
  let open: {
    state: string;
    end: () => Cost;
    idle: ReturnType<typeof idleWatch>;
    simulatorMs: number;
    calls: Map<string, number>;
  } | null = null;
  const enter = (state: string) => {
    close();
    peak = 0;
    open = {
      state,
      end: stopwatch(),
      idle: idleWatch(),
      simulatorMs: world.simulatorMs(),
      calls: new Map(world.operations),
    };
  };
  const close = () => {
    if (!open) return;
    look();
    const { state, end, idle, simulatorMs, calls: before } = open;
    const calls = [...world.operations].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
    phases.push({
      state,
      ...end(),
      ...idle(),
      simulatorMs: world.simulatorMs() - simulatorMs,
      peakRssMb: peak,
      calls: Object.fromEntries(calls.filter(([, count]) => count > 0)),
    });
    open = null;
  };
  const runId = newRunId(world.simulation.now());
  if (affected !== undefined) {
    const accounts: string[] = [];
    for await (const { accountId } of world.organization.accounts({ units: false })) accounts.push(accountId);
    world.organization.takeEvidence();
    const because = { accounts: accounts.sort().slice(0, affected), beside: [], events: 1, changes: [] };
    await store.write(becauseKey(runId), JSON.stringify(because));
  }
  const result = await runStateMachine({
    input: affected === undefined ? {} : { because: runId },
    handlers: createHandlers({
      ...quietPorts({
        access: world.access,
        store,
        organization: world.organization,
        settings,
        now: () => world.simulation.now(),
      }),
      ...(page && {
        extras: async (report: RunReport, writing: ReportStore) => {
          // As `trailseal` loads it: when it is needed.
          const { writeHtmlReport } = await import('../../functions/report/html/write-html-report.ts');
          await writeHtmlReport({ store: writing, report, history: store });
        },
      }),
    }),
    store,
    executionName: runId,
    concurrency,
    ...(atFirst === undefined ? {} : { concurrencyAtFirst: atFirst }),
    onEvent: (event) => {
      if (event.type === 'state-entered') enter(event.state);
    },
  });
  close();
  clearInterval(sampler);
  if (result.status !== 'SUCCEEDED') throw new Error(`the run ended ${JSON.stringify(result)}`);
  const bytes = await store.read(runKeys(runId).report('report.json'));
  const report = JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array()));
  return {
    runId,
    status: report.run.status,
    accounts: report.accounts.total,
    targets: report.targets.total,
    states: report.targets.by_state,
    verdicts: report.targets.by_verdict,
    trails: report.trails.total,
    phases,
  };
}
