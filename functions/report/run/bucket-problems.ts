import { logFolders } from '../../domain/judge/log-folders.ts';
import type { BucketInspection } from '../../domain/model/inspection.ts';
import type { BucketNeeds } from '../../domain/remediation/decide/plan.ts';
import type { Problem } from '../../domain/remediation/decide/problem.ts';
import type { TrailSubject } from '../../domain/remediation/decide/subject.ts';
import type { BucketRow, FindingRow, RunRow } from '../tables/columns.ts';
import { isOf, type Open } from './open-findings.ts';

interface Known {
  buckets: ReadonlyMap<string, BucketRow>;
  inspections: ReadonlyMap<string, BucketInspection>;
  run: RunRow;
  subjects: readonly TrailSubject[];
  /** The trails that use the resource. */
  usersOf: (arn: string) => string[];
}

/** What is wrong with the buckets that trails deliver to. */
export function bucketProblems(open: Open, known: Known): Problem[] {
  return [...open].flatMap(([arn, findings]) => {
    const whole = findings.find((finding) => isOf(finding, 'bucket-protected'));
    return findings.flatMap((finding): Problem[] => {
      const at = placeOf(arn, finding, known);
      if (isOf(finding, 'bucket-retention', 'EXPIRES_EARLY')) {
        const delivering = known.subjects.filter((trail) => trail.bucket === at.bucket);
        const folders = logFolders(
          delivering.map((trail) => ({ ...trail, owner: trail.ownerAccountId })),
          known.run.organization_id,
        );
        return [{ problem: 'bucket-retention', ...at, folders }];
      }
      if (isOf(finding, 'bucket-access-logged', 'NOT_LOGGED')) {
        const logBuckets = [...new Set(known.subjects.flatMap((trail) => trail.bucket ?? []))].sort();
        return [{ problem: 'bucket-access-unlogged', ...at, logBuckets }];
      }
      const isAlone = isOf(finding, 'bucket-not-public');
      // One cause with the other control: its fix repairs this too.
      if (isAlone ? finding.root_cause_id === whole?.root_cause_id : finding !== whole) return [];
      const row = known.buckets.get(at.bucket);
      const inspection = known.inspections.get(at.bucket);
      const reading = inspection?.policy;
      const needs = bucketNeeds(row, inspection);
      return [
        {
          problem: 'bucket-unprotected',
          ...at,
          policy: reading?.ok ? (reading.value ?? '') : null,
          needs: isAlone ? { ...needs, versioning: 'nothing', defaultEncryption: 'nothing' } : needs,
          tlsOnly: isAlone || row?.tls_only === true,
        },
      ];
    });
  });
}

function placeOf(arn: string, finding: FindingRow, { buckets, run, usersOf }: Known) {
  const bucket = arn.slice(arn.lastIndexOf(':') + 1);
  const row = buckets.get(bucket);
  return {
    bucket,
    partition: run.partition,
    accountId: row?.account_id ?? null,
    region: row?.region ?? null,
    trailArns: usersOf(arn),
    rootCauseId: finding.root_cause_id,
  };
}

function bucketNeeds(row: BucketRow | undefined, inspection: BucketInspection | undefined): BucketNeeds {
  const blocks = inspection?.publicAccessBlock;
  const versions = inspection?.versioning;
  const encryption = inspection?.encryption;
  // Nothing blocked reads the same whether there is a configuration or none: a script, which looks, decides.
  const some = blocks?.ok === true && Object.values(blocks.value).some((set) => set);
  return {
    publicAccessBlock: row?.public_blocked === true ? 'nothing' : some ? 'import' : null,
    versioning: !versions?.ok
      ? null
      : ({ Enabled: 'nothing', Suspended: 'import', Disabled: 'make' } as const)[versions.value],
    defaultEncryption: !encryption?.ok ? null : encryption.value.algorithm === null ? 'make' : 'nothing',
  };
}
