import { parseArn } from '../../domain/model/arn.ts';
import type { BucketInspection, KeyInspection } from '../../domain/model/inspection.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { type KeyPolicyQuestion, keyPolicyAssessment } from '../../domain/policy/key-policy-assessment.ts';
import type { Problem } from '../../domain/remediation/decide/problem.ts';
import { type TrailSubject, trailSubject } from '../../domain/remediation/decide/subject.ts';
import { openRun } from '../../domain/run/run-folder.ts';
import type { BucketRow, FindingRow, RunRow, TrailRow } from '../tables/columns.ts';
import { type FinishedRun, readTable } from '../tables/tables.ts';

/** What is wrong in a run, as `domain/remediation` takes it: joined from the tables, and from the policies while `runs/` is kept. */
export async function runProblems(store: ReportStore, run: FinishedRun): Promise<Problem[]> {
  const at = { store, runId: run.row.run_id, runDate: run.runDate };
  const open = await openFindings(at);
  const trails = await all(readTable({ ...at, table: 'trails' }));
  const buckets = new Map((await all(readTable({ ...at, table: 'buckets' }))).map((b) => [b.bucket, b]));
  const deletion = new Map((await all(readTable({ ...at, table: 'keys' }))).map((k) => [k.key_arn, k.deletion_date]));
  const coverage = await coverageOf(at);
  const policies = await keptPolicies(store, run.row.run_id);
  const subjects = trails.map((row) => subject(row, { run: run.row, open, covered: coverage.covered, deletion }));
  return [
    ...subjects.flatMap((trail) => trailProblems(trail, open)),
    ...keyProblems(open, { trails: subjects, kept: policies, organizationId: run.row.organization_id }),
    ...bucketProblems(open, { buckets, policies: policies.buckets, partition: run.row.partition }),
    ...otherProblems(open),
    ...noTrailProblems(run.row, coverage, await managementAccount(store, run.row)),
  ];
}

interface At {
  store: ReportStore;
  runId: string;
  runDate: string;
}
type Open = ReadonlyMap<string, FindingRow[]>;

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

/** Findings of resources that fail or are not verified, by resource; those of targets are many and told by coverage, those of an account's logs by their trail. */
async function openFindings(at: At): Promise<Open> {
  const open = new Map<string, FindingRow[]>();
  for await (const row of readTable({ ...at, table: 'findings' })) {
    if (row.resource_type === 'target' || row.resource_type === 'trail-logs') continue;
    if (row.status !== 'FAIL' && row.status !== 'UNVERIFIED') continue;
    const list = open.get(row.resource_arn) ?? [];
    list.push(row);
    open.set(row.resource_arn, list);
  }
  return open;
}

interface Coverage {
  /** Accounts recorded by each trail. */
  covered: Map<string, Set<string>>;
  /** Accounts with targets that no trail records, by root cause. */
  unrecorded: Map<string, Set<string>>;
}

async function coverageOf(at: At): Promise<Coverage> {
  const covered = new Map<string, Set<string>>();
  const unrecorded = new Map<string, Set<string>>();
  const add = (map: Map<string, Set<string>>, key: string, account: string) => {
    const set = map.get(key) ?? new Set();
    map.set(key, set.add(account));
  };
  for await (const row of readTable({ ...at, table: 'coverage' })) {
    for (const arn of row.recording_trail_arns) add(covered, arn, row.account_id);
    if (row.verdict === 'NO_TRAIL' && row.root_cause_id) add(unrecorded, row.root_cause_id, row.account_id);
  }
  return { covered, unrecorded };
}

const of = (open: Open, resource: string, control: string): FindingRow | undefined =>
  open.get(resource)?.find((f) => f.control_id === control);

function subject(
  row: TrailRow,
  around: { run: RunRow; open: Open; covered: Coverage['covered']; deletion: ReadonlyMap<string, string | null> },
): TrailSubject {
  const finding = around.open.get(row.trail_arn)?.find((f) => f.control_id !== 'trail-log-validation');
  return trailSubject(row, {
    partition: around.run.partition,
    organizationId: around.run.organization_id,
    rootCauseId: finding?.root_cause_id ?? null,
    accountsCovered: [...(around.covered.get(row.trail_arn) ?? [row.account_id])].sort(),
    keyDeletionDate: row.kms_key_arn === null ? null : (around.deletion.get(row.kms_key_arn) ?? null),
  });
}

function trailProblems(trail: TrailSubject, open: Open): Problem[] {
  const validation = of(open, trail.trailArn, 'trail-log-validation');
  const problems: Problem[] = trail.verdict === 'SEALED' ? [] : [{ problem: 'trail', trail }];
  if (validation?.reason === 'VALIDATION_OFF')
    problems.push({ problem: 'log-validation-off', trail: { ...trail, rootCauseId: validation.root_cause_id } });
  return problems;
}

