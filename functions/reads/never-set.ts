/** What S3 answers by an error where nothing was ever set, by the setting. */
export const NEVER_SET = {
  publicAccessBlock: 'NoSuchPublicAccessBlockConfiguration',
  policy: 'NoSuchBucketPolicy',
  /** As AWS answered before 2023, and others do. */
  encryption: 'ServerSideEncryptionConfigurationNotFoundError',
  objectLock: 'ObjectLockConfigurationNotFoundError',
  lifecycle: 'NoSuchLifecycleConfiguration',
  ownership: 'OwnershipControlsNotFoundError',
} as const;
