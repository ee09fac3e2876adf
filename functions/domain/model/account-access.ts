import * as z from 'zod';
import type { EvidenceRecord } from './evidence.ts';
import { type PublicAccessBlock, storedPublicAccessBlockSchema } from './public-access.ts';
import type { Delays, Reading } from './reading.ts';

/** Opens account sessions: assumes the audit role (or uses the caller's own credentials for the caller's own account). */
export interface AccountSessions<A = AccountSession> {
  /**
   * One AssumeRole on a regional STS endpoint, session name `TrailSeal-<run_id>`, a session policy that only narrows.
   * The caller's own account needs no role: no call is made for it.
   */
  open(request: {
    accountId: string;
    runId: string;
    /** Ends every call under way and refuses new ones. */
    signal?: AbortSignal;
    /** Takes the refusal as evidence, where the role could not be assumed. */
    keepRefusal?: (records: EvidenceRecord[]) => void;
  }): Promise<Reading<A>>;
}

/**
 * Read-only calls in one account under its own credentials. Every method is exactly one AWS operation
 * (all pages of it) with retries inside, and answers a `Reading`; none throws but for an abort.
 */
export interface AccountSession extends BucketSettingReads {
  readonly accountId: string;
  /** The assumed role's ARN, or the caller's ARN. */
  readonly principalArn: string;
  /** `ec2:DescribeRegions` with AllRegions. */
  regions(): Promise<Reading<RegionOptIn[]>>;
  /** `cloudtrail:DescribeTrails` with shadow trails. */
  trails(region: string): Promise<Reading<DescribedTrail[]>>;
  trailStatus(region: string, trailArn: string): Promise<Reading<TrailStatus>>;
  eventSelectors(region: string, trailArn: string): Promise<Reading<EventSelectors>>;
  eventDataStores(region: string): Promise<Reading<{ arn: string; name: string; status: string | null }[]>>;
  eventDataStore(region: string, arn: string): Promise<Reading<EventDataStore>>;
  /** `kms:DescribeKey`; a missing key is NOT_FOUND. */
  key(keyArn: string): Promise<Reading<KeyDescription>>;
  keyRotation(keyArn: string): Promise<Reading<KeyRotation>>;
  /** The default policy document, as text. */
  keyPolicy(keyArn: string): Promise<Reading<string>>;
  /** `s3:ListAllMyBuckets` narrowed to this name: the bucket's region, or NOT_FOUND where this account does not own it. */
  ownBucket(bucket: string): Promise<Reading<{ region: string }>>;
  /** The account's, which is the same in every region: S3 Control's GetPublicAccessBlock. */
  accountPublicAccessBlock(): Promise<Reading<PublicAccessBlock>>;
  /** `logs:DescribeLogGroups` by exact name; NOT_FOUND where there is none. */
  logGroup(region: string, logGroupArn: string): Promise<Reading<LogGroup>>;
  /** The newest delivered log object under `prefix` and its encryption header (ListObjectsV2 + HeadObject); null where there is none. */
  newestLogObject(at: LogsAt): Promise<Reading<LogObject | null>>;
  /** The oldest one that is still there under the folder of one account and Region, alike. */
  oldestLogObject(at: LogsAt): Promise<Reading<LogObject | null>>;
  /** AWS operations sent so far (a page is one), retries not counted. */
  calls(): number;
  /** What held those up. */
  delays?(): Delays;
  /** Takes the answers recorded since the last call. */
  takeEvidence(): EvidenceRecord[];
}

export interface BucketAt {
  bucket: string;
  region: string;
}

export interface LogsAt extends BucketAt {
  prefix: string;
  /**
   * With which keys other trails write under the same prefix (null: with none): names of log objects do not say whose
   * they are, so what carries one of these is passed over for what does not.
   */
  others?: readonly (string | null)[];
}

