import { CreateStateMachineCommand, DeleteStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { expect } from '@jest/globals';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import type { Cloud } from '../../../functions/handlers/lambda/cloud.ts';
import type { MotoOrganization } from '../organization.ts';
import type { MotoDeployment } from './deployment.ts';

/** A synthesized template, as far as it is looked into. */
export interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}
/** The properties of the one resource of a type. */
export const one = (template: Template, type: string): Record<string, unknown> => {
  const found = Object.values(template.Resources).filter(({ Type }) => Type === type);
  expect(found).toHaveLength(1);
  return found[0]?.Properties ?? {};
};

/** What the deployed functions have of the cloud. */
export const cloudOf = ({ gateway }: MotoOrganization): Cloud => {
  const { endpoint, region, credentials } = gateway.client;
  return { access: createAwsAccess({ endpoint, region, credentials }), region, now: Date.now };
};

/** Creates the machine from the template's own text and substitutions: moto's CloudFormation keeps no definition. */
export const workflow = async (
  { gateway }: MotoOrganization,
  template: Template,
  deployment: MotoDeployment,
): Promise<string> => {
  const machine = one(template, 'AWS::StepFunctions::StateMachine');
  const substitutions = machine.DefinitionSubstitutions as Record<string, unknown>;
  const definition = Object.entries(substitutions).reduce(
    (asl, [name, value]) => asl.replaceAll(`\${${name}}`, () => substitutionOf(value, deployment)),
    String(machine.DefinitionString),
  );
  expect(definition).not.toContain('${');
  const client = new SFNClient(gateway.client);
  const name = String(machine.StateMachineName);
  const old = [...deployment.resources.values()].find(({ type }) => type === 'AWS::StepFunctions::StateMachine');
  await client.send(new DeleteStateMachineCommand({ stateMachineArn: old?.id }));
  const roleArn = 'arn:aws:iam::123456789012:role/workflow';
  const { stateMachineArn } = await client.send(new CreateStateMachineCommand({ name, definition, roleArn }));
  return stateMachineArn ?? '';
};

/** A substitution's value, by what moto made of the resource it names. */
const substitutionOf = (value: unknown, { functions, resources }: MotoDeployment): string => {
  // moto knows no Express children.
  if (value === 'EXPRESS') return 'STANDARD';
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::GetAtt': att } = value as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
  if (Ref === 'AWS::Partition') return 'aws';
  const { id } = resources.get(Ref ?? att?.[0] ?? '') ?? {};
  if (Ref !== undefined) return id ?? '';
  return Object.values(functions).find(({ arn }) => arn.endsWith(`:${id}`))?.arn ?? '';
};
