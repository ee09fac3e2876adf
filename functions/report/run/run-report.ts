import * as z from 'zod';
import type { RootCauseKind } from '../../domain/controls/reasons/cause-kinds.ts';
import { frameworkResultSchema } from '../../domain/frameworks/results.ts';
import {
  type CoverageState,
  type CoverageVerdict,
  type FindingStatus,
  RUN_STATUSES,
  type Severity,
  type TrailVerdict,
} from '../../domain/model/vocabulary.ts';
import { codeOf, countsOf } from '../../domain/run/parsed.ts';
import { becauseSchema } from '../../domain/watch/because.ts';
import type { RunRow } from '../tables/columns.ts';
import { stateEffortSchema } from './state-efforts.ts';

const text = z.string();
const maybe = z.string().nullable();
const count = z.number().nonnegative();

/** What the readers of a report count on; a row that a later version wrote has more columns. */
const runRowSchema = z.looseObject({
  ...{ run_id: text, run_date: text, status: z.enum(RUN_STATUSES), scope: text, scope_filter: maybe },
  ...{ accounts: count, regions: count, targets: count, api_calls: count, organization_id: maybe },
  ...{ findings_failed: count, findings_unverified: count, findings_waived: count, findings_passed: count },
}) as unknown as z.ZodType<RunRow & { run_date: string }>;

const rootCauseTallySchema = z.object({
  id: text,
  kind: codeOf<RootCauseKind>(),
  severity: codeOf<Severity>(),
  /** One sentence for people. */
  title: text,
  /** What to do, once. */
  fix: text,
  /** The resource to change, where it is one. */
  resource: maybe,
  /** Open findings filed under it; 0 where only targets show it. */
  findings: count,
  /** Accounts that it shows in: with an open finding, or a target whose verdict it decides. */
  accounts: count,
  /** Targets whose verdict it decides. */
  targets: count,
  /** Regions that it shows in; absent from reports of before it was kept. */
  regions: count.optional(),
  /** Accounts that its findings are of, or its targets where it has none, the first `ACCOUNTS_NAMED`; absent from reports of before it was kept. */
  where: z.array(z.object({ account_id: text, account_name: maybe })).optional(),
});
export type RootCauseTally = z.infer<typeof rootCauseTallySchema>;

/** What one kind of repair comes to; accounts and regions are counted once, however many causes they have. */
const causeKindTallySchema = z.object({
  kind: codeOf<RootCauseKind>(),
  /** The worst of its causes. */
  severity: codeOf<Severity>(),
  causes: count,
  findings: count,
  accounts: count,
  regions: count,
  /** Accounts × regions whose verdict it decides; each has one cause, so that kinds add up. */
  targets: count,
});
export type CauseKindTally = z.infer<typeof causeKindTallySchema>;

const worstFindingSchema = z.object({
  finding_id: text,
  control_id: text,
  status: codeOf<FindingStatus>(),
  severity: codeOf<Severity>(),
  reason: maybe,
  account_id: maybe,
  account_name: maybe,
  region: maybe,
  resource_arn: text,
  observed: maybe,
});

/** Open findings of one control with one status and reason. */
const findingKindSchema = z.object({
  control_id: text,
  status: codeOf<FindingStatus>(),
  severity: codeOf<Severity>(),
  reason: maybe,
  findings: count,
  /** Accounts that they are of, each counted once. */
  accounts: count,
  example: worstFindingSchema.pick({ account_id: true, account_name: true, region: true, observed: true }),
});
export type FindingKind = z.infer<typeof findingKindSchema>;

const listedWaiverSchema = z.object({
  id: text,
  control_id: text,
  state: codeOf<'IN_FORCE' | 'EXPIRED' | 'MATCHES_NOTHING'>(),
  /** Findings that are WAIVED by it, or fail again since it ended. */
  findings: count,
  reason: text,
  ticket: text,
  approver: text,
  /** YYYY-MM-DD, UTC. */
  approved_on: text,
  /** Its last day. */
  expires_on: text,
});
export type ListedWaiver = z.infer<typeof listedWaiverSchema>;

