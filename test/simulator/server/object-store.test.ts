import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startSimulatedServer } from '../../../functions/simulator/server/server.ts';
import { createSimulation } from '../../../functions/simulator/simulation.ts';
import { clientsOf, errorOf, type Reach } from '../clients.ts';

describe.each(['within the process', 'over loopback HTTP'])('the report bucket, %s', (form) => {
  const simulation = createSimulation({ accounts: 3 });
  const Bucket = simulation.reportBucket;
  let reach: Reach = { simulation };
  let close = async (): Promise<void> => {};
  beforeAll(async () => {
    if (form !== 'over loopback HTTP') return;
    const server = await startSimulatedServer({ simulation });
    reach = { simulation, endpoint: server.url };
    close = () => server.close();
  });
  afterAll(() => close());

  test('gives back what was put: text, bytes, streams, ranges', async () => {
    const { s3 } = clientsOf(reach);
    const Key = 'runs/01 ä/+&"<plan>.json';
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: '{"version":1}', ContentType: 'application/json' }));
    const found = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(found.ContentType).toBe('application/json');
    expect(await found.Body?.transformToString()).toBe('{"version":1}');
    const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect(ContentLength).toBe(13);
    const part = await s3.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=2-8' }));
    expect(await part.Body?.transformToString()).toBe('version');
    expect(part.ContentRange).toBe('bytes 2-8/13');
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'runs/01' }));
    expect(listed.Contents?.map((object) => object.Key)).toEqual([Key]);
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    expect((await errorOf(s3.send(new GetObjectCommand({ Bucket, Key })))).name).toBe('NoSuchKey');
  });

  test('takes streams of unknown length in parts, whole or not at all', async () => {
    const { s3 } = clientsOf(reach);
    const chunk = Buffer.alloc(2 ** 20, 'trail');
    const Key = 'tables/big.parquet';
    const stream = Readable.from(Array.from({ length: 12 }, () => chunk));
    await new Upload({ client: s3, params: { Bucket, Key, Body: stream } }).done();
    const found = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const bytes = await found.Body?.transformToByteArray();
    expect(bytes?.length).toBe(12 * 2 ** 20);
    expect(found.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);

    const broken = Readable.from(
      (function* () {
        for (let i = 0; i < 6; i++) yield chunk;
        throw new Error('the source broke');
      })(),
    );
    await errorOf(new Upload({ client: s3, params: { Bucket, Key: 'tables/half.parquet', Body: broken } }).done());
    expect(
      (await errorOf(s3.send(new HeadObjectCommand({ Bucket, Key: 'tables/half.parquet' })))).$metadata?.httpStatusCode,
    ).toBe(404);
    expect(simulation.objects.uploads()).toBe(0);
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }));
    expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'tables/' }))).KeyCount).toBe(0);
  });

  test('honours conditional writes', async () => {
    const { s3 } = clientsOf(reach);
    const put = (Body: string) => s3.send(new PutObjectCommand({ Bucket, Key: 'lock', Body, IfNoneMatch: '*' }));
    await put('mine');
    expect((await errorOf(put('yours'))).$metadata?.httpStatusCode).toBe(412);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'lock' }));
  });

  test('no other bucket can be written to', async () => {
    const { s3 } = clientsOf(reach);
    const Key = 'AWSLogs/forged.json.gz';
    const logs = simulation.world.organizationTrails()[0]?.bucket ?? '';
    expect((await errorOf(s3.send(new PutObjectCommand({ Bucket: logs, Key, Body: 'x' })))).name).toBe('AccessDenied');
  });
});

test('a request that is not sound percent-encoding is answered, not dropped', async () => {
  const server = await startSimulatedServer({ simulation: createSimulation({ accounts: 1 }) });
  try {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=AKIA/20261102/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';
    const response = await fetch(`${server.url}/%E0%A4%A`, { headers: { authorization } });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('<Code>InvalidAccessKeyId</Code>');
  } finally {
    await server.close();
  }
});
