import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetBucketEncryptionCommand, GetBucketLocationCommand, S3Client } from '@aws-sdk/client-s3';
import type { Reading } from '../domain/model/reading.ts';
import { regionOfLocation } from '../reads/s3.ts';
import { readingOf } from './calls/account-calls.ts';
import type { AwsAccess } from './calls/clients.ts';

/** What a deployment uses of what is there already. Reads only. */
export interface ExistingReader {
  /** Region and default KMS key (as the bucket names it; null for SSE-S3) of a bucket of that account. */
  bucket(name: string, accountId: string): Promise<Reading<{ region: string; key: string | null }>>;
  /** State and policy of a key; the policy is null where another account's key does not show it. */
  key(arn: string): Promise<Reading<{ state: string; policy: string | null }>>;
}

export const createExistingReader = (access: AwsAccess): ExistingReader => ({
  bucket: (Bucket, ExpectedBucketOwner) =>
    readingOf('GetBucketEncryption', async () => {
      const of = { Bucket, ExpectedBucketOwner };
      const { LocationConstraint } = await access.own(S3Client).send(new GetBucketLocationCommand(of));
      const region = regionOfLocation(LocationConstraint);
      const { ServerSideEncryptionConfiguration: encryption } = await access
        .own(S3Client, region)
        .send(new GetBucketEncryptionCommand(of));
      const rule = encryption?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
      return { region, key: rule?.KMSMasterKeyID ?? null };
    }),
  key: (KeyId) =>
    readingOf('DescribeKey', async () => {
      const kms = access.own(KMSClient);
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
      const policy = await readingOf('GetKeyPolicy', () =>
        kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' })),
      );
      return { state: KeyMetadata?.KeyState ?? 'UNKNOWN', policy: policy.ok ? (policy.value.Policy ?? null) : null };
    }),
});
