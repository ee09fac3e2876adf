import type { PolicyStatement } from './policy-statements.ts';

/**
 * What CloudTrail needs of its bucket, for these trails only.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
 */
export function trailBucketStatements(request: {
  partition: string;
  bucket: string;
  s3KeyPrefix: string | null;
  trails: readonly { trailArn: string; ownerAccountId: string; isOrganization: boolean }[];
  organizationId: string | null;
}): PolicyStatement[] {
  const bucketArn = `arn:${request.partition}:s3:::${request.bucket}`;
  const prefix = request.s3KeyPrefix === null || request.s3KeyPrefix === '' ? '' : `${request.s3KeyPrefix}/`;
  const trailArns = [...new Set(request.trails.map((t) => t.trailArn))].sort();
  const source = { 'aws:SourceArn': trailArns.length === 1 ? (trailArns[0] ?? '') : trailArns };
  const folders = request.trails.flatMap((t) => [
    `${bucketArn}/${prefix}AWSLogs/${t.ownerAccountId}/*`,
    ...(t.isOrganization && request.organizationId !== null
      ? [`${bucketArn}/${prefix}AWSLogs/${request.organizationId}/*`]
      : []),
  ]);
  const principal = { Service: 'cloudtrail.amazonaws.com' };
  return [
    {
      Sid: 'TrailSealCloudTrailChecksBucket',
      Effect: 'Allow',
      Principal: principal,
      Action: 's3:GetBucketAcl',
      Resource: bucketArn,
      Condition: { StringEquals: source },
    },
    {
      Sid: 'TrailSealCloudTrailWrites',
      Effect: 'Allow',
      Principal: principal,
      Action: 's3:PutObject',
      Resource: [...new Set(folders)].sort(),
      Condition: { StringEquals: { ...source, 's3:x-amz-acl': 'bucket-owner-full-control' } },
    },
  ];
}

/** The policy of a bucket that is made for one trail. */
export const newBucketStatements = (
  trail: Omit<Parameters<typeof trailBucketStatements>[0], 'trails'> & { accountId: string; isOrganization: boolean },
  trailArn: string,
): PolicyStatement[] => [
  ...trailBucketStatements({
    ...trail,
    trails: [{ trailArn, ownerAccountId: trail.accountId, isOrganization: trail.isOrganization }],
  }),
  tlsOnlyStatement(trail.partition, trail.bucket),
];

/** Refuses everyone who comes without TLS. */
export const tlsOnlyStatement = (partition: string, bucket: string): PolicyStatement => ({
  Sid: 'TrailSealTlsOnly',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: [`arn:${partition}:s3:::${bucket}`, `arn:${partition}:s3:::${bucket}/*`],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});

/**
 * Lets S3 write the server access logs of one bucket, in a folder of its name.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html#grant-log-delivery-permissions-general
 */
export const accessLogStatement = (of: {
  partition: string;
  target: string;
  bucket: string;
  accountId: string;
}): PolicyStatement => ({
  Sid: 'TrailSealAccessLogs',
  Effect: 'Allow',
  Principal: { Service: 'logging.s3.amazonaws.com' },
  Action: 's3:PutObject',
  Resource: `arn:${of.partition}:s3:::${of.target}/${of.bucket}/*`,
  Condition: {
    ArnLike: { 'aws:SourceArn': `arn:${of.partition}:s3:::${of.bucket}` },
    StringEquals: { 'aws:SourceAccount': of.accountId },
  },
});
