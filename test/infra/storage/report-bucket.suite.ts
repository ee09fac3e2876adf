import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { environmentOf, grantedTo, grantedToWorkflow } from '../granted.ts';
import { arnsOf, OURS, resolved } from '../resolved.ts';
import { all, byDefault, idOf, inFull, keyArn, propertiesOf } from '../scanner-template.ts';
import { synthesized } from '../synthesized.ts';

const LOGGED = { LoggingConfiguration: { LogFilePrefix: 'report-bucket/' } };
const REPORTS = idOf(byDefault, 'AWS::S3::Bucket', LOGGED);

describe('the report bucket', () => {
  test('is encrypted with our key, versioned, private, and logs who asks for what', () => {
    const found = byDefault.findResources('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
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
    expect(Object.keys(found)).toEqual([REPORTS]);
  });

  test('refuses plain HTTP, old TLS, and the deletion of evidence', () => {
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
      ]),
    );
    expect(policy.filter(({ Effect }) => Effect === 'Allow')).toEqual([]);
  });

  const ALGORITHM = 's3:x-amz-server-side-encryption';
  const KEY_ID = 's3:x-amz-server-side-encryption-aws-kms-key-id';
  const OURS_ONLY: [upload: string, said: Record<string, string>, answer: string][] = [
    ['says nothing, and gets the default', {}, 'Allowed'],
    ['names our key', { [ALGORITHM]: 'aws:kms', [KEY_ID]: arnsOf(OURS).key }, 'Allowed'],
    ['names another key', { [ALGORITHM]: 'aws:kms', [KEY_ID]: arnsOf(OURS).signingKey }, 'ExplicitlyDenied'],
    ['asks for KMS and names no key', { [ALGORITHM]: 'aws:kms' }, 'ExplicitlyDenied'],
    ['asks for SSE-S3', { [ALGORITHM]: 'AES256' }, 'ExplicitlyDenied'],
    ['brings a key of its own', { 's3:x-amz-server-side-encryption-customer-algorithm': 'AES256' }, 'ExplicitlyDenied'],
  ];
  test.each(OURS_ONLY)('an upload that %s', async (_, said, answer) => {
    expect(await upload(said, policyOf(byDefault, REPORTS))).toBe(answer);
  });

  test('each statement about uploads refuses one that no other does', async () => {
    const policy = policyOf(byDefault, REPORTS);
    for (const { Sid } of policy.filter(({ Action }) => Action === 's3:PutObject')) {
      const rest = policy.filter((statement) => statement.Sid !== Sid);
      const answers = await Promise.all(OURS_ONLY.map(([, said]) => upload(said, rest)));
      expect([Sid, answers]).not.toEqual([Sid, OURS_ONLY.map(([, , answer]) => answer)]);
    }
  });

  const upload = async (said: Record<string, string>, statements: object[]): Promise<string> => {
    const result = await runSimulation(
      {
        request: {
          principal: `arn:aws:iam::${OURS.accountId}:role/Admin`,
          action: 's3:PutObject',
          resource: { resource: `${arnsOf(OURS).reports}/settings/waivers.yaml`, accountId: OURS.accountId },
          contextVariables: { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3', ...said },
        },
        identityPolicies: [
          {
            name: 'admin',
            policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] },
          },
        ],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy: { Version: '2012-10-17', Statement: resolved(statements) },
      },
      {},
    );
    if (result.resultType === 'error') throw new Error(JSON.stringify(result.errors));
    return result.overallResult;
  };

  test('keeps its policy when the stack goes, as do the other buckets, which all refuse plain HTTP', () => {
    for (const template of [byDefault, Template.fromStack(synthesized().catalog)]) {
      const policies = all(template, 'AWS::S3::BucketPolicy');
      expect(policies).toHaveLength(all(template, 'AWS::S3::Bucket').length);
      for (const [, { DeletionPolicy, Properties }] of policies) {
        expect(DeletionPolicy).toBe('RetainExceptOnCreate');
        expect(Properties.PolicyDocument.Statement).toContainEqual(
          expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        );
      }
    }
  });

  test('is reported on by S3 alone, and to a bucket that takes nothing else', () => {
    const logs = propertiesOf(byDefault, 'AWS::S3::Bucket', LOGGED).LoggingConfiguration.DestinationBucketName.Ref;
    expect(policyOf(byDefault, logs).filter(({ Effect }) => Effect === 'Allow')).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'logging.s3.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [logs, 'Arn'] }, '/report-bucket/*']] },
        Condition: {
          ArnLike: { 'aws:SourceArn': { 'Fn::GetAtt': [REPORTS, 'Arn'] } },
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        },
      },
    ]);
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
    const reports = idOf(inFull, 'AWS::S3::Bucket', LOGGED);
    expect(inFull.findResources('AWS::S3::Bucket')[reports]?.Properties.ObjectLockEnabled).toBe(true);
  });

  test('takes no upload of Step Functions where it is locked: S3 would want a checksum of each', () => {
    for (const [template, isLocked] of [
      [byDefault, false],
      [inFull, true],
    ] as const) {
      const [[, machine] = []] = all(template, 'AWS::StepFunctions::StateMachine');
      const results = machine?.Properties.DefinitionSubstitutions.ResultBucket.Ref as string;
      const reports = idOf(template, 'AWS::S3::Bucket', LOGGED);
      expect(results === reports).toBe(!isLocked);
      expect(template.findResources('AWS::S3::Bucket')[results]?.Properties.ObjectLockEnabled).toBeUndefined();
      const writes = grantedToWorkflow(template, OURS).Statement.filter(({ Action }) =>
        Action.includes('s3:PutObject'),
      );
      const arns = arnsOf(OURS);
      expect(writes.map(({ Resource }) => Resource)).toEqual([
        `${isLocked ? arns.mapResults : arns.reports}/runs/*/map/*`,
      ]);
      // Who looks for children that died looks there, and may.
      for (const handler of ['plan', 'gather', 'report'] as const) {
        expect(environmentOf(template, handler, OURS).RESULT_BUCKET).toBe(isLocked ? 'map-results' : '');
        const may = grantedTo(template, handler, OURS).Statement.flatMap(({ Resource }) => Resource);
        for (const resource of [arns.mapResults, `${arns.mapResults}/runs/*/map/*`])
          expect(may.includes(resource)).toBe(isLocked);
      }
    }
  });

  const lifecycle = (template: Template) =>
    propertiesOf(template, 'AWS::S3::Bucket', LOGGED).LifecycleConfiguration.Rules;
  const policyOf = (template: Template, bucket: string): { Effect: string; [name: string]: unknown }[] =>
    propertiesOf(template, 'AWS::S3::BucketPolicy', { Bucket: { Ref: bucket } }).PolicyDocument.Statement;
});
