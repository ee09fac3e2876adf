import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AwsAccess, createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import { createSharedObject } from '../../../functions/aws/stores/shared-object.ts';
import { describeWithMoto } from '../../moto/describe-with-moto.ts';
import { s3Error, type WireAnswer, type WireCall, wire } from '../wire.ts';

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' };
const place = { region: 'us-east-1', bucket: 'shared', key: 'reports/announced.json', expectedOwner: '123456789012' };

describeWithMoto('S3 by moto', (moto) => {
  let access: AwsAccess;
  beforeAll(async () => {
    access = createAwsAccess({ region: 'us-east-1', endpoint: moto.url(), credentials });
    await access.own(S3Client).send(new CreateBucketCommand({ Bucket: place.bucket }));
  });
  afterAll(() => access.close());

  test('of two that read the same version one replaces it', async () => {
    const [one, other] = [createSharedObject({ access, ...place }), createSharedObject({ access, ...place })];
    expect(await one.read()).toEqual({ text: null, version: null });
    expect(await one.replace('1', null)).toBe(true);
    expect(await other.replace('2', null)).toBe(false);
    const { text, version } = await other.read();
    expect(text).toBe('1');
    expect(await one.replace('3', version)).toBe(true);
    expect(await other.replace('4', version)).toBe(false);
    expect((await one.read()).text).toBe('3');
  });
});

const wired = (answer: (call: WireCall) => WireAnswer) => {
  const { handler, calls } = wire(answer);
  const access = createAwsAccess({
    region: 'us-east-1',
    credentials,
    requestHandler: handler,
    retry: { delayFactor: 0 },
  });
  return { calls, shared: createSharedObject({ access, ...place }) };
};

test.each([
  ['PreconditionFailed', 412],
  ['ConditionalRequestConflict', 409],
  ['NoSuchKey', 404],
])('%s means that somebody else was first', async (code, status) => {
  const { shared, calls } = wired(() => s3Error(code, 'no', status));
  expect(await shared.replace('{}', '"tag"')).toBe(false);
  expect(calls[0]?.headers).toMatchObject({ 'if-match': '"tag"', 'x-amz-expected-bucket-owner': '123456789012' });
});

test('what S3 refuses is an error, when it is read as when it is replaced', async () => {
  const { shared } = wired(() => s3Error('AccessDenied', 'not you', 403));
  await expect(shared.replace('{}', null)).rejects.toThrow('not you');
  await expect(shared.read()).rejects.toThrow('not you');
});
