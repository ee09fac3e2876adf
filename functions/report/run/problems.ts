import type { ControlId, ReasonOf } from '../../domain/controls/catalogue.ts';
import { parseArn } from '../../domain/model/arn.ts';
import type { Reading } from '../../domain/model/reading.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { whyNoFix, whyNoSecondTrail } from '../../domain/remediation/decide/no-fix.ts';
import { causeOf, type Problem } from '../../domain/remediation/decide/problem.ts';
import { type TrailSubject, trailSubject } from '../../domain/remediation/decide/subject.ts';
import { refusingStatements } from '../../domain/remediation/policies/refusing-statements.ts';
import type { FindingRow, KeyRow, RunRow, TrailRow } from '../tables/columns.ts';
import { type FinishedRun, readTable } from '../tables/tables.ts';
import { bucketProblems } from './bucket-problems.ts';
import { type Kept, keptInspections, type Management, managementAccount } from './kept-inspections.ts';
import { all, type Cause, type Coverage, coverageOf, isOf, type Open, openFindings } from './open-findings.ts';

/** What is wrong in a run, as `domain/remediation` takes it: joined from the tables, and from the policies while `runs/` is kept. */
export async function runProblems(store: ReportStore, run: FinishedRun): Promise<Problem[]> {
  const at = { store, runId: run.row.run_id, runDate: run.runDate };
  const { open, causes } = await openFindings(at);
  const trails = await all(readTable({ ...at, table: 'trails' }));
  const buckets = new Map((await all(readTable({ ...at, table: 'buckets' }))).map((b) => [b.bucket, b]));
  const keys = new Map((await all(readTable({ ...at, table: 'keys' }))).map((k) => [k.key_arn, k]));
  const coverage = await coverageOf(at, causes);
  const kept = await keptInspections(store, run.row.run_id);
  const management = await managementAccount(store, run.row);
  const subjects = trails.map((row) =>
    subject(row, { run: run.row, covered: coverage.covered, keys, kept, management }),
  );
  const problems: Problem[] = [
    ...subjects.flatMap((trail) => trailProblems(trail, open.get(trail.trailArn) ?? [])),
    ...memberProblems(coverage.memberFaults, subjects),
    ...stoppedProblems(coverage.stopped, subjects),
    ...keyProblems(open, subjects, { keys, kept, organizationId: run.row.organization_id }),
    ...bucketProblems(open, {
      buckets,
      inspections: kept.buckets,
      run: run.row,
      subjects,
      usersOf: (arn) => usersOf(subjects, new Set([arn])),
    }),
    ...otherProblems(open, { kept, subjects }),
    ...noTrailProblems(run.row, { coverage, trails, management }),
  ];
  return [...problems, ...withoutFix(problems, { causes, subjects })];
}

/** Every root cause without a problem of its own gets the line that says why no fix is written (contract 6.14). */
function withoutFix(
  problems: readonly Problem[],
  { causes, subjects }: { causes: ReadonlyMap<string, Cause>; subjects: readonly TrailSubject[] },
): Problem[] {
  const named = new Set(problems.map(causeOf));
  return [...causes].flatMap(([rootCauseId, { arns, ...shown }]): Problem[] => {
    if (named.has(rootCauseId)) return [];
    return [{ problem: 'no-fix', why: whyNoFix(shown), trailArns: usersOf(subjects, arns), rootCauseId }];
  });
}

/** The trails that are one of these resources, or use one as key, bucket or log group. */
const usersOf = (subjects: readonly TrailSubject[], arns: ReadonlySet<string>): string[] =>
  subjects
    .filter(
      (t) =>
        arns.has(t.trailArn) ||
        (t.kmsKeyArn !== null && arns.has(t.kmsKeyArn)) ||
        (t.bucket !== null && arns.has(`arn:${t.partition}:s3:::${t.bucket}`)) ||
        (t.logGroupArn !== null && (arns.has(t.logGroupArn) || arns.has(t.logGroupArn.replace(/:\*$/, '')))),
    )
    .map((t) => t.trailArn);

