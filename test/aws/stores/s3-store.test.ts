import { Readable } from 'node:stream';
import { CreateBucketCommand, ListMultipartUploadsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HttpResponse } from '@smithy/core/protocols';
import { type AwsAccess, createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import type { RequestHandler } from '../../../functions/aws/calls/request-handler.ts';
import { createS3Store, parseS3Root } from '../../../functions/aws/stores/s3-store.ts';
import { createSimulation, type SimulationSpec } from '../../../functions/simulator/simulation.ts';
import { keys, listsBeyondAPage, ordersByBytes, storeContract, text } from '../../local/store-contract.ts';
import { describeWithMoto } from '../../moto/describe-with-moto.ts';
import { s3Error, type WireAnswer, type WireCall, wire } from '../wire.ts';

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' };

describeWithMoto('S3 by moto', (moto) => {
  let access: AwsAccess;
  let buckets = 0;
  beforeAll(() => {
    access = createAwsAccess({ region: 'us-east-1', endpoint: moto.url(), credentials });
  });
  afterAll(() => access.close());
  const newBucket = async () => {
    const bucket = `report-${++buckets}`;
    await access.own(S3Client).send(new CreateBucketCommand({ Bucket: bucket }));
    return bucket;
  };

  const newStore = async () => createS3Store({ access, bucket: await newBucket() });
  storeContract('a bucket', newStore);
  ordersByBytes('a bucket', newStore);
  listsBeyondAPage('a bucket', newStore);

  test('keeps to its prefix, and leaves out the markers of the console', async () => {
    const bucket = await newBucket();
    const [one, other] = ['one', 'one-more'].map((prefix) => createS3Store({ access, bucket, prefix }));
    await one?.write('key', 'of one');
    await other?.write('key', 'of the other');
    await access.own(S3Client).send(new PutObjectCommand({ Bucket: bucket, Key: 'one/folder/', Body: 'x' }));
    expect(one && (await keys(one, ''))).toEqual(['key']);
    expect(text((await one?.read('key')) ?? null)).toBe('of one');
    expect(one?.root).toBe(`s3://${bucket}/one`);
    expect(one?.objectKey('key')).toBe('one/key');
  });

  test('a body that fails leaves no parts behind', async () => {
    const bucket = await newBucket();
    const body = async function* () {
      yield new Uint8Array(12_000_000);
      throw new Error('the body broke');
    };
    await expect(createS3Store({ access, bucket }).write('large', body())).rejects.toThrow('the body broke');
    const { Uploads } = await access.own(S3Client).send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(Uploads ?? []).toEqual([]);
  });

  test('says in one sentence that there is no such bucket', async () => {
    const store = createS3Store({ access, bucket: 'not-there' });
    const sentence = 'There is no bucket named not-there: create it, or name another report root.';
    await expect(store.write('a', 'x')).rejects.toMatchObject({ name: 'StoreError', message: sentence });
    await expect(store.read('a')).rejects.toThrow(sentence);
    await expect(keys(store, '')).rejects.toThrow(sentence);
  });
});

describe('S3 by the simulated organization', () => {
  const simulated = (spec: SimulationSpec) => {
    const simulation = createSimulation({ accounts: 3, ...spec });
    const access = createAwsAccess({
      region: 'us-east-1',
      credentials: simulation.credentials,
      requestHandler: simulation.requestHandler({ requestTimeoutMs: 5 }) as never,
      retry: { delayFactor: 0, maxAttempts: 20 },
    });
    return createS3Store({ access, bucket: simulation.reportBucket, prefix: '/a/b/' });
  };
  let seed = 0;
  storeContract('a prefix in a bucket', async () => simulated({}));
  storeContract('a prefix in a bucket on a bad day', async () =>
    simulated({
      seed: ++seed,
      throttle: 0.05,
      error: 0.05,
      reset: 0.05,
      lost: 0.05,
      stall: 0.02,
      truncated: 0.08,
      html: 0.05,
    }),
  );
});

test('an upload whose last answer is lost is found to be complete', async () => {
  const { handler, calls } = wire((call) => {
    if (call.method === 'HEAD') return { headers: call.path.length > 1 ? { 'content-length': '6000000' } : {} };
    if (call.operation === 'POST uploads') {
      return { body: '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>' };
    }
    if (call.method === 'PUT') return { headers: { etag: '"part"' } };
    return s3Error('NoSuchUpload', 'The specified multipart upload does not exist.', 404);
  });
  const access = createAwsAccess({
    region: 'us-east-1',
    credentials,
    requestHandler: handler,
    retry: { delayFactor: 0 },
  });
  const store = createS3Store({ access, bucket: 'reports' });
  const body = async function* (bytes: number) {
    yield new Uint8Array(bytes);
  };
  await store.write('large', body(6_000_000));
  expect(calls.at(-1)).toMatchObject({ method: 'HEAD', path: '/large' });
  await expect(store.write('large', body(6_000_001))).rejects.toThrow('NoSuchUpload');
});

test('an upload whose last answer is lost fails as such where its writer may not look', async () => {
  const { handler } = wire((call) => {
    if (call.method === 'HEAD') return call.path.length > 1 ? { status: 403 } : {};
    if (call.operation === 'POST uploads') {
      return { body: '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>' };
    }
    if (call.method === 'PUT') return { headers: { etag: '"part"' } };
    return s3Error('NoSuchUpload', 'The specified multipart upload does not exist.', 404);
  });
  const access = createAwsAccess({
    region: 'us-east-1',
    credentials,
    requestHandler: handler,
    retry: { delayFactor: 0 },
  });
  const store = createS3Store({ access, bucket: 'reports' });
  await expect(store.write('large', Readable.from([new Uint8Array(6_000_000)]))).rejects.toThrow('NoSuchUpload');
});

test('a stream that breaks goes on where it stopped, in the same version', async () => {
  const object = Buffer.from('0123456789'.repeat(1_000));
  const asked: { range: string | undefined; version: string | undefined }[] = [];
  const broken = (from: number, to: number, code = 'ECONNRESET') =>
    Readable.from(
      (function* () {
        yield object.subarray(from, to);
        throw Object.assign(new Error('aborted'), { code });
      })(),
    );
  const storeOver = (body: (from: number) => Readable, status = (_: number) => 200) => {
    const handle = async (request: { method: string; headers: Record<string, string> }) => {
      if (request.method === 'HEAD') return { response: new HttpResponse({ statusCode: 200, headers: {} }) };
      const { range, 'if-match': version } = request.headers;
      asked.push({ range, version });
      const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
      const headers = { etag: '"v1"', 'content-length': String(object.length - from), 'x-amz-request-id': 'r' };
      return { response: new HttpResponse({ statusCode: status(from), headers, body: body(from) }) };
    };
    const requestHandler = { handle } as unknown as RequestHandler;
    const access = createAwsAccess({ region: 'us-east-1', credentials, requestHandler, retry: { delayFactor: 0 } });
    return createS3Store({ access, bucket: 'reports' });
  };

  const flaky = storeOver((from) =>
    from < 6_000 ? broken(from, from + 3_000) : Readable.from([object.subarray(from)]),
  );
  expect(text(await flaky.read('a'))).toBe(object.toString());
  expect(asked).toEqual([
    { range: undefined, version: undefined },
    { range: 'bytes=3000-', version: '"v1"' },
    { range: 'bytes=6000-', version: '"v1"' },
  ]);

  asked.length = 0;
  await expect(storeOver((from) => broken(from, from + 1)).read('a')).rejects.toThrow(
    's3://reports/a could not be read (ECONNRESET: aborted).',
  );
  expect(asked).toHaveLength(6);

  const changed = storeOver(
    (from) =>
      from === 0
        ? broken(0, 10)
        : Readable.from(['<Error><Code>PreconditionFailed</Code><Message>changed</Message></Error>']),
    (from) => (from === 0 ? 200 : 412),
  );
  await expect(changed.read('a')).rejects.toThrow('PreconditionFailed');
});

describe('a bucket', () => {
  const storeOver = (answer: (call: WireCall) => WireAnswer) => {
    const { handler, calls } = wire(answer);
    const access = createAwsAccess({
      region: 'us-east-1',
      credentials,
      requestHandler: handler,
      retry: { delayFactor: 0, maxAttempts: 3 },
    });
    return { store: createS3Store({ access, bucket: 'reports', prefix: 'p' }), calls };
  };

  test('in another Region is found by what S3 says of it, once', async () => {
    const elsewhere = { status: 301, headers: { 'x-amz-bucket-region': 'eu-central-1' } };
    const { store, calls } = storeOver((call) => (call.method === 'HEAD' ? elsewhere : {}));
    await store.write('a', 'x');
    await store.write('b', 'x');
    expect(calls.map(({ method, region, host }) => `${method} ${region} ${host}`)).toEqual([
      'HEAD us-east-1 reports.s3.us-east-1.amazonaws.com',
      'PUT eu-central-1 reports.s3.eu-central-1.amazonaws.com',
      'PUT eu-central-1 reports.s3.eu-central-1.amazonaws.com',
    ]);
  });

  test('that may not be written says which permission is missing, and writes no encryption of its own', async () => {
    const { store, calls } = storeOver((call) =>
      call.method === 'HEAD' ? { status: 403 } : s3Error('AccessDenied', 'Access Denied', 403),
    );
    await expect(store.write('report.json', '{}')).rejects.toThrow(
      "s3://reports/p/report.json may not be written with these credentials: allow s3:PutObject, and the use of the bucket's KMS key. (Access Denied)",
    );
    expect(calls.at(-1)?.headers['content-type']).toBe('application/json');
    expect(Object.keys(calls.at(-1)?.headers ?? {}).filter((name) => name.includes('server-side-encryption'))).toEqual(
      [],
    );
  });

  test('with Object Lock takes every upload, since none comes without the checksum that S3 then demands', async () => {
    const initiated = '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>';
    const { store, calls } = storeOver(({ method, operation, headers }) => {
      const names = Object.keys(headers);
      const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
      const isUpload = method === 'PUT' || operation === 'POST uploads';
      if (isUpload && !has(/^(x-amz-checksum-|x-amz-trailer$|content-md5$)/)) {
        return s3Error('InvalidRequest', 'Content-MD5 OR x-amz-checksum- HTTP header is required', 400);
      }
      if (operation === 'POST uploads') return { body: initiated };
      if (method === 'POST')
        return { body: '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>' };
      return { headers: { etag: '"part"' } };
    });
    await store.write('reports/latest.json', '{}');
    await store.write('tables/small.parquet', Readable.from([Buffer.from('PAR1')]));
    await store.write('tables/large.parquet', Readable.from([new Uint8Array(6_000_000)]));
    expect(calls.filter(({ method }) => method === 'PUT').length).toBeGreaterThanOrEqual(4);
    expect(calls.some(({ operation }) => operation === 'POST uploads')).toBe(true);
  });

  test('that answers 500 for a while is written in the end', async () => {
    let left = 2;
    const { store } = storeOver((call) =>
      call.method === 'PUT' && left-- > 0 ? s3Error('InternalError', 'again', 500) : {},
    );
    await store.write('a', 'x');
    expect(left).toBe(-1);
  });
});

test.each([
  ['s3://bucket', { bucket: 'bucket', prefix: '' }],
  ['s3://bucket/', { bucket: 'bucket', prefix: '' }],
  ['s3://my.bucket-1/a/b/', { bucket: 'my.bucket-1', prefix: 'a/b' }],
  ['./s3', null],
  ['s3://', null],
  ['s3://UPPER/x', null],
  ['s3://bucket:x/y', null],
])('%s as an S3 root is %j', (root, parts) => {
  expect(parseS3Root(root)).toEqual(parts);
});
