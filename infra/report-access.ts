import { Stack } from 'aws-cdk-lib';
import { Effect, type Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import { acknowledge } from './acknowledge.ts';

export interface ReportAccess {
  /** Key patterns that are read; `*` stands for a run id or for what is below a prefix. */
  read?: readonly string[];
  write?: readonly string[];
}

/** What a function may do with the report root. Whoever reads may also learn that an object does not exist. */
export const reportStatements = (
  bucket: Bucket,
  key: IKey,
  { read = [], write = [] }: ReportAccess,
): PolicyStatement[] => {
  const arns = (patterns: readonly string[]) => patterns.map((pattern) => bucket.arnForObjects(pattern));
  return [
    ...(read.length === 0
      ? []
      : [
          // Not narrowed by prefix: S3 would answer 403, not 404, for an object that does not exist.
          allow('FindReportObjects', ['s3:ListBucket'], [bucket.bucketArn]),
          allow('ReadReportObjects', ['s3:GetObject'], arns(read)),
          allow('DecryptReportObjects', ['kms:Decrypt'], [key.keyArn]),
        ]),
    ...(write.length === 0
      ? []
      : [
          allow('WriteReportObjects', ['s3:PutObject'], arns(write)),
          allow('EncryptReportObjects', ['kms:GenerateDataKey'], [key.keyArn]),
        ]),
  ];
};

/** Answers cdk-nag's wildcard rule for `reportStatements`. */
export const acknowledgeReportAccess = (
  policy: Policy,
  bucket: Bucket,
  { read = [], write = [] }: ReportAccess,
): void => {
  const bucketId = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket);
  acknowledge(
    policy,
    'The bucket holds nothing but the report root; which runs and accounts there will be is not known at synth.',
    [...new Set([...read, ...write])]
      .filter((pattern) => pattern.includes('*'))
      .map((pattern) => `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${pattern}]`),
  );
};

const allow = (sid: string, actions: string[], resources: string[]): PolicyStatement =>
  new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources });
