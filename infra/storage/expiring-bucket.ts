import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledgeNoReplication } from '../acknowledge.ts';
import { type AccessLogs, acknowledgeTheirLogs } from './access-log-bucket.ts';

export interface ExpiringBucketProps {
  key: IKey;
  accessLogs: AccessLogs;
  expireAfterDays: number;
}

/** Data that can be had again: encrypted and private as the report, without a copy elsewhere, gone after some days. */
export class ExpiringBucket extends Bucket {
  /** @param what `logPrefix`: where its access logs lie; `because`: why it needs no replica */
  constructor(scope: Construct, id: string, props: ExpiringBucketProps & { logPrefix: string; because: string }) {
    super(scope, id, {
      encryption: BucketEncryption.KMS,
      encryptionKey: props.key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      serverAccessLogsBucket: props.accessLogs.bucket,
      serverAccessLogsPrefix: `${props.accessLogs.prefix}${props.logPrefix}`,
      lifecycleRules: [
        {
          id: 'ExpireResults',
          expiration: Duration.days(props.expireAfterDays),
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    acknowledgeTheirLogs(this, props.accessLogs);
    // The bucket outlives the stack; it must not stay behind without what protects it.
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    acknowledgeNoReplication(this, props.because);
  }
}
