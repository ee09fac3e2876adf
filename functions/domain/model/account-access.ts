import type { EvidenceRecord } from './evidence.ts';
import type { PublicAccessBlock } from './public-access.ts';
import type { Reading } from './reading.ts';

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
export interface AccountSession {
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
  keyRotation(keyArn: string): Promise<Reading<{ enabled: boolean; periodDays: number | null }>>;
  /** The default policy document, as text. */
  keyPolicy(keyArn: string): Promise<Reading<string>>;
  /** `s3:ListAllMyBuckets` narrowed to this name: the bucket's region, or NOT_FOUND where this account does not own it. */
  ownBucket(bucket: string): Promise<Reading<{ region: string }>>;
  /** The bucket's own; S3 goes by its account's as well: see `domain/public-access`. */
  bucketPublicAccessBlock(at: BucketAt): Promise<Reading<PublicAccessBlock>>;
  /** The account's, which is the same in every region: S3 Control's GetPublicAccessBlock. */
  accountPublicAccessBlock(): Promise<Reading<PublicAccessBlock>>;
  /** The policy document as text, or null where the bucket has none. */
  bucketPolicy(at: BucketAt): Promise<Reading<string | null>>;
  /** `Enabled`, `Suspended` or `Disabled` (never set). */
  bucketVersioning(at: BucketAt): Promise<Reading<'Enabled' | 'Suspended' | 'Disabled'>>;
  bucketEncryption(at: BucketAt): Promise<Reading<{ algorithm: string | null; kmsKeyId: string | null }>>;
  bucketObjectLock(at: BucketAt): Promise<Reading<{ mode: string | null; days: number | null }>>;
  /** Days after which current objects expire, the shortest enabled rule that touches `prefix`; null where none does. */
  bucketExpiry(at: BucketAt & { folders: readonly string[] }): Promise<Reading<number | null>>;
  /** `logs:DescribeLogGroups` by exact name; NOT_FOUND where there is none. */
  logGroup(
    region: string,
    logGroupArn: string,
  ): Promise<Reading<{ kmsKeyArn: string | null; retentionDays: number | null }>>;
  /** The newest delivered log object under `prefix` and its encryption header (ListObjectsV2 + HeadObject); null where there is none. */
  newestLogObject(at: BucketAt & { prefix: string }): Promise<Reading<LogObject | null>>;
  /** AWS operations sent so far (a page is one), retries not counted. */
  calls(): number;
  /** Takes the answers recorded since the last call. */
  takeEvidence(): EvidenceRecord[];
}

export interface BucketAt {
  bucket: string;
  region: string;
}

export interface RegionOptIn {
  region: string;
  /** `opt-in-not-required`, `opted-in` or `not-opted-in`. */
  optIn: string;
}

/** A trail as DescribeTrails shows it, in whichever account and region. */
export interface DescribedTrail {
  trailArn: string;
  name: string;
  homeRegion: string;
  isMultiRegion: boolean;
  isOrganization: boolean;
  globalServiceEvents: boolean;
  logFileValidation: boolean;
  /** As it came: normally a key ARN; null where the trail has none. */
  kmsKeyId: string | null;
  bucket: string | null;
  s3KeyPrefix: string | null;
  logGroupArn: string | null;
}

export interface TrailStatus {
  isLogging: boolean;
  /** ISO 8601 UTC or null. */
  latestDeliveryAt: string | null;
  latestDigestAt: string | null;
  /** null where AWS reports none; an empty string counts as none. */
  latestDeliveryError: string | null;
  latestDigestError: string | null;
  startedLoggingAt: string | null;
  stoppedLoggingAt: string | null;
}

export type ManagementEvents = 'ALL' | 'READ' | 'WRITE' | 'PARTIAL' | 'NONE' | 'UNKNOWN';

/** Basic and advanced selectors as GetEventSelectors gives them; `domain/event-selectors` reduces them. */
export interface EventSelectors {
  basic: { readWriteType: string; includeManagementEvents: boolean; excludeManagementEventSources: string[] }[];
  advanced: { name: string | null; fields: AdvancedField[] }[];
}

export interface AdvancedField {
  field: string;
  equals: string[];
  notEquals: string[];
  startsWith: string[];
  notStartsWith: string[];
  endsWith: string[];
  notEndsWith: string[];
}

export interface EventDataStore {
  arn: string;
  name: string;
  status: string | null;
  /** As it came; null where the store has no customer key. */
  kmsKeyId: string | null;
  isOrganization: boolean;
  isMultiRegion: boolean;
  retentionDays: number | null;
}

export interface KeyDescription {
  keyArn: string;
  accountId: string;
  /** KMS KeyState: Creating, Enabled, Disabled, PendingDeletion, PendingImport, PendingReplicaDeletion, Unavailable, Updating. */
  state: string;
  /** `AWS` or `CUSTOMER`. */
  manager: string;
  /** `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM` or `EXTERNAL_KEY_STORE`. */
  origin: string;
  /** e.g. `SYMMETRIC_DEFAULT`. */
  spec: string;
  usage: string;
  multiRegion: boolean;
  /** ISO 8601 UTC or null. */
  deletionDate: string | null;
}

export interface LogObject {
  key: string;
  lastModified: string;
  /** `aws:kms`, `aws:kms:dsse`, `AES256` or null. */
  encryption: string | null;
  kmsKeyId: string | null;
}

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
  | 'takeEvidence'
>;
