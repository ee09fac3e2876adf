import { accountSessionsOf } from '../functions/aws/account/account-session.ts';
import { type AwsAccess, createAwsAccess } from '../functions/aws/calls/clients.ts';
import { createOrganizationReader } from '../functions/aws/organization/organization-reader.ts';
import { becauseKey, type RunSettings } from '../functions/domain/model/plan.ts';
import { newRunId } from '../functions/domain/model/run-id.ts';
import type { ReportStore } from '../functions/domain/model/store.ts';
import { defaultSettings } from '../functions/domain/settings/run-settings.ts';
import type { Because } from '../functions/domain/watch/because.ts';
import { createHandlers } from '../functions/handlers/handlers.ts';
import type { ScannerPorts } from '../functions/handlers/ports.ts';
import { runStateMachine } from '../functions/local/state-machine/run.ts';
import type { RunReport } from '../functions/report/run/run-report.ts';
import type { Row, TableName } from '../functions/report/tables/columns.ts';
import { readTable } from '../functions/report/tables/tables.ts';
import {
  createSimulation,
  type Simulation,
  type SimulationHooks,
  type SimulationSpec,
} from '../functions/simulator/simulation.ts';
import { memoryStore } from './statemachine/memory-store.ts';

/** The one place in which tests put the real clients, handlers and workflow before a simulated organization. */
export const NOW = '2026-11-20T12:00:00.000Z';

export const SETTINGS: RunSettings = {
  ...defaultSettings(),
  homeRegion: 'us-east-1',
  concurrency: 8,
};

const FREE = { perSecond: 1_000_000, burst: 1_000_000 };

interface Patience {
  maxAttempts?: number;
  requestTimeoutMs?: number;
}

const accessTo = (simulation: Simulation, { maxAttempts, requestTimeoutMs }: Patience = {}): AwsAccess =>
  createAwsAccess({
    region: 'us-east-1',
    credentials: simulation.credentials,
    requestHandler: simulation.requestHandler(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }) as never,
    retry: { delayFactor: 0, ...(maxAttempts !== undefined && { maxAttempts }) },
  });

export function portsFor(
  simulation: Simulation,
  store: ReportStore,
  settings: Partial<RunSettings> = {},
  patience: Patience & { access?: AwsAccess } = {},
): ScannerPorts {
  const access = patience.access ?? accessTo(simulation, patience);
  const rates = {
    ListAccounts: FREE,
    ListRoots: FREE,
    ListOrganizationalUnitsForParent: FREE,
    ListAccountsForParent: FREE,
    ListTagsForResource: FREE,
  };
  return {
    store,
    organization: createOrganizationReader({ access, rates }),
    sessions: accountSessionsOf(access),
    settings: { ...SETTINGS, ...settings },
    waivers: async () => null,
    signer: async () => null,
    provenance: () => ({ arguments: [], code: { sha256: null, commit: null }, simulated: true }),
    extras: async () => {},
    notify: async () => {},
    now: () => simulation.now(),
    version: 'test',
  };
}

export interface ScannedWorld {
  simulation: Simulation;
  store: ReturnType<typeof memoryStore>;
  runId: string;
  report: RunReport;
  rows<T extends TableName>(table: T): Promise<Row<T>[]>;
}

/** Runs the whole workflow over a simulated organization, in memory. */
export async function scanWorld(
  spec: SimulationSpec,
  options: {
    settings?: Partial<RunSettings>;
    ports?: Partial<ScannerPorts>;
    hooks?: SimulationHooks;
    simulation?: Simulation;
    store?: ReturnType<typeof memoryStore>;
    resume?: string;
    /** Changes to look into: the run is narrowed by them. */
    because?: Because;
  } = {},
): Promise<ScannedWorld> {
  const simulation = options.simulation ?? createSimulation({ now: NOW, ...spec }, options.hooks);
  const store = options.store ?? memoryStore();
  const executionName = newRunId(simulation.now());
  const access = accessTo(simulation);
  const handlers = createHandlers({ ...portsFor(simulation, store, options.settings, { access }), ...options.ports });
  const input: Record<string, unknown> = options.resume ? { resume: options.resume } : {};
  if (options.because) {
    await store.write(becauseKey(executionName), JSON.stringify(options.because));
    input.because = executionName;
  }
  const result = await runStateMachine({ input, handlers, store, executionName }).finally(() => access.close());
  if (result.status !== 'SUCCEEDED') {
    if (result.status === 'FAILED' && result.thrown instanceof Error) throw result.thrown;
    throw new Error(JSON.stringify(result));
  }
  const { run_id: runId, run_date: runDate } = result.output as { run_id: string; run_date: string };
  return {
    simulation,
    store,
    runId,
    report: JSON.parse(store.text(`reports/${runId}/report.json`)) as RunReport,
    async rows(table) {
      const rows = [];
      for await (const row of readTable({ store, table, runId, runDate })) rows.push(row);
      return rows;
    },
  };
}
