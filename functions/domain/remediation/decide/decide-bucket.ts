import { RETENTION_DAYS } from '../../controls/bucket/bucket-retention.ts';
import { oneLine } from '../formats/text.ts';
import { tlsOnlyStatement } from '../policies/bucket-policy.ts';
import { publicStatements } from '../policies/public-statements.ts';
import { type Change, type Planned, planned, refuse } from './plan.ts';
import type { Problem, RemediationOptions } from './problem.ts';

type Of<P extends Problem['problem']> = Extract<Problem, { problem: P }>;

const unknownOwner = (bucket: string): Planned =>
  refuse(
    `The owner of bucket ${oneLine(bucket)} is not known: name it in logArchiveAccounts and scan again, or let the audit role into it.`,
  );

export function decideBucket(problem: Of<'bucket-unprotected'>): Planned {
  const bucket = oneLine(problem.bucket);
  if (problem.accountId === null || problem.region === null) return unknownOwner(bucket);
  const at = { accountId: problem.accountId, region: problem.region, bucket: problem.bucket };
  const blocking = problem.needs.publicAccessBlock === 'nothing' ? [] : whatBlockingEnds(problem.policy, at);
  if ('refusal' in blocking) return refuse(blocking.refusal);
  const changes: Change[] = [];
  if (Object.values(problem.needs).some((need) => need !== 'nothing'))
    changes.push({ do: 'protect-bucket', ...at, partition: problem.partition, needs: problem.needs });
  if (!problem.tlsOnly) {
    const statements = [tlsOnlyStatement(problem.partition, problem.bucket)];
    changes.push({ do: 'merge-bucket-policy', ...at, statements, current: problem.policy });
  }
  if (changes.length === 0) {
    return refuse(
      `Nothing is seen that bucket ${bucket} lacks: its owner or its account may have set it since. Scan again.`,
    );
  }
  return planned(`Protect log bucket ${bucket}`, problem.rootCauseId, [problem.accountId], changes, [
    ...blocking,
    ...(problem.needs.versioning === 'nothing'
      ? []
      : [
          'With versioning on, what is deleted or overwritten can be restored, and is paid for until a lifecycle rule expires old versions.',
        ]),
    ...(problem.needs.defaultEncryption === 'nothing'
      ? []
      : [
          "The default encryption is only set where there is none. It does not encrypt a trail's logs: CloudTrail asks for SSE-S3 itself when the trail has no key.",
        ]),
  ]);
}

/** Whom S3 refuses once public access is blocked: notes, or a refusal where that is somebody whom the policy names. */
function whatBlockingEnds(
  policy: string | null,
  { accountId, bucket }: { accountId: string; bucket: string },
): string[] | { refusal: string } {
  if (policy === null)
    return [
      'The bucket policy was not read. If it lets everybody in, S3 refuses all other accounts once public access is blocked, those too that it names (CloudTrail and other AWS services stay let in): look at it first.',
    ];
  const { open, outsiders } = publicStatements({ policy, accountId });
  const label = (labels: readonly string[]) => oneLine(labels.join(', '), 300);
  const anybody = open.filter((statement) => !statement.hasCondition).map((statement) => statement.label);
  if (anybody.length > 0 && outsiders.length > 0)
    return {
      refusal: `The policy of bucket ${oneLine(bucket)} lets everybody in (${label(anybody)}). As long as it does, blocking public access also shuts out the other accounts that it names (${label(outsiders)}): take ${label(anybody)} out first, and scan again.`,
    };
  if (open.length === 0) return [];
  return [
    anybody.length > 0
      ? `Statement ${label(anybody)} of the bucket policy lets everybody in: once public access is blocked, S3 refuses all accounts but ${accountId} by it (CloudTrail and other AWS services stay let in).`
      : `Statement ${label(open.map((s) => s.label))} of the bucket policy names no principal but has a condition. Where S3 counts it as public (the console then shows the bucket as Public), it lets in nobody from another account once public access is blocked: look before.`,
  ];
}

/** @see https://docs.aws.amazon.com/controltower/latest/controlreference/mandatory-controls.html */
const isOfControlTower = (bucket: string): boolean => /^aws-controltower-/.test(bucket);

export function decideRetention(problem: Of<'bucket-retention'>): Planned {
  const { bucket, accountId, region, folders, rootCauseId } = problem;
  if (accountId === null || region === null) return unknownOwner(bucket);
  if (isOfControlTower(bucket)) {
    return refuse(
      `Control Tower made bucket ${oneLine(bucket)} and denies changes to its lifecycle: set the log retention in the landing zone settings of the management account to ${RETENTION_DAYS} days or more.`,
    );
  }
  return planned(
    `Keep the logs in bucket ${oneLine(bucket)} for ${RETENTION_DAYS} days`,
    rootCauseId,
    [accountId],
    [{ do: 'keep-logs', accountId, region, bucket, folders, days: RETENTION_DAYS }],
    [
      `No rule is made to delete or to move anything earlier: the rules that delete logs before ${RETENTION_DAYS} days delete them then, with all else in them as it is.`,
      'A rule that also covers other objects keeps those longer too, and storage is paid for as long.',
      'What is deleted already does not come back, but for versions that a versioned bucket still keeps.',
    ],
  );
}

/** A bucket's name, the old ones of us-east-1 too: it goes into a policy's ARN and a script's JSON. */
const BUCKET_NAME = /^[A-Za-z0-9._-]{3,255}$/;

export function decideAccessLogging(
  problem: Of<'bucket-access-unlogged'>,
  { accessLogBucket: target }: RemediationOptions,
): Planned {
  const { bucket, accountId, region, partition, rootCauseId } = problem;
  if (accountId === null || region === null) return unknownOwner(bucket);
  if (isOfControlTower(bucket)) {
    return refuse(
      `Control Tower made bucket ${oneLine(bucket)} and denies changes to its access logging, which it sets up itself: repair the drift with Reset in the landing zone settings.`,
    );
  }
  const where = `in account ${accountId} and Region ${region}, as S3 demands`;
  if (target === undefined) {
    return refuse(
      `Where the access logs of bucket ${oneLine(bucket)} go is yours to say: name a bucket ${where}, that no trail delivers to, with --access-log-bucket.`,
    );
  }
  if (!BUCKET_NAME.test(target) || !BUCKET_NAME.test(bucket))
    return refuse(`${oneLine(BUCKET_NAME.test(target) ? bucket : target)} is not the name of a bucket.`);
  if (target === bucket || problem.logBuckets.includes(target)) {
    return refuse(
      `Access logs cannot go to ${target}: ${target === bucket ? 'it is the bucket itself, where each log that is written would make another' : 'trails deliver to it, and logs of one kind would lie among those of the other'}. Name another bucket ${where}.`,
    );
  }
  return planned(
    `Log the access to bucket ${bucket}`,
    rootCauseId,
    [accountId],
    [{ do: 'log-access', accountId, region, partition, bucket, target }],
    [
      `S3 writes them to s3://${target}/${bucket}/ as best it can: within hours, and a few may be missing. The script stops where ${target} cannot take them, or would log back.`,
      `Give ${target} a lifecycle rule of its own, and do not log its accesses to ${bucket}.`,
    ],
  );
}