/**
 * What is read of a bucket's settings, by the field that an inspection keeps it in: S3's operation as CloudTrail names
 * it, the session's method that asks, and its answer. Session, stored inspection, evidence and the reads follow.
 * `isLater`: inspections of earlier versions lack it, and are read as if it had not been asked.
 */
export const BUCKET_SETTINGS = {
  /** The bucket's own; S3 goes by its account's as well: see `public-access.ts`. */
  publicAccessBlock: {
    operation: 'GetPublicAccessBlock',
    method: 'bucketPublicAccessBlock',
    answer: storedPublicAccessBlockSchema,
  },
  /** The policy document as text, or null where the bucket has none. */
  policy: { operation: 'GetBucketPolicy', method: 'bucketPolicy', answer: z.string().nullable() },
  /** `Disabled`: never set. */
  versioning: {
    operation: 'GetBucketVersioning',
    method: 'bucketVersioning',
    answer: z.enum(['Enabled', 'Suspended', 'Disabled']),
  },
  encryption: {
    operation: 'GetBucketEncryption',
    method: 'bucketEncryption',
    answer: z.object({ algorithm: z.string().nullable(), kmsKeyId: z.string().nullable() }),
  },
  objectLock: {
    operation: 'GetObjectLockConfiguration',
    method: 'bucketObjectLock',
    answer: z.object({ mode: z.string().nullable(), days: z.number().nullable() }),
  },
  /** Days after which current objects expire, the shortest enabled rule that touches one of `folders`; null where none does. */
  expiryDays: {
    operation: 'GetBucketLifecycleConfiguration',
    method: 'bucketExpiry',
    answer: z.number().nullable(),
  },
  /** Where its server access logs go; null where they are off. */
  accessLogging: {
    operation: 'GetBucketLogging',
    method: 'bucketAccessLogging',
    answer: z.object({ targetBucket: z.string(), targetPrefix: z.string() }).nullable(),
    isLater: true,
  },
} as const satisfies Record<string, { operation: string; method: string; answer: z.ZodType; isLater?: true }>;

type BucketSettings = typeof BUCKET_SETTINGS;
export type BucketSetting = keyof BucketSettings;
export const BUCKET_SETTING_NAMES = Object.keys(BUCKET_SETTINGS) as BucketSetting[];
/** As a call answers it. */
export type BucketSettingReading<S extends BucketSetting> = Reading<z.output<BucketSettings[S]['answer']>>;

export type BucketSettingReads = {
  [S in BucketSetting as BucketSettings[S]['method']]: (
    at: S extends 'expiryDays' ? BucketAt & { folders: readonly string[] } : BucketAt,
  ) => Promise<BucketSettingReading<S>>;
};

export interface RegionOptIn {
  region: string;
  /** `opt-in-not-required`, `opted-in` or `not-opted-in`. */
  optIn: string;
}

/** A trail as DescribeTrails shows it, in whichever account and region. */
export const describedTrailSchema = z.object({
  trailArn: z.string(),
  name: z.string(),
  homeRegion: z.string(),
  isMultiRegion: z.boolean(),
  isOrganization: z.boolean(),
  globalServiceEvents: z.boolean(),
  logFileValidation: z.boolean(),
  /** As it came: normally a key ARN; null where the trail has none. */
  kmsKeyId: z.string().nullable(),
  bucket: z.string().nullable(),
  s3KeyPrefix: z.string().nullable(),
  logGroupArn: z.string().nullable(),
});
export type DescribedTrail = z.infer<typeof describedTrailSchema>;

export const trailStatusSchema = z.object({
  isLogging: z.boolean(),
  /** ISO 8601 UTC or null. */
  latestDeliveryAt: z.string().nullable(),
  latestDigestAt: z.string().nullable(),
  /** null where AWS reports none; an empty string counts as none. */
  latestDeliveryError: z.string().nullable(),
  latestDigestError: z.string().nullable(),
  startedLoggingAt: z.string().nullable(),
  stoppedLoggingAt: z.string().nullable(),
  /** Of deliveries to the log group; null too in files of versions that did not keep them. */
  latestLogGroupDeliveryAt: z.string().nullable().default(null),
  latestLogGroupDeliveryError: z.string().nullable().default(null),
});
export type TrailStatus = z.infer<typeof trailStatusSchema>;

