import type { BucketSpec, KeyPolicyKind } from './world-spec.ts';

/** The key policies found in the field, as AWS's guides and consoles write them. */
export const keyPolicyText = (key: {
  kind: KeyPolicyKind;
  partition: string;
  owner: string;
  /** The trails it is meant for; empty: any trail of `owner`. */
  trailArns: readonly string[];
  sharedWith: readonly string[];
}): string => {
  const { kind, partition, owner } = key;
  const trailAccounts = [...new Set(key.trailArns.map((arn) => arn.split(':')[4] ?? owner))];
  if (trailAccounts.length === 0) trailAccounts.push(owner);
  const contexts = trailAccounts.map((account) => `arn:${partition}:cloudtrail:*:${account}:trail/*`);
  const cloudTrail = { Service: 'cloudtrail.amazonaws.com' };
  const statements: object[] = [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: `arn:${partition}:iam::${owner}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  ];
  if (kind !== 'none') {
    const scope =
      kind === 'unscoped'
        ? {}
        : {
            Condition: {
              ...(key.trailArns.length > 0
                ? { StringEquals: { 'aws:SourceArn': oneOrMore(key.trailArns) } }
                : { ArnLike: { 'aws:SourceArn': oneOrMore(contexts) } }),
              StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': oneOrMore(contexts) },
            },
          };
    statements.push(
      {
        Sid: 'Allow CloudTrail to encrypt logs',
        Effect: 'Allow',
        Principal: cloudTrail,
        Action: 'kms:GenerateDataKey*',
        Resource: '*',
        ...scope,
      },
      {
        Sid: 'Allow CloudTrail to describe key',
        Effect: 'Allow',
        Principal: cloudTrail,
        Action: 'kms:DescribeKey',
        Resource: '*',
      },
    );
  }
  if (kind === 'public' || kind === 'public-bounded') {
    statements.push({
      Sid: 'Enable cross account log decryption',
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: ['kms:Decrypt', 'kms:ReEncryptFrom'],
      Resource: '*',
      Condition: {
        ...(kind === 'public-bounded' ? { StringEquals: { 'kms:CallerAccount': owner } } : {}),
        StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': oneOrMore(contexts) },
      },
    });
  }
  if (kind === 'denied') {
    statements.push({
      Sid: 'Freeze',
      Effect: 'Deny',
      Principal: cloudTrail,
      Action: ['kms:GenerateDataKey*', 'kms:Encrypt'],
      Resource: '*',
    });
  }
  if (key.sharedWith.length > 0) {
    statements.push({
      Sid: 'Let other accounts read',
      Effect: 'Allow',
      Principal: { AWS: oneOrMore(key.sharedWith.map((account) => `arn:${partition}:iam::${account}:root`)) },
      Action: ['kms:DescribeKey', 'kms:GetKeyRotationStatus', 'kms:Decrypt'],
      Resource: '*',
    });
  }
  return JSON.stringify(
    { Version: '2012-10-17', Id: 'Key policy created by CloudTrail', Statement: statements },
    null,
    2,
  );
};

/** The bucket policy, or null where there is none. */
export const bucketPolicyText = (bucket: {
  kind: NonNullable<BucketSpec['policy']>;
  partition: string;
  name: string;
}): string | null => {
  if (bucket.kind === 'none') return null;
  const arn = `arn:${bucket.partition}:s3:::${bucket.name}`;
  const statements: object[] = [
    {
      Sid: 'AWSCloudTrailAclCheck',
      Effect: 'Allow',
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: 's3:GetBucketAcl',
      Resource: arn,
    },
    {
      Sid: 'AWSCloudTrailWrite',
      Effect: 'Allow',
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: `${arn}/*`,
      Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
    },
  ];
  if (bucket.kind === 'tls') {
    statements.push({
      Sid: 'DenyPlainHttp',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [arn, `${arn}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  }
  if (bucket.kind === 'public') {
    statements.push({ Sid: 'Partners', Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${arn}/*` });
  }
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
};

const oneOrMore = (values: readonly string[]): string | readonly string[] =>
  values.length === 1 ? (values[0] ?? '') : values;
