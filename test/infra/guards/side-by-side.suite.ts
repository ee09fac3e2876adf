import { describe, expect, test } from '@jest/globals';
import { SETTINGS_IN_FULL } from '../settings-in-full.ts';
import { synthesized } from '../synthesized.ts';

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
interface Resource {
  Type: string;
  Properties?: { [name: string]: Json };
}
interface StackTemplate {
  Resources: Record<string, Resource>;
  Outputs?: Record<string, { Export?: { Name: Json } }>;
}

/** By stack, and the role that the StackSet rolls out. */
const templatesOf = (settings: Parameters<typeof synthesized>[0]): Record<string, StackTemplate> => {
  const { app } = synthesized(settings);
  const stacks = app.synth().stacks.map((stack) => [stack.stackName, stack.template as StackTemplate] as const);
  const rolledOut = stacks.flatMap(([name, { Resources }]) =>
    Object.values(Resources).flatMap(({ Type, Properties }) =>
      Type === 'AWS::CloudFormation::StackSet'
        ? [[`${name}/member`, JSON.parse(String(Properties?.TemplateBody)) as StackTemplate] as const]
        : [],
    ),
  );
  return Object.fromEntries([...stacks, ...rolledOut]);
};

/** Unique within a database or a workgroup, which have names of their own. */
const WITHIN_ANOTHER = ['AWS::Glue::Table', 'AWS::Athena::NamedQuery'];
const NAME = /^(\w*Name)$/;

/** Names of an account and region that these templates give: of stacks, resources and exports. */
const physicalNames = (templates: Record<string, StackTemplate>): string[] =>
  Object.entries(templates).flatMap(([stack, { Resources, Outputs = {} }]) => [
    `stack ${stack}`,
    ...Object.values(Outputs).flatMap(({ Export }) => (Export ? [`export ${JSON.stringify(Export.Name)}`] : [])),
    ...Object.values(Resources)
      .filter(({ Type }) => !WITHIN_ANOTHER.includes(Type))
      .flatMap(({ Type, Properties = {} }) => {
        const inner = (Properties.DatabaseInput ?? {}) as Record<string, Json>;
        return [...Object.entries(Properties), ...Object.entries(inner)]
          .filter(([property, value]) => NAME.test(property) && typeof value === 'string')
          .filter(([property]) => !/^(GroupName|DatabaseName|DisplayName|PolicyName|MetricName)$/.test(property))
          .map(([, value]) => `${Type} ${value}`);
      }),
  ]);

/** What is TrailSeal's, not the deployment's: words for people, the source of its events, the service in its logs. */
const OF_THE_PRODUCT =
  /^(Description|AlarmDescription|description|Label|Comment|POWERTOOLS_SERVICE_NAME|events:source|Value)$/;

const literals = (value: Json, property = ''): [string, string][] => {
  if (typeof value === 'string') return [[property, value]];
  if (Array.isArray(value)) return value.flatMap((item) => literals(item, property));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'Ref' || name === 'Fn::GetAtt' ? [] : literals(inner, /^Fn::|^\d+$/.test(name) ? property : name),
  );
};

describe('two deployments in one account and region', () => {
  const first = templatesOf({});
  const second = templatesOf({ namePrefix: 'Second' });

  test('share no name of anything', () => {
    const [ours, theirs] = [first, second].map(physicalNames) as [string[], string[]];
    // Stacks, functions, log groups, roles, alarms, keys, topic, schedule, StackSet, database, workgroup, exports.
    expect(ours.length).toBeGreaterThan(40);
    expect(theirs.length).toBe(ours.length);
    expect(ours.filter((name) => theirs.includes(name))).toEqual([]);
  });

  test('name nothing of each other: what the second says of TrailSeal is for people, or in its events', () => {
    const loose = Object.entries(second).flatMap(([stack, { Resources }]) =>
      Object.entries(Resources).flatMap(([id, { Properties = {} }]) =>
        literals(Properties)
          .filter(([property, text]) => /trailseal/i.test(text) && !OF_THE_PRODUCT.test(property))
          .filter(
            ([property]) =>
              !/^(TemplateBody|DashboardBody|DefinitionString|ViewOriginalText|QueryString)$/.test(property),
          )
          .map(([property, text]) => `${stack} ${id} ${property}: ${text.slice(0, 80)}`),
      ),
    );
    expect(loose).toEqual([]);
  });

  test('whatever is named otherwise in the settings stays so named', () => {
    const { TrailSealX: _, ...own } = templatesOf({
      ...SETTINGS_IN_FULL,
      namePrefix: 'Second',
      roleName: 'OrgAudit',
    });
    const names = physicalNames(own);
    expect(names).toEqual(expect.arrayContaining(['AWS::IAM::Role OrgAudit', 'AWS::Athena::WorkGroup audit']));
  });
});