export type ManagementEvents = 'ALL' | 'READ' | 'WRITE' | 'PARTIAL' | 'NONE' | 'UNKNOWN';

const advancedFieldSchema = z.object({
  field: z.string(),
  equals: z.array(z.string()),
  notEquals: z.array(z.string()),
  startsWith: z.array(z.string()),
  notStartsWith: z.array(z.string()),
  endsWith: z.array(z.string()),
  notEndsWith: z.array(z.string()),
});
export type AdvancedField = z.infer<typeof advancedFieldSchema>;

/** Basic and advanced selectors as GetEventSelectors gives them; `domain/judge/event-selectors` reduces them. */
export const eventSelectorsSchema = z.object({
  basic: z.array(
    z.object({
      readWriteType: z.string(),
      includeManagementEvents: z.boolean(),
      excludeManagementEventSources: z.array(z.string()),
      /** Whose data events are taken, by kind and ARN; null in files of versions that did not keep them. */
      dataResources: z
        .array(z.object({ type: z.string(), values: z.array(z.string()) }))
        .nullable()
        .default(null),
    }),
  ),
  advanced: z.array(z.object({ name: z.string().nullable(), fields: z.array(advancedFieldSchema) })),
});
export type EventSelectors = z.infer<typeof eventSelectorsSchema>;

export const eventDataStoreSchema = z.object({
  arn: z.string(),
  name: z.string(),
  status: z.string().nullable(),
  /** As it came; null where the store has no customer key. */
  kmsKeyId: z.string().nullable(),
  isOrganization: z.boolean(),
  isMultiRegion: z.boolean(),
  retentionDays: z.number().nullable(),
});
export type EventDataStore = z.infer<typeof eventDataStoreSchema>;

export const keyDescriptionSchema = z.object({
  keyArn: z.string(),
  accountId: z.string(),
  /** KMS KeyState: Creating, Enabled, Disabled, PendingDeletion, PendingImport, PendingReplicaDeletion, Unavailable, Updating. */
  state: z.string(),
  /** `AWS` or `CUSTOMER`. */
  manager: z.string(),
  /** `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM` or `EXTERNAL_KEY_STORE`. */
  origin: z.string(),
  /** e.g. `SYMMETRIC_DEFAULT`. */
  spec: z.string(),
  usage: z.string(),
  multiRegion: z.boolean(),
  /** ISO 8601 UTC or null. */
  deletionDate: z.string().nullable(),
});
export type KeyDescription = z.infer<typeof keyDescriptionSchema>;

export const keyRotationSchema = z.object({ enabled: z.boolean(), periodDays: z.number().nullable() });
export type KeyRotation = z.infer<typeof keyRotationSchema>;

export const logGroupSchema = z.object({ kmsKeyArn: z.string().nullable(), retentionDays: z.number().nullable() });
export type LogGroup = z.infer<typeof logGroupSchema>;

export const logObjectSchema = z.object({
  key: z.string(),
  lastModified: z.string(),
  /** `aws:kms`, `aws:kms:dsse`, `AES256` or null. */
  encryption: z.string().nullable(),
  kmsKeyId: z.string().nullable(),
  /** Only objects with the key of another trail under the same prefix were found, of which this is the first. */
  ofOther: z.literal(true).optional(),
});
export type LogObject = z.infer<typeof logObjectSchema>;

/** What Scan asks of an account. The function that only scans carries no more of the SDK than this needs. */
export type TrailReader = Pick<
  AccountSession,
  | 'accountId'
  | 'principalArn'
  | 'regions'
  | 'trails'
  | 'trailStatus'
  | 'eventSelectors'
  | 'eventDataStores'
  | 'calls'
  | 'delays'
  | 'takeEvidence'
>;
