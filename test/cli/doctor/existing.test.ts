import { describe, expect, test } from '@jest/globals';
import type { ExistingBucket, ExistingKey, ExistingTopic } from '../../../functions/aws/existing-reader.ts';
import type { Check } from '../../../functions/cli/doctor/check.ts';
import { examineExisting } from '../../../functions/cli/doctor/existing.ts';
import { answered, failed } from '../../../functions/domain/model/reading.ts';

const ACCOUNT = '111122223333';
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234abcd`;
const TOPIC = `arn:aws:sns:eu-west-1:${ACCOUNT}:alerts`;
const NONE = { reportBucket: null, key: null, topic: null, accessLogBucket: null };

const allow = (Principal: object, Action: string | string[], more: object = {}) => ({
  ...{ Effect: 'Allow', Principal, Action, Resource: '*' },
  ...more,
});
const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const service = (Service: string) => ({ Service });
const ROOT = allow({ AWS: `arn:aws:iam::${ACCOUNT}:root` }, 'kms:*');
const LOGS = allow(
  service('logs.eu-west-1.amazonaws.com'),
  ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'],
  {
    Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:*` } },
  },
);
const OF_ACCOUNT = { Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } } };
const ALARMS = allow(service('cloudwatch.amazonaws.com'), ['kms:Decrypt', 'kms:GenerateDataKey*'], OF_ACCOUNT);
const KEY_POLICY = policy(ROOT, LOGS, ALARMS);
const TLS = {
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: '*',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};
const DELIVERY = allow(service('logging.s3.amazonaws.com'), 's3:PutObject', OF_ACCOUNT);
/** As SNS gives every new topic. */
const OF_OWNER = policy(
  allow({ AWS: '*' }, ['SNS:Publish', 'SNS:Subscribe'], {
    Condition: { StringEquals: { 'AWS:SourceOwner': ACCOUNT } },
  }),
);

const BUCKET: ExistingBucket = {
  ...{ region: 'eu-west-1', key: KEY, policy: answered(policy(TLS, DELIVERY)) },
  ...{ versioned: answered(true), publicBlocked: answered(true), ownership: answered('BucketOwnerEnforced') },
};
const REFUSED = failed({ kind: 'DENIED', operation: 'x', code: 'AccessDenied', message: 'no' });

interface World {
  bucket?: Partial<ExistingBucket>;
  key?: Partial<ExistingKey>;
  topic?: Partial<ExistingTopic>;
  isWatching?: boolean;
}

const examined = async (
  existing: Partial<Record<keyof typeof NONE, string>>,
  { bucket = {}, key = {}, topic = {}, isWatching = false }: World = {},
): Promise<Check[]> => {
  const checks: Check[] = [];
  const absent = failed({ kind: 'NOT_FOUND', operation: 'x', code: 'Gone', message: '' });
  const reader = {
    bucket: async (name: string) => (name === 'absent' ? absent : answered({ ...BUCKET, ...bucket })),
    key: async () => answered({ state: 'Enabled', policy: answered(KEY_POLICY), ...key }),
    topic: async (arn: string) =>
      arn.endsWith('absent') ? absent : answered({ policy: OF_OWNER, key: null, ...topic }),
  };
  const place = { prefix: 'TrailSeal', accountId: ACCOUNT, partition: 'aws', region: 'eu-west-1', isWatching };
  await examineExisting({ reader, existing: { ...NONE, ...existing }, ...place }, (check) => checks.push(check));
  return checks;
};
const outcomes = (checks: Check[]) => checks.map(({ name, outcome }) => `${name}: ${outcome}`);
const ALL = { reportBucket: 'reports', key: KEY, topic: TOPIC, accessLogBucket: 'logs' };

