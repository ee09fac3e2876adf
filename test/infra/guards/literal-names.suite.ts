import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { SETTINGS_IN_FULL } from '../settings-in-full.ts';
import { synthesized } from '../synthesized.ts';

interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
  DependsOn?: string | string[];
}
type Resources = Record<string, Resource>;

/** Properties by which a resource is named; where Glue names it is one level down. */
const NAMES =
  /^(Name|(Alias|Alarm|Dashboard|Function|LogGroup|Queue|Role|Schedule|ScheduleGroup|StackSet|StateMachine|Topic|Table|Bucket|Database|WorkGroup)Name)$/;
/** IAM takes a name that does not exist yet; so does a dashboard, and a workflow is only read when it runs. */
const PATTERNS = /^(PolicyDocument|AssumeRolePolicyDocument|KeyPolicy|Policies|DashboardBody|DefinitionString)$/;

/** The name that a resource gives itself, where the template spells it out. */
const ownName = ({ Properties = {} }: Resource): string | null => {
  const inner = (Properties.DatabaseInput ?? Properties.TableInput ?? {}) as Record<string, unknown>;
  const named = [...Object.entries(Properties), ...Object.entries(inner)].find(
    ([property, value]) => NAMES.test(property) && typeof value === 'string',
  );
  return (named?.[1] as string | undefined) ?? null;
};

/** Every text of a resource's properties, with the property it stands in; its own name and patterns are left out. */
const textsOf = (value: unknown, property = '', isOuter = true): { property: string; text: string }[] => {
  if (typeof value === 'string') return [{ property, text: value }];
  if (Array.isArray(value)) return value.flatMap((item) => textsOf(item, property, false));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (PATTERNS.test(name) || name === 'Ref' || name === 'Fn::GetAtt' || (isOuter && name === 'Name')) return [];
    // What is joined still stands in the property.
    return textsOf(inner, name.startsWith('Fn::') ? property : name, /Input$/.test(name));
  });
};

/** Whether a word of a property or an ARN means a type: `GroupName` for a ScheduleGroup, `stateMachine` for its own. */
const meansType = (word: string, type: string): boolean => {
  const plain = word
    .replace(/(Name|Arn|Id)$/, '')
    .replaceAll(/[-_]/g, '')
    .toLowerCase();
  return plain.length > 3 && (type.split('::')[2] ?? '').toLowerCase().endsWith(plain);
};

const names = ({ property, text }: { property: string; text: string }, name: string, type: string): boolean => {
  if (text === name) return meansType(property, type);
  const [, word] = text.endsWith(name) ? (/([\w-]+)[:/]$/.exec(text.slice(0, -name.length)) ?? []) : [];
  return word !== undefined && meansType(word, type);
};

const references = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return [];
  const {
    Ref,
    'Fn::GetAtt': att,
    'Fn::Sub': sub,
  } = value as { Ref?: string; 'Fn::GetAtt'?: [string]; 'Fn::Sub'?: unknown };
  const named = typeof sub === 'string' ? [...sub.matchAll(/\$\{(\w+)/g)].map(([, id = '']) => id) : [];
  return [...(Ref ? [Ref] : []), ...(att ? [att[0]] : []), ...named, ...Object.values(value).flatMap(references)];
};

/** `user | name | owner` where a resource names another by a literal and would be made, or deleted, beside it. */
const looseNames = (resources: Resources): string[] => {
  const next = new Map(
    Object.entries(resources).map(([id, { Properties, DependsOn = [] }]) => [
      id,
      [...references(Properties), ...[DependsOn].flat()].filter((other) => other in resources),
    ]),
  );
  const dependsOn = (id: string, seen = new Set<string>()): Set<string> => {
    for (const other of next.get(id) ?? []) {
      if (seen.has(other)) continue;
      seen.add(other);
      dependsOn(other, seen);
    }
    return seen;
  };
  const owners = Object.entries(resources).flatMap(([id, resource]) => {
    const name = ownName(resource);
    return name === null ? [] : [{ id, name, type: resource.Type }];
  });
  return Object.entries(resources).flatMap(([id, resource]) => {
    const isOwn = ownName(resource);
    const texts = textsOf(resource.Properties).filter(
      ({ property, text }) => !(text === isOwn && NAMES.test(property)),
    );
    const before = dependsOn(id);
    return owners
      .filter(({ id: owner }) => owner !== id && !before.has(owner) && !dependsOn(owner).has(id))
      .filter(({ name, type }) => texts.some((text) => names(text, name, type)))
      .map(({ id: owner, name }) => `${id} | ${name} | ${owner}`);
  });
};

describe('a resource that another one names by a literal', () => {
  test('is found where nothing says in which order they come', () => {
    const resources: Resources = {
      Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'Nightly' } },
      Schedule: { Type: 'AWS::Scheduler::Schedule', Properties: { Name: 'Scan', GroupName: 'Nightly' } },
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'Nightly' } },
      ByArn: {
        Type: 'AWS::Lambda::Permission',
        Properties: { SourceArn: { 'Fn::Join': ['', ['arn:aws:scheduler:::', 'schedule-group/Nightly']] } },
      },
      Later: { Type: 'AWS::Scheduler::Schedule', Properties: { GroupName: 'Nightly' }, DependsOn: ['Group'] },
    };
    expect(looseNames(resources)).toEqual(['Schedule | Nightly | Group', 'ByArn | Nightly | Group']);
  });

  test.each([
    ['the default settings', {}],
    ['every option turned on', SETTINGS_IN_FULL],
  ])('comes before it in every template, with %s', (_, settings) => {
    const { managementRole, memberRoles, scanner, catalog } = synthesized(settings);
    for (const stack of [managementRole, memberRoles, scanner, catalog]) {
      const { Resources } = Template.fromStack(stack).toJSON() as { Resources: Resources };
      expect([stack.stackName, looseNames(Resources)]).toEqual([stack.stackName, []]);
    }
  });
});
