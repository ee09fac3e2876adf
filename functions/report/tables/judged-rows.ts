import { accountCoverage, type CoverageDecision, type JudgedTrail } from '../../domain/judge/coverage.ts';
import {
  accountLogFindings,
  type Finding,
  filedTargets,
  resourceFindings,
  targetFindings,
  unlistedStoreFindings,
} from '../../domain/judge/finding.ts';
import { type AccountRecord, accountLedger } from '../../domain/judge/ledger.ts';
import { judgedTrail, lakeCoverage, type ResolvedTrail, type Resources } from '../../domain/judge/resources.ts';
import { trailCause } from '../../domain/judge/root-cause.ts';
import type { WrittenFile } from '../../domain/model/observation.ts';
import { type AccountState, isLive } from '../../domain/model/organization.ts';
import { type PlannedAccount, runKeys, type ScanPlan } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { isOpen, isUnmet } from '../../domain/model/vocabulary.ts';
import type { RunFolder } from '../../domain/run/run-folder.ts';
import { csvBody } from '../exports/csv.ts';
import type { History } from '../run/history.ts';
import { MapEffort } from '../run/state-efforts.ts';
import type { WaiversInForce } from '../run/waivers-in-force.ts';
import type { CoverageRow, FindingRow } from './columns.ts';
import type { Accounts } from './population.ts';
import { rowChannel } from './row-channel.ts';
import { coverageRow, findingRow } from './rows.ts';
import { writeTable } from './tables.ts';
import type { Tally } from './tally.ts';

export interface JudgedRowsRequest {
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
export async function writeJudgedRows(request: JudgedRowsRequest) {
  const { store, plan, accounts, resources, history, waivers, tally } = request;
  const trails = new Map(resources.trails.map((t) => [t.facts.trail.trailArn, t]));
  const trailOf = (arn: string) => trails.get(arn);
  const judged = new Map(resources.trails.map((t) => [t.facts.trail.trailArn, judgedTrail(t, causeIdOf(t))]));
  const organizationTrails = resources.trails.filter((t) => t.facts.trail.isOrganization);
  const lake = lakeCoverage(resources.eventDataStores);
  const covered = new Map<string, number>();
  const keyAccounts = new Map<string, number>();
  const evidence: WrittenFile[] = [];
  const effort = new MapEffort();

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
    tally.finding(row, finding.cause);
    history.compare(row);
    findings.put(row);
    // A target that passes is in `coverage` only: millions of passing lines would bury the rest of the file.
    if (row.resource_type !== 'target' || isUnmet(row.status)) csv.put(row);
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
        effort.add(record.observation);
        if (record.observation.evidence) evidence.push(record.observation.evidence);
      }
      const filed = filedTargets(targets, trailOf);
      tally.account({ account_id: account.accountId, account_name: account.accountName }, filed);
      countUse(targets, trailOf, covered, keyAccounts);
      for (const { target, cause } of filed) coverage.put(coverageRow({ plan, account: seen, target, cause }));
      for (const finding of targetFindings({ accountId: account.accountId, targets: filed, trailOf })) emit(finding);
      for (const finding of unlistedStoreFindings(record)) emit(finding);
      for (const finding of accountLogFindings({ plan, account: seen, record }, organizationTrails)) emit(finding);
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
  return { covered, keyAccounts, evidence, effort };
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

const causeIdOf = (trail: ResolvedTrail): string | null =>
  trail.verdict.verdict === 'SEALED' ? null : (trailCause(trail, trail.verdict.reason)?.id ?? null);

function countUse(
  targets: readonly CoverageDecision[],
  trailOf: (arn: string) => ResolvedTrail | undefined,
  covered: Map<string, number>,
  keyAccounts: Map<string, number>,
): void {
  const recordings = new Set(targets.map((t) => t.recording));
  const trails = new Set([...recordings].flatMap((those) => those.map((r) => r.trail.trailArn)));
  const keys = new Set([...trails].flatMap((arn) => trailOf(arn)?.key?.keyId ?? []));
  for (const arn of trails) covered.set(arn, (covered.get(arn) ?? 0) + 1);
  for (const key of keys) keyAccounts.set(key, (keyAccounts.get(key) ?? 0) + 1);
}

function withContext(
  finding: Finding,
  context: { plan: ScanPlan; accounts: Accounts; history: History; waivers: WaiversInForce },
): FindingRow {
  const { plan, accounts, history, waivers } = context;
  const account = finding.accountId === null ? null : (accounts.get(finding.accountId) ?? null);
  const open = isOpen(finding.decision.status);
  return findingRow(finding, {
    plan,
    account,
    waiver: open ? waivers.match(finding, account) : null,
    firstSeenAt: open
      ? history.firstSeenAt(finding.findingId, {
          status: finding.decision.status,
          observed_at: finding.observedAt ?? plan.startedAt,
        })
      : null,
  });
}