test('what is as it must be is said to be so; what is not named is not looked at', async () => {
  expect(await examined({})).toEqual([]);
  const checks = await examined(ALL, { bucket: { key: null } });
  expect(outcomes(checks)).toEqual([
    'existing.reportBucket: ok',
    'existing.reportBucket, transport: ok',
    'existing.reportBucket, versions: ok',
    'existing.reportBucket, public access: ok',
    'existing.reportBucket, ownership: ok',
    'existing.accessLogBucket: ok',
    'existing.key: ok',
    'existing.topic: ok',
  ]);
  expect(checks.filter(({ fix, command }) => fix !== null || command !== undefined)).toEqual([]);
});

describe('what a deployment would stumble over is wrong, with the fix', () => {
  test.each<[string, Partial<typeof ALL>, World, RegExp]>([
    ['no such bucket', { reportBucket: 'absent' }, {}, /there is no bucket absent/],
    [
      'a bucket elsewhere',
      { reportBucket: 'r' },
      { bucket: { region: 'us-east-1' } },
      /is in us-east-1 → Deploy to us-east-1/,
    ],
    [
      'a key of the bucket that is not named',
      { reportBucket: 'r' },
      {},
      /existing.key is not set → Set existing.key to arn/,
    ],
    ['a key elsewhere', { key: KEY.replace('eu-west-1', 'us-east-1') }, {}, /it is in us-east-1/],
    [
      'a key that is disabled',
      { key: KEY },
      { key: { state: 'Disabled' } },
      /it is disabled → Enable it: aws kms enable-key --key-id arn/,
    ],
    [
      'a key that is to be deleted',
      { key: KEY },
      { key: { state: 'PendingDeletion' } },
      /aws kms cancel-key-deletion --key-id arn/,
    ],
    ['a topic elsewhere', { topic: TOPIC.replace('eu-west-1', 'us-east-1') }, {}, /it is in us-east-1/],
    ['no such topic', { topic: `${TOPIC}-absent` }, {}, /there is no topic/],
    [
      'a topic under the key of AWS',
      { topic: TOPIC, key: KEY },
      { topic: { key: 'alias/aws/sns' } },
      /whose policy nobody can change.*--attribute-name KmsMasterKeyId --attribute-value arn:aws:kms/,
    ],
    [
      'a topic under a key that alarms may not use',
      { topic: TOPIC },
      { topic: { key: KEY }, key: { policy: answered(policy(ROOT, LOGS)) } },
      /Key of existing.topic.*does not let CloudWatch alarms publish to the topic → .*aws kms put-key-policy --key-id arn/,
    ],
    [
      'a statement that refuses',
      { topic: TOPIC },
      {
        topic: {
          policy: policy(allow({ AWS: '*' }, 'sns:Publish'), {
            ...allow(service('cloudwatch.amazonaws.com'), 'sns:*'),
            Effect: 'Deny',
            Sid: 'NoAlarms',
          }),
        },
      },
      /statement NoAlarms denies sns:Publish → Leave that out of statement NoAlarms/,
    ],
    [
      'a topic of another account that lets it in nowhere',
      { topic: TOPIC.replace(ACCOUNT, '999988887777') },
      { topic: { policy: policy() } },
      /nor account 111122223333 publish the summary/,
    ],
    [
      'logs that S3 may not deliver',
      { accessLogBucket: 'logs' },
      { bucket: { key: null, policy: answered(null) } },
      /does not let S3 deliver access logs → .*put-bucket-policy --bucket logs/,
    ],
  ])('%s', async (_, existing, world, sentence) => {
    const wrong = (await examined(existing, world)).find(({ outcome }) => outcome === 'wrong');
    expect(`${wrong?.name}: ${wrong?.words} → ${wrong?.fix} ${wrong?.command ?? ''}`).toMatch(sentence);
  });
});

