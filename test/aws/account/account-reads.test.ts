import { describe, expect, test } from '@jest/globals';
import { createAccountSessions } from '../../../functions/aws/account/account-session.ts';
import { sessionPolicy } from '../../../functions/aws/account/session-policy.ts';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import { type AccountSession, BUCKET_SETTINGS } from '../../../functions/domain/model/account-access.ts';
import { ALL_BLOCKED, NOTHING_BLOCKED } from '../../../functions/domain/model/public-access.ts';
import type { Reading } from '../../../functions/domain/model/reading.ts';
import { assumed, jsonError, s3Error, type WireAnswer, type WireCall, wire } from '../wire.ts';

const ACCOUNT = '111111111111';
const TRAIL = `arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/main`;
const KEY = `arn:aws:kms:ap-south-1:${ACCOUNT}:key/k`;
const AT = { bucket: 'logs', region: 'ap-south-1' };

/** An account whose role is assumed and whose calls (AssumeRole apart) are answered by `answer`. */
const openSession = async (
  answer: (call: WireCall) => WireAnswer,
  partition = 'aws',
  region = 'eu-west-1',
  endpoint?: string,
) => {
  const { handler, calls } = wire((call) => (call.operation === 'AssumeRole' ? assumed(call) : answer(call)));
  const access = createAwsAccess({
    region,
    endpoint,
    credentials: { accessKeyId: 'AKIAOWN', secretAccessKey: 's' },
    requestHandler: handler,
    retry: { delayFactor: 0, maxAttempts: 3 },
    clock: () => new Date('2026-11-24T00:00:00Z'),
  });
  const sessions = createAccountSessions({
    access,
    caller: { accountId: '999999999999', arn: 'arn:aws:iam::999999999999:user/x', partition },
    roleName: 'TrailSealAudit',
    externalId: null,
    sampleLogs: true,
  });
  const opened = await sessions.open({ accountId: ACCOUNT, runId: 'RUN' });
  if (!opened.ok) throw new Error(opened.failure.message);
  calls.length = 0;
  return { account: opened.value, calls };
};

const value = <T>(reading: Reading<T>): T => {
  if (!reading.ok) throw new Error(`${reading.failure.kind} ${reading.failure.code}: ${reading.failure.message}`);
  return reading.value;
};
const xml = (body: string): WireAnswer => ({ body: `<?xml version="1.0"?>${body}` });

