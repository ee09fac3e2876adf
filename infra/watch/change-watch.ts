import { Aws, CfnCondition, CfnParameter, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { type CfnEventBus, CfnEventBusPolicy, CfnRule, EventBus } from 'aws-cdk-lib/aws-events';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { GRACE_SECONDS, TICK, WHOLE_TICK } from '../../functions/domain/watch/tick.ts';
import { JOINING } from '../../functions/reads/watched/organization-changes.ts';
import { watchedPatterns } from '../../functions/reads/watched/watched-events.ts';
import { acknowledge } from '../acknowledge.ts';
import { allow } from '../allow.ts';
import { type Names, namesOf } from '../names.ts';
import type { Settings } from '../settings/settings.ts';
import type { BucketRef } from '../storage/report-access.ts';
import { HandlerFunction } from '../workflow/handler-function.ts';

export interface ChangeWatchProps {
  settings: Settings;
  bucket: BucketRef;
  key: IKey;
  stateMachine: IStateMachine;
}

/** How long events are gathered into one call, seconds. */
const BATCH_SECONDS = 20;
/** A function's time; the queue waits six times as long before it gives a message to another, as Lambda asks. */
const TIMEOUT_SECONDS = 60;
const VISIBLE_AFTER = Duration.seconds(6 * TIMEOUT_SECONDS);
const QUARTER_HOUR = Duration.minutes(15);

/**
 * From the organization's changes to narrowed runs. The bus takes events of the organization alone; a queue hands them to
 * `collect`, which files them by window of arrival and sends a tick; a FIFO queue delivers the tick once the window has
 * ended, to `start`, one at a time. Its deduplication of five minutes makes a storm one tick a window. Where every account
 * may be recorded otherwise, `start` sends a tick of its own, which waits until a whole run may be started.
 */
export class ChangeWatch extends Construct {
  readonly functions: { collect: IFunction; start: IFunction };
  readonly deadLetters: Queue[];
  readonly bus: EventBus;
  /** What the bus could not decrypt, and what a rule of it could not hand to its queue. */
  readonly #undelivered: Queue;

  constructor(scope: Construct, id: string, props: ChangeWatchProps) {
    super(scope, id);
    const { settings, bucket, key, stateMachine } = props;
    const { windowSeconds, runsAtOnce, wholeRunHours } = settings.watch;
    const names = namesOf(settings);
    letEventBridgeUse(key);
    this.#undelivered = new Queue(this, 'Undelivered', encrypted(key));
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: names.bus,
      kmsKey: key,
      deadLetterQueue: this.#undelivered,
    });
    acknowledge(this.#undelivered, 'It is the dead-letter queue itself.', ['AwsSolutions-SQS3']);
    this.#undelivered.addToResourcePolicy(takeFrom('TakeFromBus', this.#undelivered, this.bus.eventBusArn));
    keyAndQueueWhereBusesTakeThem(this.bus, this.#undelivered);
    new CfnEventBusPolicy(this, 'BusPolicy', {
      eventBusName: this.bus.eventBusName,
      statementId: 'TakeChangesOfTheOrganization',
      statement: new PolicyStatement({
        sid: 'TakeChangesOfTheOrganization',
        effect: Effect.ALLOW,
        principals: [new AnyPrincipal()],
        actions: ['events:PutEvents'],
        resources: [this.bus.eventBusArn],
        conditions: {
          StringEquals: { 'aws:PrincipalOrgID': organizationId(this, settings) },
          // Only what our own rules send: a rule of somebody else there has another role.
          ArnLike: { 'aws:PrincipalArn': `arn:${Aws.PARTITION}:iam::*:role/${names.forwarder}*` },
        },
      }).toStatementJson(),
    });

    const events = this.#queue('Events', key, { deadLettersAfter: 5 });
    const newcomers = this.#queue('Newcomers', key, {
      deadLettersAfter: 20,
      props: { deliveryDelay: QUARTER_HOUR, visibilityTimeout: QUARTER_HOUR },
    });
    const ticks = this.#queue('Ticks', key, {
      // To wait until a run under way has ended, or until a whole one may be started again, is no failure: a thousand times the
      // visibility timeout is a day.
      deadLettersAfter: 1_000,
      props: {
        fifo: true,
        contentBasedDeduplication: true,
        visibilityTimeout: Duration.seconds(1.5 * TIMEOUT_SECONDS),
        deliveryDelay: Duration.seconds(windowSeconds + GRACE_SECONDS),
      },
    });
    this.deadLetters = [this.#undelivered, ...[events, newcomers, ticks].map(({ deadLetters }) => deadLetters)];
    for (const [index, eventPattern] of watchedPatterns().entries())
      this.#rule(names, `Changes${index + 1}`, eventPattern, { arn: events.queue.queueArn });
    this.#rule(names, 'Joined', JOINED_PATTERN, { arn: newcomers.queue.queueArn });
    // A group each: a whole run that waits for hours holds up no window.
    for (const [name, { source, detailType }] of Object.entries({ Windows: TICK, WholeRuns: WHOLE_TICK }))
      this.#rule(
        names,
        name,
        { source: [source], 'detail-type': [detailType] },
        {
          arn: ticks.queue.queueArn,
          inputTransformer: { inputPathsMap: { window: '$.detail.window' }, inputTemplate: '{"window": <window>}' },
          sqsParameters: { messageGroupId: name },
        },
      );

    const shared = {
      names,
      vpc: settings.vpc,
      bucket,
      key,
      logDays: settings.retention.logDays,
      timeout: TIMEOUT_SECONDS,
    };
    const root = { REPORT_BUCKET: bucket.bucketName, REPORT_BUCKET_OWNER: Aws.ACCOUNT_ID, REPORT_PREFIX: '' };
    const collect = new HandlerFunction(this, 'Collect', {
      ...shared,
      handler: 'collect',
      description: 'Files changes by the window of time that they came in',
      // A batch has 6 MB; for an account that joined the newest ledger is read, a row group at a time.
      memory: 1024,
      environment: {
        ...root,
        WINDOW_SECONDS: String(windowSeconds),
        NEWCOMERS_ARN: newcomers.queue.queueArn,
        EVENT_BUS: this.bus.eventBusName,
      },
      statements: [
        receive('TakeChanges', events.queue, newcomers.queue),
        this.#send('SendWindows', TICK),
        allow('UseTheKeyOfQueuesAndBus', ['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]),
      ],
      access: {
        read: ['reports/watched-regions.json', 'tables/runs/*', 'tables/coverage/*'],
        write: ['runs/watch-*', 'reports/watched-regions.json'],
        find: true,
      },
    });
    const start = new HandlerFunction(this, 'Start', {
      ...shared,
      handler: 'start',
      description: 'Starts a run for the accounts that changes affect',
      // Every trail of the organization, and a storm of events.
      memory: 1769,
      environment: {
        ...root,
        STATE_MACHINE_ARN: stateMachine.stateMachineArn,
        EVENT_BUS: this.bus.eventBusName,
        WINDOW_SECONDS: String(windowSeconds),
        RUNS_AT_ONCE: String(runsAtOnce),
        WHOLE_RUN_HOURS: String(wholeRunHours),
      },
      statements: [
        receive('TakeWindows', ticks.queue),
        this.#send('SendWholeRuns', WHOLE_TICK),
        allow(
          'StartRuns',
          ['states:StartExecution', 'states:ListExecutions'],
          [`arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:stateMachine:${names.workflow}`],
        ),
        allow('UseTheKeyOfQueuesAndBus', ['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]),
      ],
      access: {
        read: ['runs/watch-*', 'tables/runs/*', 'tables/trails/*', 'tables/keys/*'],
        write: ['runs/watch-*'],
        find: true,
      },
    });
    const maps: [string, HandlerFunction<'collect'> | HandlerFunction<'start'>, Queue, object][] = [
      [
        'EventsToCollect',
        collect,
        events.queue,
        { batchSize: 1_000, maxBatchingWindow: Duration.seconds(BATCH_SECONDS), maxConcurrency: 2 },
      ],
      ['NewcomersToCollect', collect, newcomers.queue, { batchSize: 10, maxConcurrency: 2 }],
      ['TicksToStart', start, ticks.queue, { batchSize: 10, maxConcurrency: 2 }],
    ];
    for (const [name, { function: target, policy }, queue, options] of maps)
      new EventSourceMapping(this, name, {
        target,
        eventSourceArn: queue.queueArn,
        reportBatchItemFailures: true,
        ...options,
      }).node.addDependency(policy);
    this.functions = { collect: collect.function, start: start.function };
  }

  #send(sid: string, { source, detailType }: typeof TICK | typeof WHOLE_TICK): PolicyStatement {
    const only = { StringEquals: { 'events:source': source, 'events:detail-type': detailType } };
    return allow(sid, ['events:PutEvents'], [this.bus.eventBusArn], only);
  }

  #queue(name: string, key: IKey, options: { deadLettersAfter: number; props?: QueueProps }) {
    const deadLetters = new Queue(this, `${name}DeadLetters`, {
      ...encrypted(key),
      ...(options.props?.fifo ? { fifo: true } : {}),
    });
    const queue = new Queue(this, name, {
      ...encrypted(key),
      visibilityTimeout: VISIBLE_AFTER,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: options.deadLettersAfter },
      ...options.props,
    });
    return { queue, deadLetters };
  }

  #rule(names: Names, name: string, eventPattern: object, target: Omit<CfnRule.TargetProperty, 'id'>): void {
    const rule = new CfnRule(this, name, {
      name: names.rule(name),
      eventBusName: this.bus.eventBusName,
      eventPattern,
      targets: [{ id: 'queue', ...target, deadLetterConfig: { arn: this.#undelivered.queueArn } }],
    });
    for (const queue of this.node.children)
      if (queue instanceof Queue && (queue.queueArn === target.arn || queue === this.#undelivered))
        queue.addToResourcePolicy(takeFrom(`TakeFrom${name}`, queue, rule.attrArn));
  }
}

const takeFrom = (sid: string, queue: Queue, sourceArn: string): PolicyStatement =>
  new PolicyStatement({
    sid,
    effect: Effect.ALLOW,
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: { ArnEquals: { 'aws:SourceArn': sourceArn } },
  });

const encrypted = (key: IKey): QueueProps => ({
  encryption: QueueEncryption.KMS,
  encryptionMasterKey: key,
  enforceSSL: true,
  retentionPeriod: Duration.days(14),
  removalPolicy: RemovalPolicy.DESTROY,
});

const JOINED_PATTERN = {
  source: ['aws.organizations', 'aws.controltower'],
  detail: { eventName: JOINING },
};

const receive = (sid: string, ...queues: Queue[]): PolicyStatement =>
  allow(
    sid,
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
    queues.map(({ queueArn }) => queueArn),
  );

function organizationId(scope: Construct, settings: Settings): string {
  if (settings.organizationId !== null) return settings.organizationId;
  const parameter = new CfnParameter(scope, 'OrganizationId', {
    description: 'Organization whose accounts may send changes, such as o-a1b2c3d4e5',
    allowedPattern: '^o-[a-z0-9]{10,32}$',
  });
  parameter.overrideLogicalId('OrganizationId');
  return parameter.valueAsString;
}

/** CloudFormation takes neither in AWS GovCloud (US): there EventBridge encrypts a bus with its own key. */
function keyAndQueueWhereBusesTakeThem(bus: EventBus, deadLetters: Queue): void {
  const inGovCloud = new CfnCondition(bus, 'InGovCloud', {
    expression: Fn.conditionEquals(Aws.PARTITION, 'aws-us-gov'),
  });
  inGovCloud.overrideLogicalId('InGovCloud');
  const made = bus.node.defaultChild as CfnEventBus;
  const elsewhere = (value: unknown) => Fn.conditionIf('InGovCloud', Aws.NO_VALUE, value);
  made.kmsKeyIdentifier = elsewhere(made.kmsKeyIdentifier).toString();
  made.deadLetterConfig = elsewhere({ Arn: deadLetters.queueArn });
}

/** EventBridge keeps events of the bus under the key, and hands them to queues that are encrypted with it. */
function letEventBridgeUse(key: IKey): void {
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'EventBridgeHandsChangesOn',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
}