describe('the policy of the key', () => {
  const keyCheck = async (text: string, world: World = {}) => {
    const [check] = await examined({ key: KEY }, { ...world, key: { policy: answered(text) } });
    return check;
  };

  test('is put as it is with what it lacks, and then it is sound', async () => {
    const lacking = await keyCheck(policy(ROOT), { isWatching: true });
    expect(lacking?.words).toBe(
      'its policy does not let CloudWatch Logs encrypt log groups, nor CloudWatch alarms publish to the topic, nor EventBridge hand changes on',
    );
    const [, text = ''] =
      /^aws kms put-key-policy --key-id \S+ --policy-name default --policy '(.*)'$/.exec(lacking?.command ?? '') ?? [];
    expect(JSON.parse(text).Statement[0]).toEqual(ROOT);
    expect(await keyCheck(text, { isWatching: true })).toMatchObject({ outcome: 'ok' });
  });

  test.each([
    ['names the services in a statement that denies', policy(ROOT, { ...LOGS, Effect: 'Deny' }, ALARMS)],
    [
      'lets logs in for another account',
      policy(ROOT, { ...LOGS, Condition: { StringEquals: { 'aws:SourceAccount': '999988887777' } } }, ALARMS),
    ],
    ['lets the services in, and no role of the account', policy(LOGS, ALARMS)],
    [
      'lets alarms encrypt, and not decrypt',
      policy(ROOT, LOGS, allow(service('cloudwatch.amazonaws.com'), 'kms:GenerateDataKey')),
    ],
  ])('is wrong where it %s', async (_, text) => {
    expect(await keyCheck(text)).toMatchObject({ outcome: 'wrong' });
  });

  test.each([
    [
      'rests on what is not known',
      policy(ROOT, { ...LOGS, Condition: { StringEquals: { 'kms:ViaService': 'x' } } }, ALARMS),
    ],
    ['is no JSON', 'policy'],
  ])('is a warning, without a command, where it %s', async (_, text) => {
    const check = await keyCheck(text);
    expect([check?.outcome, check?.command]).toEqual(['warning', undefined]);
  });

  test('is not needed by alarms that publish to a topic of yours', async () => {
    const [key] = await examined({ key: KEY, topic: TOPIC }, { key: { policy: answered(policy(ROOT, LOGS)) } });
    expect(key).toMatchObject({ name: 'existing.key', outcome: 'ok' });
  });
});

describe('a report bucket that protects less than ours', () => {
  test.each<[string, Partial<ExistingBucket>, RegExp]>([
    [
      'takes requests without TLS',
      { policy: answered(policy(DELIVERY)) },
      /^aws s3api put-bucket-policy --bucket r --policy '\{.*logging\.s3.*aws:SecureTransport.*\}'$/,
    ],
    [
      'keeps no versions',
      { versioned: answered(false) },
      /^aws s3api put-bucket-versioning --bucket r --versioning-configuration Status=Enabled$/,
    ],
    ['blocks no public access', { publicBlocked: answered(false) }, /^aws s3api put-public-access-block --bucket r /],
    ['has ACLs', { ownership: answered('ObjectWriter') }, /^aws s3api put-bucket-ownership-controls --bucket r /],
  ])('is warned of where it %s, with the command that repairs it', async (_, bucket, command) => {
    const checks = await examined({ reportBucket: 'r', key: KEY }, { bucket });
    const warned = checks.filter(({ outcome }) => outcome !== 'ok');
    expect(warned).toEqual([expect.objectContaining({ outcome: 'warning', command: expect.stringMatching(command) })]);
  });

  test('what may not be read is a warning, and is not taken for sound', async () => {
    const bucket = { policy: REFUSED, versioned: REFUSED, publicBlocked: REFUSED, ownership: REFUSED };
    const checks = await examined({ reportBucket: 'r', key: KEY }, { bucket, key: { policy: REFUSED } });
    expect(outcomes(checks).filter((line) => line.endsWith('warning'))).toHaveLength(5);
    expect(checks.filter(({ outcome }) => outcome === 'warning').every(({ fix }) => fix !== null)).toBe(true);
  });
});
