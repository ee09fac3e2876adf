import { namesOf } from '../names.ts';
import type { Settings } from '../settings/settings.ts';
import type { Template } from './conditional-template.ts';
import { type ParameterDefinition, type SettingParameter, settingParameters } from './setting-parameters.ts';
import { mergedStacks, type StackName } from './worlds.ts';

/** What is released, by file name without `.template.json`. */
export const RELEASED = {
  trailseal: 'scanner',
  'trailseal-catalog': 'catalog',
  'trailseal-member-roles': 'memberRoles',
  'trailseal-audit-role': 'managementRole',
  'trailseal-management-watch': 'managementWatch',
} as const satisfies Record<string, StackName>;
export type ReleasedName = keyof typeof RELEASED;

/** CloudFormation takes a template of this many bytes from S3. */
export const MOST_BYTES = 1_000_000;

/** Parameters that no setting is behind. */
const ofTheRelease = ({ namePrefix }: Settings): Record<string, ParameterDefinition> => ({
  AssetBucket: {
    ...{ Type: 'String', Default: '', AllowedPattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' },
    Description: 'Bucket in this account and Region that holds the archives of the functions',
    ConstraintDescription: 'the name of an S3 bucket',
  },
  AssetPrefix: {
    ...{ Type: 'String', Default: 'trailseal/', AllowedPattern: '^$|^[^/].*/$' },
    Description: 'Where in that bucket they are: empty, or a prefix that ends with a slash',
    ConstraintDescription: 'empty, or a prefix that ends with a slash',
  },
  ScannerStack: {
    ...{ Type: 'String', Default: namePrefix, AllowedPattern: '^[A-Za-z][A-Za-z0-9-]{0,127}$' },
    Description: 'Name of the stack of the scanner',
    ConstraintDescription: 'the name of a stack',
  },
  OrganizationId: {
    ...{ Type: 'String', Default: '', AllowedPattern: '^$|^o-[a-z0-9]{10,32}$' },
    Description: 'Organization whose accounts may send changes; needed with WatchRegions alone',
    ConstraintDescription: 'empty, or the id of an organization, such as o-a1b2c3d4e5',
  },
});

/** How the console groups the parameters: by the beginning of a setting's name; what none of them names comes last. */
const GROUPS: readonly { label: string; of: readonly string[] }[] = [
  { label: 'Code', of: ['AssetBucket', 'AssetPrefix', 'ScannerStack'] },
  {
    label: 'Organization and audit role',
    of: [
      'OrganizationId',
      'TargetOrganizationalUnits',
      'Scanner',
      'RoleName',
      'ExternalId',
      'HomeRegion',
      'MemberRole',
    ],
  },
  { label: 'When a scan starts', of: ['Schedule'] },
  { label: 'Who hears of it', of: ['AlarmMail', 'UnreachableHours', 'SilentHours', 'SecurityHub'] },
  {
    label: 'What is scanned',
    of: ['Only', 'Exclude', 'Trusted', 'LogArchive', 'Lake', 'Sample', 'WaiversKey', 'Concurrency'],
  },
  { label: 'Runs after changes', of: ['Watch', 'EventBus'] },
  { label: 'How long things are kept', of: ['Retention', 'ObjectLock', 'SignManifests'] },
  { label: 'Athena', of: ['Athena'] },
  { label: 'What is there already', of: ['Existing', 'Iam', 'Vpc'] },
];

export interface ReleasedTemplates {
  templates: Record<ReleasedName, Template>;
  parameters: readonly SettingParameter[];
}

/**
 * The stacks of a deployment as plain CloudFormation: no bootstrap, and a parameter for each setting (all but those of
 * `DECIDED_AT_RELEASE`).
 * @param settings the defaults of the parameters
 */
export const releasedTemplates = (settings: Settings): ReleasedTemplates => {
  const parameters = settingParameters(settings);
  const merged = mergedStacks(settings, parameters, comparable);
  const definitions = new Map(parameters.map(({ name, definition }) => [name, definition]));
  const lists = parameters.flatMap(({ name, base }) => (Array.isArray(base) ? [name] : []));
  const plain = (name: StackName): Template => exportsByStackName(splitLists(merged[name], lists));
  const known = {
    definitions: new Map([...Object.entries(ofTheRelease(settings)), ...definitions]),
    ownRoles: Object.values(namesOf(settings).roles),
  };
  const role = finished(ofAnyAccount(plain('managementRole')), known);
  return {
    parameters,
    templates: {
      trailseal: finished(askingNothing(plain('scanner')), known),
      'trailseal-catalog': finished(plain('catalog'), known),
      'trailseal-member-roles': finished(rollingOut(plain('memberRoles'), role), known),
      'trailseal-audit-role': role,
      'trailseal-management-watch': finished(plain('managementWatch'), known),
    },
  };
};

/** Where a function's code is: its archive in the bucket that the parameters name. */
export const codeAt = (archive: string) => ({
  S3Bucket: { Ref: 'AssetBucket' },
  S3Key: { 'Fn::Sub': `\${AssetPrefix}${archive}` },
});

/** Without what differs from one synthesis to the next and means nothing to CloudFormation. */
const comparable = (template: Template): Template => {
  const { Metadata: _, Rules: __, ...sections } = structuredClone(template);
  // No parameter is the default of another.
  for (const parameter of Object.values((sections.Parameters ?? {}) as Record<string, { Default?: unknown }>))
    if (typeof parameter.Default === 'object') delete parameter.Default;
  for (const resource of Object.values((sections as Template).Resources)) {
    delete resource.Metadata;
    const properties = resource.Properties as { Code?: unknown } | undefined;
    if (resource.Type === 'AWS::Lambda::Function' && properties) properties.Code = codeAt('');
    // The released role takes its place.
    if (rollsOutTheRole(resource.Properties)) Object.assign(resource.Properties as object, { TemplateBody: '' });
  }
  return sections as Template;
};

/** A list in the settings is one text in a template: CloudFormation splits it where a list is wanted. */
const splitLists = (template: Template, lists: readonly string[]): Template =>
  mapped(template, (value) => {
    if (!Array.isArray(value) || value.length !== 1) return value;
    const { Ref } = (value[0] ?? {}) as { Ref?: string };
    return Ref !== undefined && lists.includes(Ref) ? { 'Fn::Split': [',', { Ref }] } : value;
  });

/** CDK writes the name of the stack into the names of exports; here it is the name that the stack is given. */
const exportsByStackName = (template: Template): Template =>
  mapped(template, (value) => {
    const { Export, 'Fn::ImportValue': imported, ...others } = (value ?? {}) as Record<string, unknown>;
    const { Name } = (Export ?? {}) as { Name?: unknown };
    const named = (name: string, stack: string) => ({ 'Fn::Sub': name.replace(/^[^:]+/, `\${${stack}}`) });
    if (typeof Name === 'string') return { ...others, Export: { Name: named(Name, 'AWS::StackName') } };
    if (typeof imported === 'string') return { 'Fn::ImportValue': named(imported, 'ScannerStack') };
    return value;
  });

const mapped = <T>(value: T, change: (value: unknown) => unknown): T => {
  if (typeof value !== 'object' || value === null) return value;
  const inner = Array.isArray(value)
    ? value.map((item) => mapped(item, change))
    : Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapped(item, change)]));
  return change(inner) as T;
};