function subject(
  row: TrailRow,
  around: {
    run: RunRow;
    covered: Coverage['covered'];
    keys: ReadonlyMap<string, KeyRow>;
    kept: Kept;
    management: Management | null;
  },
): TrailSubject {
  const { organization_id: organizationId, partition } = around.run;
  return trailSubject(row, {
    partition,
    organizationId,
    rootCauseId: null,
    accountsCovered: [...(around.covered.get(row.trail_arn) ?? [row.account_id])].sort(),
    keyDeletionDate: row.kms_key_arn === null ? null : (around.keys.get(row.kms_key_arn)?.deletion_date ?? null),
    managementAccountId: around.management?.managementAccountId ?? null,
    refusedBy: refusingStatements({
      trail: {
        trailArn: row.trail_arn,
        trailOwnerAccountId: row.account_id,
        partition,
        organizationId,
        s3KeyPrefix: row.s3_key_prefix,
      },
      bucket: row.bucket === null ? null : { name: row.bucket, policy: policyOf(around.kept.buckets.get(row.bucket)) },
      key:
        row.kms_key_arn === null
          ? null
          : { arn: row.kms_key_arn, policy: policyOf(around.kept.keys.get(row.kms_key_arn)) },
    }),
  });
}

const policyOf = (inspection: { policy: Reading<string | null> | null } | undefined): string | null =>
  inspection?.policy?.ok ? inspection.policy.value : null;

/** The controls whose finding is a fault of the trail, in the order in which they explain one another. */
const TRAIL_FAULTS = [
  'trail-key-usable',
  'trail-key-owned',
  'trail-kms-encrypted',
  'trail-delivering',
] as const satisfies readonly ControlId[];
/** Repaired in this order: what lets CloudTrail deliver before what it is to deliver. */
const ORDER: readonly string[] = ['BROKEN', 'UNSEALED', 'FOREIGN_KEY', 'STOPPED', 'UNVERIFIED'];

/** Every fault of the trail, each with its own root cause: one verdict hides no second fault. */
function trailProblems(trail: TrailSubject, findings: readonly FindingRow[]): Problem[] {
  const faults = new Map<string, TrailSubject>();
  const byControl = TRAIL_FAULTS.flatMap((control) => findings.filter((f) => isOf(f, control)));
  for (const status of ['FAIL', 'UNVERIFIED']) {
    for (const finding of byControl) {
      const { root_cause_id: rootCauseId, reason } = finding;
      if (finding.status !== status || faults.has(rootCauseId ?? '')) continue;
      faults.set(rootCauseId ?? '', { ...trail, rootCauseId, reason, verdict: faultOf(finding) });
    }
  }
  const ordered = [...faults.values()].sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const validation = findings.find((f) => isOf(f, 'trail-log-validation', 'VALIDATION_OFF'));
  const unmonitored = findings.find((f) => isOf(f, 'trail-monitored', 'NO_LOG_GROUP'));
  return [
    ...ordered.map((fault) => ({ problem: 'trail' as const, trail: fault })),
    ...(validation
      ? [{ problem: 'log-validation-off' as const, trail: { ...trail, rootCauseId: validation.root_cause_id } }]
      : []),
    ...(unmonitored
      ? [{ problem: 'trail-unmonitored' as const, trail: { ...trail, rootCauseId: unmonitored.root_cause_id } }]
      : []),
  ];
}

function faultOf(finding: FindingRow): TrailSubject['verdict'] {
  if (finding.status === 'UNVERIFIED') return 'UNVERIFIED';
  if (isOf(finding, 'trail-kms-encrypted')) return 'UNSEALED';
  if (isOf(finding, 'trail-key-owned')) return 'FOREIGN_KEY';
  return isOf(finding, 'trail-delivering', 'NOT_LOGGING') ? 'STOPPED' : 'BROKEN';
}

const STOPPED: ReasonOf<'trail-delivering'> = 'NOT_LOGGING';

/** What of a member's copy has steps of its own; a status that could not be read has its reason's words alone. */
const MEMBER_VERDICTS: Partial<Record<ReasonOf<'region-recorded'>, TrailSubject['verdict']>> = {
  MEMBER_DELIVERY_ERROR: 'BROKEN',
  MEMBER_SILENT: 'UNVERIFIED',
};

/** Members' copies of an organization trail that are not delivered: its bucket and key must let them in. */
const memberProblems = (faults: Coverage['memberFaults'], trails: readonly TrailSubject[]): Problem[] =>
  [...faults].flatMap(([rootCauseId, { trailArn, reason }]) => {
    const trail = trails.find((t) => t.trailArn === trailArn);
    const verdict = (MEMBER_VERDICTS as Readonly<Record<string, TrailSubject['verdict']>>)[reason];
    return trail && verdict ? [{ problem: 'trail' as const, trail: { ...trail, rootCauseId, reason, verdict } }] : [];
  });

