import { stringify } from 'yaml';
import type { NewKey, NewTrail } from '../decide/plan.ts';
import type { TrailSubject } from '../decide/subject.ts';
import { newBucketStatements } from '../policies/bucket-policy.ts';
import type { PolicyStatement } from '../policies/policy-statements.ts';

export interface Template {
  AWSTemplateFormatVersion: '2010-09-09';
  Description: string;
  Parameters?: Record<string, Record<string, unknown>>;
  Conditions?: Record<string, unknown>;
  Resources: Record<string, Record<string, unknown>>;
  Outputs?: Record<string, unknown>;
}

/** Kept whatever happens to the stack. */
const KEPT = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };

export const keyTemplate = (key: NewKey): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: key.description,
  Resources: {
    Key: {
      Type: 'AWS::KMS::Key',
      ...KEPT,
      Properties: {
        Description: key.description,
        EnableKeyRotation: true,
        PendingWindowInDays: 30,
        KeyPolicy: key.policy,
      },
    },
    Alias: {
      Type: 'AWS::KMS::Alias',
      ...KEPT,
      Properties: { AliasName: key.alias, TargetKeyId: { Ref: 'Key' } },
    },
  },
  Outputs: { KeyArn: { Description: 'ARN of the key', Value: { 'Fn::GetAtt': ['Key', 'Arn'] } } },
});

/** An import takes no outputs and needs a DeletionPolicy. */
export const trailTemplate = (trail: TrailSubject): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'A trail that existed before the stack. Parameters default to what it was.',
  Parameters: {
    KmsKeyArn: { Type: 'String', Default: trail.kmsKeyArn ?? '', Description: "ARN of a key in the bucket's Region" },
    IsLogging: { Type: 'String', AllowedValues: ['true', 'false'], Default: String(trail.isLogging ?? true) },
    EnableLogFileValidation: {
      Type: 'String',
      AllowedValues: ['true', 'false'],
      Default: String(trail.logFileValidation),
    },
    ...(trail.logGroupArn === null ? {} : { CloudWatchLogsRoleArn: { Type: 'String' } }),
  },
  Conditions: { HasKey: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'KmsKeyArn' }, ''] }] } },
  Resources: {
    Trail: {
      Type: 'AWS::CloudTrail::Trail',
      ...KEPT,
      Properties: {
        TrailName: trail.trailName,
        S3BucketName: trail.bucket ?? '',
        ...(trail.s3KeyPrefix === null || trail.s3KeyPrefix === '' ? {} : { S3KeyPrefix: trail.s3KeyPrefix }),
        IsLogging: { Ref: 'IsLogging' },
        IsMultiRegionTrail: trail.isMultiRegion,
        IsOrganizationTrail: trail.isOrganization,
        IncludeGlobalServiceEvents: trail.globalServiceEvents,
        EnableLogFileValidation: { Ref: 'EnableLogFileValidation' },
        ...(trail.logGroupArn === null
          ? {}
          : {
              CloudWatchLogsLogGroupArn: `${trail.logGroupArn.replace(/:\*$/, '')}:*`,
              CloudWatchLogsRoleArn: { Ref: 'CloudWatchLogsRoleArn' },
            }),
        KMSKeyId: { 'Fn::If': ['HasKey', { Ref: 'KmsKeyArn' }, { Ref: 'AWS::NoValue' }] },
      },
    },
  },
});

export function newTrailTemplate(trail: NewTrail): Template {
  const arn = `arn:${trail.partition}:cloudtrail:${trail.homeRegion}:${trail.accountId}:trail/${trail.name}`;
  const bucket = {
    Bucket: {
      Type: 'AWS::S3::Bucket',
      ...KEPT,
      Properties: {
        BucketName: trail.bucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
      },
    },
    BucketPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      ...KEPT,
      Properties: {
        Bucket: { Ref: 'Bucket' },
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: newBucketStatements(trail, arn),
        },
      },
    },
  };
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'A trail for all Regions, encrypted with a customer managed key',
    Parameters: { KmsKeyArn: { Type: 'String', Description: "ARN of a key in the bucket's Region" } },
    Resources: {
      ...(trail.makesBucket ? bucket : {}),
      Trail: {
        Type: 'AWS::CloudTrail::Trail',
        ...KEPT,
        ...(trail.makesBucket ? { DependsOn: 'BucketPolicy' } : {}),
        Properties: {
          TrailName: trail.name,
          S3BucketName: trail.makesBucket ? { Ref: 'Bucket' } : trail.bucket,
          IsLogging: true,
          IsMultiRegionTrail: true,
          IsOrganizationTrail: trail.isOrganization,
          IncludeGlobalServiceEvents: true,
          EnableLogFileValidation: true,
          KMSKeyId: { Ref: 'KmsKeyArn' },
        },
      },
    },
  };
}

export const readTemplate = (grant: {
  roleName: string;
  policyName: string;
  statements: readonly PolicyStatement[];
}): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'Lets the scanner read what it could not',
  Resources: {
    Read: {
      Type: 'AWS::IAM::RolePolicy',
      Properties: {
        RoleName: grant.roleName,
        PolicyName: grant.policyName,
        PolicyDocument: { Version: '2012-10-17', Statement: grant.statements },
      },
    },
  },
});

export type TemplateFormat = 'json' | 'yaml';

/** CloudFormation reads YAML 1.1, where more plain words are no strings (`yes`, `0123`, `2012-10-17`): they are quoted. */
export const templateText = (content: Template, format: TemplateFormat): string =>
  format === 'json'
    ? `${JSON.stringify(content, null, 2)}\n`
    : stringify(content, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
