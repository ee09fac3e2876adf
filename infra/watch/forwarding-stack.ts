import { Aws, CfnParameter, type IStackSynthesizer, LegacyStackSynthesizer, Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { watchedPatterns } from '../../functions/reads/watched/watched-events.ts';
import { acknowledgeInlinePolicy } from '../acknowledge.ts';
import { allow } from '../allow.ts';
import type { Names } from '../names.ts';

/**
 * In one account and one Region: sends the management events that can change a verdict to the bus of the scanner's account.
 * Needs no bootstrapped account.
 */
export class ForwardingStack extends Stack {
  constructor(scope: Construct, id: string, { accounts, names }: { accounts: 'members' | 'management'; names: Names }) {
    super(scope, id, {
      synthesizer: new LegacyStackSynthesizer() as IStackSynthesizer,
      description: `TrailSeal: sends changes in ${
        accounts === 'members' ? 'a member account' : 'the management account'
      } to the scanner, from one Region`,
    });
    this.node.setContext('aws:cdk:enable-path-metadata', false);
    const bus = new CfnParameter(this, 'EventBusArn', {
      description: `Event bus of the scanner, arn:aws:events:REGION:ACCOUNT:event-bus/${names.bus}`,
      allowedPattern: '^arn:[a-z-]+:events:[a-z0-9-]+:\\d{12}:event-bus/.+$',
    });
    bus.overrideLogicalId('EventBusArn');
    const role = new Role(this, 'Role', {
      roleName: `${names.forwarder}${Aws.REGION}`,
      description: 'Lets EventBridge send changes to the TrailSeal scanner, and do nothing else',
      assumedBy: new ServicePrincipal('events.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: {
            'aws:SourceArn': `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:rule/${names.rule('*')}`,
          },
        },
      }),
      inlinePolicies: {
        SendChanges: new PolicyDocument({
          statements: [allow('SendChanges', ['events:PutEvents'], [bus.valueAsString])],
        }),
      },
    });
    acknowledgeInlinePolicy(role, 'this role');
    for (const [index, eventPattern] of watchedPatterns().entries()) {
      new CfnRule(this, `Changes${index + 1}`, {
        name: names.rule(`changes-${index + 1}`),
        description: 'TrailSeal: management events that can change what a scan finds',
        eventPattern,
        targets: [{ id: 'scanner', arn: bus.valueAsString, roleArn: role.roleArn }],
      });
    }
  }
}