describe('CloudTrail', () => {
  test('trails come with the shadows, in the Region asked', async () => {
    const trail = {
      Name: 'main',
      TrailARN: TRAIL,
      HomeRegion: 'eu-west-1',
      S3BucketName: 'logs',
      S3KeyPrefix: '',
      IsMultiRegionTrail: true,
      IsOrganizationTrail: true,
      IncludeGlobalServiceEvents: true,
      LogFileValidationEnabled: true,
      KmsKeyId: KEY,
      CloudWatchLogsLogGroupArn: 'arn:aws:logs:eu-west-1:1:log-group:g:*',
    };
    const { account, calls } = await openSession(() => ({
      body: { trailList: [trail, { TrailARN: 'arn:x', HomeRegion: 'r' }] },
    }));
    expect(value(await account.trails('ap-south-1'))).toEqual([
      {
        trailArn: TRAIL,
        name: 'main',
        homeRegion: 'eu-west-1',
        isMultiRegion: true,
        isOrganization: true,
        globalServiceEvents: true,
        logFileValidation: true,
        kmsKeyId: KEY,
        bucket: 'logs',
        s3KeyPrefix: null,
        logGroupArn: 'arn:aws:logs:eu-west-1:1:log-group:g:*',
      },
      expect.objectContaining({ trailArn: 'arn:x', name: '', kmsKeyId: null, bucket: null, isMultiRegion: false }),
    ]);
    expect(calls[0]).toMatchObject({
      host: 'cloudtrail.ap-south-1.amazonaws.com',
      input: { includeShadowTrails: true },
    });
  });

  test('status: an empty error is none, times are ISO', async () => {
    const { account } = await openSession(() => ({
      body: {
        IsLogging: false,
        LatestDeliveryTime: 1_700_000_000.5,
        LatestDeliveryError: '',
        LatestDigestDeliveryError: 'NoSuchBucket',
        LatestCloudWatchLogsDeliveryError: 'AccessDenied',
      },
    }));
    expect(value(await account.trailStatus('eu-west-1', TRAIL))).toEqual({
      isLogging: false,
      latestDeliveryAt: '2023-11-14T22:13:20.500Z',
      latestDigestAt: null,
      latestDeliveryError: null,
      latestDigestError: 'NoSuchBucket',
      startedLoggingAt: null,
      stoppedLoggingAt: null,
      latestLogGroupDeliveryAt: null,
      latestLogGroupDeliveryError: 'AccessDenied',
    });
  });

  test('selectors: basic ones with the defaults of the API, advanced ones with all their operators', async () => {
    const { account } = await openSession(({ input }) =>
      input.TrailName === TRAIL
        ? {
            body: {
              EventSelectors: [
                { ReadWriteType: 'ReadOnly', ExcludeManagementEventSources: ['kms.amazonaws.com'] },
                { DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3'] }] },
              ],
            },
          }
        : {
            body: {
              AdvancedEventSelectors: [
                { Name: 'n', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Data'], NotStartsWith: ['x'] }] },
              ],
            },
          },
    );
    expect(value(await account.eventSelectors('eu-west-1', TRAIL))).toEqual({
      basic: [
        {
          readWriteType: 'ReadOnly',
          includeManagementEvents: true,
          excludeManagementEventSources: ['kms.amazonaws.com'],
          dataResources: [],
        },
        {
          readWriteType: 'All',
          includeManagementEvents: true,
          excludeManagementEventSources: [],
          dataResources: [{ type: 'AWS::S3::Object', values: ['arn:aws:s3'] }],
        },
      ],
      advanced: [],
    });
    const none = { equals: [], notEquals: [], startsWith: [], notStartsWith: [], endsWith: [], notEndsWith: [] };
    expect(value(await account.eventSelectors('eu-west-1', 'other')).advanced).toEqual([
      { name: 'n', fields: [{ ...none, field: 'eventCategory', equals: ['Data'], notStartsWith: ['x'] }] },
    ]);
  });

  test('event data stores of every page, and one in full', async () => {
    const { account } = await openSession(({ operation, input }) => {
      if (operation === 'GetEventDataStore') {
        return {
          body: {
            EventDataStoreArn: 'arn:a',
            Name: 'a',
            Status: 'ENABLED',
            KmsKeyId: '',
            OrganizationEnabled: true,
            RetentionPeriod: 90,
          },
        };
      }
      if (!input.NextToken)
        return { body: { EventDataStores: [{ EventDataStoreArn: 'arn:a', Name: 'a' }], NextToken: '2' } };
      return {
        body: {
          EventDataStores: [
            { EventDataStoreArn: 'arn:a', Name: 'a' },
            { EventDataStoreArn: 'arn:b', Name: 'b', Status: 'ENABLED' },
          ],
        },
      };
    });
    expect(value(await account.eventDataStores('eu-west-1'))).toEqual([
      { arn: 'arn:a', name: 'a', status: null },
      { arn: 'arn:b', name: 'b', status: 'ENABLED' },
    ]);
    expect(value(await account.eventDataStore('eu-west-1', 'arn:a'))).toEqual({
      arn: 'arn:a',
      name: 'a',
      status: 'ENABLED',
      kmsKeyId: null,
      isOrganization: true,
      isMultiRegion: false,
      retentionDays: 90,
    });
  });
});

describe('KMS', () => {
  test('is asked in the Region of the key', async () => {
    const { account, calls } = await openSession(({ operation }) => {
      if (operation === 'GetKeyRotationStatus')
        return { body: { KeyRotationEnabled: true, RotationPeriodInDays: 180 } };
      if (operation === 'GetKeyPolicy') return { body: { Policy: '{"Version":"2012-10-17"}' } };
      return {
        body: {
          KeyMetadata: {
            KeyId: 'k',
            Arn: KEY,
            AWSAccountId: ACCOUNT,
            KeyState: 'PendingDeletion',
            KeyManager: 'CUSTOMER',
            Origin: 'EXTERNAL',
            KeySpec: 'SYMMETRIC_DEFAULT',
            KeyUsage: 'ENCRYPT_DECRYPT',
            MultiRegion: true,
            DeletionDate: 1_800_000_000,
          },
        },
      };
    });
    expect(value(await account.key(KEY))).toEqual({
      keyArn: KEY,
      accountId: ACCOUNT,
      state: 'PendingDeletion',
      manager: 'CUSTOMER',
      origin: 'EXTERNAL',
      spec: 'SYMMETRIC_DEFAULT',
      usage: 'ENCRYPT_DECRYPT',
      multiRegion: true,
      deletionDate: '2027-01-15T08:00:00.000Z',
    });
    expect(value(await account.keyRotation(KEY))).toEqual({ enabled: true, periodDays: 180 });
    expect(value(await account.keyPolicy(KEY))).toBe('{"Version":"2012-10-17"}');
    expect(new Set(calls.map(({ region }) => region))).toEqual(new Set(['ap-south-1']));
  });

  test('a key that does not exist is NOT_FOUND; an id without a Region is looked for at home', async () => {
    const { account, calls } = await openSession(() => jsonError('NotFoundException', 'Key does not exist'));
    expect(await account.key('1234abcd')).toMatchObject({ ok: false, failure: { kind: 'NOT_FOUND' } });
    expect(calls[0]?.region).toBe('eu-west-1');
  });
});

describe('a log group', () => {
  test('is found by its exact name, over pages', async () => {
    const { account, calls } = await openSession(({ input }) =>
      input.nextToken
        ? { body: { logGroups: [{ logGroupName: 'trail', kmsKeyId: KEY, retentionInDays: 30 }] } }
        : { body: { logGroups: [{ logGroupName: 'trail-other' }], nextToken: '2' } },
    );
    expect(value(await account.logGroup('eu-west-1', `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:trail:*`))).toEqual({
      kmsKeyArn: KEY,
      retentionDays: 30,
    });
    expect(calls[0]?.input).toMatchObject({ logGroupNamePrefix: 'trail' });
    expect(account.calls()).toBe(3);
  });

  test('with only namesakes is NOT_FOUND', async () => {
    const { account } = await openSession(() => ({ body: { logGroups: [{ logGroupName: 'trail-other' }] } }));
    expect(await account.logGroup('eu-west-1', 'arn:aws:logs:eu-west-1:1:log-group:trail')).toMatchObject({
      ok: false,
      failure: { kind: 'NOT_FOUND', operation: 'DescribeLogGroups' },
    });
  });
});

describe('a bucket', () => {
  test('is owned where ListBuckets names it, with its region', async () => {
    const { account, calls } = await openSession(({ input }) =>
      input['continuation-token']
        ? xml(
            '<ListAllMyBucketsResult><Buckets><Bucket><Name>logs</Name><BucketRegion>ap-south-1</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>',
          )
        : xml(
            '<ListAllMyBucketsResult><Buckets><Bucket><Name>logs-2</Name></Bucket></Buckets><ContinuationToken>t</ContinuationToken></ListAllMyBucketsResult>',
          ),
    );
    expect(value(await account.ownBucket('logs'))).toEqual({ region: 'ap-south-1' });
    expect(calls[0]?.input).toMatchObject({ prefix: 'logs' });
    expect(await account.ownBucket('log')).toMatchObject({
      ok: false,
      failure: { kind: 'NOT_FOUND', code: 'NoSuchBucket' },
    });
  });

  test.each([
    [
      '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">ap-south-1</LocationConstraint>',
      'ap-south-1',
    ],
    ['<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">EU</LocationConstraint>', 'eu-west-1'],
    ['<LocationConstraint/>', 'us-east-1'],
  ])('whose listing has no Region is located by %s', async (location, region) => {
    const { account } = await openSession(({ operation }) =>
      operation.includes('location')
        ? xml(location)
        : xml('<ListAllMyBucketsResult><Buckets><Bucket><Name>logs</Name></Bucket></Buckets></ListAllMyBucketsResult>'),
    );
    expect(value(await account.ownBucket('logs'))).toEqual({ region });
  });

  type Read = (account: AccountSession) => Promise<Reading<unknown>>;
  const reads: Record<string, Read> = {
    access: (account) => account.bucketPublicAccessBlock(AT),
    policy: (account) => account.bucketPolicy(AT),
    versioning: (account) => account.bucketVersioning(AT),
    encryption: (account) => account.bucketEncryption(AT),
    lock: (account) => account.bucketObjectLock(AT),
    expiry: (account) => account.bucketExpiry({ ...AT, folders: ['AWSLogs/1/CloudTrail'] }),
    logging: (account) => account.bucketAccessLogging(AT),
  };
  const block = (last: boolean) =>
    `<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>${last}</RestrictPublicBuckets></PublicAccessBlockConfiguration>`;
  const rule = (inner: string) =>
    `<LifecycleConfiguration><Rule><Status>Enabled</Status>${inner}</Rule></LifecycleConfiguration>`;

  test.each<[string, WireAnswer, unknown]>([
    ['access', xml(block(true)), ALL_BLOCKED],
    ['access', xml(block(false)), { ...ALL_BLOCKED, restrictPublicBuckets: false }],
    ['access', s3Error('NoSuchPublicAccessBlockConfiguration', 'x', 404), NOTHING_BLOCKED],
    ['policy', { body: '{"Version":"2012-10-17"}' }, '{"Version":"2012-10-17"}'],
    ['policy', s3Error('NoSuchBucketPolicy', 'x', 404), null],
    ['versioning', xml('<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>'), 'Suspended'],
    ['versioning', xml('<VersioningConfiguration/>'), 'Disabled'],
    ['logging', xml('<BucketLoggingStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'), null],
    [
      'logging',
      xml(
        '<BucketLoggingStatus><LoggingEnabled><TargetBucket>access</TargetBucket><TargetPrefix>logs/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>',
      ),
      { targetBucket: 'access', targetPrefix: 'logs/' },
    ],
    [
      'encryption',
      xml(
        `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>${KEY}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`,
      ),
      { algorithm: 'aws:kms', kmsKeyId: KEY },
    ],
    [
      'encryption',
      s3Error('ServerSideEncryptionConfigurationNotFoundError', 'x', 404),
      { algorithm: null, kmsKeyId: null },
    ],
    [
      'lock',
      xml(
        '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Years>3</Years></DefaultRetention></Rule></ObjectLockConfiguration>',
      ),
      { mode: 'COMPLIANCE', days: 1095 },
    ],
    [
      'lock',
      xml('<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>'),
      { mode: null, days: null },
    ],
    ['lock', s3Error('ObjectLockConfigurationNotFoundError', 'x', 404), { mode: null, days: null }],
    ['expiry', xml(rule('<Filter><Prefix>AWSLogs/1/</Prefix></Filter><Expiration><Days>90</Days></Expiration>')), 90],
    ['expiry', s3Error('NoSuchLifecycleConfiguration', 'x', 404), null],
  ])('%s: %j is %j', async (name, answer, expected) => {
    const { account, calls } = await openSession(() => answer);
    expect(value(await (reads[name] as Read)(account))).toEqual(expected);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ host: 'logs.s3.ap-south-1.amazonaws.com', region: 'ap-south-1' });
    expect(calls[0]?.headers['x-amz-expected-bucket-owner']).toBe(ACCOUNT);
  });

  test.each(Object.entries(reads))('%s: a bucket that is gone is NOT_FOUND, a refusal DENIED', async (_, read) => {
    const gone = await openSession(() => s3Error('NoSuchBucket', 'x', 404));
    expect(await read(gone.account)).toMatchObject({ ok: false, failure: { kind: 'NOT_FOUND', code: 'NoSuchBucket' } });
    const denied = await openSession(() => s3Error('AccessDenied', 'Access Denied', 403));
    expect(await read(denied.account)).toMatchObject({ ok: false, failure: { kind: 'DENIED' } });
  });
});

