import type { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { allow } from '../allow.ts';
import { ExpiringBucket, type ExpiringBucketProps } from './expiring-bucket.ts';
import { acknowledgeReportAccess } from './report-access.ts';

/** Where Step Functions puts the results of a map's children, below the report root or in a bucket of its own. */
export const MAP_RESULTS = 'runs/*/map/*';

/**
 * What Step Functions writes by itself, where the report bucket is locked. S3 takes uploads to a locked bucket with a
 * checksum only (S3 user guide, "Managing Object Lock"), and AWS does not say whether those of a map have one. Working
 * data: it expires, and nothing but the cause of a child that ended without an answer rests on it.
 */
export class MapResultBucket extends ExpiringBucket {
  constructor(scope: Construct, id: string, props: ExpiringBucketProps) {
    super(scope, id, {
      ...props,
      logPrefix: 'map-results/',
      because: 'Working data of one run, which the next run does not need.',
    });
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
