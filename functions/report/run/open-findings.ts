import type { ControlId, ReasonOf } from '../../domain/controls/catalogue.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import type { FindingRow } from '../tables/columns.ts';
import { readTable } from '../tables/tables.ts';

/** What shows a root cause first: the control or the target's verdict, and the reason; and everything it is shown by. */
export interface Cause {
  control: string;
  reason: string;
  /** `FAIL`, or `UNVERIFIED` where nothing fails. */
  status: 'FAIL' | 'UNVERIFIED';
  /** ARNs of resources, and of trails that record there. */
  arns: Set<string>;
}

/** A run's tables. */
export interface RunTables {
  store: ReportStore;
  runId: string;
  runDate: string;
}
/** Findings that fail or are not verified, by resource. */
export type Open = ReadonlyMap<string, FindingRow[]>;

export async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

/** Findings that fail or are not verified, by resource; those of targets are many and read from coverage, those of an account's logs have no fix of their own. */
export async function openFindings(at: RunTables): Promise<{ open: Open; causes: Map<string, Cause> }> {
  const open = new Map<string, FindingRow[]>();
  const causes = new Map<string, Cause>();
  for await (const row of readTable({ ...at, table: 'findings' })) {
    if (row.status !== 'FAIL' && row.status !== 'UNVERIFIED') continue;
    const { root_cause_id: id, control_id: control, reason } = row;
    if (id !== null)
      causeOf(causes, id, { control, reason: reason ?? row.status, status: row.status }).arns.add(row.resource_arn);
    if (row.resource_type === 'target' || row.resource_type === 'trail-logs') continue;
    const list = open.get(row.resource_arn) ?? [];
    list.push(row);
    open.set(row.resource_arn, list);
  }
  return { open, causes };
}

export interface Coverage {
  /** Accounts recorded by each trail. */
  covered: Map<string, Set<string>>;
  /** What no trail records, by root cause. */
  unrecorded: Map<string, { accounts: Set<string>; reason: string | null }>;
  /** Organization trails whose copy fails in members, by root cause. */
  memberFaults: Map<string, { trailArn: string; reason: string }>;
  /** Trails that are seen where they would record if they were started, by root cause. */
  stopped: Map<string, ReadonlySet<string>>;
}

export async function coverageOf(at: RunTables, causes: Map<string, Cause>): Promise<Coverage> {
  const covered: Coverage['covered'] = new Map();
  const unrecorded: Coverage['unrecorded'] = new Map();
  const memberFaults: Coverage['memberFaults'] = new Map();
  const stopped: Coverage['stopped'] = new Map();
  for await (const row of readTable({ ...at, table: 'coverage' })) {
    for (const arn of row.recording_trail_arns) {
      covered.set(arn, (covered.get(arn) ?? new Set()).add(row.account_id));
    }
    const id = row.root_cause_id;
    if (!id) continue;
    const cause = causeOf(causes, id, {
      control: row.verdict,
      reason: row.reason ?? row.state,
      status: row.verdict === 'UNVERIFIED' ? 'UNVERIFIED' : 'FAIL',
    });
    for (const arn of row.verdict === 'NOT_LOGGING' ? row.trail_arns : row.recording_trail_arns) cause.arns.add(arn);
    if (row.verdict === 'NOT_LOGGING') stopped.set(id, cause.arns);
    const [trailArn] = row.recording_trail_arns;
    if (row.reason?.startsWith('MEMBER_') && trailArn) memberFaults.set(id, { trailArn, reason: row.reason });
    if (row.verdict !== 'NO_TRAIL') continue;
    const group = unrecorded.get(id) ?? { accounts: new Set(), reason: row.reason };
    group.accounts.add(row.account_id);
    unrecorded.set(id, group);
  }
  return { covered, unrecorded, memberFaults, stopped };
}

function causeOf(causes: Map<string, Cause>, id: string, shown: Omit<Cause, 'arns'>): Cause {
  const cause = causes.get(id) ?? { ...shown, arns: new Set() };
  causes.set(id, cause);
  return cause;
}

/** Whether the finding is of this control and, where reasons are named, for one of them: a misspelled one does not compile. */
export const isOf = <Id extends ControlId>(finding: FindingRow, id: Id, ...reasons: ReasonOf<Id>[]): boolean =>
  finding.control_id === id && (reasons.length === 0 || reasons.some((reason) => reason === finding.reason));