describe('the newest log', () => {
  const tree = [
    'p/AWSLogs/1/CloudTrail/eu-west-1/2025/12/31/a.json.gz',
    'p/AWSLogs/1/CloudTrail/eu-west-1/2026/11/09/b.json.gz',
    'p/AWSLogs/1/CloudTrail/eu-west-1/2026/11/10/c.json.gz',
    'p/AWSLogs/1/CloudTrail/eu-west-1/2026/11/10/d.json.gz',
    'p/AWSLogs/1/CloudTrail/us-east-1/2026/11/10/e.json.gz',
    'p/AWSLogs/1/CloudTrail-Digest/eu-west-1/2026/11/23/f.json.gz',
  ];
  /** Newest first by name of file, but that `c` is newer than `d` and `e`. */
  const modified = (key: string) =>
    key.includes('c.json') ? '2026-11-10T09:00:00Z' : `2026-11-0${key.includes('f.json') ? 9 : 1}T00:00:00Z`;
  const s3 = ({ method, input, path }: WireCall): WireAnswer => {
    if (method === 'HEAD') {
      return {
        headers: { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': path },
      };
    }
    const prefix = String(input.prefix);
    const below = tree.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
    const folders = new Set(
      below.filter((rest) => rest.includes('/')).map((rest) => `${prefix}${rest.split('/')[0]}/`),
    );
    const files = below.filter((rest) => !rest.includes('/')).map((rest) => prefix + rest);
    return xml(
      `<ListBucketResult><KeyCount>${below.length}</KeyCount>${files.map((key) => `<Contents><Key>${key}</Key><LastModified>${modified(key)}</LastModified></Contents>`).join('')}${[...folders].map((folder) => `<CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes>`).join('')}</ListBucketResult>`,
    );
  };

  test('is found by the latest folders of each Region, digests left out, and its own header read', async () => {
    const { account, calls } = await openSession(s3);
    expect(value(await account.newestLogObject({ ...AT, prefix: 'p/AWSLogs/1/' }))).toEqual({
      key: tree[2],
      lastModified: '2026-11-10T09:00:00.000Z',
      encryption: 'aws:kms',
      kmsKeyId: `/${tree[2]}`,
    });
    expect(calls.some(({ input }) => /2025|Digest\/|11\/09/.test(String(input.prefix)))).toBe(false);
  });

  test('and the oldest that is there, by the earliest folders', async () => {
    const { account, calls } = await openSession(s3);
    const at = { ...AT, prefix: 'p/AWSLogs/1/CloudTrail/eu-west-1/' };
    expect(value(await account.oldestLogObject(at))).toMatchObject({ key: tree[0], kmsKeyId: `/${tree[0]}` });
    expect(calls.map(({ input }) => input.prefix)).toEqual([
      at.prefix,
      `${at.prefix}2025/`,
      `${at.prefix}2025/12/`,
      `${at.prefix}2025/12/31/`,
      undefined,
    ]);
    expect(value(await account.oldestLogObject({ ...AT, prefix: 'q/' }))).toBeNull();
    // Regions are no dates: whose oldest it would be, nobody asked.
    expect(value(await account.oldestLogObject({ ...AT, prefix: 'p/AWSLogs/1/CloudTrail/' }))).toBeNull();
  });

  test('is one that does not carry the key of another trail under the same prefix', async () => {
    const { account } = await openSession(s3);
    const at = { ...AT, prefix: 'p/AWSLogs/1/CloudTrail/eu-west-1/2026/11/10/' };
    const own = value(await account.newestLogObject({ ...at, others: [`/${tree[2]}`, null] }));
    expect(own).toMatchObject({ key: tree[3], kmsKeyId: `/${tree[3]}` });
    const none = value(await account.newestLogObject({ ...at, others: [`/${tree[2]}`, `/${tree[3]}`] }));
    expect(none).toMatchObject({ key: tree[2], ofOther: true });
    const plain = await openSession((call) =>
      call.method === 'HEAD' && !call.path.includes('d.json')
        ? { headers: { 'x-amz-server-side-encryption': 'AES256' } }
        : s3(call),
    );
    expect(value(await plain.account.newestLogObject({ ...at, others: [null] }))).toMatchObject({ key: tree[3] });
    const oldest = { ...AT, prefix: 'p/AWSLogs/1/CloudTrail/eu-west-1/' };
    expect(value(await account.oldestLogObject({ ...oldest, others: [`/${tree[0]}`] }))).toMatchObject({
      ofOther: true,
    });
  });

  test('is null where there is none', async () => {
    const { account, calls } = await openSession(s3);
    expect(value(await account.newestLogObject({ ...AT, prefix: 'q/' }))).toBeNull();
    expect(calls).toHaveLength(1);
  });

  test('whose header may not be read is a failure of that call', async () => {
    const { account } = await openSession((call) => (call.method === 'HEAD' ? { status: 403 } : s3(call)));
    expect(await account.newestLogObject({ ...AT, prefix: 'p/' })).toMatchObject({
      ok: false,
      failure: { kind: 'DENIED', operation: 'HeadObject' },
    });
  });
});

describe("an account's public access block", () => {
  const flags = (last: boolean) =>
    `<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>${last}</RestrictPublicBuckets></PublicAccessBlockConfiguration>`;
  const unset = '<Error><Code>NoSuchPublicAccessBlockConfiguration</Code><Message>x</Message></Error>';

  test.each<[string, WireAnswer, unknown]>([
    ['all on', xml(flags(true)), ALL_BLOCKED],
    ['one off', xml(flags(false)), { ...ALL_BLOCKED, restrictPublicBuckets: false }],
    ['never set', { status: 404, ...xml(unset) }, NOTHING_BLOCKED],
    [
      'never set, as moto wraps it',
      { status: 404, ...xml(`<ErrorResponse>${unset}</ErrorResponse>`) },
      NOTHING_BLOCKED,
    ],
  ])('%s: one call, in the home Region, to the account that it names', async (_, answer, expected) => {
    const { account, calls } = await openSession(() => answer);
    expect(value(await account.accountPublicAccessBlock())).toEqual(expected);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      method: 'GET',
      path: '/v20180820/configuration/publicAccessBlock',
      host: `${ACCOUNT}.s3-control.eu-west-1.amazonaws.com`,
      service: 's3',
      region: 'eu-west-1',
      headers: { 'x-amz-account-id': ACCOUNT },
    });
    expect(account.takeEvidence().at(-1)).toMatchObject({ ref: `${ACCOUNT}/*/GetAccountPublicAccessBlock` });
  });

  test('a refusal is a failure, by the name that IAM has for the call', async () => {
    const { account } = await openSession(() => s3Error('AccessDenied', 'Access Denied', 403));
    expect(await account.accountPublicAccessBlock()).toMatchObject({
      ok: false,
      failure: { kind: 'DENIED', operation: 'GetAccountPublicAccessBlock', code: 'AccessDenied' },
    });
  });

  test.each([
    ['cn-north-1', 's3-control.cn-north-1.amazonaws.com.cn'],
    ['us-gov-west-1', 's3-control.us-gov-west-1.amazonaws.com'],
    ['eusc-de-east-1', 's3-control.eusc-de-east-1.amazonaws.eu'],
  ])('in %s it is asked for at %s', async (region, host) => {
    const { account, calls } = await openSession(() => xml(flags(true)), 'aws', region);
    value(await account.accountPublicAccessBlock());
    expect(calls[0]?.host).toBe(`${ACCOUNT}.${host}`);
  });

  test('from an opt-in home Region it is asked for where every account is at home', async () => {
    const { account, calls } = await openSession(() => xml(flags(true)), 'aws', 'af-south-1');
    expect(value(await account.accountPublicAccessBlock())).toEqual(ALL_BLOCKED);
    expect(calls[0]).toMatchObject({ host: `${ACCOUNT}.s3-control.us-east-1.amazonaws.com`, region: 'us-east-1' });
  });

  test('a custom endpoint is taken as it was given: 127.0.0.1 has no name before it', async () => {
    const { account, calls } = await openSession(() => xml(flags(true)), 'aws', 'eu-west-1', 'http://127.0.0.1:4010');
    expect(value(await account.accountPublicAccessBlock())).toEqual(ALL_BLOCKED);
    expect(calls[0]).toMatchObject({ host: '127.0.0.1', service: 's3', region: 'eu-west-1' });
    expect(calls[0]?.headers.host).toBe('127.0.0.1:4010');
  });
});

describe('an answer that is not what AWS documents', () => {
  const reads: [string, (account: AccountSession) => Promise<Reading<unknown>>][] = [
    ['regions', (account) => account.regions()],
    ['trails', (account) => account.trails('eu-west-1')],
    ['trailStatus', (account) => account.trailStatus('eu-west-1', TRAIL)],
    ['eventSelectors', (account) => account.eventSelectors('eu-west-1', TRAIL)],
    ['eventDataStores', (account) => account.eventDataStores('eu-west-1')],
    ['eventDataStore', (account) => account.eventDataStore('eu-west-1', 'arn:a')],
    ['key', (account) => account.key(KEY)],
    ['keyRotation', (account) => account.keyRotation(KEY)],
    ['keyPolicy', (account) => account.keyPolicy(KEY)],
    ['logGroup', (account) => account.logGroup('eu-west-1', 'arn:aws:logs:eu-west-1:1:log-group:g')],
    ['bucketPublicAccessBlock', (account) => account.bucketPublicAccessBlock(AT)],
    ['accountPublicAccessBlock', (account) => account.accountPublicAccessBlock()],
    ['bucketEncryption', (account) => account.bucketEncryption(AT)],
    ['bucketObjectLock', (account) => account.bucketObjectLock(AT)],
    ['bucketExpiry', (account) => account.bucketExpiry({ ...AT, folders: ['AWSLogs/1/CloudTrail'] })],
  ];

  test.each(reads)('%s: nothing in it is an ERROR, never "there is none"', async (_, read) => {
    const { account } = await openSession(({ service }) =>
      service === 's3' || service === 'ec2' ? xml('<Nothing/>') : { body: {} },
    );
    expect(await read(account)).toMatchObject({ ok: false, failure: { kind: 'ERROR', code: 'MalformedAnswer' } });
  });

  const more: typeof reads = [
    ['bucketVersioning', (account) => account.bucketVersioning(AT)],
    ['bucketAccessLogging', (account) => account.bucketAccessLogging(AT)],
    ['bucketPolicy', (account) => account.bucketPolicy(AT)],
    ['ownBucket', (account) => account.ownBucket('logs')],
  ];
  test.each([...reads, ...more])('%s: a web page is asked past, and then an ERROR', async (_, read) => {
    const page = {
      body: '<html><body>sign in</body></html>',
      headers: { 'content-type': 'text/html; charset=utf-8', 'x-amzn-requestid': undefined },
    };
    const { account } = await openSession(() => page);
    expect(await read(account)).toMatchObject({ ok: false, failure: { kind: 'ERROR', code: 'MalformedAnswer' } });
  });

  test.each(reads)('%s: a body that breaks off is asked for again, and then an ERROR', async (_, read) => {
    const { account, calls } = await openSession(({ service }) => ({
      body: service === 's3' || service === 'ec2' ? '<A><B>' : '{"a":',
    }));
    expect(await read(account)).toMatchObject({ ok: false, failure: { kind: 'ERROR' } });
    expect(calls.length).toBe(3);
  });

  test("a bucket policy that was cut on the way is an ERROR, not the bucket's policy", async () => {
    const { account } = await openSession(() => ({ body: '{"Version":"2012-10-17","Statement":[{"Eff' }));
    expect(await account.bucketPolicy(AT)).toMatchObject({
      ok: false,
      failure: { kind: 'ERROR', code: 'MalformedAnswer' },
    });
    // What came in its place is nobody's evidence, and may quote the request.
    expect(account.takeEvidence().at(-1)?.outcome).toMatchObject({ ok: false, code: 'MalformedAnswer' });
  });

  test.each([
    ['a list of nulls', { trailList: [null] }],
    ['text for a list', { trailList: 'none' }],
    ['a trail without an ARN', { trailList: [{ Name: 'x' }] }],
    ['a prototype key', JSON.parse('{"trailList":[{"__proto__":{"TrailARN":"x"}}]}')],
  ])('trails: %s is an ERROR', async (_, body) => {
    const { account } = await openSession(() => ({ body }));
    expect(await account.trails('eu-west-1')).toMatchObject({ ok: false, failure: { kind: 'ERROR' } });
  });
});

