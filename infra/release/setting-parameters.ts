import { Fn, Token } from 'aws-cdk-lib';
import { z } from 'zod';
import { type Settings, settingsSchema } from '../settings/settings.ts';

/**
 * The settings of a deployment as parameters of a template: name, default, allowed values and description of each come
 * from the one schema in settings.ts. What a setting changes in a template other than a value is found by synthesizing the
 * stacks with and without it (`Choice`).
 */
export interface SettingParameter {
  /** Such as `RetentionRunDays` for `retention.runDays`. */
  name: string;
  path: readonly string[];
  definition: ParameterDefinition;
  /**
   * What the settings hold where the parameter has none of the values that its choices are for. A flag is on and what may
   * be left out is there, so that no resource is missing in which another choice could show; a list is empty.
   */
  base: unknown;
  choices: readonly Choice[];
}

/** A value, or any value at all, that may give the template another shape. */
export interface Choice {
  /** Name of the condition, such as `ExternalIdIsEmpty`. */
  condition: string;
  expression: object;
  path: readonly string[];
  value: unknown;
}

export interface ParameterDefinition {
  Type: 'String' | 'Number';
  Default: string | number;
  Description: string;
  AllowedValues?: readonly (string | number)[];
  AllowedPattern?: string;
  ConstraintDescription?: string;
  MinValue?: number;
  MaxValue?: number;
}

/** Settings that are no parameters, and why: `npm run release -- --settings FILE` makes templates that have others. */
export const DECIDED_AT_RELEASE: Readonly<Record<string, string>> = {
  namePrefix: 'it is part of names in small letters',
  tags: 'tags of a stack reach all that it makes: `aws cloudformation` takes them',
  organizationId: 'the templates of the roles ask for it already (OrganizationId)',
  'memberRole.ous': 'the template of the StackSet asks for it already (TargetOrganizationalUnits)',
  'memberRole.extraPrincipals': 'the accounts in a trust policy are read from the ARNs',
  auditorPrincipals: 'the accounts in a trust policy are read from the ARNs',
  'watch.windowSeconds': 'CloudFormation cannot add the seconds after which a run starts',
  'athena.database': 'it is part of the encoded text of the views',
  'athena.scanLimitGigabytes': 'CloudFormation cannot turn gigabytes into bytes',
};

/** What CloudFormation takes of a setting where its check is no pattern, or is a wider one. */
const NARROWER: Readonly<Record<string, { pattern: string; expected: string }>> = {
  schedule: { pattern: '^(cron|rate)\\(.+\\)$', expected: 'cron(…) or rate(…), an EventBridge Scheduler expression' },
  scheduleTimeZone: { pattern: '^[A-Za-z0-9_+/-]+$', expected: 'the name of a time zone, such as Europe/Berlin' },
  // A role's path is another property than its name.
  roleName: { pattern: '^[\\w+=,.@-]{1,64}$', expected: 'a role name without a path' },
};

interface Field {
  type?: string;
  description?: string;
  default?: unknown;
  pattern?: string;
  enum?: readonly (string | number)[];
  minimum?: number;
  maximum?: number;
  items?: Field;
  properties?: Record<string, Field>;
  anyOf?: Field[];
}

/** @param settings what the release was made with: the parameters' defaults */
export const settingParameters = (settings: Settings): SettingParameter[] => {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' }) as Field;
  return parametersBelow(schema, [], settings);
};

const parametersBelow = (field: Field, path: readonly string[], settings: unknown): SettingParameter[] =>
  Object.entries(field.properties ?? {}).flatMap(([name, child]) => {
    const childPath = [...path, name];
    if (Object.hasOwn(DECIDED_AT_RELEASE, childPath.join('.'))) return [];
    const value = (settings as Record<string, unknown> | null)?.[name];
    if (child.properties) return parametersBelow(child, childPath, value);
    const group = child.anyOf?.find(({ properties }) => properties);
    return group ? optionalGroup(group, childPath, value) : [parameterOf(child, childPath, value)];
  });

/** A group that may be null: it is there where its first field, a word, is given. */
const optionalGroup = (group: Field, path: readonly string[], settings: unknown): SettingParameter[] => {
  const [first, ...others] = parametersBelow(group, path, settings ?? defaultsOf(group));
  const words = first?.definition.AllowedValues;
  if (first === undefined || words === undefined) throw new Error(`${path.join('.')} does not begin with a word`);
  const rest = Object.fromEntries(others.map((other) => [other.path.at(-1), other.base]));
  const groupWith = (value: unknown) => ({ [first.path.at(-1) ?? '']: value, ...rest });
  const definition = {
    ...first.definition,
    Default: settings === null ? '' : first.definition.Default,
    Description: `${group.description ?? first.definition.Description}. Empty: none`,
    AllowedValues: ['', ...words],
  };
  const choices = first.choices.map((choice) => ({ ...choice, path, value: groupWith(choice.value) }));
  const none = { ...isEmpty(first.name), path, value: null };
  return [
    { ...first, path, definition, base: groupWith(first.base), choices: [none, ...choices] },
    ...others.map((other) => ({ ...other, base: KEPT })),
  ];
};

/** The base of a parameter whose place in the settings another one fills. */
const KEPT = Symbol('the value of the settings');

const defaultsOf = (group: Field): Record<string, unknown> =>
  Object.fromEntries(Object.entries(group.properties ?? {}).map(([name, child]) => [name, child.default]));

