import type { Template } from '../../../infra/release/conditional-template.ts';

/** What CloudFormation is told beside the template. */
export interface Given {
  stackName: string;
  /** Values of parameters; the others have their defaults, or stay references where they have none. */
  parameters: Readonly<Record<string, string>>;
}

/**
 * A template as CloudFormation makes it out of its parameters and conditions, to be compared with another: resources and
 * outputs that remain, scalars as text, joined text as one. References to resources stay references. Written for the
 * tests: from the documentation of the intrinsic functions, not from the code that writes them.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export const evaluated = (template: Template, given: Given): { Resources: object; Outputs: object } => {
  const read = reader(template, given);
  const left = (section: Record<string, Record<string, unknown>> = {}) =>
    Object.entries(section).filter(([, { Condition }]) => Condition === undefined || read.holds(String(Condition)));
  const resources = left(template.Resources);
  const ids = resources.map(([id]) => id);
  const Resources = resources.map(([id, { Condition: _, Metadata: __, DependsOn = [], ...resource }]) => {
    const waitsFor = [DependsOn as string | string[]].flat().filter((other) => ids.includes(other));
    const { Code: ___, ...properties } = (read.value(resource.Properties) ?? {}) as Record<string, unknown>;
    const isFunction = resource.Type === 'AWS::Lambda::Function';
    const Properties = isFunction ? properties : (read.value(resource.Properties) as Record<string, unknown>);
    return [
      // CDK names a subscription after its address.
      resource.Type === 'AWS::SNS::Subscription' ? `Subscription${properties.Protocol}` : id,
      { ...(read.value(resource) as object), Properties: rolledOut(Properties), DependsOn: waitsFor.sort() },
    ] as const;
  });
  const Outputs = left(template.Outputs as Record<string, Record<string, unknown>>).map(
    ([name, { Condition: _, ...output }]) => [name, read.value(output)] as const,
  );
  return { Resources: Object.fromEntries(Resources), Outputs: Object.fromEntries(Outputs) };
};

/** The template with its conditions decided, references as they are: moto reads no `Fn::If` that leaves something out. */
export const decided = (template: Template, parameters: Given['parameters']): Template => {
  const { holds } = reader(template, { stackName: '', parameters });
  const chosen = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(chosen).filter((element) => element !== NOTHING);
    const { Ref, 'Fn::If': choice } = value as { Ref?: string; 'Fn::If'?: [string, unknown, unknown] };
    if (Ref === 'AWS::NoValue') return NOTHING;
    if (choice) return chosen(choice[holds(choice[0]) ? 1 : 2]);
    const inner = Object.entries(value).map(([name, item]) => [name, chosen(item)] as const);
    return Object.fromEntries(inner.filter(([, item]) => item !== NOTHING));
  };
  const left = (section: Record<string, unknown> = {}) =>
    Object.fromEntries(
      Object.entries(section as Record<string, { Condition?: string }>).flatMap(([id, { Condition, ...part }]) =>
        !Condition || holds(Condition) ? [[id, chosen(part)]] : [],
      ),
    );
  const { Resources, Outputs } = template;
  return { ...template, Resources: left(Resources), ...(Outputs && { Outputs: left(Outputs) }) } as Template;
};

/** The template that a StackSet carries, with the parameters that it hands on. */
const rolledOut = (properties: Record<string, unknown> | undefined): Record<string, unknown> | undefined => {
  const { TemplateBody, Parameters, ...others } = properties ?? {};
  if (typeof TemplateBody !== 'string' || !Array.isArray(Parameters)) return properties;
  // Given by the StackSet always, so their defaults do not matter.
  const asked = ['ScannerAccountId', 'OrganizationId'];
  const body = JSON.parse(TemplateBody) as Template;
  // The deployed stack's own tag: CDK lets it end at the text of the StackSet.
  for (const { Properties } of Object.values(body.Resources)) delete (Properties as { Tags?: unknown }).Tags;
  for (const name of asked) delete (body.Parameters?.[name] as { Default?: unknown } | undefined)?.Default;
  const list = Parameters as { ParameterKey: string; ParameterValue: unknown }[];
  const parameters = Object.fromEntries(
    list.flatMap(({ ParameterKey, ParameterValue }) =>
      asked.includes(ParameterKey) ? [] : [[ParameterKey, String(ParameterValue)]],
    ),
  );
  return {
    ...others,
    TemplateBody: evaluated(body, { stackName: 'member', parameters }),
    Parameters: list.filter(({ ParameterKey }) => asked.includes(ParameterKey)),
  };
};

