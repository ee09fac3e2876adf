import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { Policy, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { HANDLER_NAMES, type HandlerName } from '../../functions/handlers/lambda/environment.ts';
import { acknowledge, acknowledgeInlinePolicy } from '../acknowledge.ts';
import { allow } from '../allow.ts';
import type { Names } from '../names.ts';
import { MAP_RESULTS, type MapResultBucket } from '../storage/map-result-bucket.ts';
import { acknowledgeReportAccess, type BucketRef } from '../storage/report-access.ts';
import { definitionText, functionSubstitution } from './workflow-definition.ts';

export interface ScanWorkflowProps {
  names: Names;
  functions: Record<HandlerName, IFunction>;
  bucket: BucketRef;
  /** Where the report bucket is locked: the one for what Step Functions writes by itself. */
  mapResults: MapResultBucket | null;
  key: IKey;
  logDays: RetentionDays;
}

/** statemachine/scan.asl.json as a state machine, with the permissions that a Distributed Map needs. */
export class ScanWorkflow extends Construct {
  readonly stateMachine: StateMachine;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: ScanWorkflowProps) {
    super(scope, id);
    const { workflow } = props.names;
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: props.names.workflowLogGroup,
      retention: props.logDays,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: {
            'aws:SourceArn': `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:stateMachine:${workflow}*`,
          },
        },
      }),
      description: 'TrailSeal: what the workflow may do',
    });
    const policy = new Policy(this, 'Policy', { roles: [this.role], statements: statementsOf(props) });
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: workflow,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(definitionText()),
      definitionSubstitutions: {
        ...Object.fromEntries(
          HANDLER_NAMES.map((handler) => [functionSubstitution(handler), props.functions[handler].functionArn]),
        ),
        Partition: Aws.PARTITION,
        ReportBucket: props.bucket.bucketName,
        ResultBucket: (props.mapResults ?? props.bucket).bucketName,
        ReportPrefix: '',
        ChildExecutionType: 'EXPRESS',
      },
      role: this.role.withoutPolicyUpdates(),
      // State holds pointers, and errors of other people's accounts stay in the report: the log needs neither.
      logs: { destination: this.logGroup, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
      comment: 'TrailSeal: one run of the scanner',
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.stateMachine.node.addDependency(policy);
    acknowledgeReportAccess(policy, props.bucket, { read: [ITEMS] });
    acknowledgeReportAccess(policy, props.mapResults ?? props.bucket, { write: [MAP_RESULTS] });
    acknowledgements(policy, workflow);
  }
}

/** What a map reads. It writes the results of its children in parts, so it reads those too. */
const ITEMS = 'runs/*-items.json*';

/** None of this comes by itself: a definition from a file tells CDK nothing about what it calls. */
const statementsOf = ({
  names: { workflow },
  functions,
  bucket,
  mapResults,
  key,
}: ScanWorkflowProps): PolicyStatement[] => {
  const states = (type: string, name: string) =>
    `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:${type}:${name}`;
  return [
    allow(
      'CallTheHandlers',
      ['lambda:InvokeFunction'],
      HANDLER_NAMES.map((handler) => functions[handler].functionArn),
    ),
    allow('StartTheChildrenOfAMap', ['states:StartExecution'], [states('stateMachine', workflow)]),
    allow(
      'FollowAndStopTheChildren',
      ['states:DescribeExecution', 'states:StopExecution'],
      [states('execution', `${workflow}:*`)],
    ),
    allow(
      'RedriveAMap',
      ['states:RedriveExecution'],
      [states('execution', `${workflow}/Scan:*`), states('execution', `${workflow}/Inspect:*`)],
    ),
    allow('ReadTheItemsOfAMap', ['s3:GetObject'], [bucket.arnForObjects(ITEMS)]),
    allow(
      'WriteTheResultsOfAMap',
      ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
      [(mapResults ?? bucket).arnForObjects(MAP_RESULTS)],
    ),
    allow('UseTheBucketKey', ['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]),
    allow(
      'DeliverLogs',
      [
        'logs:CreateLogDelivery',
        'logs:GetLogDelivery',
        'logs:UpdateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:DescribeResourcePolicies',
        'logs:DescribeLogGroups',
      ],
      ['*'],
    ),
    allow(
      'SendTraces',
      ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
      ['*'],
    ),
  ];
};

const acknowledgements = (policy: Policy, workflow: string): void => {
  acknowledge(policy, 'Log delivery and X-Ray know no resource-level permissions.', ['AwsSolutions-IAM5[Resource::*]']);
  acknowledge(
    policy,
    "Executions are named when they start; the pattern takes this state machine's own and no other's.",
    [':*', '/Scan:*', '/Inspect:*'].map(
      (which) =>
        `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${workflow}${which}]`,
    ),
  );
  acknowledgeInlinePolicy(policy, 'this state machine');
};