/** Where only stopped trails would record: starting them repairs that too. */
const stoppedProblems = (stopped: Coverage['stopped'], trails: readonly TrailSubject[]): Problem[] =>
  [...stopped].flatMap(([rootCauseId, arns]) =>
    trails.flatMap((trail): Problem[] =>
      arns.has(trail.trailArn) && trail.isLogging === false
        ? [{ problem: 'trail', trail: { ...trail, rootCauseId, reason: STOPPED, verdict: 'STOPPED' } }]
        : [],
    ),
  );

function keyProblems(
  open: Open,
  trails: readonly TrailSubject[],
  known: { keys: ReadonlyMap<string, KeyRow>; kept: Kept; organizationId: string | null },
): Problem[] {
  const { keys, kept, organizationId } = known;
  return [...open].flatMap(([keyArn, findings]) =>
    findings.flatMap((finding): Problem[] => {
      const { status, root_cause_id: rootCauseId } = finding;
      if (status !== 'FAIL' || isOf(finding, 'trail-key-policy', 'FOREIGN_DECRYPT')) return [];
      if (isOf(finding, 'trail-key-rotation'))
        return [
          {
            problem: 'key-rotation-off',
            keyArn,
            keyState: keys.get(keyArn)?.state ?? null,
            trailArns: usersOf(trails, new Set([keyArn])),
            rootCauseId,
          },
        ];
      if (!isOf(finding, 'trail-key-policy')) return [];
      return [
        {
          problem: 'key-policy',
          keyArn,
          trails: trails.filter((t) => t.kmsKeyArn === keyArn),
          policy: policyOf(kept.keys.get(keyArn)),
          organizationId,
          usedByEventDataStore: [...kept.stores.values()].some(
            ({ reading }) => reading.ok && reading.value.kmsKeyId === keyArn,
          ),
          rootCauseId,
        },
      ];
    }),
  );
}

function otherProblems(open: Open, { kept, subjects }: { kept: Kept; subjects: readonly TrailSubject[] }): Problem[] {
  return [...open].flatMap(([arn, findings]) =>
    findings.flatMap((finding): Problem[] => {
      const { status, reason, root_cause_id: rootCauseId } = finding;
      if (isOf(finding, 'log-group-encrypted') && status === 'FAIL')
        return [
          {
            problem: 'log-group-unencrypted',
            logGroupArn: arn,
            trailArns: usersOf(subjects, new Set([arn])),
            rootCauseId,
          },
        ];
      if (!isOf(finding, 'event-data-store-encrypted') || parseArn(arn)?.service !== 'cloudtrail') return [];
      const store = kept.stores.get(arn);
      const keyArn = store?.reading.ok ? store.reading.value.kmsKeyId : null;
      const description = store?.key?.description;
      const state = description?.ok
        ? description.value.state
        : isOf(finding, 'event-data-store-encrypted', 'KEY_NOT_FOUND')
          ? 'NOT_FOUND'
          : null;
      return [
        {
          problem: 'event-data-store-unencrypted',
          storeArn: arn,
          storeName: store?.reading.ok ? store.reading.value.name : arn.slice(arn.lastIndexOf('/') + 1),
          key: keyArn
            ? { arn: keyArn, state, deletionDate: description?.ok ? description.value.deletionDate : null }
            : null,
          reason: reason ?? status,
          rootCauseId,
        },
      ];
    }),
  );
}

/** One trail for all that nothing records, unless there is an organization trail, which is repaired instead. */
function noTrailProblems(
  run: RunRow,
  known: { coverage: Coverage; trails: readonly TrailRow[]; management: Management | null },
): Problem[] {
  const { coverage, management } = known;
  const organizationTrail = known.trails.find((t) => t.is_organization);
  return [...coverage.unrecorded].flatMap(([rootCauseId, { accounts, reason }]): Problem[] => {
    if (organizationTrail) {
      const why = whyNoSecondTrail(organizationTrail, { accounts: [...accounts].sort(), reason });
      return [{ problem: 'no-fix', why, trailArns: [organizationTrail.trail_arn], rootCauseId }];
    }
    if (!management) return [];
    return [
      {
        problem: 'no-trail',
        partition: run.partition,
        accountId: management.accountId,
        organizationId: run.organization_id,
        homeRegion: management.homeRegion,
        bucket: null,
        accountsCovered: [...accounts].sort(),
        rootCauseId,
      },
    ];
  });
}
