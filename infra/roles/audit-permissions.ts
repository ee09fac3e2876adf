import { Aws } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

/**
 * What the scanner reads in an account: the policy of the member role, and of the Scan and Inspect functions for the
 * scanner's own account, where no role is assumed. Which call needs which action: docs/security.md.
 */

const TRAILS = `arn:${Aws.PARTITION}:cloudtrail:*:*:trail/*`;

/** Scan: which regions, which trails, are they logging, what do they record. */
export const trailReads = (): PolicyStatement[] => [
  // These calls know no resource-level permissions.
  allow(
    'ListRegionsTrailsAndStores',
    ['ec2:DescribeRegions', 'cloudtrail:DescribeTrails', 'cloudtrail:ListEventDataStores'],
    ['*'],
  ),
  // Any account: a member reads the status of the organization's trail by the management account's ARN.
  allow('ReadTrailStatus', ['cloudtrail:GetTrailStatus'], [TRAILS]),
  ...selectorReads(),
];

/** What a trail records; Inspect asks for it where the trail's owner could not be entered during Scan. */
export const selectorReads = (): PolicyStatement[] => [
  allow('ReadEventSelectors', ['cloudtrail:GetEventSelectors'], [TRAILS]),
];

/** Inspect: the keys, buckets, log groups and event data stores that trails name. No object, no log event, no data. */
export const resourceReads = (): PolicyStatement[] => [
  allow(
    'ReadEventDataStores',
    ['cloudtrail:GetEventDataStore'],
    [`arn:${Aws.PARTITION}:cloudtrail:*:*:eventdatastore/*`],
  ),
  allow(
    'ReadKeys',
    ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:GetKeyRotationStatus'],
    [`arn:${Aws.PARTITION}:kms:*:*:key/*`],
  ),
  // These calls know no resource-level permissions.
  allow('FindBucketsAndLogGroups', ['s3:ListAllMyBuckets', 'logs:DescribeLogGroups'], ['*']),
  // No resource-level permissions either: it is about the account.
  allow('ReadAccountPublicAccess', ['s3:GetAccountPublicAccessBlock'], ['*']),
  allow(
    'ReadBucketSettings',
    [
      's3:GetBucketLocation',
      's3:GetBucketObjectLockConfiguration',
      's3:GetBucketPolicy',
      's3:GetBucketPublicAccessBlock',
      's3:GetBucketVersioning',
      's3:GetEncryptionConfiguration',
      's3:GetLifecycleConfiguration',
    ],
    [`arn:${Aws.PARTITION}:s3:::*`],
  ),
];

/**
 * The opt-in control `delivered-logs-encrypted`: the header of the newest log object. S3 offers no permission for the
 * header alone; without `kms:Decrypt`, which is never granted, an object that is sealed cannot be read by it.
 */
export const sampleReads = (): PolicyStatement[] => [
  allow('FindNewestLogObject', ['s3:ListBucket'], [`arn:${Aws.PARTITION}:s3:::*`]),
  allow('ReadLogObjectHeader', ['s3:GetObject'], [`arn:${Aws.PARTITION}:s3:::*/AWSLogs/*`]),
];

/** Answers cdk-nag's wildcard rule for the statements above. */
export const acknowledgeReads = (policy: IConstruct, has: { resources: boolean; samples: boolean }): void => {
  const wildcards = (...resources: string[]) =>
    resources.map((resource) => `AwsSolutions-IAM5[Resource::${resource.replace('arn:', 'arn:<AWS::Partition>:')}]`);
  acknowledge(policy, 'These list calls know no resource-level permissions.', wildcards('*'));
  acknowledge(
    policy,
    'Reads settings only, never data; which trails, stores, keys and buckets there are is what the scan finds out.',
    wildcards(
      'arn:cloudtrail:*:*:trail/*',
      ...(has.resources ? ['arn:cloudtrail:*:*:eventdatastore/*', 'arn:kms:*:*:key/*', 'arn:s3:::*'] : []),
    ),
  );
  if (!has.samples) return;
  acknowledge(
    policy,
    'Granted only with the setting sampleLogs, and only for delivered log objects.',
    wildcards('arn:s3:::*/AWSLogs/*'),
  );
};

const allow = (sid: string, actions: string[], resources: string[]): PolicyStatement =>
  new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources });
