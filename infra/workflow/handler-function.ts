import { fileURLToPath } from 'node:url';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, type CfnFunction, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { EnvironmentTexts, FunctionName, HandlerName } from '../../functions/handlers/lambda/environment.ts';
import { acknowledge, acknowledgeInlinePolicy } from '../acknowledge.ts';
import { allow } from '../allow.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings/settings.ts';
import {
  acknowledgeReportAccess,
  type BucketRef,
  type ReportAccess,
  reportStatements,
} from '../storage/report-access.ts';
import { taskTimeout } from './workflow-definition.ts';

export interface HandlerFunctionProps<H extends FunctionName> {
  handler: H;
  names: Names;
  description: string;
  /** Megabytes; a function gets CPU in proportion, one vCPU at 1,769. */
  memory: number;
  environment: EnvironmentTexts<H>;
  statements: PolicyStatement[];
  access: ReportAccess;
  bucket: BucketRef;
  /** A fixed name, where other accounts trust the role by name. */
  roleName?: string;
  key: IKey;
  logDays: RetentionDays;
  vpc: Settings['vpc'];
  /** Seconds, of a function that is no state of the workflow; those have the time that their state waits. */
  timeout?: number;
}

/** One handler of the workflow as a Lambda function: bundle, role, policy and log group of its own. */
export class HandlerFunction<H extends FunctionName> extends Construct {
  readonly function: NodejsFunction;
  readonly role: Role;
  readonly policy: Policy;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps<H>) {
    super(scope, id);
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: props.names.logGroup(props.handler),
      retention: props.logDays,
      encryptionKey: props.key,
      // Logs help to run the scanner; the evidence is in the bucket.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `TrailSeal: what the ${props.handler} function may do`,
      ...(props.roleName === undefined ? {} : { roleName: props.roleName }),
    });
    this.policy = new Policy(this, 'Policy', {
      roles: [this.role],
      statements: [
        ...props.statements,
        ...reportStatements(props.bucket, props.key, props.access),
        ...(isInVpc(props.vpc) ? [attachToVpc()] : []),
        new PolicyStatement({
          sid: 'WriteOwnLogs',
          effect: Effect.ALLOW,
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [this.logGroup.logGroupArn],
        }),
        new PolicyStatement({
          sid: 'SendTraces',
          effect: Effect.ALLOW,
          actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
          resources: ['*'],
        }),
      ],
    });
    this.function = new NodejsFunction(this, 'Function', {
      functionName: props.names.function(props.handler),
      description: props.description,
      entry: entryOf(props.handler),
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memory,
      timeout: Duration.seconds(props.timeout ?? taskTimeout(props.handler as HandlerName)),
      role: this.role.withoutPolicyUpdates(),
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      environment: {
        ...props.environment,
        POWERTOOLS_SERVICE_NAME: `trailseal-${props.handler}`,
        POWERTOOLS_METRICS_NAMESPACE: props.names.metrics,
        LOG_LEVEL: 'INFO',
        NODE_OPTIONS: '--enable-source-maps',
      },
      awsSdkConnectionReuse: false,
      bundling: {
        format: OutputFormat.ESM,
        mainFields: ['module', 'main'],
        bundleAwsSDK: true,
        minify: true,
        sourceMap: true,
        sourcesContent: false,
        logLevel: LogLevel.WARNING,
        target: 'node24',
        // Packages in CommonJS call require for Node's own modules.
        banner:
          "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
      },
    });
    if (isInVpc(props.vpc)) {
      const { subnets: subnetIds, securityGroups: securityGroupIds } = props.vpc;
      (this.function.node.defaultChild as CfnFunction).vpcConfig = { subnetIds, securityGroupIds };
    }
    this.function.node.addDependency(this.policy);
    acknowledgeReportAccess(this.policy, props.bucket, props.access);
    acknowledgements(this, props.vpc);
  }
}

const isInVpc = ({ subnets, securityGroups }: Settings['vpc']): boolean => subnets.length + securityGroups.length > 0;

/**
 * What Lambda does with the function's role to attach it: the interfaces have ids that nobody knows before.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
const attachToVpc = (): PolicyStatement =>
  allow(
    'AttachToTheVpc',
    [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ],
    ['*'],
  );

const entryOf = (handler: FunctionName): string =>
  fileURLToPath(new URL(`../../functions/handlers/lambda/${handler}.ts`, import.meta.url));

const acknowledgements = (construct: HandlerFunction<FunctionName>, vpc: Settings['vpc']): void => {
  acknowledge(
    construct.policy,
    'X-Ray knows no resource-level permissions; the interfaces of a function in a VPC are made and named by Lambda.',
    ['AwsSolutions-IAM5[Resource::*]'],
  );
  acknowledgeInlinePolicy(construct.policy, 'this function');
  const of = construct.function;
  acknowledge(of, 'The workflow calls the function synchronously and bounds how often at once (MaxConcurrency).', [
    'NIST.800.53.R5-LambdaConcurrency',
    'HIPAA.Security-LambdaConcurrency',
  ]);
  acknowledge(
    of,
    'Dead letters are for asynchronous calls; a failed call of the workflow is caught and recorded there.',
    ['NIST.800.53.R5-LambdaDLQ', 'HIPAA.Security-LambdaDLQ'],
  );
  if (isInVpc(vpc)) return;
  acknowledge(
    of,
    'The function talks to AWS APIs only, in every Region of the partition; a VPC would need NAT or dozens of endpoints and protect nothing it holds.',
    ['NIST.800.53.R5-LambdaInsideVPC', 'HIPAA.Security-LambdaInsideVPC', 'PCI.DSS.321-LambdaInsideVPC'],
  );
};
