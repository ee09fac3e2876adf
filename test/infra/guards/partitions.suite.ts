import { describe, expect, test } from '@jest/globals';
import { type Json, type StackTemplate, withRolledOut } from '../physical-names.ts';
import { synthesized } from '../synthesized.ts';

/** Texts of a template with the properties they stand in, from the outside in. */
const texts = (value: Json, path: readonly string[] = []): [readonly string[], string][] => {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => texts(inner as Json, [...path, name]));
};

/** Words for people, and what a parameter takes: the pattern says `aws[a-z-]*` or a partition of its own. */
const FOR_PEOPLE = /^(Description|AlarmDescription|ConstraintDescription|AllowedPattern|AssertDescription)$/;
/** Looked at as a template of its own. */
const ROLLED_OUT = 'TemplateBody';
/** Service principals end so in every partition, but for CloudWatch Logs in China: storage/encryption-key.ts asks which. */
const SERVICE_PRINCIPAL = /^([a-z0-9.-]+\.)?amazonaws\.com(\.cn)?$/;

const bound = (template: unknown): string[] =>
  texts(template as Json)
    .filter(([path]) => path.at(-1) !== ROLLED_OUT)
    .filter(
      ([path, text]) => /arn:aws|amazonaws\.com|console\.aws\.amazon/.test(text) && !FOR_PEOPLE.test(path.at(-1) ?? ''),
    )
    .filter(([path, text]) => !(path.includes('Principal') && SERVICE_PRINCIPAL.test(text)))
    .map(([path, text]) => `${path.join('.')}: ${text.slice(0, 300)}`);

describe('templates for AWS GovCloud (US), China and every other partition', () => {
  const { app } = synthesized({ watch: { regions: ['us-east-1'] }, sampleLogs: true, securityHub: true });
  const templates = withRolledOut(
    Object.fromEntries(app.synth().stacks.map(({ stackName, template }) => [stackName, template as StackTemplate])),
  );

  test.each(Object.entries(templates))('%s: names no partition and none of its domains', (_, template) => {
    expect(bound({ ...template, Rules: {} })).toEqual([]);
  });

  test('what names one is found', () => {
    const named = { Resources: { A: { Properties: { Arn: 'arn:aws:s3:::a', Url: 'https://s3.amazonaws.com/a' } } } };
    expect(bound(named)).toHaveLength(2);
  });
});