function keyProblems(
  open: Open,
  {
    trails,
    kept,
    organizationId,
  }: {
    trails: readonly TrailSubject[];
    kept: Pick<KeptPolicies, 'keys' | 'storeKeys'>;
    organizationId: string | null;
  },
): Problem[] {
  const problems: Problem[] = [];
  for (const [keyArn, findings] of open) {
    for (const { control_id, status, root_cause_id: rootCauseId } of findings) {
      if (status !== 'FAIL') continue;
      if (control_id === 'trail-key-rotation') problems.push({ problem: 'key-rotation-off', keyArn, rootCauseId });
      if (control_id !== 'trail-key-policy') continue;
      const users = trails.filter((t) => t.kmsKeyArn === keyArn);
      const reading = kept.keys.get(keyArn)?.policy;
      const policy = reading?.ok ? reading.value : null;
      problems.push({
        problem: 'key-policy',
        keyArn,
        trails: users,
        policy,
        faultyStatements: faulty(policy, {
          keyArn,
          partition: parseArn(keyArn)?.partition ?? 'aws',
          organizationId,
          usedByEventDataStore: kept.storeKeys.has(keyArn),
          trails: users,
        }),
        rootCauseId,
      });
    }
  }
  return problems;
}

/**
 * The statements that let too many in; what only lacks something is not taken away. Asked as the control asks: what the
 * verdict forgives, such as the statement of an event data store on the same key, is no fault to remove.
 */
function faulty(policyText: string | null, question: Omit<KeyPolicyQuestion, 'policyText'>): string[] {
  if (policyText === null) return [];
  const assessment = keyPolicyAssessment({ policyText, ...question });
  const open = assessment.problems.filter((p) => p.reason === 'NOT_SCOPED' || p.reason === 'OPEN_DECRYPT');
  return [...new Set(open.flatMap((p) => p.statement ?? []))];
}

function bucketProblems(
  open: Open,
  known: {
    buckets: ReadonlyMap<string, BucketRow>;
    policies: ReadonlyMap<string, BucketInspection>;
    partition: string;
  },
): Problem[] {
  return [...open].flatMap(([arn, findings]) => {
    const finding = findings.find((f) => f.control_id === 'bucket-protected');
    if (!finding) return [];
    const bucket = arn.slice(arn.lastIndexOf(':') + 1);
    const row = known.buckets.get(bucket);
    const reading = known.policies.get(bucket)?.policy;
    return [
      {
        problem: 'bucket-unprotected' as const,
        bucket,
        partition: known.partition,
        accountId: row?.account_id ?? null,
        region: row?.region ?? null,
        policy: reading?.ok ? (reading.value ?? '') : null,
        rootCauseId: finding.root_cause_id,
      },
    ];
  });
}

function otherProblems(open: Open): Problem[] {
  return [...open].flatMap(([arn, findings]): Problem[] =>
    findings.flatMap(({ control_id, root_cause_id: rootCauseId }): Problem[] => {
      if (control_id === 'log-group-encrypted')
        return [{ problem: 'log-group-unencrypted', logGroupArn: arn, rootCauseId }];
      if (control_id !== 'event-data-store-encrypted') return [];
      return [
        {
          problem: 'event-data-store-unencrypted',
          storeArn: arn,
          storeName: arn.slice(arn.lastIndexOf('/') + 1),
          rootCauseId,
        },
      ];
    }),
  );
}

/** One trail for all that nothing records: in the management account, or in the lone account. */
function noTrailProblems(
  run: RunRow,
  coverage: Coverage,
  management: { accountId: string; homeRegion: string } | null,
): Problem[] {
  if (!management) return [];
  return [...coverage.unrecorded].map(([rootCauseId, accounts]) => ({
    problem: 'no-trail' as const,
    partition: run.partition,
    accountId: management.accountId,
    organizationId: run.organization_id,
    homeRegion: management.homeRegion,
    bucket: null,
    accountsCovered: [...accounts].sort(),
    rootCauseId,
  }));
}

/** Policies as they were read; `runs/` may have expired, and then the fix starts from what the tables know. */
interface KeptPolicies {
  keys: Map<string, KeyInspection>;
  buckets: Map<string, BucketInspection>;
  /** ARNs of keys that event data stores use. */
  storeKeys: Set<string>;
}

async function keptPolicies(store: ReportStore, runId: string): Promise<KeptPolicies> {
  const keys = new Map<string, KeyInspection>();
  const buckets = new Map<string, BucketInspection>();
  const storeKeys = new Set<string>();
  const run = await openRun(store, runId).catch(() => null);
  if (run) {
    for await (const inspection of run.inspections()) {
      for (const key of inspection.keys) keys.set(key.keyArn, key);
      for (const bucket of inspection.buckets) buckets.set(bucket.bucket, bucket);
      for (const { reading } of inspection.eventDataStores)
        if (reading.ok && reading.value.kmsKeyId) storeKeys.add(reading.value.kmsKeyId);
    }
  }
  return { keys, buckets, storeKeys };
}

async function managementAccount(
  store: ReportStore,
  run: RunRow,
): Promise<{ accountId: string; homeRegion: string } | null> {
  const folder = await openRun(store, run.run_id).catch(() => null);
  if (!folder) return null;
  const { managementAccountId, callerAccountId, settings } = folder.plan;
  return { accountId: managementAccountId ?? callerAccountId, homeRegion: settings.homeRegion };
}
