import type { RootCauseKind } from '../../domain/controls/reasons/cause-kinds.ts';
import type { FrameworkResult } from '../../domain/frameworks/results.ts';
import type { RootCause } from '../../domain/judge/root-cause.ts';
import type {
  CoverageState,
  CoverageVerdict,
  FindingStatus,
  Severity,
  TrailVerdict,
} from '../../domain/model/vocabulary.ts';
import type { FindingRow, RunRow } from '../tables/columns.ts';

/** `reports/<run_id>/report.json`: what a run comes to, for people, pages and pipelines. The rows are in the tables. */
export interface RunReport {
  version: 1;
  /** The row of the `runs` table, and the date of its partition. */
  run: RunRow & { run_date: string };
  accounts: {
    total: number;
    /** Each account under the worst verdict of its regions; one whose targets all do not apply is NOT_APPLICABLE. */
    by_verdict: Record<CoverageVerdict, number>;
  };
  targets: {
    total: number;
    by_state: Record<CoverageState, number>;
    by_verdict: Record<CoverageVerdict, number>;
    /** Verdicts taken from another region of the account, since a service control policy denies this one. */
    inferred: number;
  };
  trails: { total: number; by_verdict: Record<TrailVerdict, number> };
  findings: {
    by_status: Record<FindingStatus, number>;
    by_control: Record<string, Record<FindingStatus, number>>;
    /** Absent from reports of before it was kept. */
    by_severity?: Record<Severity, Record<FindingStatus, number>>;
  };
  /** Worst first; at most `ROOT_CAUSES_LISTED`, `root_causes_total` counts them all. */
  root_causes: RootCauseTally[];
  root_causes_total: number;
  /** The same causes by kind: those that reach most accounts first. Absent from reports of before it was kept. */
  cause_kinds?: CauseKindTally[];
  /** The worst findings with their accounts, at most `WORST_LISTED`. */
  worst_findings: Pick<
    FindingRow,
    | 'finding_id'
    | 'control_id'
    | 'status'
    | 'severity'
    | 'reason'
    | 'account_id'
    | 'account_name'
    | 'region'
    | 'resource_arn'
    | 'observed'
  >[];
  changes: {
    previous_run_id: string | null;
    /** Findings open now (FAIL or UNVERIFIED) that were not in the previous run: passed, waived or not there. */
    newly_failing: number;
    /** Findings that did not pass in the previous run and are PASS now. */
    fixed: number;
    /** Findings open in both runs. */
    still_failing: number;
    /** Trails among them, for the events of a run's end; at most `CHANGED_TRAILS_LISTED` each. */
    trails_newly_failing: string[];
    trails_fixed: string[];
  };
  /** What the run says of every requirement of every framework; never that one is fulfilled. */
  frameworks: FrameworkResult[];
  waivers: {
    in_force: number;
    /** Ids of those that ended: what they covered fails again. */
    expired: string[];
    /** Ids of those in force that match no open finding. */
    matching_nothing: string[];
    /** Every waiver of the file. */
    listed: ListedWaiver[];
  };
  /** Files that could not be believed; their targets are NOT_SCANNED. */
  corrupt_files: { file: string; why: string }[];
  /** What a reader must know about the limits of this report, in sentences. */
  notes: string[];
}

export interface ListedWaiver {
  id: string;
  control_id: string;
  state: 'IN_FORCE' | 'EXPIRED' | 'MATCHES_NOTHING';
  /** Findings that are WAIVED by it, or fail again since it ended. */
  findings: number;
  reason: string;
  ticket: string;
  approver: string;
  /** YYYY-MM-DD, UTC. */
  approved_on: string;
  /** Its last day. */
  expires_on: string;
}

export interface RootCauseTally extends RootCause {
  /** Open findings filed under it. */
  findings: number;
  /** Accounts with at least one target that it affects. */
  accounts: number;
  targets: number;
  /** Accounts that its findings are of, the first `ACCOUNTS_NAMED`; absent from reports of before it was kept. */
  where?: { account_id: string; account_name: string | null }[];
}

/** What one kind of repair comes to; accounts and regions are counted once, however many causes they have. */
export interface CauseKindTally {
  kind: RootCauseKind;
  /** The worst of its causes. */
  severity: Severity;
  causes: number;
  findings: number;
  accounts: number;
  regions: number;
  /** Accounts × regions whose verdict it decides; each has one cause, so that kinds add up. */
  targets: number;
}

/** One more than is ever shown, so that it shows that there are more. */
export const ACCOUNTS_NAMED = 4;
export const ROOT_CAUSES_LISTED = 200;
export const WORST_LISTED = 20;
export const CHANGED_TRAILS_LISTED = 100;
