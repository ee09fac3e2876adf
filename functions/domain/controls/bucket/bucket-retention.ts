import type { BucketFacts } from '../../judge/resources.ts';
import { control } from '../control.ts';
import { bucketBy, bucketOwnerBy, logObjectBy, oldestWords } from '../evidence-of.ts';
import { OWNER_UNKNOWN, ownerUnknown } from '../reasons/bucket.ts';
import { fail, pass, unverified } from '../reasons/reason.ts';
import { type Filing, unread } from '../reasons/unread.ts';

/** PCI DSS 10.5.1 asks for twelve months of audit history. */
export const RETENTION_DAYS = 365;

const FILING: Filing = { kind: 'BUCKET_SETTINGS', severity: 'MEDIUM' };

export const bucketRetention = control({
  id: 'bucket-retention',
  title: 'The log bucket keeps logs for a year',
  severity: 'MEDIUM',
  resource: 'bucket',
  rationale:
    'An intrusion is found months after it began. A lifecycle rule that deletes logs before a year, often one written for something else in the bucket, deletes what the investigation needs.',
  reads: ['s3:ListAllMyBuckets', 's3:GetLifecycleConfiguration'],
  decision: `No enabled lifecycle rule that may touch the folders of the trails (their prefix, then AWSLogs/…/CloudTrail) expires current objects before ${RETENTION_DAYS} days, or on a date sooner than that. Rules by tag do not count, since CloudTrail tags nothing, nor do transitions and rules on noncurrent versions: a log is never overwritten. With --sample-logs (sampleLogs) the detail tells the oldest log object that is there, trail by trail; it decides nothing.`,
  expected: `No lifecycle rule expires logs before ${RETENTION_DAYS} days`,
  remediation: `Let the rule expire objects after ${RETENTION_DAYS} days or later and keep all else of the configuration: put-bucket-lifecycle-configuration replaces it as a whole.`,
  reasons: {
    ...OWNER_UNKNOWN,
    ...unread('LIFECYCLE', {
      what: ({ words }) => `the lifecycle rules of the log bucket ${words}`,
      words: "the bucket's lifecycle rules",
      action: 's3:GetLifecycleConfiguration',
      filing: FILING,
    }),
    LIFECYCLE_NOT_READ: unverified("The bucket's lifecycle rules were not read", {
      ...FILING,
      fix: 'Give the audit role the read that is missing (s3:GetLifecycleConfiguration), in the account that owns the bucket.',
    }),
    NEVER_EXPIRES: pass('No lifecycle rule expires the logs'),
    EXPIRES_LATER: pass(`Logs expire after ${RETENTION_DAYS} days or later`),
    EXPIRES_EARLY: fail(`Logs expire before ${RETENTION_DAYS} days`, {
      ...FILING,
      title: ({ words }) => `Logs expire before a year in bucket ${words}`,
      fix: `Let its lifecycle rule expire logs after ${RETENTION_DAYS} days at the earliest.`,
    }),
  },
  audit: {
    console:
      "S3, the trail's bucket, Management, Lifecycle rules: each enabled rule whose prefix covers AWSLogs/, its Expire current versions of objects.",
    commands: ['aws s3api get-bucket-lifecycle-configuration --bucket BUCKET'],
    expected: `NoSuchLifecycleConfiguration, or no enabled rule on the logs with Expiration.Days below ${RETENTION_DAYS}.`,
  },
  page: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html',
  sources: ['PCI DSS 4.0.1, 10.5.1', 'Amazon S3 User Guide: Expiring objects'],
  decide(bucket, say) {
    const noOwner = ownerUnknown(bucket);
    if (noOwner) return say('OWNER_UNKNOWN', null, noOwner);
    const expiry = bucket.inspection?.expiryDays;
    const evidence = [
      ...new Set([
        ...bucketOwnerBy(bucket),
        ...bucketBy(bucket, 'GetBucketLifecycleConfiguration'),
        ...bucket.oldestLogs.flatMap(({ reading }) => logObjectBy(bucket, reading)),
      ]),
    ];
    if (!expiry) return say('LIFECYCLE_NOT_READ', null, { evidence });
    if (!expiry.ok) return say(`LIFECYCLE_${expiry.failure.kind}`, null, { detail: expiry.failure.message, evidence });
    const more = { evidence, detail: samples(bucket) };
    if (expiry.value === null) return say('NEVER_EXPIRES', 'No lifecycle rule expires the logs', more);
    const observed = `Logs expire after ${expiry.value} ${expiry.value === 1 ? 'day' : 'days'}`;
    return say(expiry.value < RETENTION_DAYS ? 'EXPIRES_EARLY' : 'EXPIRES_LATER', observed, more);
  },
});

const SAMPLES_NAMED = 3;

/** How far back the logs go, trail by trail: a fact beside the rule. It decides nothing, since a trail may be young. */
function samples({ oldestLogs }: BucketFacts): string | null {
  if (oldestLogs.length === 0) return null;
  const named = oldestLogs
    .slice(0, SAMPLES_NAMED)
    .map(({ trailArn, reading }) => `Of ${trailArn}: ${oldestWords(reading)}`);
  return [...named, ...(oldestLogs.length > SAMPLES_NAMED ? ['More are in the evidence.'] : [])].join(' ');
}
