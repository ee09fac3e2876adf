import { Token, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Answers cdk-nag for one construct: these findings, and no others, are meant, for this reason. */
export const acknowledge = (construct: IConstruct, reason: string, ids: readonly string[]): void => {
  for (const id of ids) {
    // A released template holds parameters where the rules' ids would hold values.
    if (!Token.isUnresolved(id)) Validations.of(construct).acknowledge({ id, reason });
  }
};

/** The inline policy of a role: `owner` is what it belongs to, such as `this function`. */
export const acknowledgeInlinePolicy = (construct: IConstruct, owner: string): void =>
  acknowledge(
    construct,
    `The policy belongs to ${owner} and to nothing else; inline, it cannot be attached elsewhere.`,
    ['NIST.800.53.R5-IAMNoInlinePolicy', 'HIPAA.Security-IAMNoInlinePolicy', 'PCI.DSS.321-IAMNoInlinePolicy'],
  );

/** A bucket that has no copy elsewhere. */
export const acknowledgeNoReplication = (bucket: IConstruct, reason: string): void =>
  acknowledge(bucket, reason, [
    'NIST.800.53.R5-S3BucketReplicationEnabled',
    'HIPAA.Security-S3BucketReplicationEnabled',
    'PCI.DSS.321-S3BucketReplicationEnabled',
  ]);
