import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeNoReplication } from '../acknowledge.ts';

/**
 * Receives the server access logs. A bucket of its own, SSE-S3 and without Object Lock: S3 delivers access logs to no
 * bucket that has a default retention, and not under a customer-managed key without opening that key to the log service.
 */
export class AccessLogBucket extends Bucket {
  constructor(scope: Construct, id: string, props: { expireAfterDays: number }) {
    super(scope, id, {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        {
          id: 'ExpireAccessLogs',
          expiration: Duration.days(props.expireAfterDays),
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    // The bucket outlives the stack; it must not stay behind without what protects it.
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    acknowledge(
      this,
      'S3 access logs need no customer-managed key: they hold requests, not results. SSE-S3 encrypts them.',
      [
        'NIST.800.53.R5-S3DefaultEncryptionKMS',
        'HIPAA.Security-S3DefaultEncryptionKMS',
        'PCI.DSS.321-S3DefaultEncryptionKMS',
      ],
    );
    acknowledgeNoReplication(
      this,
      'Access logs are a secondary record; the data they describe is not replicated either.',
    );
  }
}
