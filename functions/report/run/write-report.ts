import type { MapFailure } from '../../domain/judge/ledger.ts';
import { resolveResources } from '../../domain/judge/resources.ts';
import { TrailSealError } from '../../domain/model/errors.ts';
import type { Inspection } from '../../domain/model/inspection.ts';
import type { WrittenFile } from '../../domain/model/observation.ts';
import { type AccountState, isLive } from '../../domain/model/organization.ts';
import { runKeys, type ScanPlan } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { openRun } from '../../domain/run/run-folder.ts';
import { hashingStore } from '../evidence/hashing-store.ts';
import { type ManifestSigner, writeManifest } from '../evidence/manifest.ts';
import type { RunRow } from '../tables/columns.ts';
import { writeJudgedRows } from '../tables/judged-rows.ts';
import { accountIndex, populationOf } from '../tables/population.ts';
import { gatheredTrails } from '../tables/reporting-members.ts';
import { writeResourceTables } from '../tables/resource-tables.ts';
import { runRow } from '../tables/run-row.ts';
import { writeTable } from '../tables/tables.ts';
import { Tally } from '../tables/tally.ts';
import { openHistory } from './history.ts';
import { pointLatest } from './latest-pointer.ts';
import { neededInspections } from './needed-inspections.ts';
import { reportJson } from './report-json.ts';
import type { RunReport } from './run-report.ts';
import { stateEfforts } from './state-efforts.ts';
import { openWaivers } from './waivers-in-force.ts';

export interface ReportRequest {
  store: ReportStore;
  runId: string;
  now: () => number;
  /** Why the Scan map failed as a whole, where it did: its targets are NOT_SCANNED with it. */
  mapFailure?: MapFailure | null;
  /** The states of accounts as Organizations has them now; asked only where an account failed. null where it cannot be listed. */
  relist?: () => Promise<Map<string, AccountState> | null>;
  signer?: ManifestSigner | null;
  /** Written after report.json, from it and the tables, before the manifest: pages, exports. */
  extras?: (report: RunReport, store: ReportStore) => Promise<void>;
}

/**
 * Makes the report of a run: two passes over the observations (who has which trails, then every target judged),
 * the tables streamed row by row, `runs` after the other tables, the pointer last. Nothing of the size of the
 * organization is held but the trails, the keys and the accounts' names.
 * @throws TrailSealError LEDGER where rows are not accounts × regions: no report is better than a short one
 */
export async function writeReport(request: ReportRequest): Promise<RunReport> {
  const began = request.now();
  const store = hashingStore(request.store);
  const run = await openRun(store, request.runId, request.mapFailure ?? null);
  const { plan } = run;
  const accounts = await accountIndex(run);
  const { gathering, corrupt, unreached, open } = await gatheredTrails(run, accounts);
  const inactive = unreached && request.relist ? await request.relist() : null;
  const inspections = await neededInspections(run, store);
  const resources = resolveResources({
    trails: gathering.trails(),
    eventDataStores: gathering.eventDataStores(),
    inspections: inspections.found,
    population: populationOf(plan, accounts),
    organizationId: plan.organizationId,
    refusalOf: (id) =>
      accounts.has(id) ? (isLive(accounts.get(id)?.accountState ?? 'CLOSED') ? null : 'KEY_OWNER_INACTIVE') : null,
  });

  const history = await openHistory(request.store, plan);
  const waivers = await openWaivers(store, plan);
  const tally = new Tally();
  const usage = await writeJudgedRows({ store, run, plan, accounts, inactive, resources, history, waivers, tally });
  await writeResourceTables({ store, plan, accounts, resources, tally, ...usage });

  checkLedger(plan, tally);
  const status = tally.complete() && inspections.open === 0 && open === 0 ? 'COMPLETE' : 'PARTIAL';
  const finished = request.now();
  const efforts = stateEfforts({
    ...{ plan, scan: usage.effort, inspect: inspections.effort, reporting: Math.max(0, finished - began) },
  });
  const base = {
    plan,
    tally,
    status,
    previous: history.previous,
    finishedAt: new Date(finished).toISOString(),
    apiCalls: usage.effort.effort.calls + inspections.effort.effort.calls,
    efforts,
  } as const;
  const report = reportJson({
    run: runRow({ ...base, manifestSha256: null }),
    plan,
    tally,
    history,
    waivers,
    corrupt,
    efforts,
    open: open + inspections.open,
    executionNotes: await run.notes(),
  });
  await store.write(runKeys(plan.runId).report('report.json'), `${JSON.stringify(report, null, 1)}\n`);
  await request.extras?.(report, store);
  const manifestSha256 = await writeManifest({
    store: request.store,
    plan,
    status,
    files: manifestFiles(store.seen(), usage.evidence, inspections.found),
    previous: history.before && { runId: history.before.run_id, manifestSha256: history.before.manifest_sha256 },
    signer: request.signer ?? null,
  });
  const row: RunRow = runRow({ ...base, manifestSha256 });
  await writeTable({ store: request.store, table: 'runs', runId: plan.runId, runDate: plan.runDate, rows: [row] });
  await pointLatest(request.store, plan, row);
  return { ...report, run: { ...row, run_date: plan.runDate } };
}

function checkLedger(plan: ScanPlan, tally: Tally): void {
  const expected = plan.accounts * plan.regions.length;
  if (tally.targets === expected && tally.accountsTotal === plan.accounts) return;
  throw new TrailSealError(
    'LEDGER',
    `The ledger has ${tally.targets} rows where ${plan.accounts} accounts × ${plan.regions.length} Regions make ${expected}: no report is written. Look at runs/${plan.runId}/accounts.ndjson.`,
  );
}

function manifestFiles(
  seen: ReadonlyMap<string, WrittenFile>,
  evidence: readonly WrittenFile[],
  inspections: readonly Inspection[],
) {
  const files = new Map(seen);
  for (const file of [...evidence, ...inspections.flatMap((i) => (i.evidence ? [i.evidence] : []))])
    files.set(file.key, file);
  return files.values();
}