/** What only some choices need has a default: the definition of the release. */
const askingNothing = ({ Parameters: _, ...template }: Template): Template => template as Template;

/** The role is the same in every account. */
const ofAnyAccount = (template: Template): Template => ({
  ...template,
  Description: 'TrailSeal: read-only audit role of one account',
});

/** Not so the StackSet of the rules that watch for changes. */
const rollsOutTheRole = (properties: unknown): boolean =>
  ((properties as { Parameters?: { ParameterKey?: string }[] } | undefined)?.Parameters ?? []).some(
    ({ ParameterKey }) => ParameterKey === 'ScannerAccountId',
  );

/** The StackSet carries the released role, and hands it the parameters of its own stack. */
const rollingOut = (template: Template, role: Template): Template => {
  const copy = structuredClone(template);
  for (const { Type, Properties } of Object.values(copy.Resources)) {
    if (Type !== 'AWS::CloudFormation::StackSet' || !rollsOutTheRole(Properties)) continue;
    const set = Properties as { TemplateBody: string; Parameters: { ParameterKey: string; ParameterValue: unknown }[] };
    set.TemplateBody = JSON.stringify(role);
    const given = set.Parameters.map(({ ParameterKey }) => ParameterKey);
    for (const ParameterKey of Object.keys(role.Parameters ?? {}))
      if (!given.includes(ParameterKey)) set.Parameters.push({ ParameterKey, ParameterValue: { Ref: ParameterKey } });
  }
  return copy;
};

