import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeKeyCommand, GetKeyPolicyCommand, GetKeyRotationStatusCommand } from '@aws-sdk/client-kms';
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import { GetPublicAccessBlockCommand as GetAccountBlockCommand } from '@aws-sdk/client-s3-control';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startSimulatedServer } from '../../functions/simulator/server/server.ts';
import { createSimulation, type WorldSpec } from '../../functions/simulator/simulation.ts';
import { clientsOf, errorOf, openSession, type Reach } from './clients.ts';

const MANAGEMENT = '111111111111';
const ARCHIVE = '222222222222';
const OUTSIDE = '999999999999';

const WORLD: WorldSpec = {
  accounts: [
    { id: MANAGEMENT, name: 'management' },
    { id: ARCHIVE, name: 'archive', accountPublicAccessBlock: 'policies' },
    { id: '333333333333', name: 'member' },
    { id: OUTSIDE, name: 'vendor', outside: true },
  ],
  keys: [
    { name: 'logs', multiRegion: true, replicas: ['eu-west-1'], sharedWith: ['archive'], rotationDays: 180 },
    { name: 'dying', state: 'PendingDeletion', deletionInDays: 9 },
    { name: 'imported', origin: 'EXTERNAL' },
    { name: 'signer', spec: 'RSA_2048', usage: 'SIGN_VERIFY' },
    { name: 'gone', missing: true },
    { name: 's3', manager: 'AWS' },
    { name: 'theirs', owner: 'vendor' },
  ],
  buckets: [
    {
      name: 'archive-logs',
      owner: 'archive',
      objectLock: { mode: 'COMPLIANCE', days: 30 },
      expiryDays: 400,
      encryption: 'logs',
    },
    {
      name: 'open-logs',
      owner: 'archive',
      region: 'eu-west-1',
      publicBlocked: false,
      policy: 'none',
      versioning: null,
      readers: ['management'],
    },
    { name: 'lost-logs', missing: true },
  ],
  logGroups: [{ name: 'trail', key: 'logs', retentionDays: 90 }, { name: 'trail-two' }],
  trails: [
    { name: 'org', organization: true, key: 'logs', bucket: 'archive-logs' },
    { name: 'plain', owner: 'member', bucket: 'archive-logs', prefix: 'local', multiRegion: false },
    { name: 'lost', owner: 'member', bucket: 'lost-logs' },
    { name: 'using-dying', owner: 'management', key: 'dying' },
    { name: 'using-others', owner: 'management', key: 'imported' },
  ],
};

