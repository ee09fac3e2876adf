import { describe, expect, test } from '@jest/globals';
import { type Json, physicalNames, type StackTemplate, withRolledOut } from '../physical-names.ts';
import { SETTINGS_IN_FULL } from '../settings-in-full.ts';
import { synthesized } from '../synthesized.ts';

/** By stack, and what their StackSets roll out. */
const templatesOf = (settings: Parameters<typeof synthesized>[0]): Record<string, StackTemplate> => {
  const { app } = synthesized(settings);
  return withRolledOut(
    Object.fromEntries(app.synth().stacks.map(({ stackName, template }) => [stackName, template as StackTemplate])),
  );
};

/** What is TrailSeal's, not the deployment's: words for people, the source of its events, the service in its logs. */
const OF_THE_PRODUCT =
  /^(Description|AlarmDescription|description|Label|Comment|POWERTOOLS_SERVICE_NAME|(events:)?(source|detail-type)|Value)$/;

const literals = (value: Json, property = ''): [string, string][] => {
  if (typeof value === 'string') return [[property, value]];
  if (Array.isArray(value)) return value.flatMap((item) => literals(item, property));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'Ref' || name === 'Fn::GetAtt' ? [] : literals(inner, /^Fn::|^\d+$/.test(name) ? property : name),
  );
};

describe('two deployments in one account and region', () => {
  // Every option is on, runs after changes too; what the settings name is named by the prefix again.
  const { roleName: _, athena: __, externalId: ___, ...full } = SETTINGS_IN_FULL;
  const first = templatesOf(full);
  const second = templatesOf({ ...full, namePrefix: 'Second' });

  test('share no name of anything', () => {
    const [ours, theirs] = [first, second].map(physicalNames) as [string[], string[]];
    // Functions, log groups, roles, alarms, keys, topic, schedule, StackSets, database, workgroup, exports; the bus, its rules,
    // and the rules of the default bus and the roles in members that both watch.
    expect(ours.length).toBeGreaterThanOrEqual(60);
    for (const type of ['EventBus', 'Rule']) expect(ours.join('\n')).toContain(`AWS::Events::${type} TrailSeal`);
    expect(ours.filter((name) => name.startsWith('AWS::CloudFormation::StackSet'))).toHaveLength(2);
    expect(theirs.length).toBe(ours.length);
    expect(ours.filter((name) => theirs.includes(name))).toEqual([]);
    const stacks = Object.keys(first);
    expect(stacks.filter((name) => Object.hasOwn(second, name))).toEqual([]);
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
