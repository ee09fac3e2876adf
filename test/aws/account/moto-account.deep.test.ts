import {
  CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateKeyCommand, EnableKeyRotationCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateAccountCommand, CreateOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { PutPublicAccessBlockCommand as PutAccountBlockCommand } from '@aws-sdk/client-s3-control';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from '@jest/globals';
import { createAccountSessions } from '../../../functions/aws/account/account-session.ts';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import { createOrganizationReader } from '../../../functions/aws/organization/organization-reader.ts';
import { ALL_BLOCKED, NOTHING_BLOCKED } from '../../../functions/domain/model/public-access.ts';
import type { Reading } from '../../../functions/domain/model/reading.ts';
import { AccountS3Client } from '../../../functions/reads/s3-control.ts';
import { describeWithMoto } from '../../moto/describe-with-moto.ts';

const value = <T>(reading: Reading<T>): T => {
  if (!reading.ok) throw new Error(`${reading.failure.operation} ${reading.failure.code}: ${reading.failure.message}`);
  return reading.value;
};
const REGION = 'eu-west-1';

describeWithMoto('accounts by moto', (moto) => {
  test('two members are told apart, and everything in one is read', async () => {
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' };
    const access = createAwsAccess({ region: 'us-east-1', endpoint: moto.url(), credentials });
    await access.own(OrganizationsClient).send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
    const member = async (name: string) => {
      const command = new CreateAccountCommand({ AccountName: name, Email: `${name}@example.com` });
      return (await access.own(OrganizationsClient).send(command)).CreateAccountStatus?.AccountId ?? '';
    };
    const [full, empty] = [await member('full'), await member('empty')];

    // The member is furnished by its own administrator.
    const RoleArn = `arn:aws:iam::${full}:role/Admin`;
    const { Credentials } = await access.own(STSClient).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'x' }));
    const admin = createAwsAccess({
      region: REGION,
      endpoint: moto.url(),
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      },
    });
    const { KeyMetadata: key } = await admin.own(KMSClient).send(new CreateKeyCommand({}));
    await admin.own(KMSClient).send(new EnableKeyRotationCommand({ KeyId: key?.KeyId }));
    const Bucket = 'member-logs';
    const s3 = admin.own(S3Client);
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }));
    await s3.send(
      new CreateBucketCommand({ Bucket: `${Bucket}-2`, CreateBucketConfiguration: { LocationConstraint: REGION } }),
    );
    const at = { bucket: Bucket, region: REGION };
    const trailInput = { Name: 'main', S3BucketName: Bucket, IsMultiRegionTrail: true, KmsKeyId: key?.Arn };
    const trail = await admin.own(CloudTrailClient).send(new CreateTrailCommand(trailInput));
    await admin.own(CloudTrailClient).send(new StartLoggingCommand({ Name: 'main' }));
    const EventSelectors = [{ ReadWriteType: 'WriteOnly' as const, IncludeManagementEvents: true }];
    await admin.own(CloudTrailClient).send(new PutEventSelectorsCommand({ TrailName: 'main', EventSelectors }));
    await admin.own(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: 'trail' }));
    await admin
      .own(CloudWatchLogsClient)
      .send(new PutRetentionPolicyCommand({ logGroupName: 'trail', retentionInDays: 30 }));

    const reader = createOrganizationReader({ access });
    const caller = await reader.caller();
    const sessions = createAccountSessions({
      access,
      caller,
      roleName: 'TrailSealAudit',
      externalId: null,
      sampleLogs: true,
    });
    const account = value(await sessions.open({ accountId: full, runId: 'RUN' }));
    expect(account.principalArn).toBe(`arn:aws:sts::${full}:assumed-role/TrailSealAudit/TrailSeal-RUN`);
    expect(value(await account.regions()).length).toBeGreaterThan(20);

    const [seen] = value(await account.trails(REGION));
    expect(seen).toMatchObject({
      trailArn: trail.TrailARN,
      homeRegion: REGION,
      isMultiRegion: true,
      kmsKeyId: key?.Arn,
      bucket: Bucket,
    });
    expect(value(await account.trails('us-west-2')).map(({ homeRegion }) => homeRegion)).toEqual([REGION]);
    expect(value(await account.trailStatus(REGION, seen?.trailArn ?? '')).isLogging).toBe(true);
    expect(value(await account.eventSelectors(REGION, seen?.trailArn ?? '')).basic).toEqual([
      {
        readWriteType: 'WriteOnly',
        includeManagementEvents: true,
        excludeManagementEventSources: [],
        dataResources: [],
      },
    ]);

    expect(value(await account.key(key?.Arn ?? ''))).toMatchObject({
      accountId: full,
      state: 'Enabled',
      manager: 'CUSTOMER',
    });
    expect(value(await account.keyRotation(key?.Arn ?? '')).enabled).toBe(true);
    expect(JSON.parse(value(await account.keyPolicy(key?.Arn ?? '')))).toHaveProperty('Statement');
    expect(
      value(await account.logGroup(REGION, `arn:aws:logs:${REGION}:${full}:log-group:trail:*`)).retentionDays,
    ).toBe(30);

    expect(value(await account.ownBucket(Bucket))).toEqual({ region: REGION });
    // As it was made: nothing set.
    expect(value(await account.bucketPublicAccessBlock(at))).toEqual(NOTHING_BLOCKED);
    expect(value(await account.accountPublicAccessBlock())).toEqual(NOTHING_BLOCKED);
    expect(value(await account.bucketPolicy(at))).toBeNull();
    expect(value(await account.bucketVersioning(at))).toBe('Disabled');
    expect(value(await account.bucketObjectLock(at))).toEqual({ mode: null, days: null });
    expect(value(await account.bucketExpiry({ ...at, folders: ['AWSLogs/1/CloudTrail'] }))).toBeNull();
    expect(value(await account.newestLogObject({ ...at, prefix: 'AWSLogs/' }))).toBeNull();
    // And with everything set.
    const all = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: all }));
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: '{"Version":"2012-10-17","Statement":[]}' }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const byDefault = {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: key?.Arn },
    };
    await s3.send(
      new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [byDefault] } }),
    );
    const rule = { ID: 'x', Status: 'Enabled' as const, Filter: { Prefix: 'AWSLogs/' }, Expiration: { Days: 400 } };
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } }));
    const folder = `AWSLogs/${full}/CloudTrail/${REGION}/`;
    const log = `${folder}2026/11/24/log.json.gz`;
    const first = `${folder}2025/12/31/first.json.gz`;
    expect(value(await account.oldestLogObject({ ...at, prefix: folder }))).toBeNull();
    for (const Key of [`${folder}2026/01/01/second.json.gz`, `${folder}2025/12/31/later.json.gz`, first])
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ServerSideEncryption: 'AES256' }));
    await s3.send(
      new PutObjectCommand({ Bucket, Key: log, Body: 'x', ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key?.Arn }),
    );
    expect(value(await account.bucketPublicAccessBlock(at))).toEqual(ALL_BLOCKED);
    const ofAccount = { AccountId: full, PublicAccessBlockConfiguration: all };
    await admin.own(AccountS3Client).send(new PutAccountBlockCommand(ofAccount));
    expect(value(await account.accountPublicAccessBlock())).toEqual(ALL_BLOCKED);
    expect(JSON.parse(value(await account.bucketPolicy(at)) ?? '')).toEqual({ Version: '2012-10-17', Statement: [] });
    expect(value(await account.bucketVersioning(at))).toBe('Enabled');
    expect(value(await account.bucketEncryption(at))).toEqual({ algorithm: 'aws:kms', kmsKeyId: key?.Arn });
    expect(value(await account.bucketExpiry({ ...at, folders: ['AWSLogs/1/CloudTrail'] }))).toBe(400);
    expect(value(await account.newestLogObject({ ...at, prefix: 'AWSLogs/' }))).toMatchObject({
      key: log,
      encryption: 'aws:kms',
      kmsKeyId: key?.Arn,
    });

    expect(value(await account.oldestLogObject({ ...at, prefix: folder }))).toMatchObject({
      key: first,
      encryption: 'AES256',
      kmsKeyId: null,
    });

    const other = value(await sessions.open({ accountId: empty, runId: 'RUN' }));
    expect(value(await other.trails(REGION))).toEqual([]);
    expect(await other.ownBucket(Bucket)).toMatchObject({ ok: false, failure: { kind: 'NOT_FOUND' } });
    expect(await other.key(key?.Arn ?? '')).toMatchObject({ ok: false });
    admin.close();
    access.close();
  }, 60_000);
});