/** The newest whole run, and the accounts that changes had scanned again since. */
const presentSchema = z.object({
  /** Start of the whole run: of every account that is not newer. */
  as_of: text,
  /** When an organization trail, or its key or bucket, was changed after that: how accounts are recorded may be otherwise since then. */
  stale_since: maybe,
  newer: z.array(z.object({ account_id: text, run_id: text, as_of: text, stale_since: maybe })),
  /** The changes since, in words, the newest last; at most `CHANGES_NAMED`. */
  because: z.array(text),
});

/** `reports/<run_id>/report.json`: what a run comes to, for people, pages and pipelines. The rows are in the tables. */
export const runReportSchema = z.object({
  version: z.literal(1),
  /** The row of the `runs` table, and the date of its partition. */
  run: runRowSchema,
  accounts: z.object({
    total: count,
    /** Accounts of which nothing was in scope; the verdicts count the others. Absent from reports of before it was kept. */
    excluded: count.optional(),
    /** Each account under the worst verdict of its regions; one whose targets all do not apply is NOT_APPLICABLE. */
    by_verdict: countsOf<CoverageVerdict>(),
  }),
  targets: z.object({
    total: count,
    by_state: countsOf<CoverageState>(),
    /** Of the targets in scope: those in state EXCLUDED are left out. */
    by_verdict: countsOf<CoverageVerdict>(),
    /** Verdicts taken from another region of the account, since a service control policy denies this one. */
    inferred: count,
  }),
  trails: z.object({ total: count, by_verdict: countsOf<TrailVerdict>() }),
  findings: z.object({
    by_status: countsOf<FindingStatus>(),
    by_control: z.record(text, countsOf<FindingStatus>()),
    /** Absent from reports of before it was kept. */
    by_severity: (
      z.record(text, countsOf<FindingStatus>()) as unknown as z.ZodType<Record<Severity, Record<FindingStatus, number>>>
    ).optional(),
  }),
  /** Worst first; at most `ROOT_CAUSES_LISTED`, `root_causes_total` counts them all. */
  root_causes: z.array(rootCauseTallySchema),
  root_causes_total: count,
  /** The same causes by kind: those that reach most accounts first. Absent from reports of before it was kept. */
  cause_kinds: z.array(causeKindTallySchema).optional(),
  /** The worst findings with their accounts, at most `WORST_LISTED`. */
  worst_findings: z.array(worstFindingSchema),
  /** Every open finding by control, status and reason, worst first; at most `WORST_LISTED`. Absent from reports of before it was kept. */
  finding_kinds: z.array(findingKindSchema).optional(),
  changes: z.object({
    previous_run_id: maybe,
    /** Findings open now (FAIL or UNVERIFIED) that were not in the previous run: passed, waived or not there. */
    newly_failing: count,
    /** Findings that did not pass in the previous run and are PASS now. */
    fixed: count,
    /** Findings open in both runs. */
    still_failing: count,
    /** Trails among them, for the events of a run's end; at most `CHANGED_TRAILS_LISTED` each. */
    trails_newly_failing: z.array(text),
    trails_fixed: z.array(text),
  }),
  /** The changes that started the run; absent where none did. */
  because: becauseSchema.optional(),
  /** Where the report is of the present: as of when each account is. In no report of a run. */
  present: presentSchema.optional(),
  /** What the run says of every requirement of every framework; never that one is fulfilled. */
  frameworks: z.array(frameworkResultSchema),
  waivers: z.object({
    in_force: count,
    /** Ids of those that ended: what they covered fails again. */
    expired: z.array(text),
    /** Ids of those in force that match no open finding. */
    matching_nothing: z.array(text),
    /** Every waiver of the file. */
    listed: z.array(listedWaiverSchema),
  }),
  /** Where the time went, in the order of the states. Absent from reports of before it was kept. */
  efforts: z.array(stateEffortSchema).optional(),
  /** Files that could not be believed; their targets are NOT_SCANNED. */
  corrupt_files: z.array(z.object({ file: text, why: text })),
  /** What a reader must know about the limits of this report, in sentences. */
  notes: z.array(text),
});
export type RunReport = z.infer<typeof runReportSchema>;

/** One more than is ever shown, so that it shows that there are more. */
export const ACCOUNTS_NAMED = 4;
export const ROOT_CAUSES_LISTED = 200;
export const WORST_LISTED = 20;
export const CHANGED_TRAILS_LISTED = 100;
export const CHANGES_NAMED = 5;
