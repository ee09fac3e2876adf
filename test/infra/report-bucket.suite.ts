import { describe, expect, test } from '@jest/globals';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { all, byDefault, idOf, inFull, keyArn, propertiesOf } from './scanner-template.ts';

const REPORTS = idOf(byDefault, 'AWS::S3::Bucket', { LoggingConfiguration: Match.anyValue() });

describe('the report bucket', () => {
  test('is encrypted with our key, versioned, private, and logs who asks for what', () => {
    byDefault.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn },
            },
          ],
        },
        VersioningConfiguration: { Status: 'Enabled' },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LoggingConfiguration: { DestinationBucketName: Match.anyValue(), LogFilePrefix: 'report-bucket/' },
      },
    });
  });

  test('refuses plain HTTP, old TLS, another key, and the deletion of evidence', () => {
    const policy = policyOf(byDefault, REPORTS);
    expect(policy).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Deny',
          Action: 's3:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
        expect.objectContaining({
          Effect: 'Deny',
          Action: 's3:*',
          Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } },
        }),
        expect.objectContaining({
          Sid: 'EvidenceIsNotDeleted',
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
          Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [REPORTS, 'Arn'] }, '/evidence/*']] },
        }),
        expect.objectContaining({
          Sid: 'OnlyOurKey',
          Effect: 'Deny',
          Action: 's3:PutObject',
          Condition: {
            Null: { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'false' },
            StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': keyArn },
          },
        }),
      ]),
    );
    expect(policy.filter(({ Effect }) => Effect === 'Allow')).toEqual([]);
  });

  test('expires working data, and keeps evidence, tables and reports', () => {
    expect(lifecycle(byDefault)).toEqual([
      expect.objectContaining({ Prefix: 'runs/', ExpirationInDays: 90, Status: 'Enabled' }),
      { Id: 'DropUnfinishedUploads', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' },
    ]);
  });

  test('expires evidence only when told to, and after the lock', () => {
    expect(lifecycle(inFull)).toContainEqual(
      expect.objectContaining({
        Prefix: 'evidence/',
        ExpirationInDays: 2190,
        NoncurrentVersionExpiration: { NoncurrentDays: 2190 },
      }),
    );
  });

  test('is locked only when told to; the bucket of its access logs never is, since S3 could not write to it', () => {
    const locks = (template: Template) =>
      all(template, 'AWS::S3::Bucket').map(([, { Properties }]) => Properties.ObjectLockConfiguration);
    expect(locks(byDefault)).toEqual([undefined, undefined]);
    expect(locks(inFull).filter(Boolean)).toEqual([
      { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 1095 } } },
    ]);
    const reports = idOf(inFull, 'AWS::S3::Bucket', { LoggingConfiguration: Match.anyValue() });
    expect(inFull.findResources('AWS::S3::Bucket')[reports]?.Properties.ObjectLockEnabled).toBe(true);
  });

  const lifecycle = (template: Template) =>
    propertiesOf(template, 'AWS::S3::Bucket', { LoggingConfiguration: Match.anyValue() }).LifecycleConfiguration.Rules;
  const policyOf = (template: Template, bucket: string): { Effect: string; [name: string]: unknown }[] =>
    propertiesOf(template, 'AWS::S3::BucketPolicy', { Bucket: { Ref: bucket } }).PolicyDocument.Statement;
});
