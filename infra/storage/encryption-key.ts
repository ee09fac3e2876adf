import { Aws, CfnCondition, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** The customer-managed key of everything that the scanner keeps: report bucket, logs, topic, dead-letter queue. */
export class EncryptionKey extends Key {
  constructor(scope: Construct, id: string, { alias }: { alias: string }) {
    super(scope, id, {
      alias,
      description: 'TrailSeal: report bucket, logs, notifications and dead letters',
      enableKeyRotation: true,
      // Without the key no evidence can ever be read again.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'CloudWatchLogsEncryptsOurLogGroups',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal(`logs.${Aws.REGION}.${logsSuffix(this)}`)],
        actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        resources: ['*'],
        conditions: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:*`,
          },
        },
      }),
    );
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsPublishToTheEncryptedTopic',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
  }
}

/** Service principals end alike in every partition, but for that of CloudWatch Logs in China. */
const logsSuffix = (scope: Construct): string => {
  const inChina = new CfnCondition(scope, 'InChina', { expression: Fn.conditionEquals(Aws.PARTITION, 'aws-cn') });
  return Fn.conditionIf(inChina.logicalId, 'amazonaws.com.cn', 'amazonaws.com').toString();
};
