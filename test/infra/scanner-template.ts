import { expect } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { SETTINGS_IN_FULL } from './settings-in-full.ts';
import { synthesized } from './synthesized.ts';

export interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape, which the assertions are about
  Properties: any;
  DeletionPolicy?: string;
}

/** The scanner's template with the default settings. */
export const byDefault = Template.fromStack(synthesized().scanner);
/** The scanner's template with every option turned on. */
export const inFull = Template.fromStack(synthesized(SETTINGS_IN_FULL).scanner);

export const all = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.findResources(type)) as [string, Resource][];

/** Logical id of the one resource that has these properties. */
export const idOf = (template: Template, type: string, props: object): string => {
  const ids = Object.keys(template.findResources(type, { Properties: props }));
  expect(ids).toHaveLength(1);
  return ids[0] ?? '';
};

/** Properties of the one resource that has these properties. */
export const propertiesOf = (template: Template, type: string, props: object): Resource['Properties'] =>
  template.findResources(type)[idOf(template, type, props)]?.Properties;

export const keyArn = { 'Fn::GetAtt': [idOf(byDefault, 'AWS::KMS::Key', { EnableKeyRotation: true }), 'Arn'] };
