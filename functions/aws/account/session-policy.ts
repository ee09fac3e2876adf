/** AWS refuses a longer one. */
export const MAX_SESSION_POLICY = 2_048;

const READS = [
  'cloudtrail:DescribeTrails',
  'cloudtrail:GetEventDataStore',
  'cloudtrail:GetEventSelectors',
  'cloudtrail:GetTrailStatus',
  'cloudtrail:ListEventDataStores',
  'ec2:DescribeRegions',
  'kms:DescribeKey',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'logs:DescribeLogGroups',
  's3:GetAccountPublicAccessBlock',
  's3:GetBucketLocation',
  's3:GetBucketObjectLockConfiguration',
  's3:GetBucketPolicy',
  's3:GetBucketPublicAccessBlock',
  's3:GetBucketVersioning',
  's3:GetEncryptionConfiguration',
  's3:GetLifecycleConfiguration',
  's3:ListAllMyBuckets',
];

/**
 * What an assumed session may still do, however much the role allows: exactly the reads made here.
 * A session policy only narrows; it grants nothing that the role does not.
 */
export const sessionPolicy = ({ partition, sampleLogs }: { partition: string; sampleLogs: boolean }): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: READS, Resource: '*' },
      ...(sampleLogs
        ? [
            { Effect: 'Allow', Action: 's3:ListBucket', Resource: `arn:${partition}:s3:::*` },
            // HeadObject is allowed by GetObject; only delivered logs are ever named.
            { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:${partition}:s3:::*/AWSLogs/*` },
          ]
        : []),
    ],
  });
