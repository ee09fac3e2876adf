import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketLoggingCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  type ListBucketsCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  type AccountSession,
  BUCKET_SETTINGS,
  type BucketAt,
  type BucketSetting,
  type BucketSettingReads,
} from '../domain/model/account-access.ts';
import { NOTHING_BLOCKED } from '../domain/model/public-access.ts';
import { CallError, malformed } from './call-error.ts';
import { shortestExpiry } from './lifecycle.ts';
import { NEVER_SET } from './never-set.ts';
import { pages } from './paging.ts';
import { publicAccessBlockIn } from './public-access-block.ts';
import type { Question, Read, ReadCalls } from './read.ts';
import { type ChangedBy, changes } from './watched/change.ts';

const service = 's3';
/** Of a bucket, asked for in the bucket's own region. */
const ofBucket = <const O extends string, const A extends string>(operation: O, action: A, changedBy: ChangedBy) =>
  ({ service, operation, actions: [action], grant: 'ReadBucketSettings', changedBy }) as const;
/** @param events as CloudTrail logs them: `DeletePublicAccessBlock` is `DeleteBucketPublicAccessBlock` there. */
const setting = <const S extends BucketSetting, const A extends string>(name: S, action: A, ...events: string[]) =>
  ofBucket<(typeof BUCKET_SETTINGS)[S]['operation'], A>(
    BUCKET_SETTINGS[name].operation,
    action,
    changes('aws.s3', ...events),
  );
/** A name that another account takes over changes its owner. */
const BUCKETS = changes('aws.s3', 'CreateBucket', 'DeleteBucket');

const LIST_BUCKETS = {
  service,
  operation: 'ListBuckets',
  actions: ['s3:ListAllMyBuckets'],
  grant: 'FindBucketsAndLogGroups',
  isGlobal: true,
  changedBy: BUCKETS,
} as const;
const BUCKET_LOCATION = { ...ofBucket('GetBucketLocation', 's3:GetBucketLocation', BUCKETS), isGlobal: true } as const;

const SETTINGS = {
  bucketObjectLock: setting(
    'objectLock',
    's3:GetBucketObjectLockConfiguration',
    ...['PutObjectLockConfiguration', 'PutBucketObjectLockConfiguration'],
  ),
  bucketPolicy: setting('policy', 's3:GetBucketPolicy', 'PutBucketPolicy', 'DeleteBucketPolicy'),
  bucketPublicAccessBlock: setting(
    'publicAccessBlock',
    's3:GetBucketPublicAccessBlock',
    ...['PutBucketPublicAccessBlock', 'DeleteBucketPublicAccessBlock'],
    ...['PutPublicAccessBlock', 'DeletePublicAccessBlock'],
  ),
  bucketVersioning: setting('versioning', 's3:GetBucketVersioning', 'PutBucketVersioning'),
  bucketEncryption: setting(
    'encryption',
    's3:GetEncryptionConfiguration',
    ...['PutBucketEncryption', 'DeleteBucketEncryption'],
  ),
  bucketExpiry: setting(
    'expiryDays',
    's3:GetLifecycleConfiguration',
    ...['PutBucketLifecycle', 'PutBucketLifecycleConfiguration', 'DeleteBucketLifecycle'],
  ),
  bucketAccessLogging: setting('accessLogging', 's3:GetBucketLogging', 'PutBucketLogging'),
} as const satisfies Record<keyof BucketSettingReads, Read>;

export const BUCKET_READS = {
  ownBucket: LIST_BUCKETS,
  /** A part of `ownBucket`. */
  location: BUCKET_LOCATION,
  ...SETTINGS,
} as const satisfies Record<string, Read>;

export const bucketReads = (calls: ReadCalls): Pick<AccountSession, 'ownBucket'> & BucketSettingReads => {
  const client = (region: string) => calls.client(S3Client, region);

  /** One read of a bucket's setting, in the bucket's own region. `absent` is the code AWS answers where it was never set. */
  const ask = async <O extends { $metadata: object }, T>(request: {
    read: Read;
    at: BucketAt;
    absent?: { code: string; value: T };
    send: (client: S3Client, input: BucketInput) => Promise<O>;
    value: (output: O) => T;
  }) =>
    calls.read(request.read.operation, async () => {
      const { bucket, region } = request.at;
      // A bucket that was deleted and taken by someone else is refused rather than believed.
      const input = { Bucket: bucket, ExpectedBucketOwner: calls.accountId };
      const question: Question<O> = {
        ...request.read,
        region,
        input,
        subject: bucket,
        send: () => request.send(client(region), input),
      };
      try {
        return request.value(await calls.ask(question));
      } catch (error) {
        if (request.absent && error instanceof CallError && error.failure.code === request.absent.code) {
          return request.absent.value;
        }
        throw error;
      }
    });

  return {
    ownBucket: (bucket) =>
      calls.read(LIST_BUCKETS.operation, async () => {
        const found = await findBucket(calls, bucket);
        if (found.region) return { region: found.region };
        return { region: await locate(calls, bucket) };
      }),

    bucketPublicAccessBlock: (at) =>
      ask({
        read: SETTINGS.bucketPublicAccessBlock,
        at,
        absent: { code: NEVER_SET.publicAccessBlock, value: NOTHING_BLOCKED },
        send: (s3, input) => s3.send(new GetPublicAccessBlockCommand(input)),
        value: (output) => publicAccessBlockIn('GetPublicAccessBlock', output),
      }),

    bucketPolicy: (at) =>
      ask({
        read: SETTINGS.bucketPolicy,
        at,
        absent: { code: NEVER_SET.policy, value: null as string | null },
        // The body is the policy itself, so whatever came in its place arrives as an answer: it is neither believed nor kept.
        send: async (s3, input) => {
          const output = await s3.send(new GetBucketPolicyCommand(input));
          if (output.Policy === undefined || !isJson(output.Policy)) throw malformed('GetBucketPolicy', 'whole policy');
          return output;
        },
        value: ({ Policy = null }) => Policy,
      }),

    bucketVersioning: (at) =>
      ask({
        read: SETTINGS.bucketVersioning,
        at,
        send: (s3, input) => s3.send(new GetBucketVersioningCommand(input)),
        value: ({ Status }) => Status ?? 'Disabled',
      }),

    bucketEncryption: (at) =>
      ask({
        read: SETTINGS.bucketEncryption,
        at,
        absent: {
          code: NEVER_SET.encryption,
          value: { algorithm: null as string | null, kmsKeyId: null as string | null },
        },
        send: (s3, input) => s3.send(new GetBucketEncryptionCommand(input)),
        value: ({ ServerSideEncryptionConfiguration }) => {
          const rules = ServerSideEncryptionConfiguration?.Rules;
          if (!rules) throw malformed('GetBucketEncryption', 'Rules');
          const byDefault = rules.find(
            (rule) => rule.ApplyServerSideEncryptionByDefault,
          )?.ApplyServerSideEncryptionByDefault;
          return { algorithm: byDefault?.SSEAlgorithm ?? null, kmsKeyId: byDefault?.KMSMasterKeyID ?? null };
        },
      }),

    bucketObjectLock: (at) =>
      ask({
        read: SETTINGS.bucketObjectLock,
        at,
        absent: {
          code: NEVER_SET.objectLock,
          value: { mode: null as string | null, days: null as number | null },
        },
        send: (s3, input) => s3.send(new GetObjectLockConfigurationCommand(input)),
        value: ({ ObjectLockConfiguration }) => {
          if (!ObjectLockConfiguration?.ObjectLockEnabled)
            throw malformed('GetObjectLockConfiguration', 'ObjectLockEnabled');
          const retention = ObjectLockConfiguration.Rule?.DefaultRetention;
          const days = retention?.Days ?? (retention?.Years === undefined ? null : retention.Years * 365);
          return { mode: retention?.Mode ?? null, days };
        },
      }),

    bucketExpiry: ({ folders, ...at }) =>
      ask({
        read: SETTINGS.bucketExpiry,
        at,
        absent: { code: NEVER_SET.lifecycle, value: null as number | null },
        send: (s3, input) => s3.send(new GetBucketLifecycleConfigurationCommand(input)),
        value: ({ Rules }) => {
          if (!Rules) throw malformed('GetBucketLifecycleConfiguration', 'Rules');
          return shortestExpiry({ rules: Rules, folders, now: calls.clock() });
        },
      }),

    bucketAccessLogging: (at) =>
      ask({
        read: SETTINGS.bucketAccessLogging,
        at,
        send: (s3, input) => s3.send(new GetBucketLoggingCommand(input)),
        value: ({ LoggingEnabled }) => {
          if (!LoggingEnabled) return null;
          if (!LoggingEnabled.TargetBucket) throw malformed('GetBucketLogging', 'TargetBucket');
          return { targetBucket: LoggingEnabled.TargetBucket, targetPrefix: LoggingEnabled.TargetPrefix ?? '' };
        },
      }),
  };
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

interface BucketInput {
  Bucket: string;
  ExpectedBucketOwner: string;
}

/** ListBuckets names the account's own buckets only: being listed is what owning means here. */
const findBucket = async (calls: ReadCalls, bucket: string): Promise<{ region: string | null }> => {
  const { operation } = LIST_BUCKETS;
  const region = calls.globalRegion;
  const list = (token: string | undefined, page: number): Promise<ListBucketsCommandOutput> => {
    const input = { Prefix: bucket, MaxBuckets: 1_000, ...(token === undefined ? {} : { ContinuationToken: token }) };
    return calls.ask({
      ...LIST_BUCKETS,
      region,
      input,
      subject: bucket,
      page,
      send: () => calls.client(S3Client, region).send(new ListBucketsCommand(input)),
    });
  };
  for await (const { Buckets } of pages(operation, list, (page) => page.ContinuationToken)) {
    const found = Buckets?.find(({ Name }) => Name === bucket);
    if (found) return { region: found.BucketRegion || null };
  }
  const message = `this account owns no bucket named ${bucket}`;
  throw new CallError({ kind: 'NOT_FOUND', operation, code: 'NoSuchBucket', message });
};

/** For endpoints whose ListBuckets does not say the region. */
const locate = async (calls: ReadCalls, bucket: string): Promise<string> => {
  const region = calls.globalRegion;
  const input = { Bucket: bucket, ExpectedBucketOwner: calls.accountId };
  const { LocationConstraint } = await calls.ask({
    ...BUCKET_LOCATION,
    region,
    input,
    subject: bucket,
    send: () => calls.client(S3Client, region).send(new GetBucketLocationCommand(input)),
  });
  return regionOfLocation(LocationConstraint);
};

/** The region of a bucket's LocationConstraint, with the two historical spellings of S3. */
export const regionOfLocation = (constraint: string | undefined): string => {
  if (!constraint) return 'us-east-1';
  return constraint === 'EU' ? 'eu-west-1' : constraint;
};