const parameterOf = (field: Field, path: readonly string[], value: unknown): SettingParameter => {
  const name = path.map((part) => `${part[0]?.toUpperCase()}${part.slice(1)}`).join('');
  const of = field.anyOf?.find(({ type }) => type !== 'null') ?? field;
  const isOptional = field.anyOf !== undefined || field.type === 'array';
  const about = { name, path, of, value, description: field.description ?? '' };
  if (of.type === 'boolean') return flag(about);
  if (of.type === 'string' && of.enum) return word(about);
  return isOptional ? optionalValue(about) : plainValue(about);
};

interface About {
  name: string;
  path: readonly string[];
  of: Field;
  value: unknown;
  description: string;
}

const flag = ({ name, path, value, description }: About): SettingParameter => {
  const AllowedValues = ['true', 'false'];
  const definition = { Type: 'String', Default: String(value), Description: description, AllowedValues } as const;
  return { name, path, definition, base: true, choices: [{ ...isOne(name, 'false'), path, value: false }] };
};

const word = ({ name, path, of, value, description }: About): SettingParameter => {
  const AllowedValues = of.enum ?? [];
  const definition = { Type: 'String', Default: String(value), Description: description, AllowedValues } as const;
  const made = { name, path, definition, base: value, choices: [] };
  const others = AllowedValues.filter((allowed) => allowed !== value);
  return { ...made, choices: choicesAmong(made, others) };
};

const choicesAmong = ({ name, path }: SettingParameter, values: readonly unknown[]): Choice[] =>
  values.map((value) => ({ ...isOne(name, String(value)), path, value }));

const isOne = (name: string, value: string) => ({
  condition: `${name}Is${value.replace(/(?:^|[^A-Za-z0-9])([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase())}`,
  expression: { 'Fn::Equals': [{ Ref: name }, value] },
});

const isEmpty = (name: string) => ({
  condition: `${name}IsEmpty`,
  expression: { 'Fn::Equals': [{ Ref: name }, ''] },
});

const plainValue = ({ name, path, of, value, description }: About): SettingParameter => {
  const isText = of.type === 'string';
  const definition: ParameterDefinition = {
    Type: isText ? 'String' : 'Number',
    Default: value as string | number,
    Description: description,
    ...(of.enum && { AllowedValues: of.enum }),
    ...(of.minimum !== undefined && { MinValue: of.minimum }),
    ...(of.maximum !== undefined && { MaxValue: of.maximum }),
    ...(isText && patternOf(path, of.pattern)),
  };
  return { name, path, definition, base: isText ? Fn.ref(name) : Token.asNumber(Fn.ref(name)), choices: [] };
};

const optionalValue = ({ name, path, of, value, description }: About): SettingParameter => {
  const isList = of.type === 'array';
  const item = isList ? of.items : of;
  const inner = item?.type === 'string' ? withoutAnchors(item.pattern) : '\\d+';
  const range = of.minimum === undefined ? '' : `, a whole number from ${of.minimum} to ${of.maximum}`;
  const definition: ParameterDefinition = {
    Type: 'String',
    Default: [value ?? ''].flat().join(','),
    Description: `${description}. Empty: none${isList ? '; several are joined with commas' : ''}`,
    ...(inner !== null && {
      AllowedPattern: isList ? `^$|^(${inner})(,(${inner}))*$` : `^$|^(${inner})$`,
      ConstraintDescription: `empty, or ${isList ? 'values joined with commas' : `a value that the setting takes${range}`}`,
    }),
  };
  // What is used instead of made has no part in the base: resources would be missing in which another choice could show.
  if (path[0] === 'existing') {
    const [condition, expression] = [`${name}IsSet`, { 'Fn::Not': [isEmpty(name).expression] }];
    return { name, path, definition, base: null, choices: [{ condition, expression, path, value: Fn.ref(name) }] };
  }
  // Of a list that resources are made for, these are in the base, and gone where it is empty.
  if (path.join('.') === 'watch.regions')
    return {
      ...{ name, path, definition, base: [Fn.ref(name)] },
      choices: [{ ...isEmpty(name), path, value: [] }],
    };
  if (!isList) {
    const token = item?.type === 'string' ? Fn.ref(name) : Token.asNumber(Fn.ref(name));
    return { name, path, definition, base: token, choices: [{ ...isEmpty(name), path, value: null }] };
  }
  const condition = `${name}IsSet`;
  const expression = { 'Fn::Not': [isEmpty(name).expression] };
  return { name, path, definition, base: [], choices: [{ condition, expression, path, value: [Fn.ref(name)] }] };
};

const patternOf = (path: readonly string[], pattern: string | undefined) => {
  const { pattern: AllowedPattern, expected } = NARROWER[path.join('.')] ?? { pattern, expected: 'the pattern' };
  return AllowedPattern === undefined
    ? {}
    : { AllowedPattern, ConstraintDescription: expected === 'the pattern' ? `must match ${AllowedPattern}` : expected };
};

const withoutAnchors = (pattern: string | undefined): string | null =>
  pattern === undefined ? null : pattern.replace(/^\^/, '').replace(/\$$/, '');

/** The settings in whose place the templates have parameters, with these choices made. */
export const settingsWith = (
  settings: Settings,
  parameters: readonly SettingParameter[],
  choices: readonly Choice[],
): Settings => {
  const copy = structuredClone(settings);
  for (const { path, base } of parameters) if (base !== KEPT) setAt(copy, path, base);
  for (const { path, value } of choices) setAt(copy, path, value);
  return copy;
};

const setAt = (target: object, path: readonly string[], value: unknown): void => {
  const [name = '', ...rest] = path;
  const group = target as Record<string, unknown>;
  if (rest.length === 0) group[name] = value;
  else setAt(group[name] as object, rest, value);
};
