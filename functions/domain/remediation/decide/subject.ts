/** A trail as far as its fix depends on it. Names, bucket and prefix are untrusted text. */
export interface TrailSubject {
  trailArn: string;
  trailName: string;
  /** The account in the ARN: for an organization trail the management account. */
  ownerAccountId: string;
  homeRegion: string;
  /** `aws`, `aws-us-gov`, `aws-cn` or `aws-eusc`. */
  partition: string;
  isMultiRegion: boolean;
  isOrganization: boolean;
  /** null where unknown. */
  isLogging: boolean | null;
  globalServiceEvents: boolean;
  logFileValidation: boolean;
  bucket: string | null;
  /** null where unknown: then no key can be placed. */
  bucketRegion: string | null;
  /** null where unknown. */
  bucketAccountId: string | null;
  s3KeyPrefix: string | null;
  logGroupArn: string | null;
  /** The `KmsKeyId` that the trail has now, or null. */
  kmsKeyArn: string | null;
  /** KMS KeyState, `NOT_FOUND`, or null where unknown. */
  keyState: string | null;
  /** ISO 8601, where the key is pending deletion. */
  keyDeletionDate: string | null;
  /** S3 error code, or null. */
  latestDeliveryError: string | null;
  verdict: 'UNSEALED' | 'BROKEN' | 'STOPPED' | 'FOREIGN_KEY' | 'UNVERIFIED' | 'SEALED';
  /** The stable code behind the verdict, e.g. `KEY_DISABLED`. */
  reason: string | null;
  /** Labels of the statements that refuse CloudTrail whatever else is allowed; null where none was seen. */
  refusedBy: {
    /** In the bucket policy: deliveries as they are now. */
    bucket: string | null;
    /** In the bucket policy: objects encrypted with `aws:kms`. */
    kmsEncryption: string | null;
    /** In the bucket policy: objects encrypted with a key that the policy does not name. */
    otherKeys: string | null;
    /** In the policy of the key that the trail has. */
    key: string | null;
  };
  /** Where the organization, and the landing zone, is managed; null where unknown. */
  managementAccountId: string | null;
  /** Made by Control Tower: fixed in the landing zone's settings. */
  controlTower: boolean;
  /** `o-…`, or null. */
  organizationId: string | null;
  rootCauseId: string | null;
  /** Accounts that one fix of this trail repairs; the owner alone for a local trail. */
  accountsCovered: readonly string[];
}

/** The columns of the `trails` table that a fix needs; a `TrailRow` is one. */
export interface TrailColumns {
  trail_arn: string;
  name: string;
  account_id: string;
  home_region: string;
  is_multi_region: boolean;
  is_organization: boolean;
  is_logging: boolean | null;
  global_service_events: boolean;
  log_file_validation: boolean;
  kms_key_arn: string | null;
  key_state: string | null;
  bucket: string | null;
  bucket_account_id: string | null;
  bucket_region: string | null;
  s3_key_prefix: string | null;
  log_group_arn: string | null;
  latest_delivery_error: string | null;
  verdict: TrailSubject['verdict'];
  reason: string | null;
}

/** What the tables know of a trail in addition to its own row. */
export interface TrailSurroundings {
  partition: string;
  organizationId: string | null;
  rootCauseId: string | null;
  accountsCovered: readonly string[];
  keyDeletionDate?: string | null;
  refusedBy?: TrailSubject['refusedBy'];
  managementAccountId?: string | null;
}

export const trailSubject = (row: TrailColumns, around: TrailSurroundings): TrailSubject => ({
  trailArn: row.trail_arn,
  trailName: row.name,
  ownerAccountId: row.account_id,
  homeRegion: row.home_region,
  partition: around.partition,
  isMultiRegion: row.is_multi_region,
  isOrganization: row.is_organization,
  isLogging: row.is_logging,
  globalServiceEvents: row.global_service_events,
  logFileValidation: row.log_file_validation,
  bucket: row.bucket,
  bucketRegion: row.bucket_region,
  bucketAccountId: row.bucket_account_id,
  s3KeyPrefix: row.s3_key_prefix,
  logGroupArn: row.log_group_arn,
  kmsKeyArn: row.kms_key_arn,
  keyState: row.key_state,
  keyDeletionDate: around.keyDeletionDate ?? null,
  latestDeliveryError: row.latest_delivery_error,
  verdict: row.verdict,
  reason: row.reason,
  refusedBy: around.refusedBy ?? { bucket: null, kmsEncryption: null, otherKeys: null, key: null },
  managementAccountId: around.managementAccountId ?? null,
  controlTower: isControlTowerTrail(row.name),
  organizationId: around.organizationId,
  rootCauseId: around.rootCauseId,
  accountsCovered: around.accountsCovered,
});

/**
 * Control Tower names its trails `aws-controltower-BaselineCloudTrail`, and guards them with a service control policy:
 * what update-trail changes there is refused, or undone as drift.
 */
export const isControlTowerTrail = (name: string): boolean => /^aws-controltower-/i.test(name);
