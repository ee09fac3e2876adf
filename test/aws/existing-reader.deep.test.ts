import { spawn } from 'node:child_process';
import { CreateKeyCommand, GetKeyPolicyCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutBucketEncryptionCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AwsAccess, createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { createExistingReader } from '../../functions/aws/existing-reader.ts';
import type { Check } from '../../functions/cli/doctor/check.ts';
import { examineExisting } from '../../functions/cli/doctor/existing.ts';
import { describeIfAwsCli } from '../moto/describe-with-moto.ts';
import { MOTO_ACCOUNT, MOTO_CREDENTIALS, type MotoServer, startMoto } from '../moto/moto.ts';

const REGION = 'eu-west-1';
const ROOT = {
  ...{ Sid: 'Own', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${MOTO_ACCOUNT}:root` } },
  ...{ Action: 'kms:*', Resource: '*' },
};

describeIfAwsCli('what is there already, in moto', () => {
  let moto: MotoServer;
  let access: AwsAccess;
  let existing: { reportBucket: string; accessLogBucket: string; key: string; topic: string };
  beforeAll(async () => {
    moto = await startMoto();
    const client = { endpoint: moto.url, region: REGION, credentials: MOTO_CREDENTIALS, forcePathStyle: true };
    access = createAwsAccess(client);
    const kms = new KMSClient(client);
    const s3 = new S3Client(client);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const key = KeyMetadata?.Arn ?? '';
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [ROOT] });
    await kms.send(new PutKeyPolicyCommand({ KeyId: key, PolicyName: 'default', Policy }));
    const LocationConstraint = REGION;
    for (const Bucket of ['reports', 'access-logs', 'untouched'])
      await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }));
    const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: key };
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket: 'reports',
        ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault }] },
      }),
    );
    // Somebody's own statement, with what a shell would read otherwise.
    const Statement = {
      Sid: 'Own',
      Effect: 'Allow',
      Principal: ROOT.Principal,
      Action: 's3:GetObject',
      Resource: "arn:aws:s3:::reports/it's $HOME/*",
    };
    await s3.send(
      new PutBucketPolicyCommand({ Bucket: 'reports', Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
    );
    const { TopicArn = '' } = await new SNSClient(client).send(new CreateTopicCommand({ Name: 'alerts' }));
    existing = { reportBucket: 'reports', accessLogBucket: 'access-logs', key, topic: TopicArn };
  }, 120_000);
  afterAll(async () => {
    access?.close();
    await moto?.stop();
  });

  const examined = async (): Promise<Check[]> => {
    const checks: Check[] = [];
    const place = { prefix: 'TrailSeal', accountId: MOTO_ACCOUNT, partition: 'aws', region: REGION, isWatching: true };
    await examineExisting({ reader: createExistingReader(access), existing, ...place }, (check) => checks.push(check));
    return checks;
  };
  const run = (command: string): Promise<[number | null, string]> => {
    const env = {
      ...{ PATH: process.env.PATH ?? '', HOME: '/nowhere', AWS_ENDPOINT_URL: moto.url, AWS_DEFAULT_REGION: REGION },
      ...{ AWS_ACCESS_KEY_ID: MOTO_CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: MOTO_CREDENTIALS.secretAccessKey },
    };
    const child = spawn('bash', ['-c', command], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    return new Promise((resolve) => child.once('close', (code) => resolve([code, said])));
  };

  test('is read as it is: what was never set, and what is not there', async () => {
    const reader = createExistingReader(access);
    expect(await reader.bucket('untouched', MOTO_ACCOUNT)).toMatchObject({
      ok: true,
      value: {
        ...{ region: REGION, key: null, policy: { ok: true, value: null }, versioned: { ok: true, value: false } },
        ...{ publicBlocked: { ok: true, value: false }, ownership: { ok: true, value: expect.any(String) } },
      },
    });
    expect(await reader.bucket('reports', MOTO_ACCOUNT)).toMatchObject({ ok: true, value: { key: existing.key } });
    expect(await reader.topic(existing.topic)).toMatchObject({
      ok: true,
      value: { policy: expect.any(String), key: null },
    });
    expect(await reader.bucket('nobodys', MOTO_ACCOUNT)).toMatchObject({ ok: false, failure: { kind: 'NOT_FOUND' } });
    expect(await reader.topic(`${existing.topic}-gone`)).toMatchObject({ ok: false, failure: { kind: 'NOT_FOUND' } });
    expect(await reader.key(existing.key.replace(/\w{12}$/, '000000000000'))).toMatchObject({ ok: false });
  });

  test('is repaired by the commands that the doctor prints, run as they are', async () => {
    const before = await examined();
    const commands = before.flatMap(({ command }) => command ?? []);
    expect(before.filter(({ outcome, command }) => outcome !== 'ok' && command === undefined)).toEqual([]);
    expect(commands.length).toBeGreaterThanOrEqual(5);
    for (const command of commands) expect([command, ...(await run(command))]).toEqual([command, 0, '']);
    const after = await examined();
    expect(after.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    // What others had there is there still.
    const found = await createExistingReader(access).bucket('reports', MOTO_ACCOUNT);
    expect(JSON.stringify(found)).toContain("it's $HOME");
    const { Policy = '' } = await access
      .own(KMSClient)
      .send(new GetKeyPolicyCommand({ KeyId: existing.key, PolicyName: 'default' }));
    expect(JSON.parse(Policy).Statement[0]).toEqual(ROOT);
  });
});
