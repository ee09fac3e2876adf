import { CONTROLS } from '../../domain/controls/catalogue.ts';
import type { RootCauseKind } from '../../domain/controls/reasons/cause-kinds.ts';
import type { CoverageDecision } from '../../domain/judge/coverage.ts';
import type { RootCause } from '../../domain/judge/root-cause.ts';
import {
  ANSWERED_STATES,
  COVERAGE_STATES,
  COVERAGE_VERDICTS,
  type CoverageState,
  type CoverageVerdict,
  FINDING_STATUSES,
  type FindingStatus,
  isOpen,
  SEVERITIES,
  type Severity,
  TRAIL_VERDICTS,
  type TrailVerdict,
} from '../../domain/model/vocabulary.ts';
import {
  ACCOUNTS_NAMED,
  type CauseKindTally,
  ROOT_CAUSES_LISTED,
  type RootCauseTally,
  type RunReport,
  WORST_LISTED,
} from '../run/run-report.ts';
import type { FindingRow } from './columns.ts';
import { FindingKinds } from './finding-kinds.ts';

interface KindCounted {
  kind: RootCauseKind;
  severity: Severity;
  findings: number;
  targets: number;
  readonly causes: Set<string>;
  readonly accounts: Set<string>;
  readonly regions: Set<string>;
}
type Counted = RootCauseTally & { where: NonNullable<RootCauseTally['where']> };
const zeros = <K extends string>(keys: readonly K[]): Record<K, number> =>
  Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;

/** Counts a run while its rows stream by: every number of report.json and of the `runs` row comes from here. */
export class Tally {
  readonly states: Record<CoverageState, number> = zeros(COVERAGE_STATES);
  /** Of the targets in scope; those in state EXCLUDED are left out. */
  readonly verdicts: Record<CoverageVerdict, number> = zeros(COVERAGE_VERDICTS);
  readonly accounts: Record<CoverageVerdict, number> = zeros(COVERAGE_VERDICTS);
  readonly trails: Record<TrailVerdict, number> = zeros(TRAIL_VERDICTS);
  readonly byStatus: Record<FindingStatus, number> = zeros(FINDING_STATUSES);
  readonly byControl: Record<string, Record<FindingStatus, number>> = Object.fromEntries(
    CONTROLS.map((c) => [c.id, zeros(FINDING_STATUSES)]),
  );
  readonly bySeverity = Object.fromEntries(SEVERITIES.map((severity) => [severity, zeros(FINDING_STATUSES)])) as Record<
    Severity,
    Record<FindingStatus, number>
  >;
  readonly findingKinds = new FindingKinds();
  targets = 0;
  accountsTotal = 0;
  /** Accounts of which nothing is in scope. */
  accountsExcluded = 0;
  inferred = 0;
  private readonly causes = new Map<string, Counted>();
  private readonly kinds = new Map<RootCauseKind, KindCounted>();
  private worst: FindingRow[] = [];

  /** One account's targets, each with the cause its trouble is filed under. */
  account(accountId: string, targets: readonly { target: CoverageDecision; cause: RootCause | null }[]): void {
    this.accountsTotal += 1;
    const spoiling = new Set<string>();
    for (const { target, cause } of targets) {
      this.targets += 1;
      this.states[target.entry.state] += 1;
      if (target.entry.state !== 'EXCLUDED') this.verdicts[target.verdict] += 1;
      if (target.basis === 'INFERRED') this.inferred += 1;
      if (!cause) continue;
      const tally = this.cause(cause);
      tally.targets += 1;
      if (!spoiling.has(cause.id)) tally.accounts += 1;
      spoiling.add(cause.id);
      const kind = this.kind(cause);
      kind.targets += 1;
      kind.accounts.add(accountId);
      kind.regions.add(target.entry.region);
    }
    const inScope = targets.filter(({ target }) => target.entry.state !== 'EXCLUDED');
    const worst = COVERAGE_VERDICTS.find((verdict) => inScope.some(({ target }) => target.verdict === verdict));
    if (worst) this.accounts[worst] += 1;
    else this.accountsExcluded += 1;
  }

