import { CONTROLS } from '../../domain/controls/catalogue.ts';
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
  zeros,
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

/** A cause while it is counted: by account and region once, by open finding and by target each. */
interface Counted {
  readonly cause: RootCause;
  /** Whether a finding of it is waived. */
  waived: boolean;
  findings: number;
  targets: number;
  readonly accounts: Set<string>;
  readonly regions: Set<string>;
  /** Accounts of its open findings, and of its targets. */
  readonly where: NamedAccount[];
  readonly shownIn: NamedAccount[];
}

type NamedAccount = NonNullable<RootCauseTally['where']>[number];

/** What is counted of a target. */
type CountedTarget = Pick<CoverageDecision, 'verdict' | 'basis'> & {
  entry: Pick<CoverageDecision['entry'], 'state' | 'region'>;
};

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
  readonly #causes = new Map<string, Counted>();
  #worst: FindingRow[] = [];

  /** One account's targets, each with the cause its trouble is filed under. */
  account(account: NamedAccount, targets: readonly { target: CountedTarget; cause: RootCause | null }[]): void {
    this.accountsTotal += 1;
    for (const { target, cause } of targets) {
      this.targets += 1;
      this.states[target.entry.state] += 1;
      if (target.entry.state !== 'EXCLUDED') this.verdicts[target.verdict] += 1;
      if (target.basis === 'INFERRED') this.inferred += 1;
      if (!cause) continue;
      const counted = this.#cause(cause);
      counted.targets += 1;
      counted.accounts.add(account.account_id);
      counted.regions.add(target.entry.region);
      nameAccount(counted.shownIn, account);
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
    if (cause && row.status === 'WAIVED') this.#cause(cause).waived = true;
    if (!isOpen(row.status)) return;
    if (cause) this.#countFinding(row, this.#cause(cause));
    this.#keepWorst(row);
    this.findingKinds.add(row);
  }

  /** Whether every target has an answer, or a good reason for having none. */
  complete(): boolean {
    return COVERAGE_STATES.every((state) => this.states[state] === 0 || ANSWERED_STATES.has(state));
  }

  /**
   * Causes that have an open finding, or that only targets show, worst first: by severity, then by how many accounts,
   * targets and findings one fix repairs. The named query `root-causes` counts and sorts them alike.
   */
  rootCauses(): Pick<RunReport, 'root_causes' | 'root_causes_total'> {
    const sorted = this.#open()
      .map(({ cause, findings, targets, accounts, regions, where, shownIn }) => ({
        ...cause,
        ...{ findings, targets, accounts: accounts.size, regions: regions.size },
        where: findings > 0 ? where : shownIn,
      }))
      .sort(
        (a, b) =>
          SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
          b.accounts - a.accounts ||
          b.targets - a.targets ||
          b.findings - a.findings ||
          (a.id < b.id ? -1 : 1),
      );
    return { root_causes: sorted.slice(0, ROOT_CAUSES_LISTED), root_causes_total: sorted.length };
  }

  /** Kinds of cause, those that reach most accounts first: what to repair first, where much is wrong. LOW ones come last. */
  causeKinds(): CauseKindTally[] {
    const open = this.#open();
    return [...new Set(open.map(({ cause }) => cause.kind))]
      .map((kind) => ({ kind, causes: open.filter(({ cause }) => cause.kind === kind) }))
      .map(({ kind, causes }) => ({
        kind,
        severity: SEVERITIES.find((severity) => causes.some(({ cause }) => cause.severity === severity)) ?? 'LOW',
        causes: causes.length,
        findings: causes.reduce((sum, { findings }) => sum + findings, 0),
        targets: causes.reduce((sum, { targets }) => sum + targets, 0),
        accounts: new Set(causes.flatMap(({ accounts }) => [...accounts])).size,
        regions: new Set(causes.flatMap(({ regions }) => [...regions])).size,
      }))
      .sort(
        (a, b) =>
          Number(a.severity === 'LOW') - Number(b.severity === 'LOW') ||
          b.accounts - a.accounts ||
          SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
          b.targets - a.targets ||
          (a.kind < b.kind ? -1 : 1),
      );
  }

  /** Whose every finding is waived is accepted until a date, and counted with the waivers. */
  #open(): Counted[] {
    return [...this.#causes.values()].filter(({ findings, waived }) => findings > 0 || !waived);
  }

  worstFindings(): RunReport['worst_findings'] {
    return this.#worst.map((row) => ({
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

  #countFinding({ account_id, account_name, region }: FindingRow, counted: Counted): void {
    counted.findings += 1;
    if (region !== null) counted.regions.add(region);
    if (account_id === null) return;
    counted.accounts.add(account_id);
    nameAccount(counted.where, { account_id, account_name });
  }

  #cause(cause: RootCause): Counted {
    const known = this.#causes.get(cause.id);
    if (known) return known;
    const counted = {
      cause,
      waived: false,
      findings: 0,
      targets: 0,
      accounts: new Set<string>(),
      regions: new Set<string>(),
      where: [],
      shownIn: [],
    };
    this.#causes.set(cause.id, counted);
    return counted;
  }

  #keepWorst(row: FindingRow): void {
    const last = this.#worst.at(-1);
    if (this.#worst.length >= WORST_LISTED && last && byWorst(row, last) >= 0) return;
    this.#worst = [...this.#worst, row].sort(byWorst).slice(0, WORST_LISTED);
  }
}

function nameAccount(where: NamedAccount[], { account_id, account_name }: NamedAccount): void {
  if (where.length < ACCOUNTS_NAMED && !where.some((known) => known.account_id === account_id))
    where.push({ account_id, account_name });
}

/** What fails before what is not known, the severe before the mild, a resource before one of many targets or accounts. */
function byWorst(a: FindingRow, b: FindingRow): number {
  const rank = (row: FindingRow) =>
    (row.status === 'FAIL' ? 0 : 100) +
    SEVERITIES.indexOf(row.severity) * 10 +
    (row.resource_type === 'target' || row.resource_type === 'trail-logs' ? 5 : 0);
  return rank(a) - rank(b) || (a.resource_arn < b.resource_arn ? -1 : a.resource_arn > b.resource_arn ? 1 : 0);
}