describe.each(['within the process', 'over loopback HTTP'])('what Inspect reads, %s', (form) => {
  const simulation = createSimulation({ world: WORLD, now: '2026-11-02T10:00:00Z' });
  let reach: Reach = { simulation };
  let close = async (): Promise<void> => {};
  beforeAll(async () => {
    if (form !== 'over loopback HTTP') return;
    const server = await startSimulatedServer({ simulation });
    reach = { simulation, endpoint: server.url };
    close = () => server.close();
  });
  afterAll(() => close());

  const arnOf = (name: string): string => {
    const key = simulation.world
      .holdingsOf(name === 'theirs' ? OUTSIDE : MANAGEMENT)
      .keys.find((held) => held.alias.endsWith(name));
    return key?.arn ?? '';
  };

  test('keys: state, manager, origin, replicas, deletion date', async () => {
    const { kms } = clientsOf(reach);
    const describe = async (KeyId: string) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
    expect(await describe(arnOf('logs'))).toMatchObject({
      AWSAccountId: MANAGEMENT,
      KeyId: expect.stringMatching(/^mrk-[0-9a-f]{32}$/),
      KeyState: 'Enabled',
      KeyManager: 'CUSTOMER',
      MultiRegion: true,
      MultiRegionConfiguration: { MultiRegionKeyType: 'PRIMARY', ReplicaKeys: [{ Region: 'eu-west-1' }] },
    });
    expect(await describe('alias/dying')).toMatchObject({
      KeyState: 'PendingDeletion',
      Enabled: false,
      DeletionDate: new Date('2026-11-11T10:00:00Z'),
    });
    expect(await describe(arnOf('signer'))).toMatchObject({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    expect(await describe(arnOf('aws/s3'))).toMatchObject({ KeyManager: 'AWS' });
    const replica = arnOf('logs').replace('us-east-1', 'eu-west-1');
    const { kms: ireland } = clientsOf(reach, { region: 'eu-west-1' });
    expect((await ireland.send(new DescribeKeyCommand({ KeyId: replica }))).KeyMetadata).toMatchObject({
      Arn: replica,
      MultiRegionConfiguration: { MultiRegionKeyType: 'REPLICA' },
    });
    const gone = await errorOf(describe(arnOf('logs').replace(/.{4}$/, '0000')));
    expect(gone.name).toBe('NotFoundException');
    expect((await errorOf(ireland.send(new DescribeKeyCommand({ KeyId: arnOf('dying') })))).name).toBe(
      'NotFoundException',
    );
  });

  test('rotation, which some keys cannot have', async () => {
    const { kms } = clientsOf(reach);
    const rotation = (KeyId: string) => kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    expect(await rotation(arnOf('logs'))).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 180 });
    for (const name of ['imported', 'signer', 'dying']) {
      expect((await rotation(arnOf(name))).KeyRotationEnabled).toBe(false);
    }
  });

  test('keys of other accounts, as far as they let one in', async () => {
    const { kms } = clientsOf(reach, { credentials: await openSession(reach, ARCHIVE) });
    const KeyId = arnOf('logs');
    expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.AWSAccountId).toBe(MANAGEMENT);
    await kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    expect((await errorOf(kms.send(new GetKeyPolicyCommand({ KeyId })))).name).toBe('AccessDeniedException');
    const refused = await errorOf(kms.send(new DescribeKeyCommand({ KeyId: arnOf('theirs') })));
    expect(refused.name).toBe('AccessDeniedException');
    expect(refused.message).toContain('is not authorized to perform: kms:DescribeKey on resource: arn:aws:kms');
  });

  test('key policies name the trails that use the key', async () => {
    const { kms } = clientsOf(reach);
    const { Policy = '' } = await kms.send(new GetKeyPolicyCommand({ KeyId: arnOf('logs'), PolicyName: 'default' }));
    const { Statement } = JSON.parse(Policy);
    expect(Statement[1]).toMatchObject({
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: 'kms:GenerateDataKey*',
      Condition: { StringEquals: { 'aws:SourceArn': `arn:aws:cloudtrail:us-east-1:${MANAGEMENT}:trail/org` } },
    });
  });

  test('buckets: their settings, and S3’s word for each that was never set', async () => {
    const credentials = await openSession(reach, ARCHIVE);
    const { s3 } = clientsOf(reach, { credentials });
    const Bucket = 'archive-logs';
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({ Prefix: 'arch', MaxBuckets: 10 }));
    expect(Buckets).toEqual([{ Name: Bucket, BucketRegion: 'us-east-1', CreationDate: expect.any(Date) }]);
    expect((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeUndefined();
    expect((await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe('us-east-1');
    expect((await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
    const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    expect(JSON.parse(Policy).Statement.at(-1).Condition).toEqual({ Bool: { 'aws:SecureTransport': 'false' } });
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
    const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(encryption.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault).toEqual({
      SSEAlgorithm: 'aws:kms',
      KMSMasterKeyID: arnOf('logs'),
    });
    const lock = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
    expect(lock.ObjectLockConfiguration?.Rule?.DefaultRetention).toEqual({ Mode: 'COMPLIANCE', Days: 30 });
    const lifecycle = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(lifecycle.Rules?.[0]).toMatchObject({ Status: 'Enabled', Expiration: { Days: 400 } });

    const { s3: ireland } = clientsOf(reach, { credentials, region: 'eu-west-1' });
    const open = { Bucket: 'open-logs' };
    expect((await ireland.send(new GetBucketVersioningCommand(open))).Status).toBeUndefined();
    const missing = [
      [new GetPublicAccessBlockCommand(open), 'NoSuchPublicAccessBlockConfiguration'],
      [new GetBucketPolicyCommand(open), 'NoSuchBucketPolicy'],
      [new GetObjectLockConfigurationCommand(open), 'ObjectLockConfigurationNotFoundError'],
      [new GetBucketLifecycleConfigurationCommand(open), 'NoSuchLifecycleConfiguration'],
    ] as const;
    for (const [command, code] of missing) expect((await errorOf(ireland.send(command as never))).name).toBe(code);
  });

  test('S3 Control: what an account blocks for all its buckets, at the address of S3, to that account alone', async () => {
    const { s3Control: control } = clientsOf(reach, { credentials: await openSession(reach, ARCHIVE) });
    const ask = (AccountId: string) => control.send(new GetAccountBlockCommand({ AccountId }));
    expect((await ask(ARCHIVE)).PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: false,
      IgnorePublicAcls: false,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
    expect((await errorOf(ask(MANAGEMENT))).name).toBe('AccessDenied');
    const none = clientsOf(reach).s3Control.send(new GetAccountBlockCommand({ AccountId: MANAGEMENT }));
    expect((await errorOf(none)).name).toBe('NoSuchPublicAccessBlockConfiguration');
    const before = reach.simulation.calls().byOperation;
    await ask(ARCHIVE);
    const after = reach.simulation.calls().byOperation;
    expect(after.GetAccountPublicAccessBlock).toBe((before.GetAccountPublicAccessBlock ?? 0) + 1);
    expect(after.GetPublicAccessBlock).toBe(before.GetPublicAccessBlock);
  });

  test('buckets elsewhere: in another Region, another account, or nowhere', async () => {
    const { s3 } = clientsOf(reach);
    const elsewhere = await errorOf(s3.send(new HeadBucketCommand({ Bucket: 'open-logs' })));
    expect(elsewhere.$metadata?.httpStatusCode).toBe(301);
    const { $response } = elsewhere as unknown as { $response: { headers: Record<string, string> } };
    expect($response.headers['x-amz-bucket-region']).toBe('eu-west-1');
    const { s3: ireland } = clientsOf(reach, { region: 'eu-west-1' });
    expect((await ireland.send(new HeadBucketCommand({ Bucket: 'open-logs' }))).BucketRegion).toBe('eu-west-1');
    const read = (Bucket: string, owner?: string) =>
      errorOf(s3.send(new GetBucketPolicyCommand({ Bucket, ...(owner ? { ExpectedBucketOwner: owner } : {}) })));
    expect((await read('archive-logs')).name).toBe('AccessDenied');
    expect((await read('lost-logs')).name).toBe('NoSuchBucket');
    expect((await errorOf(s3.send(new HeadBucketCommand({ Bucket: 'lost-logs' })))).$metadata?.httpStatusCode).toBe(
      404,
    );
    const { s3: archive } = clientsOf(reach, { credentials: await openSession(reach, ARCHIVE) });
    const expecting = new GetBucketVersioningCommand({ Bucket: 'archive-logs', ExpectedBucketOwner: MANAGEMENT });
    expect((await errorOf(archive.send(expecting))).name).toBe('AccessDenied');
  });

  test('log groups by prefix, with their keys', async () => {
    const { logs } = clientsOf(reach);
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'trail' }));
    expect(
      logGroups.map(({ logGroupName, kmsKeyId, retentionInDays }) => [logGroupName, kmsKeyId, retentionInDays]),
    ).toEqual([
      ['trail', arnOf('logs'), 90],
      ['trail-two', undefined, undefined],
    ]);
  });

  test('delivered logs, folder by folder, with the encryption they carry', async () => {
    const { s3 } = clientsOf(reach, { credentials: await openSession(reach, ARCHIVE) });
    const Bucket = 'archive-logs';
    const folders = async (Prefix: string) => {
      const { CommonPrefixes = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, Delimiter: '/' }));
      return CommonPrefixes.map(({ Prefix: folder = '' }) => folder);
    };
    const organization = simulation.world.organization?.id;
    expect(await folders('')).toEqual(['AWSLogs/', 'local/']);
    expect(await folders('AWSLogs/')).toEqual([`AWSLogs/${organization}/`]);
    expect(await folders(`AWSLogs/${organization}/`)).toEqual(
      [MANAGEMENT, ARCHIVE, '333333333333'].map((account) => `AWSLogs/${organization}/${account}/`),
    );
    const kinds = await folders(`AWSLogs/${organization}/${ARCHIVE}/`);
    expect(kinds.map((kind) => kind.split('/').at(-2))).toEqual(['CloudTrail-Digest', 'CloudTrail']);
    const head = async (Prefix: string) => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
      const newest = Contents.map(({ Key = '' }) => Key)
        .sort()
        .at(-1);
      expect(newest).toMatch(/\/2026\/11\/02\/\d{12}_CloudTrail_us-east-1_20261102T0954Z_[0-9a-f]{16}\.json\.gz$/);
      return s3.send(new HeadObjectCommand({ Bucket, Key: newest }));
    };
    expect(await head(`AWSLogs/${organization}/${ARCHIVE}/CloudTrail/us-east-1/`)).toMatchObject({
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: arnOf('logs'),
    });
    const plain = await head('local/AWSLogs/333333333333/CloudTrail/us-east-1/');
    expect(plain.ServerSideEncryption).toBe('AES256');
    expect(plain.SSEKMSKeyId).toBeUndefined();
    expect((await errorOf(s3.send(new HeadObjectCommand({ Bucket, Key: 'nothing' })))).$metadata?.httpStatusCode).toBe(
      404,
    );
  });

  test('pages of a listing lead through all of it, in order', async () => {
    const { s3 } = clientsOf(reach, { credentials: await openSession(reach, ARCHIVE) });
    const Bucket = 'archive-logs';
    const flat: string[] = [];
    for (let token: string | undefined; ; ) {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket, MaxKeys: 25, ...(token ? { ContinuationToken: token } : {}) }),
      );
      flat.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
      token = page.NextContinuationToken;
      if (token === undefined) break;
    }
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(flat).toEqual(Contents.map(({ Key }) => Key));
    expect(flat).toEqual([...flat].sort());
    expect(new Set(flat).size).toBe(flat.length);
    const folders: string[] = [];
    for (let token: string | undefined; ; ) {
      const page = await s3.send(
        new ListObjectsV2Command({
          Bucket,
          Prefix: 'AWSLogs/',
          Delimiter: '/CloudTrail/',
          MaxKeys: 1,
          ...(token ? { ContinuationToken: token } : {}),
        }),
      );
      folders.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
      token = page.NextContinuationToken;
      if (token === undefined) break;
    }
    expect(folders.filter((folder) => folder.endsWith('/CloudTrail/'))).toHaveLength(3);
    expect(new Set(folders).size).toBe(folders.length);
  });
});