/** With the parameters and conditions that it uses and no others, the checks between parameters, and the console's groups. */
const finished = (
  template: Template,
  { definitions, ownRoles }: { definitions: ReadonlyMap<string, ParameterDefinition>; ownRoles: readonly string[] },
): Template => {
  const { Description, Parameters, Conditions = {}, Resources, Outputs = {}, ...others } = template;
  const used = usedConditions({ Resources, Outputs }, Conditions);
  const names = refsIn({ Resources, Outputs, used });
  const asked = (Parameters ?? {}) as Record<string, unknown>;
  const added = [...definitions].filter(([name]) => names.has(name) && !Object.hasOwn(asked, name));
  const all = { ...asked, ...Object.fromEntries(added.map(asTemplateHasIt)) };
  const Rules = rulesAmong(Object.keys(all), ownRoles);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description,
    Metadata: { 'AWS::CloudFormation::Interface': interfaceOf(Object.keys(all)) },
    ...others,
    Parameters: all,
    ...(Object.keys(Rules).length > 0 && { Rules }),
    ...(Object.keys(used).length > 0 && { Conditions: used }),
    Resources,
    ...(Object.keys(Outputs).length > 0 && { Outputs }),
  } as Template;
};

/** No bucket is a default: without one the stack asks for it. */
const asTemplateHasIt = ([name, definition]: [string, ParameterDefinition]): [string, object] => {
  const { Default, ...asked } = definition;
  return [name, name === 'AssetBucket' ? asked : definition];
};

const usedConditions = (parts: object, conditions: Record<string, unknown>): Record<string, unknown> => {
  const used = new Set<string>();
  const follow = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { Condition, 'Fn::If': choice } = value as { Condition?: unknown; 'Fn::If'?: [string] };
    for (const name of [Condition, choice?.[0]]) {
      if (typeof name !== 'string' || used.has(name) || !Object.hasOwn(conditions, name)) continue;
      used.add(name);
      follow(conditions[name]);
    }
    Object.values(value).forEach(follow);
  };
  follow(parts);
  return Object.fromEntries(Object.entries(conditions).filter(([name]) => used.has(name)));
};

/** Names that `Ref` and `Fn::Sub` name. */
const refsIn = (value: unknown, found = new Set<string>()): Set<string> => {
  if (typeof value !== 'object' || value === null) return found;
  const { Ref, 'Fn::Sub': sub } = value as { Ref?: unknown; 'Fn::Sub'?: unknown };
  if (typeof Ref === 'string') found.add(Ref);
  if (typeof sub === 'string') for (const [, name = ''] of sub.matchAll(/\$\{([^!}]+)\}/g)) found.add(name);
  for (const inner of Object.values(value)) refsIn(inner, found);
  return found;
};

/** What settings.ts refuses about two settings together, as far as CloudFormation can say it. */
const rulesAmong = (names: readonly string[], ownRoles: readonly string[]): Record<string, unknown> => ({
  ...(names.includes('SampleAccounts') &&
    names.includes('SampleLogs') && {
      SampleAccountsNeedsSampleLogs: {
        RuleCondition: { 'Fn::Equals': [{ Ref: 'SampleAccounts' }, 'true'] },
        Assertions: [
          {
            Assert: { 'Fn::Equals': [{ Ref: 'SampleLogs' }, 'true'] },
            AssertDescription: 'SampleAccounts needs SampleLogs, which gives the permission to look at log objects',
          },
        ],
      },
    }),
  ...(names.includes('WatchRegions') &&
    names.includes('OrganizationId') && {
      WatchRegionsNeedsOrganizationId: {
        RuleCondition: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'WatchRegions' }, ''] }] },
        Assertions: [
          {
            Assert: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'OrganizationId' }, ''] }] },
            AssertDescription: 'WatchRegions needs OrganizationId, whose accounts may send changes and no others',
          },
        ],
      },
    }),
  ...(names.includes('MemberRoleRollOut') && {
    SomethingIsRolledOut: {
      RuleCondition: { 'Fn::Equals': [{ Ref: 'MemberRoleRollOut' }, 'false'] },
      Assertions: [
        {
          Assert: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'WatchRegions' }, ''] }] },
          AssertDescription:
            'Without the role and without WatchRegions there is nothing to roll out: leave this stack out',
        },
      ],
    },
  }),
  ...(names.includes('RoleName') && {
    RoleNameIsNotOurs: {
      Assertions: [
        {
          Assert: { 'Fn::Not': [{ 'Fn::Contains': [ownRoles, { Ref: 'RoleName' }] }] },
          AssertDescription:
            "RoleName must not be the name of one of the scanner's own roles: the audit account is a member too",
        },
      ],
    },
  }),
});

/** The groups of the console: every parameter in one. */
export const interfaceOf = (names: readonly string[]) => {
  const grouped = GROUPS.map(({ label, of }) => ({
    Label: { default: label },
    Parameters: of.flatMap((start) => names.filter((name) => name.startsWith(start))),
  }));
  const named = grouped.flatMap(({ Parameters }) => Parameters);
  const rest = { Label: { default: 'More' }, Parameters: names.filter((name) => !named.includes(name)) };
  return { ParameterGroups: [...grouped, rest].filter(({ Parameters }) => Parameters.length > 0) };
};
