import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { HANDLER_NAMES, type HandlerName } from '../../functions/handlers/lambda/environment.ts';
import { MOTO_REGION, type MotoGateway } from './gateway.ts';

export interface MotoDeployment {
  status: string;
  /** Physical ids by logical id, for what moto could create. */
  resources: Map<string, { type: string; id: string }>;
  functions: Record<HandlerName, { arn: string; environment: Record<string, string>; timeout: number }>;
}

/** What moto's CloudFormation made of a stack: it resolves every reference by itself, and skips what it does not support. */
export const deploymentIn = async (gateway: MotoGateway, stackName: string): Promise<MotoDeployment> => {
  const cloudFormation = new CloudFormationClient(gateway.client);
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
  const { StackResources = [] } = await cloudFormation.send(
    new DescribeStackResourcesCommand({ StackName: stackName }),
  );
  const functions = await Promise.all(HANDLER_NAMES.map(async (name) => [name, await functionNamed(gateway, name)]));
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

/** A function's configuration as moto's Lambda has it, with the values that its CloudFormation filled in. */
const functionNamed = async (gateway: MotoGateway, handler: HandlerName) => {
  const response = await fetch(`${gateway.directUrl}/2015-03-31/functions/TrailSeal-${handler}/configuration`, {
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20261101/${MOTO_REGION}/lambda/aws4_request, SignedHeaders=host, Signature=0`,
    },
  });
  if (!response.ok) throw new Error(`moto has no function TrailSeal-${handler}: ${response.status}`);
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
