import { expect, test } from '@jest/globals';
import { type AwsAccess, createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { openRoot } from '../../functions/cli/report-root.ts';
import { s3Error, wire } from '../aws/wire.ts';

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const HEADERS = ['x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id'];

/**
 * A bucket as AWS documents it for SSE-KMS: the policy denies s3:PutObject whose request does not name the key.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
 */
const demanding = ({ byDefault, mayRead = true }: { byDefault: string; mayRead?: boolean }) => {
  const { handler, calls } = wire(({ method, operation, path, headers }) => {
    if (operation === 'GET encryption') {
      if (!mayRead) return s3Error('AccessDenied', 'Access Denied', 403);
      return {
        body: `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>${byDefault}</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`,
      };
    }
    const isPart = method === 'PUT' && operation.includes('partNumber');
    const starts = (method === 'PUT' && !isPart) || operation === 'POST uploads';
    if (starts && (headers[HEADERS[0] ?? ''] !== 'aws:kms' || headers[HEADERS[1] ?? ''] !== KEY))
      return s3Error('AccessDenied', 'explicit deny in a resource-based policy', 403);
    if (!starts && HEADERS.some((name) => headers[name] !== undefined))
      return s3Error('InvalidArgument', `not with ${method} ${path}`);
    if (operation === 'POST uploads')
      return { body: '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>' };
    if (method === 'POST')
      return { body: '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>' };
    return { headers: { etag: '"part"' } };
  });
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' };
  const access: AwsAccess = createAwsAccess({
    region: 'us-east-1',
    credentials,
    requestHandler: handler,
    retry: { delayFactor: 0 },
  });
  return { access, calls };
};
const stream = async function* (bytes: number) {
  yield new Uint8Array(bytes);
};
const SSE_S3 = '<SSEAlgorithm>AES256</SSEAlgorithm>';
const SSE_KMS = `<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>${KEY}</KMSMasterKeyID>`;

test.each([
  ['the key of --sse-kms-key', SSE_S3, KEY],
  ['the key of its default encryption', SSE_KMS, undefined],
])('a bucket that demands SSE-KMS headers takes small and large objects, with %s', async (_, byDefault, kmsKey) => {
  const { access, calls } = demanding({ byDefault });
  const store = await openRoot('s3://reports/p', () => access, { kmsKey });
  await store.write('reports/root.json', '{}');
  await store.write('tables/small.parquet', stream(4));
  await store.write('tables/large.parquet', stream(6_000_000));
  expect(calls.filter(({ operation }) => operation === 'GET encryption')).toHaveLength(kmsKey === undefined ? 1 : 0);
});

test.each([
  ['whose default says another encryption', { byDefault: SSE_S3 }],
  ['whose key is not named by its ARN', { byDefault: SSE_KMS.replace(/arn:.*key\//, '') }],
  ['whose default may not be read', { byDefault: SSE_KMS, mayRead: false }],
])('a bucket that demands them and %s is written only with the option, which the refusal names', async (_, bucket) => {
  const { access } = demanding(bucket);
  const store = await openRoot('s3://reports', () => access);
  await expect(store.write('a', '{}')).rejects.toThrow(
    /Where its policy demands an encryption header, name the key with --sse-kms-key\. \(explicit deny/,
  );
});

test('--sse-kms-key is the ARN of a KMS key, for an S3 root', async () => {
  const { access } = demanding({ byDefault: SSE_S3 });
  await expect(openRoot('s3://reports', () => access, { kmsKey: 'alias/mine' })).rejects.toThrow(
    '"alias/mine" (--sse-kms-key) is not the ARN of a KMS key.',
  );
  await expect(openRoot('./reports', () => access, { kmsKey: KEY })).rejects.toThrow(
    '--sse-kms-key is for an S3 root (--out s3://…), and ./reports is a folder.',
  );
});