  finding(row: FindingRow, cause: RootCause | null): void {
    this.byStatus[row.status] += 1;
    this.bySeverity[row.severity][row.status] += 1;
    const control = this.byControl[row.control_id];
    if (control) control[row.status] += 1;
    if (cause) {
      this.countFinding(row, this.cause(cause));
      const kind = this.kind(cause);
      kind.findings += 1;
      if (row.account_id !== null) kind.accounts.add(row.account_id);
      if (row.region !== null) kind.regions.add(row.region);
    }
    if (!isOpen(row.status)) return;
    this.keepWorst(row);
    this.findingKinds.add(row);
  }

  /** Whether every target has an answer, or a good reason for having none. */
  complete(): boolean {
    return COVERAGE_STATES.every((state) => this.states[state] === 0 || ANSWERED_STATES.has(state));
  }

  /** Causes, worst first: by severity, then by how many targets and findings one fix repairs. */
  rootCauses(): Pick<RunReport, 'root_causes' | 'root_causes_total'> {
    const sorted = [...this.causes.values()].sort(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        b.targets - a.targets ||
        b.findings - a.findings ||
        (a.id < b.id ? -1 : 1),
    );
    return { root_causes: sorted.slice(0, ROOT_CAUSES_LISTED), root_causes_total: sorted.length };
  }

  /** Kinds of cause, those that reach most accounts first: what to repair first, where much is wrong. */
  causeKinds(): CauseKindTally[] {
    return [...this.kinds.values()]
      .map(({ causes, accounts, regions, ...kind }) => ({
        ...kind,
        causes: causes.size,
        accounts: accounts.size,
        regions: regions.size,
      }))
      .sort(
        (a, b) =>
          b.accounts - a.accounts ||
          SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
          b.targets - a.targets ||
          (a.kind < b.kind ? -1 : 1),
      );
  }

  worstFindings(): RunReport['worst_findings'] {
    return this.worst.map((row) => ({
      finding_id: row.finding_id,
      control_id: row.control_id,
      status: row.status,
      severity: row.severity,
      reason: row.reason,
      account_id: row.account_id,
      account_name: row.account_name,
      region: row.region,
      resource_arn: row.resource_arn,
      observed: row.observed,
    }));
  }

  private countFinding({ account_id, account_name }: FindingRow, tally: Counted): void {
    tally.findings += 1;
    if (account_id === null || tally.where.length >= ACCOUNTS_NAMED) return;
    if (!tally.where.some((known) => known.account_id === account_id)) tally.where.push({ account_id, account_name });
  }

  private cause(cause: RootCause): Counted {
    const tally = this.causes.get(cause.id) ?? { ...cause, findings: 0, accounts: 0, targets: 0, where: [] };
    this.causes.set(cause.id, tally);
    return tally;
  }

  private kind({ id, kind, severity }: RootCause): KindCounted {
    const counted = this.kinds.get(kind) ?? {
      ...{ kind, severity, findings: 0, targets: 0 },
      ...{ causes: new Set<string>(), accounts: new Set<string>(), regions: new Set<string>() },
    };
    if (SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(counted.severity)) counted.severity = severity;
    counted.causes.add(id);
    this.kinds.set(kind, counted);
    return counted;
  }

  private keepWorst(row: FindingRow): void {
    const last = this.worst.at(-1);
    if (this.worst.length >= WORST_LISTED && last && byWorst(row, last) >= 0) return;
    this.worst = [...this.worst, row].sort(byWorst).slice(0, WORST_LISTED);
  }
}

/** What fails before what is not known, the severe before the mild, a resource before one of many targets or accounts. */
function byWorst(a: FindingRow, b: FindingRow): number {
  const rank = (row: FindingRow) =>
    (row.status === 'FAIL' ? 0 : 100) +
    SEVERITIES.indexOf(row.severity) * 10 +
    (row.resource_type === 'target' || row.resource_type === 'trail-logs' ? 5 : 0);
  return rank(a) - rank(b) || (a.resource_arn < b.resource_arn ? -1 : a.resource_arn > b.resource_arn ? 1 : 0);
}
