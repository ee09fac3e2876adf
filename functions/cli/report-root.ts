import type { AwsAccess } from '../aws/calls/clients.ts';
import { createS3Store, parseS3Root } from '../aws/stores/s3-store.ts';
import { usageError } from '../domain/model/errors.ts';
import type { ReportStore } from '../domain/model/store.ts';
import { createDirectoryStore } from '../local/directory-store.ts';

/**
 * A directory, or `s3://bucket/prefix` through the given access (opened only when it is needed). `kmsKey` is named in a
 * header of every write to S3; without it, the key of the bucket's default encryption.
 */
export async function openRoot(
  root: string,
  access: () => AwsAccess | Promise<AwsAccess>,
  { kmsKey }: { kmsKey?: string | undefined } = {},
): Promise<ReportStore> {
  if (kmsKey !== undefined && !/^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[\w/-]+$/.test(kmsKey))
    throw usageError(`"${kmsKey.slice(0, 120)}" (--sse-kms-key) is not the ARN of a KMS key.`);
  // `s3:/x` and `S3://x` are mistyped locations, not folders of such a name.
  if (!/^[a-z][a-z0-9+.-]+:\//i.test(root) && !/^s3:/i.test(root)) {
    if (kmsKey === undefined) return createDirectoryStore(root);
    throw usageError(`--sse-kms-key is for an S3 root (--out s3://…), and ${root.slice(0, 120)} is a folder.`);
  }
  const at = parseS3Root(root);
  if (at === null)
    throw usageError(`"${root.slice(0, 120)}" is not an S3 location: write s3://bucket or s3://bucket/prefix.`);
  return createS3Store({
    access: await access(),
    ...at,
    encryption: kmsKey === undefined ? 'as the bucket' : { kmsKey },
  });
}
