/** Which function needs a read: Scan, Inspect, both, or Inspect only with the setting `sampleLogs`. */
export type ReadBy = 'scan' | 'inspect' | 'both' | 'sample';

interface Statement {
  by: ReadBy;
  /** The resource, after `arn:<partition>:`; `*` where the actions know no resource-level permissions. */
  on: string;
  /** What the scanner's own account is asked with it, for docs/reference/permissions.md. */
  why: string;
}

/**
 * The statements of the audit role, by Sid. S3 offers no permission for the header of an object alone; without
 * `kms:Decrypt`, which is never granted, an object that is encrypted cannot be read by `ReadLogObjectHeader`.
 */
export const GRANTS = {
  ListRegionsTrailsAndStores: {
    by: 'scan',
    on: '*',
    why: "the scanner's own account, where no role is assumed: Regions, trails, event data stores",
  },
  // Any account: a member reads the status of the organization's trail by the management account's ARN.
  ReadTrailStatus: {
    by: 'scan',
    on: 'cloudtrail:*:*:trail/*',
    why: "the scanner's own account: GetTrailStatus, once a trail",
  },
  // Inspect asks for them where the role could not be assumed in the trail's owner during Scan.
  ReadEventSelectors: {
    by: 'both',
    on: 'cloudtrail:*:*:trail/*',
    why: "the scanner's own account: GetEventSelectors, once a trail",
  },
  ReadEventDataStores: {
    by: 'inspect',
    on: 'cloudtrail:*:*:eventdatastore/*',
    why: "the scanner's own account: GetEventDataStore, once a store",
  },
  ReadKeys: { by: 'inspect', on: 'kms:*:*:key/*', why: "the scanner's own account: once a key" },
  FindBucketsAndLogGroups: {
    by: 'inspect',
    on: '*',
    why: "the scanner's own account: ListBuckets and DescribeLogGroups, by name",
  },
  ReadAccountPublicAccess: {
    by: 'inspect',
    on: '*',
    why: "the scanner's own account: once, where a bucket does not block public access by itself",
  },
  ReadBucketSettings: { by: 'inspect', on: 's3:::*', why: "the scanner's own account: once a bucket" },
  FindNewestLogObject: {
    by: 'sample',
    on: 's3:::*',
    why: 'only with sampleLogs: ListObjectsV2 under the prefix of a trail: its newest and its oldest log object',
  },
  ReadLogObjectHeader: {
    by: 'sample',
    on: 's3:::*/AWSLogs/*',
    why: 'only with sampleLogs: HeadObject, which S3 allows by no narrower permission',
  },
} as const satisfies Record<string, Statement>;

/** The Sid of a statement of the audit role. */
export type Grant = keyof typeof GRANTS;
