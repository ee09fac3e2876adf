import type { Framework } from '../../domain/frameworks/framework.ts';
import {
  type FrameworkResult,
  frameworkResults,
  noCounts,
  type StatusCounts,
} from '../../domain/frameworks/results.ts';
import { StoreError } from '../../domain/model/errors.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { isOpen, isUnreached, SEVERITIES } from '../../domain/model/vocabulary.ts';
import type { RunReport } from '../run/run-report.ts';
import { readRunReport } from '../run/run-report-file.ts';
import { type Subset, statusOfPart } from '../scope/subset.ts';
import type { CoverageRow, FindingRow } from '../tables/columns.ts';
import { type FinishedRun, readTable } from '../tables/tables.ts';
import { accountsListed, type Listing } from './population.ts';

/** Listed on the cover at most; the tables have them all. */
export const EXCEPTIONS_LISTED = 200;
export const OPEN_LISTED = 50;
export const GAPS_LISTED = 100;
const KEYS_LISTED = 50;

/** Regions of an account that gave no answer, for one reason. */
export interface Gap {
  account_id: string;
  account_name: string | null;
  state: CoverageRow['state'];
  error_code: string | null;
  error_message: string | null;
  regions: number;
}

/** What the cover says of a run's rows, or of a part of them. */
export interface ScopeFacts {
  accounts: number;
  targets: number;
  states: Record<string, number>;
  verdicts: Record<string, number>;
  inferred: number;
  /** Targets whose verdict is UNVERIFIED, those left out by a filter apart. */
  unverified: number;
  statuses: StatusCounts;
  result: FrameworkResult;
}

const COUNTED_TARGET = [
  'account_id',
  'account_name',
  'state',
  'verdict',
  'basis',
  'error_code',
  'error_message',
] as const satisfies readonly (keyof CoverageRow)[];
type CountedTarget = Pick<CoverageRow, (typeof COUNTED_TARGET)[number]>;

const SHOWN_FINDING = [
  'control_id',
  'status',
  'reason',
  'severity',
  'account_id',
  'account_name',
  'resource_type',
  'resource_arn',
  'observed',
  'first_seen_at',
  'waiver_id',
  'waived_by',
  'waived_until',
] as const satisfies readonly (keyof FindingRow)[];
/** A finding as far as the cover tells it. */
export type ShownFinding = Pick<FindingRow, (typeof SHOWN_FINDING)[number]>;

/** Who outside a key's account its policy lets decrypt. */
export interface DecryptFacts {
  total: number;
  /** Nobody could read the policy. */
  unread: number;
  /** Somebody outside may. */
  open: number;
  /** Those of which something is to be said, by ARN, at most `KEYS_LISTED`; `readers` null where the policy was not read. */
  listed: { key_arn: string; readers: readonly string[] | null }[];
}

export interface RunFacts {
  run: FinishedRun;
  /** Of what the pack shows: a part may be COMPLETE in a run that is PARTIAL elsewhere. */
  status: 'COMPLETE' | 'PARTIAL';
  /** Nothing of what the pack shows was left out by a filter of the run. */
  unfiltered: boolean;
  whole: ScopeFacts;
  part: ScopeFacts | null;
  /** Accounts in the raw listing; null where there is none to count. */
  listed: Listing | null;
  /** Waived findings of what the pack shows: exceptions, which do not pass. */
  exceptions: ShownFinding[];
  exceptionsTotal: number;
  /** The worst that fail or are not verified. */
  open: ShownFinding[];
  openTotal: number;
  /** Where the shown accounts gave no answer; `gapsTotal` counts targets. */
  gaps: Gap[];
  gapsTotal: number;
  /** Of what the pack is narrowed to, what this run does not have. */
  absent: readonly string[];
  /** Keys of what the pack shows, with who outside their account may decrypt. */
  keys: DecryptFacts;
  /** Accounts whose raw answers the shown findings rest on; null for all. */
  evidenceAccounts: ReadonlySet<string> | null;
  waivers: RunReport['waivers'] | null;
}

