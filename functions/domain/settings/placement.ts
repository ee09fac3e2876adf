import * as z from 'zod';

/**
 * Where a deployment puts itself, and what it uses of what is there already. Declared here and not with the other settings
 * of a deployment, since `trailseal doctor --deploy` looks at the very same things. Messages complete `setting "x" …`.
 */
const text = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error });
const optional = (field: z.ZodString, words: string) => field.nullable().default(null).describe(words);

/** S3: a bucket's name. */
const bucketName = text(
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  'must be the name of an S3 bucket, without s3:// and without a prefix',
);

const existing = z.strictObject({
  reportBucket: optional(
    bucketName,
    'Your bucket for the report root, in the account and Region deployed to; nothing of it is changed, and what it holds goes on. Its lifecycle and Object Lock are yours (say objectLock where it has one)',
  ),
  key: optional(
    text(
      /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
      'must be the ARN of a KMS key (not of an alias), such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    ),
    'Your KMS key for buckets, logs, topic and dead letters, in the Region deployed to. It must be the one that reportBucket is encrypted with',
  ),
  topic: optional(
    text(
      /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/,
      'must be the ARN of an SNS topic that is not FIFO, such as arn:aws:sns:eu-west-1:111122223333:alerts',
    ),
    'Your SNS topic for alarms and summaries',
  ),
  accessLogBucket: optional(
    bucketName,
    'Your bucket for server access logs, in the account and Region deployed to; S3 delivers them nowhere else',
  ),
});

export const placementFields = {
  namePrefix: text(/^[A-Za-z][A-Za-z0-9]{1,23}$/, 'must be 2 to 24 letters and digits, beginning with a letter')
    .default('TrailSeal')
    .describe(
      'Beginning of every name that the deployment gives; of the audit role, the Glue database and the workgroup too, where they are not set. With another one, a second deployment fits into the same account and Region',
    ),
  existing: existing.prefault({} as never).describe('What is there already and is used instead of made'),
};

export interface Placement {
  namePrefix: string;
  existing: { reportBucket: string | null; key: string | null; topic: string | null; accessLogBucket: string | null };
}
