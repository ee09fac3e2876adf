import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { answered, type Reading } from '../domain/model/reading.ts';
import { NEVER_SET } from '../reads/never-set.ts';
import { regionOfLocation } from '../reads/s3.ts';
import { readingOf } from './calls/account-calls.ts';
import type { AwsAccess } from './calls/clients.ts';

/** A bucket as a deployment would use it. What was refused is a failure of its own. */
export interface ExistingBucket {
  region: string;
  /** Default KMS key as the bucket names it; null for SSE-S3. */
  key: string | null;
  /** null: it has none. */
  policy: Reading<string | null>;
  versioned: Reading<boolean>;
  /** All four settings of the bucket's own public access block. */
  publicBlocked: Reading<boolean>;
  /** `BucketOwnerEnforced` (no ACLs), `BucketOwnerPreferred` or `ObjectWriter`. */
  ownership: Reading<string>;
}

export interface ExistingKey {
  /** As KMS says: `Enabled`, `Disabled`, `PendingDeletion`… */
  state: string;
  policy: Reading<string>;
}

export interface ExistingTopic {
  policy: string;
  /** As the topic names it: an id, an ARN or an alias; null where it is not encrypted by KMS. */
  key: string | null;
}

/** What a deployment uses of what is there already. Reads only. */
export interface ExistingReader {
  bucket(name: string, accountId: string): Promise<Reading<ExistingBucket>>;
  /** @param id the ARN, or whatever names a key in this account and Region */
  key(id: string): Promise<Reading<ExistingKey>>;
  topic(arn: string): Promise<Reading<ExistingTopic>>;
}

export const createExistingReader = (access: AwsAccess): ExistingReader => ({
  bucket: (Bucket, ExpectedBucketOwner) =>
    readingOf('GetBucketEncryption', async () => {
      const of = { Bucket, ExpectedBucketOwner };
      const { LocationConstraint } = await access.own(S3Client).send(new GetBucketLocationCommand(of));
      const region = regionOfLocation(LocationConstraint);
      const s3 = access.own(S3Client, region);
      const key = await s3.send(new GetBucketEncryptionCommand(of)).then(
        ({ ServerSideEncryptionConfiguration: encryption }) =>
          encryption?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID ?? null,
        (error: Error) => {
          if (error.name === NEVER_SET.encryption) return null;
          throw error;
        },
      );
      return {
        ...{ region, key },
        policy: await orWhereNone(NEVER_SET.policy, null, () =>
          readingOf('GetBucketPolicy', async () => (await s3.send(new GetBucketPolicyCommand(of))).Policy ?? null),
        ),
        versioned: await readingOf(
          'GetBucketVersioning',
          async () => (await s3.send(new GetBucketVersioningCommand(of))).Status === 'Enabled',
        ),
        publicBlocked: await orWhereNone(NEVER_SET.publicAccessBlock, false, () =>
          readingOf('GetPublicAccessBlock', async () => {
            const { PublicAccessBlockConfiguration: block } = await s3.send(new GetPublicAccessBlockCommand(of));
            const { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets } = block ?? {};
            return [BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets].every(Boolean);
          }),
        ),
        // A bucket from before 2023 that nobody set it on: ACLs decide whose an object is.
        ownership: await orWhereNone(NEVER_SET.ownership, 'ObjectWriter', () =>
          readingOf('GetBucketOwnershipControls', async () => {
            const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand(of));
            return String(OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? 'ObjectWriter');
          }),
        ),
      };
    }),
  key: (KeyId) =>
    readingOf('DescribeKey', async () => {
      const kms = access.own(KMSClient);
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
      const policy = await readingOf('GetKeyPolicy', async () => {
        // It takes no alias.
        const of = { KeyId: KeyMetadata?.Arn ?? KeyId, PolicyName: 'default' };
        return (await kms.send(new GetKeyPolicyCommand(of))).Policy ?? '';
      });
      return { state: KeyMetadata?.KeyState ?? 'UNKNOWN', policy };
    }),
  topic: (TopicArn) =>
    readingOf('GetTopicAttributes', async () => {
      const { Attributes } = await access.own(SNSClient).send(new GetTopicAttributesCommand({ TopicArn }));
      return { policy: Attributes?.Policy ?? '', key: Attributes?.KmsMasterKeyId || null };
    }),
});

/** AWS answers some questions about what was never set by an error. */
const orWhereNone = async <T>(code: string, none: T, read: () => Promise<Reading<T>>): Promise<Reading<T>> => {
  const found = await read();
  return !found.ok && found.failure.code === code ? answered(none) : found;
};