/** Reads a run's tables once, row by row, and counts. */
export async function runFacts(request: {
  store: ReportStore;
  run: FinishedRun;
  subset: Subset | null;
  framework: Framework;
  accountDataInScope: boolean;
}): Promise<RunFacts> {
  const { store, run, subset } = request;
  const at = { store, runId: run.row.run_id, runDate: run.runDate };
  const whole = new Counter();
  const part = subset ? new Counter() : null;
  const evidenceAccounts = subset ? new Set<string>(subset.accounts) : null;
  const exceptions: ShownFinding[] = [];
  const open: ShownFinding[] = [];
  let exceptionsTotal = 0;
  let openTotal = 0;
  const gaps: Gap[] = [];
  let gapsTotal = 0;

  for await (const row of readTable({ ...at, table: 'coverage', columns: COUNTED_TARGET })) {
    whole.target(row);
    if (subset && !subset.account(row.account_id)) continue;
    part?.target(row);
    if (!isUnreached(row.state)) continue;
    gapsTotal += 1;
    addGap(gaps, row);
  }
  for await (const row of readTable({ ...at, table: 'findings', columns: SHOWN_FINDING })) {
    whole.finding(row);
    if (subset && !subset.finding(row)) continue;
    part?.finding(row);
    if (row.status === 'WAIVED') {
      exceptionsTotal += 1;
      if (exceptions.length < EXCEPTIONS_LISTED) exceptions.push(row);
    } else if (isOpen(row.status)) {
      openTotal += 1;
      keepWorst(open, row);
    }
  }
  if (subset && evidenceAccounts) {
    const columns = ['account_id', 'resource_arn', 'evidence_refs'] as const;
    for await (const row of readTable({ ...at, table: 'findings', columns })) {
      if (!subset.finding(row)) continue;
      for (const ref of row.evidence_refs) evidenceAccounts.add(ref.slice(0, ref.indexOf('/')));
    }
  }
  const report = await reportOf(store, run.row.run_id);
  const runStatus = run.row.status as 'COMPLETE' | 'PARTIAL';
  const status =
    part && part.accounts.size > 0
      ? statusOfPart({ states: part.states, unverifiedFindings: part.statuses.UNVERIFIED }, runStatus)
      : runStatus;
  const scopeFacts = (counter: Counter): ScopeFacts => ({
    accounts: counter.accounts.size,
    targets: counter.targets,
    states: counter.states,
    verdicts: counter.verdicts,
    inferred: counter.inferred,
    unverified: counter.unverified,
    statuses: counter.statuses,
    result: frameworkResults({
      framework: request.framework,
      counts: counter.controls,
      runStatus: counter === part ? status : runStatus,
      unverifiedTargets: counter.unverified,
      accountDataInScope: request.accountDataInScope,
    }),
  });
  return {
    run,
    status,
    unfiltered: part && part.accounts.size > 0 ? !part.states.EXCLUDED : run.row.scope === 'ORGANIZATION',
    whole: scopeFacts(whole),
    part: part && scopeFacts(part),
    listed: await accountsListed(store, run.row.run_id),
    exceptions,
    exceptionsTotal,
    open,
    openTotal,
    gaps,
    gapsTotal,
    absent: subset?.absent ?? [],
    keys: await decryptFacts(at, subset),
    evidenceAccounts,
    waivers: report?.waivers ?? null,
  };
}

class Counter {
  readonly accounts = new Set<string>();
  readonly states: Record<string, number> = {};
  readonly verdicts: Record<string, number> = {};
  readonly statuses = noCounts();
  readonly controls = new Map<string, StatusCounts>();
  targets = 0;
  inferred = 0;
  unverified = 0;

  target(row: CountedTarget): void {
    this.accounts.add(row.account_id);
    this.targets += 1;
    this.states[row.state] = (this.states[row.state] ?? 0) + 1;
    this.verdicts[row.verdict] = (this.verdicts[row.verdict] ?? 0) + 1;
    if (row.basis === 'INFERRED') this.inferred += 1;
    if (row.verdict === 'UNVERIFIED' && row.state !== 'EXCLUDED') this.unverified += 1;
  }

  finding(row: Pick<FindingRow, 'status' | 'control_id'>): void {
    const status = row.status as keyof StatusCounts;
    const control = this.controls.get(row.control_id) ?? noCounts();
    this.controls.set(row.control_id, control);
    control[status] += 1;
    this.statuses[status] += 1;
  }
}

/** Rows of an account come together: all of its regions that failed alike are one line. */
function addGap(gaps: Gap[], row: CountedTarget): void {
  const { account_id, account_name, state, error_code, error_message } = row;
  const alike = gaps.findLast(
    (gap) => gap.account_id === account_id && gap.state === state && gap.error_code === error_code,
  );
  if (alike) alike.regions += 1;
  else if (gaps.length < GAPS_LISTED)
    gaps.push({ account_id, account_name, state, error_code, error_message, regions: 1 });
}

/** What fails before what is not known, the severe before the mild, a resource before one of many targets or accounts. */
function keepWorst(kept: ShownFinding[], row: ShownFinding): void {
  const rank = (r: ShownFinding): number =>
    (r.status === 'FAIL' ? 0 : 100) +
    SEVERITIES.indexOf(r.severity) * 10 +
    (r.resource_type === 'target' || r.resource_type === 'trail-logs' ? 5 : 0);
  const before = kept.findIndex((other) => rank(other) > rank(row));
  if (before >= 0) kept.splice(before, 0, row);
  else if (kept.length < OPEN_LISTED) kept.push(row);
  if (kept.length > OPEN_LISTED) kept.pop();
}

async function decryptFacts(
  at: { store: ReportStore; runId: string; runDate: string },
  subset: Subset | null,
): Promise<DecryptFacts> {
  const facts: DecryptFacts = { total: 0, unread: 0, open: 0, listed: [] };
  const columns = ['key_arn', 'account_id', 'external_readers', 'policy_read'] as const;
  for await (const key of readTable({ ...at, table: 'keys', columns })) {
    if (subset && !subset.key(key)) continue;
    const readers = key.policy_read === true ? key.external_readers : null;
    facts.total += 1;
    if (readers === null) facts.unread += 1;
    if (key.external_readers.length > 0) facts.open += 1;
    if ((readers === null || readers.length > 0) && facts.listed.length < KEYS_LISTED)
      facts.listed.push({ key_arn: key.key_arn, readers });
  }
  return facts;
}

async function reportOf(store: ReportStore, runId: string): Promise<RunReport | null> {
  try {
    return await readRunReport(store, runId);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    return null; // that it was altered or is gone is said where its hash is checked
  }
}
