import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct, IConstruct } from 'constructs';
import { acknowledge, acknowledgeNoReplication } from '../acknowledge.ts';
import { namesOf } from '../names.ts';
import type { Settings } from '../settings/settings.ts';

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

/** Where the access logs of a stack's buckets go. */
export interface AccessLogs {
  bucket: IBucket;
  /** Before the prefix of each bucket: empty, or with a slash at its end. */
  prefix: string;
}

/** The bucket that is there already, apart from what others have in it; or one of the stack's own. */
export const accessLogsOf = (scope: Construct, settings: Settings): AccessLogs => {
  const { existing, retention } = settings;
  if (existing.accessLogBucket === null)
    return {
      bucket: new AccessLogBucket(scope, 'AccessLogs', { expireAfterDays: retention.accessLogDays }) as IBucket,
      prefix: '',
    };
  const bucket = Bucket.fromBucketName(scope, 'AccessLogs', existing.accessLogBucket);
  return { bucket, prefix: `${namesOf(settings).small}/` };
};

/** CDK would add to the policy of a bucket that receives access logs. */
export const acknowledgeTheirLogs = (logged: IConstruct, { prefix }: AccessLogs): void => {
  if (prefix === '') return;
  acknowledge(logged, 'Nothing of theirs is changed; docs/operations.md says what the bucket must allow.', [
    'Annotation::@aws-cdk/aws-s3:accessLogsPolicyNotAdded',
  ]);
};
