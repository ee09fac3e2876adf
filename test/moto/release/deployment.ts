import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type FunctionName, HANDLER_NAMES } from '../../../functions/handlers/lambda/environment.ts';
import { type Names, namesOf } from '../../../infra/names.ts';
import { MOTO_REGION, type MotoGateway } from '../gateway.ts';
import { MOTO_ACCOUNT } from '../moto.ts';

interface Template {
  Parameters?: Record<string, unknown>;
  Rules?: unknown;
  Resources: Record<
    string,
    { Type: string; Properties?: Record<string, never> & { Tags?: unknown; Code?: { S3Key: string } } }
  >;
}

export interface MotoDeployment {
  status: string;
  /** Physical ids by logical id, for what moto could create. */
  resources: Map<string, { type: string; id: string }>;
  functions: Record<FunctionName, { arn: string; environment: Record<string, string>; timeout: number }>;
}

/** What cdk bootstrap would have made. */
const ASSETS = `cdk-hnb659fds-assets-${MOTO_ACCOUNT}-${MOTO_REGION}`;
/** An archive with nothing in it: the functions' code runs in the test, not in moto. */
const EMPTY_ZIP = Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex');

/**
 * Creates the stack of a synthesized template by moto's CloudFormation, which resolves every reference by itself.
 * Two things are taken out of the template: the check that the account is bootstrapped, which needs an SSM parameter,
 * and the tags, which moto's KMS reads in another form. What moto does not support it skips.
 */
export const deployInMoto = async (
  gateway: MotoGateway,
  stackName: string,
  synthesized: object,
  names: Names = namesOf(),
  functions: readonly FunctionName[] = HANDLER_NAMES,
): Promise<MotoDeployment> => {
  const template = withBusNames(synthesized as Template);
  delete template.Rules;
  delete template.Parameters?.BootstrapVersion;
  const s3 = new S3Client(gateway.client);
  // Made by the first deployment of a test; another one finds it.
  await s3.send(new CreateBucketCommand({ Bucket: ASSETS })).catch(() => undefined);
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    delete Properties?.Tags;
    // EventBridge puts the quotes around a text by itself, moto does not.
    for (const target of (Properties?.Targets ?? []) as { InputTransformer?: { InputTemplate: string } }[])
      if (target.InputTransformer)
        target.InputTransformer.InputTemplate = target.InputTransformer.InputTemplate.replaceAll(
          /: (<\w+>)/g,
          ': "$1"',
        );
    // moto gives a FIFO queue no name that it then takes.
    if (Properties?.FifoQueue) Object.assign(Properties, { QueueName: `${id}.fifo` });
    // A message would start a function in a container; it is the test that receives.
    if (Type === 'AWS::Lambda::EventSourceMapping') delete template.Resources[id];
    if (Type !== 'AWS::Lambda::Function') continue;
    await s3.send(new PutObjectCommand({ Bucket: ASSETS, Key: Properties?.Code?.S3Key, Body: EMPTY_ZIP }));
  }

  const cloudFormation = new CloudFormationClient(gateway.client);
  await cloudFormation.send(
    new CreateStackCommand({
      StackName: stackName,
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    }),
  );
  return deploymentIn(gateway, stackName, names, functions);
};

/** What moto's CloudFormation made of a stack: it resolves every reference by itself. */
export const deploymentIn = async (
  gateway: MotoGateway,
  stackName: string,
  names: Names = namesOf(),
  wanted: readonly FunctionName[] = HANDLER_NAMES,
): Promise<MotoDeployment> => {
  const cloudFormation = new CloudFormationClient(gateway.client);
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
  const { StackResources = [] } = await cloudFormation.send(
    new DescribeStackResourcesCommand({ StackName: stackName }),
  );
  const functions = await Promise.all(
    wanted.map(async (name) => [name, await functionNamed(gateway, names.function(name))]),
  );
  return {
    status: Stacks[0]?.StackStatus ?? '',
    resources: new Map(
      StackResources.map(({ LogicalResourceId = '', ResourceType = '', PhysicalResourceId = '' }) => [
        LogicalResourceId,
        { type: ResourceType, id: PhysicalResourceId },
      ]),
    ),
    functions: Object.fromEntries(functions) as MotoDeployment['functions'],
  };
};

/** A copy in which buses are named: moto does not know the value of a Ref to one. */
const withBusNames = (template: Template): Template => {
  const buses = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::Events::EventBus');
  const text = buses.reduce(
    (json, [id, { Properties }]) => json.replaceAll(JSON.stringify({ Ref: id }), JSON.stringify(Properties?.Name)),
    JSON.stringify(template),
  );
  return JSON.parse(text);
};

/** A function's configuration as moto's Lambda has it, with the values that its CloudFormation filled in. */
const functionNamed = async (gateway: MotoGateway, name: string) => {
  const response = await fetch(`${gateway.directUrl}/2015-03-31/functions/${name}/configuration`, {
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20261101/${MOTO_REGION}/lambda/aws4_request, SignedHeaders=host, Signature=0`,
    },
  });
  if (!response.ok) throw new Error(`moto has no function ${name}: ${response.status}`);
  const { FunctionArn, Environment, Timeout } = (await response.json()) as {
    FunctionArn: string;
    Environment: { Variables: Record<string, string> };
    Timeout: number;
  };
  // A parameter that is a number stays one in moto.
  const environment = Object.fromEntries(
    Object.entries(Environment.Variables).map(([name, text]) => [name, String(text)]),
  );
  return { arn: FunctionArn, environment, timeout: Timeout };
};
