import { control } from '../control.ts';
import { bucketBy, bucketOwnerBy, selectorsBy, statusBy } from '../evidence-of.ts';
import { OWNER_UNKNOWN, ownerUnknown } from '../reasons/bucket.ts';
import { fail, pass, unverified } from '../reasons/reason.ts';
import { type Filing, unread } from '../reasons/unread.ts';

const FILING: Filing = { kind: 'BUCKET_SETTINGS', severity: 'LOW' };

export const bucketAccessLogged = control({
  id: 'bucket-access-logged',
  title: 'Access to the log bucket is logged',
  severity: 'LOW',
  resource: 'bucket',
  rationale:
    'Who reads, overwrites or deletes logs shows in no management event. Server access logs, or the data events of a trail, show it.',
  reads: ['s3:ListAllMyBuckets', 's3:GetBucketLogging', 'cloudtrail:GetEventSelectors', 'cloudtrail:GetTrailStatus'],
  decision:
    "Server access logging is on; or a trail of the bucket's account, or of the organization, in its Region, that logs and delivers, takes all read and write data events of its objects (several together count, a selector of some objects or events does not). Another account's trail does not count: it sees only what that account does there.",
  expected: 'Server access logging is on, or a trail takes all data events of the bucket',
  remediation:
    'aws s3api put-bucket-logging with a bucket of its own in the same account and Region, that no trail delivers to and that lets logging.s3.amazonaws.com write; or data events of the bucket on a trail that delivers elsewhere, which are paid for.',
  reasons: {
    ...OWNER_UNKNOWN,
    ...unread('ACCESS_LOGGING', {
      what: ({ words }) => `whether access to the log bucket ${words} is logged`,
      words: "the bucket's server access logging",
      action: 's3:GetBucketLogging',
      filing: FILING,
    }),
    ACCESS_LOGGING_NOT_READ: unverified("The bucket's server access logging was not read", {
      ...FILING,
      fix: 'Scan again: the run was inspected by a version that did not ask for it.',
    }),
    ACCESS_LOGGING_ON: pass('Server access logging is on'),
    DATA_EVENTS: pass("A trail takes the bucket's data events"),
    DATA_EVENTS_UNKNOWN: unverified("Whether a trail takes the bucket's data events is not known", {
      ...FILING,
      fix: 'Look at the trail that the finding names: its event selectors or its delivery are not known.',
    }),
    NOT_LOGGED: fail('Access to the bucket is not logged', {
      ...FILING,
      title: ({ words }) => `Access to the log bucket is not logged: ${words}`,
      fix: 'Turn on server access logging, into a bucket of its own.',
    }),
  },
  audit: {
    console:
      "S3, the trail's bucket, Properties: Server access logging is Enabled; or AWS CloudTrail data events names a trail.",
    commands: [
      'aws s3api get-bucket-logging --bucket BUCKET',
      'aws cloudtrail get-event-selectors --region HOME_REGION --trail-name TRAIL_ARN',
    ],
    expected:
      'LoggingEnabled with a TargetBucket; or a selector for AWS::S3::Object that takes read and write events of all buckets or of this one.',
  },
  page: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/logging-with-S3.html',
  sources: [
    'CIS AWS Foundations Benchmark 3.0.0, 3.4',
    'AWS Security Hub control CloudTrail.7',
    'Amazon S3 User Guide: Logging requests with server access logging',
  ],
  decide(bucket, say) {
    const noOwner = ownerUnknown(bucket);
    if (noOwner) return say('OWNER_UNKNOWN', null, noOwner);
    const logging = bucket.inspection?.accessLogging;
    const { whole, trails } = bucket.dataEvents;
    const arns = trails.map(({ facts }) => facts.trail.trailArn).join(', ');
    const asked = [...bucketOwnerBy(bucket), ...bucketBy(bucket, 'GetBucketLogging')];
    const evidence = [...asked, ...trails.flatMap((trail) => [...selectorsBy(trail), ...statusBy(trail)])];
    if (logging?.ok && logging.value) {
      const { targetBucket, targetPrefix } = logging.value;
      const observed = `Server access logs go to ${targetBucket}/${targetPrefix}`;
      if (targetBucket !== bucket.bucket) return say('ACCESS_LOGGING_ON', observed, { evidence: asked });
      const detail = 'They go into the bucket itself, where each log that is written makes another.';
      return say('ACCESS_LOGGING_ON', observed, { evidence: asked, detail });
    }
    if (whole) return say('DATA_EVENTS', `Data events of the bucket are taken by ${arns}`, { evidence });
    if (!logging) return say('ACCESS_LOGGING_NOT_READ', null, { evidence: asked });
    if (!logging.ok)
      return say(`ACCESS_LOGGING_${logging.failure.kind}`, null, { detail: logging.failure.message, evidence: asked });
    const off = 'Server access logging is off';
    if (whole === null)
      return say('DATA_EVENTS_UNKNOWN', off, { detail: `Not known of ${arns}: selectors or delivery`, evidence });
    const some = trails.length > 0 ? `, and ${arns} takes only some data events of the bucket` : '';
    return say('NOT_LOGGED', `${off}${some}`, { evidence });
  },
});
