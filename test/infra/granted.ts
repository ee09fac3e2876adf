import type { Template } from 'aws-cdk-lib/assertions';
import type { HandlerName } from '../../functions/handlers/lambda/environment.ts';
import { type Deployment, resolved } from './resolved.ts';
import { propertiesOf } from './scanner-template.ts';

export interface PolicyStatement {
  Sid?: string;
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}
export interface PolicyDocument {
  Version: string;
  Statement: PolicyStatement[];
}

/** What the scanner's template lets a function do. */
export const grantedTo = (template: Template, handler: HandlerName, deployment: Deployment): PolicyDocument => {
  const { Role } = propertiesOf(template, 'AWS::Lambda::Function', { FunctionName: `TrailSeal-${handler}` });
  const [roleId] = Role['Fn::GetAtt'] as [string];
  const { PolicyDocument } = propertiesOf(template, 'AWS::IAM::Policy', { Roles: [{ Ref: roleId }] });
  return resolved(PolicyDocument, deployment) as PolicyDocument;
};

/** The environment that the scanner's template gives a function. */
export const environmentOf = (
  template: Template,
  handler: HandlerName,
  deployment: Deployment,
): Record<string, string> => {
  const { Environment } = propertiesOf(template, 'AWS::Lambda::Function', { FunctionName: `TrailSeal-${handler}` });
  return resolved(Environment.Variables, deployment) as Record<string, string>;
};

/** What the scanner's template lets the state machine do. */
export const grantedToWorkflow = (template: Template, deployment: Deployment): PolicyDocument => {
  const { RoleArn } = propertiesOf(template, 'AWS::StepFunctions::StateMachine', {});
  const [roleId] = RoleArn['Fn::GetAtt'] as [string];
  const { PolicyDocument } = propertiesOf(template, 'AWS::IAM::Policy', { Roles: [{ Ref: roleId }] });
  return resolved(PolicyDocument, deployment) as PolicyDocument;
};
