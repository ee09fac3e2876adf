import { Aws, Duration, RemovalPolicy, TimeZone } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Schedule, ScheduleExpression, ScheduleGroup, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeInlinePolicy } from '../acknowledge.ts';
import { namesOf } from '../names.ts';
import type { Settings } from '../settings/settings.ts';

export interface ScanScheduleProps {
  stateMachine: IStateMachine;
  key: IKey;
  settings: Pick<Settings, 'schedule' | 'namePrefix' | 'scheduleTimeZone' | 'scheduleEnabled'>;
}

/** Starts a run by the clock. What could not be started after a day of trying lies in the dead-letter queue. */
export class ScanSchedule extends Construct {
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { stateMachine, key, settings }: ScanScheduleProps) {
    super(scope, id);
    const names = namesOf(settings);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(this.deadLetters, 'This is the dead-letter queue itself; nothing reads it, so nothing can fail to.', [
      'AwsSolutions-SQS3',
    ]);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: {
            'aws:SourceArn': `arn:${Aws.PARTITION}:scheduler:${Aws.REGION}:${Aws.ACCOUNT_ID}:schedule-group/${names.scheduleGroup}`,
          },
        },
      }),
      description: 'TrailSeal: lets the schedule start the workflow, and leave a dead letter where it cannot',
    });
    acknowledgeInlinePolicy(role, 'this schedule');
    // Not part of the queue's grant, since the schedule sends as itself and not as the queue.
    role.addToPolicy(
      new PolicyStatement({
        sid: 'EncryptDeadLetters',
        effect: Effect.ALLOW,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [key.keyArn],
      }),
    );
    const scheduleGroup = new ScheduleGroup(this, 'Group', {
      scheduleGroupName: names.scheduleGroup,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const schedule = new Schedule(this, 'Schedule', {
      scheduleName: names.schedule,
      description: 'Starts a TrailSeal scan of the whole organization',
      scheduleGroup,
      enabled: settings.scheduleEnabled,
      schedule: ScheduleExpression.expression(settings.schedule, TimeZone.of(settings.scheduleTimeZone)),
      target: new StepFunctionsStartExecution(stateMachine, {
        role,
        input: ScheduleTargetInput.fromObject({}),
        deadLetterQueue: this.deadLetters,
        maxEventAge: Duration.hours(24),
        retryAttempts: 185,
      }),
    });
    // CDK names the group by its literal name, which makes no dependency.
    schedule.node.addDependency(scheduleGroup);
  }
}