const NOTHING = Symbol('AWS::NoValue');

const reader = ({ Parameters = {}, Conditions = {} }: Template, { stackName, parameters }: Given) => {
  const isList = (name: string) => String((Parameters[name] as { Type?: string } | undefined)?.Type).startsWith('List');
  const ref = (name: string): unknown => {
    if (name === 'AWS::NoValue') return NOTHING;
    if (name === 'AWS::StackName') return stackName;
    const { Default } = (Parameters[name] ?? {}) as { Default?: unknown };
    const known = parameters[name] ?? Default;
    return known === undefined || isList(name) ? { Ref: name } : String(known);
  };
  const truth = (expression: unknown): boolean => {
    const [[name, parts] = ['', []]] = Object.entries(expression as Record<string, unknown>);
    if (name === 'Condition') return holds(String(parts));
    const all = parts as unknown[];
    if (name === 'Fn::Equals') {
      const [one, other] = all.map((part) => (isPartition(part) ? 'aws' : value(part)));
      return one === other;
    }
    if (name === 'Fn::Not') return !truth(all[0]);
    if (name === 'Fn::Or') return all.some(truth);
    if (name === 'Fn::And') return all.every(truth);
    throw new Error(`no condition function is ${name}`);
  };
  const holds = (name: string): boolean => {
    if (!Object.hasOwn(Conditions, name)) throw new Error(`no condition is ${name}`);
    return truth(Conditions[name]);
  };
  const value = (given: unknown): unknown => {
    if (typeof given === 'number' || typeof given === 'boolean') return String(given);
    if (Array.isArray(given)) return given.map(value).filter((item) => item !== NOTHING);
    if (typeof given !== 'object' || given === null) return given;
    const {
      Ref,
      'Fn::If': choice,
      'Fn::Split': split,
      'Fn::Join': join,
      'Fn::Sub': sub,
    } = given as {
      Ref?: string;
      'Fn::If'?: [string, unknown, unknown];
      'Fn::Split'?: [string, unknown];
      'Fn::Join'?: [string, unknown];
      'Fn::Sub'?: string;
    };
    if (Ref !== undefined) return ref(Ref);
    if (choice) return value(choice[holds(choice[0]) ? 1 : 2]);
    if (split) return String(value(split[1])).split(split[0]);
    if (typeof sub === 'string')
      return sub.replace(/\$\{([^!}]+)\}/g, (whole, name) => String(textOr(ref(name), whole)));
    if (join) return joined(join[0], value(join[1]));
    const inner = Object.entries(given).map(([name, item]) => [name, value(item)] as const);
    return Object.fromEntries(inner.filter(([, item]) => item !== NOTHING));
  };
  return { value, holds };
};

const isPartition = (part: unknown) => (part as { Ref?: string } | null)?.Ref === 'AWS::Partition';
const textOr = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise);

/** Neighbouring texts are one, and what is all text is one text. */
const joined = (separator: string, parts: unknown): unknown => {
  if (!Array.isArray(parts)) return { 'Fn::Join': [separator, parts] };
  const flat: unknown[] = [];
  for (const part of parts.flatMap(partsOf)) {
    const before = flat.at(-1);
    if (separator === '' && typeof part === 'string' && typeof before === 'string')
      flat[flat.length - 1] = before + part;
    else flat.push(part);
  }
  if (flat.every((part) => typeof part === 'string')) return flat.join(separator);
  return { 'Fn::Join': [separator, flat] };
};
const partsOf = (part: unknown): unknown[] => {
  const [separator, parts] = (part as { 'Fn::Join'?: [string, unknown[]] } | null)?.['Fn::Join'] ?? [];
  return separator === '' && Array.isArray(parts) ? parts : [part];
};
