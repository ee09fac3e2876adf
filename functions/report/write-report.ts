import { controlById } from '../domain/controls/catalogue.ts';
import { accountCoverage, type CoverageDecision, type JudgedTrail } from '../domain/coverage.ts';
import { TrailSealError } from '../domain/errors.ts';
import { type Finding, resourceFindings, targetFindings } from '../domain/finding.ts';
import { isAnswered } from '../domain/gather-run.ts';
import type { Inspection } from '../domain/inspection.ts';
import type { Population } from '../domain/key-facts.ts';
import { type AccountRecord, accountLedger, type MapFailure } from '../domain/ledger.ts';
import type { AccountState } from '../domain/organization.ts';
import { isLive } from '../domain/organization.ts';
import { LATEST_KEY, type PlannedAccount, runKeys, type ScanPlan } from '../domain/plan.ts';
import {
  judgedTrail,
  lakeCoverage,
  type ResolvedTrail,
  type Resources,
  resolveResources,
  type UsedKey,
} from '../domain/resources.ts';
import { targetCause, trailCause } from '../domain/root-cause.ts';
import { orRefuse, parseItemIds } from '../domain/run-files.ts';
import { type CorruptFile, openRun, type RunFolder } from '../domain/run-folder.ts';
import { openQuestions } from '../domain/settled.ts';
import type { ReportStore } from '../domain/store.ts';
import { createGathering } from '../domain/trail-facts.ts';
import type { CoverageRow, FindingRow, RunRow } from './columns.ts';
import { csvBody } from './csv.ts';
import { frameworkSummary } from './framework-summary.ts';
import { hashingStore } from './hashing-store.ts';
import { type History, openHistory } from './history.ts';
import { type ManifestSigner, writeManifest } from './manifest.ts';
import { rowChannel } from './row-channel.ts';
import { bucketRow, coverageRow, findingRow, keyRow, trailRow } from './rows.ts';
import type { RunReport } from './run-report.ts';
import { runRow } from './run-row.ts';
import { writeTable } from './tables.ts';
import { Tally } from './tally.ts';
import { openWaivers, type WaiversInForce } from './waivers-in-force.ts';

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
  const store = hashingStore(request.store);
  const run = await openRun(store, request.runId, request.mapFailure ?? null);
  const { plan } = run;
  const accounts = await accountIndex(run);
  const { gathering, corrupt, unreached, open } = await firstPass(run, accounts);
  const inactive = unreached && request.relist ? await request.relist() : null;
  const inspections = await inspectionsOf(run, store);
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
  const usage = await writeRows({ store, run, plan, accounts, inactive, resources, history, waivers, tally });
  await writeResourceTables({ store, plan, accounts, resources, tally, ...usage });

  checkLedger(plan, tally);
  const status = tally.complete() && inspections.open === 0 && open === 0 ? 'COMPLETE' : 'PARTIAL';
  const base = {
    plan,
    tally,
    status,
    previous: history.previous,
    finishedAt: new Date(request.now()).toISOString(),
    apiCalls: usage.apiCalls + inspections.apiCalls,
  } as const;
  const report = runReport({
    run: runRow({ ...base, manifestSha256: null }),
    plan,
    tally,
    resources,
    history,
    waivers,
    corrupt,
    open: open + inspections.open,
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

type Accounts = Map<string, Pick<PlannedAccount, 'accountName' | 'ouPath' | 'accountState' | 'excluded'>>;

async function accountIndex(run: RunFolder): Promise<Accounts> {
  const index: Accounts = new Map();
  for await (const { accountId, accountName, ouPath, accountState, excluded } of run.accounts()) {
    index.set(accountId, { accountName, ouPath, accountState, excluded });
  }
  return index;
}

/** Who sees which trails; whether any account that should have answered did not. */
async function firstPass(run: RunFolder, accounts: Accounts) {
  const gathering = createGathering();
  const corrupt: CorruptFile[] = [];
  const answered = new Set<string>();
  let open = 0;
  for await (const found of run.observations()) {
    if ('corrupt' in found) corrupt.push(found.corrupt);
    else {
      gathering.add(found.observation);
      open += openQuestions(found.observation);
      if (!found.observation.refused) answered.add(found.observation.accountId);
    }
  }
  const unreached = [...accounts].some(([id, a]) => isLive(a.accountState) && a.excluded === null && !answered.has(id));
  return { gathering, corrupt, unreached, open };
}

/** The inspections that the run needs, as Gather last wrote them down; those of an earlier execution no longer count. */
async function inspectionsOf(run: RunFolder, store: ReportStore) {
  const bytes = await store.read(runKeys(run.plan.runId).inspectPlan);
  const needed = bytes ? orRefuse(parseItemIds(bytes), runKeys(run.plan.runId).inspectPlan) : [];
  const wanted = new Set(needed);
  const found: Inspection[] = [];
  for await (const inspection of run.inspections()) if (wanted.has(inspection.itemId)) found.push(inspection);
  const answered = new Set(found.flatMap((i) => (isAnswered(i) ? [i.itemId] : [])));
  return {
    found,
    open: needed.filter((id) => !answered.has(id)).length,
    apiCalls: found.reduce((sum, i) => sum + i.apiCalls, 0),
  };
}

function populationOf(plan: ScanPlan, accounts: Accounts): Population {
  return {
    has: (id) => accounts.has(id) || id === plan.managementAccountId,
    complete: plan.populationComplete,
    trusted: new Set(plan.settings.trustedAccounts),
  };
}

interface RowsRequest {
  store: ReportStore;
  run: RunFolder;
  plan: ScanPlan;
  accounts: Accounts;
  inactive: Map<string, AccountState> | null;
  resources: Resources;
  history: History;
  waivers: WaiversInForce;
  tally: Tally;
}

/** The second pass: findings of resources, then every account judged; coverage, findings and CSV fed side by side. */
async function writeRows(request: RowsRequest) {
  const { store, plan, accounts, resources, history, waivers, tally } = request;
  const trailOf = new Map(resources.trails.map((t) => [t.facts.trail.trailArn, t]));
  const judged = new Map(resources.trails.map((t) => [t.facts.trail.trailArn, judgedTrail(t, causeIdOf(t))]));
  const lake = lakeCoverage(resources.eventDataStores);
  const covered = new Map<string, number>();
  const keyAccounts = new Map<string, number>();
  const evidence: NonNullable<Inspection['evidence']>[] = [];
  let apiCalls = 0;

  const coverage = rowChannel<CoverageRow>();
  const findings = rowChannel<FindingRow>();
  const csv = rowChannel<FindingRow>();
  const channels = [coverage, findings, csv];
  /** Channels are let run over by one account's rows: waiting is for in between. */
  const room = async () => {
    for (const channel of channels) await channel.room();
  };
  const emit = (finding: Finding): void => {
    const row = withContext(finding, { plan, accounts, history, waivers });
    tally.finding(row, row.status === 'PASS' || row.status === 'NOT_APPLICABLE' ? null : finding.cause);
    history.compare(row);
    findings.put(row);
    // A target that is met stays in `coverage`: millions of lines that say "fine" would bury the rest of the file.
    if (row.resource_type !== 'target' || (row.status !== 'PASS' && row.status !== 'NOT_APPLICABLE')) csv.put(row);
  };

  async function feed(): Promise<void> {
    for (const finding of resourceFindings(resources, {
      sampleLogs: plan.settings.sampleLogs,
      partition: plan.partition,
    })) {
      emit(finding);
      await room();
    }
    for await (const { account, record } of request.run.records()) {
      const current = request.inactive?.get(account.accountId);
      const seen = withState(account, record, current);
      const targets = judgeAccount({ plan, account: seen, record, judged, lake });
      if (record.kind === 'observed') {
        apiCalls += record.observation.apiCalls;
        if (record.observation.evidence) evidence.push(record.observation.evidence);
      }
      const filed = targets.map((target) => ({ target, cause: targetCause(target, (arn) => trailOf.get(arn)) }));
      tally.account(filed);
      countUse(targets, trailOf, covered, keyAccounts);
      for (const { target, cause } of filed) {
        coverage.put(coverageRow({ plan, account: seen, target, cause }));
        const found = targetFindings({
          target,
          accountId: account.accountId,
          trailOf: (arn) => trailOf.get(arn),
          cause,
        });
        for (const finding of found) emit(finding);
      }
      await room();
    }
  }

  const stopAll = (error: unknown): never => {
    for (const channel of channels) {
      channel.fail(error);
      channel.end();
    }
    throw error;
  };
  const at = { store, runId: plan.runId, runDate: plan.runDate };
  await Promise.all([
    writeTable({ ...at, table: 'coverage', rows: coverage }).catch(stopAll),
    writeTable({ ...at, table: 'findings', rows: findings }).catch(stopAll),
    store.write(runKeys(plan.runId).report('findings.csv'), csvBody('findings', csv)).catch(stopAll),
    feed().then(() => {
      for (const channel of channels) channel.end();
    }, stopAll),
  ]);
  return { covered, keyAccounts, evidence, apiCalls };
}

/** An account that failed and is found inactive when listed again is ACCOUNT_INACTIVE, not an error. */
function withState(account: PlannedAccount, record: AccountRecord, current: AccountState | undefined): PlannedAccount {
  const failed = record.kind !== 'observed' || record.observation.refused !== null;
  return failed && current && !isLive(current) ? { ...account, accountState: current } : account;
}

function judgeAccount(request: {
  plan: ScanPlan;
  account: PlannedAccount;
  record: AccountRecord;
  judged: ReadonlyMap<string, JudgedTrail>;
  lake: ReturnType<typeof lakeCoverage>;
}): CoverageDecision[] {
  const { plan, account, record, judged } = request;
  const observation = record.kind === 'observed' ? record.observation : null;
  return accountCoverage({
    ledger: accountLedger({ account, record, plan }),
    observation,
    trailByArn: (arn) => judged.get(arn),
    lakeIn: (region) => request.lake({ accountId: account.accountId, region }),
  });
}

function causeIdOf(trail: ResolvedTrail): string | null {
  return trail.verdict.verdict === 'SEALED' ? null : trailCause(trail, trail.verdict.reason).id;
}

function countUse(
  targets: readonly CoverageDecision[],
  trailOf: ReadonlyMap<string, ResolvedTrail>,
  covered: Map<string, number>,
  keyAccounts: Map<string, number>,
): void {
  const trails = new Set(targets.flatMap((t) => t.recording.map((r) => r.trail.trailArn)));
  const keys = new Set([...trails].flatMap((arn) => trailOf.get(arn)?.key?.keyId ?? []));
  for (const arn of trails) covered.set(arn, (covered.get(arn) ?? 0) + 1);
  for (const key of keys) keyAccounts.set(key, (keyAccounts.get(key) ?? 0) + 1);
}

function withContext(
  finding: Finding,
  context: { plan: ScanPlan; accounts: Accounts; history: History; waivers: WaiversInForce },
): FindingRow {
  const { plan, accounts, history, waivers } = context;
  const account = finding.accountId === null ? null : (accounts.get(finding.accountId) ?? null);
  const unmet = finding.decision.status === 'FAIL' || finding.decision.status === 'UNVERIFIED';
  return findingRow(finding, {
    plan,
    account,
    waiver: unmet ? waivers.match(finding, account) : null,
    firstSeenAt: history.firstSeenAt(finding.findingId, {
      status: finding.decision.status,
      observed_at: finding.observedAt ?? plan.startedAt,
    }),
  });
}

async function writeResourceTables(request: {
  store: ReportStore;
  plan: ScanPlan;
  accounts: Accounts;
  resources: Resources;
  tally: Tally;
  covered: ReadonlyMap<string, number>;
  keyAccounts: ReadonlyMap<string, number>;
}): Promise<void> {
  const { store, plan, accounts, resources, tally, covered, keyAccounts } = request;
  const at = { store, runId: plan.runId, runDate: plan.runDate };
  for (const trail of resources.trails) tally.trails[trail.verdict.verdict] += 1;
  await writeTable({
    ...at,
    table: 'trails',
    rows: mapped(resources.trails, (trail) => {
      const owner = accounts.get(trail.facts.owner);
      const accountsCovered = covered.get(trail.facts.trail.trailArn) ?? 0;
      return trailRow({ plan, trail, ownerInScope: owner !== undefined && owner.excluded === null, accountsCovered });
    }),
  });
  const policyOf = trailKeyPolicyOf();
  await writeTable({
    ...at,
    table: 'keys',
    rows: mapped(resources.keys, (key) =>
      keyRow({ plan, key, policy: policyOf(key), accountsDepending: keyAccounts.get(key.facts.keyId) ?? 0 }),
    ),
  });
  await writeTable({ ...at, table: 'buckets', rows: mapped(resources.buckets, (bucket) => bucketRow(plan, bucket)) });
}

function* mapped<A, B>(values: Iterable<A>, f: (value: A) => B): Iterable<B> {
  for (const value of values) yield f(value);
}

function trailKeyPolicyOf() {
  const control = controlById('trail-key-policy');
  return (key: UsedKey) => (control?.resource === 'key' ? control.decide(key) : null);
}

function checkLedger(plan: ScanPlan, tally: Tally): void {
  const expected = plan.accounts * plan.regions.length;
  if (tally.targets === expected && tally.accountsTotal === plan.accounts) return;
  throw new TrailSealError(
    'LEDGER',
    `The ledger has ${tally.targets} rows where ${plan.accounts} accounts × ${plan.regions.length} regions make ${expected}: no report is written. Look at runs/${plan.runId}/accounts.ndjson.`,
  );
}

function runReport(request: {
  run: RunRow;
  plan: ScanPlan;
  tally: Tally;
  resources: Resources;
  history: History;
  waivers: WaiversInForce;
  corrupt: CorruptFile[];
  /** Questions beside the targets' own that got no answer. */
  open: number;
}): RunReport {
  const { run, plan, tally, history } = request;
  return {
    version: 1,
    run: { ...run, run_date: plan.runDate },
    accounts: { total: tally.accountsTotal, by_verdict: tally.accounts },
    targets: { total: tally.targets, by_state: tally.states, by_verdict: tally.verdicts, inferred: tally.inferred },
    trails: { total: Object.values(tally.trails).reduce((a, b) => a + b, 0), by_verdict: tally.trails },
    findings: { by_status: tally.byStatus, by_control: tally.byControl },
    ...tally.rootCauses(),
    worst_findings: tally.worstFindings(),
    changes: history.changes(),
    frameworks: frameworkSummary({ tally, buckets: request.resources.buckets, status: run.status }),
    waivers: request.waivers.report(),
    corrupt_files: request.corrupt,
    notes: notes(plan, tally, request.open),
  };
}

function notes(plan: ScanPlan, tally: Tally, open: number): string[] {
  const all = ['Verdicts concern new deliveries: logs kept from before a key was set are not covered by them.'];
  if (tally.inferred > 0) {
    all.push(
      `${tally.inferred} verdicts are inferred from another region of the same account, since a service control policy closes the region: a local trail created there before it was closed would not be visible.`,
    );
  }
  if (open > 0)
    all.push(
      `${open} questions about trails, keys, buckets or stores got no answer: what rests on them is UNVERIFIED; resuming the run asks again.`,
    );
  if (plan.scopeFilter)
    all.push(`This run was narrowed (${plan.scopeFilter}): it says nothing about the organization as a whole.`);
  return all;
}

function manifestFiles(
  seen: ReadonlyMap<string, { key: string; sha256: string; bytes: number }>,
  evidence: readonly NonNullable<Inspection['evidence']>[],
  inspections: readonly Inspection[],
) {
  const files = new Map(seen);
  for (const file of [...evidence, ...inspections.flatMap((i) => (i.evidence ? [i.evidence] : []))])
    files.set(file.key, file);
  return files.values();
}

/** The pointer to the newest run of the widest scope: a FILTERED run never takes the place of a whole one. */
async function pointLatest(store: ReportStore, plan: ScanPlan, row: RunRow): Promise<void> {
  const bytes = await store.read(LATEST_KEY);
  const known = bytes ? latestOf(bytes) : null;
  const wider = known?.scope === 'ORGANIZATION' && plan.scope === 'FILTERED';
  const newer = known !== null && known.scope === plan.scope && known.run_id > plan.runId;
  if (wider || newer) return;
  const pointer = {
    version: 1,
    run_id: plan.runId,
    run_date: plan.runDate,
    scope: plan.scope,
    status: row.status,
    finished_at: row.finished_at,
  };
  await store.write(LATEST_KEY, `${JSON.stringify(pointer, null, 1)}\n`);
}

function latestOf(bytes: Uint8Array): { run_id: string; scope: string } | null {
  try {
    const pointer = JSON.parse(new TextDecoder().decode(bytes)) as { run_id?: unknown; scope?: unknown } | null;
    return typeof pointer?.run_id === 'string' && typeof pointer.scope === 'string'
      ? { run_id: pointer.run_id, scope: pointer.scope }
      : null;
  } catch {
    return null; // a pointer that cannot be read is written anew
  }
}
