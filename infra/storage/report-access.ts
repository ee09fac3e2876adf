import { Stack } from 'aws-cdk-lib';
import type { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnBucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { acknowledge } from '../acknowledge.ts';
import { allow } from '../allow.ts';

/** A bucket that the stack makes, or one that is there already. */
export type BucketRef = Pick<IBucket, 'bucketName' | 'bucketArn' | 'arnForObjects' | 'node'>;

export interface ReportAccess {
  /** Key patterns that are read; `*` is a run id or what is below a prefix. */
  read?: readonly string[];
  write?: readonly string[];
  /** May list, and so learn that an object does not exist: without it S3 answers 403 instead of 404. */
  find?: boolean;
  /** Writes streams of any length: S3 takes those in parts, which must be dropped where the stream breaks. */
  streams?: boolean;
}

/** What a function may do with the report root. */
export const reportStatements = (
  bucket: BucketRef,
  key: IKey,
  { read = [], write = [], find = false, streams = false }: ReportAccess,
): PolicyStatement[] => {
  const arns = (patterns: readonly string[]) => patterns.map((pattern) => bucket.arnForObjects(pattern));
  return [
    // Not narrowed by prefix, or S3 would still answer 403.
    ...(find ? [allow('FindReportObjects', ['s3:ListBucket'], [bucket.bucketArn])] : []),
    ...(read.length === 0
      ? []
      : [
          allow('ReadReportObjects', ['s3:GetObject'], arns(read)),
          allow('DecryptReportObjects', ['kms:Decrypt'], [key.keyArn]),
        ]),
    ...(write.length === 0
      ? []
      : [
          allow('WriteReportObjects', ['s3:PutObject', ...(streams ? ['s3:AbortMultipartUpload'] : [])], arns(write)),
          allow('EncryptReportObjects', ['kms:GenerateDataKey'], [key.keyArn]),
        ]),
  ];
};

/** Answers cdk-nag's wildcard rule for `reportStatements`. */
export const acknowledgeReportAccess = (
  policy: Policy,
  bucket: BucketRef,
  { read = [], write = [] }: ReportAccess,
): void => {
  acknowledge(
    policy,
    'The bucket holds nothing but the report root; which runs and accounts there will be is not known at synth.',
    [...new Set([...read, ...write])]
      .filter((pattern) => pattern.includes('*'))
      .map((pattern) => `AwsSolutions-IAM5[Resource::${ruleArn(bucket)}/${pattern}]`),
  );
};

/** A bucket's ARN as the rules of cdk-nag name it. */
export const ruleArn = (bucket: BucketRef): string => {
  const made = bucket.node.defaultChild as CfnBucket | undefined;
  return made ? `<${Stack.of(made).getLogicalId(made)}.Arn>` : `arn:<AWS::Partition>:s3:::${bucket.bucketName}`;
};
