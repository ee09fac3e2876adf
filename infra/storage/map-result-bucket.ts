import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { allow } from '../allow.ts';
import { acknowledgeReportAccess } from './report-access.ts';

/** Where Step Functions puts what became of the children of a map, below the report root or in a bucket of its own. */
export const MAP_RESULTS = 'runs/*/map/*';

/**
 * What Step Functions writes by itself, where the report bucket is locked. S3 takes uploads to a locked bucket with a
 * checksum only (S3 user guide, "Managing Object Lock"), and AWS does not say whether those of a map have one. Working
 * data: it expires, and nothing but the cause of a child that died without a word rests on it.
 */
export class MapResultBucket extends Bucket {
  constructor(scope: Construct, id: string, props: { key: IKey; accessLogs: Bucket; expireAfterDays: number }) {
    super(scope, id, {
      encryption: BucketEncryption.KMS,
      encryptionKey: props.key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      serverAccessLogsBucket: props.accessLogs as IBucket,
      serverAccessLogsPrefix: 'map-results/',
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
    // The bucket outlives the stack; it must not stay behind without what protects it.
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    acknowledge(this, 'Working data of one run, which the next run does not need.', [
      'NIST.800.53.R5-S3BucketReplicationEnabled',
      'HIPAA.Security-S3BucketReplicationEnabled',
      'PCI.DSS.321-S3BucketReplicationEnabled',
    ]);
  }

  /** What a function needs that looks for the children that died; the key it may use already, for the report bucket. */
  readStatements(): PolicyStatement[] {
    return [
      allow('FindMapResults', ['s3:ListBucket'], [this.bucketArn]),
      allow('ReadMapResults', ['s3:GetObject'], [this.arnForObjects(MAP_RESULTS)]),
    ];
  }

  acknowledgeReads(policy: Policy): void {
    acknowledgeReportAccess(policy, this, { read: [MAP_RESULTS] });
  }
}