test.each([
  ['aws-us-gov', 'us-gov-west-1', 'cloudtrail.us-gov-west-1.amazonaws.com'],
  ['aws-cn', 'cn-north-1', 'cloudtrail.cn-north-1.amazonaws.com.cn'],
  ['aws-eusc', 'eusc-de-east-1', 'cloudtrail.eusc-de-east-1.amazonaws.eu'],
])('in %s roles and endpoints are of that partition', async (partition, region, host) => {
  const { account, calls } = await openSession(() => ({ body: { trailList: [] } }), partition, region);
  value(await account.trails(region));
  expect(calls[0]?.host).toBe(host);
  expect(account.takeEvidence()[0]).toMatchObject({
    input: { RoleArn: `arn:${partition}:iam::${ACCOUNT}:role/TrailSealAudit` },
  });
});

test('every call that is made is allowed by the session policy', async () => {
  const actions: Record<string, string> = {
    GetBucketEncryption: 's3:GetEncryptionConfiguration',
    GetBucketLifecycleConfiguration: 's3:GetLifecycleConfiguration',
    GetObjectLockConfiguration: 's3:GetBucketObjectLockConfiguration',
    GetPublicAccessBlock: 's3:GetBucketPublicAccessBlock',
    HeadObject: 's3:GetObject',
    ListBuckets: 's3:ListAllMyBuckets',
    ListObjectsV2: 's3:ListBucket',
  };
  const allowed: string[] = JSON.parse(sessionPolicy({ partition: 'aws', sampleLogs: true })).Statement.flatMap(
    ({ Action }: { Action: string | string[] }) => Action,
  );
  const { account } = await openSession((call) => {
    if (call.operation.includes('location')) return xml('<LocationConstraint>EU</LocationConstraint>');
    if (call.path === '/' && call.host.startsWith('s3.')) {
      return xml(
        '<ListAllMyBucketsResult><Buckets><Bucket><Name>logs</Name></Bucket></Buckets></ListAllMyBucketsResult>',
      );
    }
    if (call.input['list-type']) {
      return xml(
        '<ListBucketResult><Contents><Key>a.json.gz</Key><LastModified>2026-11-10T09:00:00Z</LastModified></Contents></ListBucketResult>',
      );
    }
    return call.service === 's3' || call.service === 'ec2' ? xml('<Nothing/>') : { body: {} };
  });
  await account.regions();
  await account.trails('eu-west-1');
  await account.trailStatus('eu-west-1', TRAIL);
  await account.eventSelectors('eu-west-1', TRAIL);
  await account.eventDataStores('eu-west-1');
  await account.eventDataStore('eu-west-1', 'arn:a');
  await account.key(KEY);
  await account.keyRotation(KEY);
  await account.keyPolicy(KEY);
  await account.logGroup('eu-west-1', 'arn:aws:logs:eu-west-1:1:log-group:g');
  await account.ownBucket('logs');
  await account.accountPublicAccessBlock();
  const logs = { ...AT, folders: ['AWSLogs/1/CloudTrail'] };
  for (const { method } of Object.values(BUCKET_SETTINGS)) await account[method](logs);
  await account.newestLogObject({ ...AT, prefix: '' });
  await account.oldestLogObject({ ...AT, prefix: '' });
  const made = account
    .takeEvidence()
    .filter(({ operation }) => operation !== 'AssumeRole')
    .map(({ service, operation }) => actions[operation] ?? `${service}:${operation}`);
  expect(new Set(made)).toEqual(new Set(allowed));
});
