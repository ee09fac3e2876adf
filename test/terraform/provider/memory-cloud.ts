import { readFileSync } from 'node:fs';
import type { Template } from '../../../infra/release/conditional-template.ts';
import { evaluated } from '../../infra/release/evaluated.ts';
import type { Cloud, Values } from './provider.ts';

export interface MemoryCloudOptions {
  account: string;
  partition: string;
  dnsSuffix: string;
  region: string;
  /** That are there already. */
  buckets: readonly string[];
}

interface Stack {
  template: Template;
  parameters: Record<string, string>;
}

/**
 * S3 and CloudFormation as far as a deployment meets them: an object needs its bucket, a stack its template behind the URL,
 * the parameters that the template asks for and no others, each with a value that it takes, and the code of its functions.
 */
export class MemoryCloud implements Cloud {
  readonly #options: MemoryCloudOptions;
  readonly #buckets: Set<string>;
  readonly #objects = new Map<string, string>();
  readonly #stacks = new Map<string, Stack>();

  constructor(options: MemoryCloudOptions) {
    this.#options = options;
    this.#buckets = new Set(options.buckets);
  }

  async data(type: string): Promise<Values> {
    const { account, partition, dnsSuffix, region } = this.#options;
    switch (type) {
      case 'aws_caller_identity':
        return {
          id: account,
          account_id: account,
          arn: `arn:${partition}:iam::${account}:role/Deployer`,
          user_id: 'A',
        };
      case 'aws_partition':
        return { id: partition, partition, dns_suffix: dnsSuffix };
      case 'aws_region':
        return { id: region, region, name: region };
      case 'aws_organizations_organization':
        return { id: 'o-a1b2c3d4e5', roots: [{ id: 'r-ab12', name: 'Root', arn: '', policy_types: [] }] };
      default:
        throw new Error(`nothing is known of ${type}`);
    }
  }

  async put(type: string, planned: Values): Promise<Values> {
    const { partition } = this.#options;
    const region = planned.region ?? this.#options.region;
    const text = (attribute: string) => String(planned[attribute] ?? '');
    const [name, bucket, key] = [text('name'), text('bucket'), text('key')] as const;
    const said = { region, tags_all: planned.tags ?? {}, id: name || bucket || type };
    switch (type) {
      case 'aws_s3_bucket':
        this.#buckets.add(bucket);
        return { ...said, arn: `arn:${partition}:s3:::${bucket}` };
      case 'aws_s3_object':
        if (!this.#buckets.has(bucket)) throw new Error(`NoSuchBucket: ${bucket}`);
        this.#objects.set(`${bucket}/${key}`, readFileSync(String(planned.source), 'latin1'));
        return { ...said, id: key, arn: `arn:${partition}:s3:::${bucket}/${key}` };
      case 'aws_cloudformation_stack':
        return { ...said, id: `${name} in ${region}`, outputs: this.#deploy(name, planned) };
      default:
        if (bucket && !this.#buckets.has(bucket)) throw new Error(`NoSuchBucket: ${bucket}`);
        return said;
    }
  }

  async remove(type: string, { bucket, key, name }: Values): Promise<void> {
    if (type === 'aws_s3_bucket') this.#buckets.delete(String(bucket));
    if (type === 'aws_s3_object') this.#objects.delete(`${bucket}/${key}`);
    if (type === 'aws_cloudformation_stack') this.#stacks.delete(String(name));
  }

  async read(_type: string, state: Values): Promise<Values> {
    return state;
  }

  #deploy(name: string, planned: Values): Values {
    const template = JSON.parse(this.#templateOf(planned)) as Template;
    const parameters = (planned.parameters ?? {}) as Record<string, string>;
    refuse(template, parameters);
    const { Resources, Outputs } = evaluated(template, { stackName: name, parameters });
    if (JSON.stringify(Resources).includes('"RoleName"') && !includes(planned.capabilities, 'CAPABILITY_NAMED_IAM'))
      throw new Error('InsufficientCapabilities: Requires capabilities : [CAPABILITY_NAMED_IAM]');
    for (const archive of archivesOf(template, parameters))
      if (!this.#objects.has(archive)) throw new Error(`${name}: S3 Error Code: NoSuchKey: ${archive}`);
    for (const [, exporting] of JSON.stringify(template).matchAll(/"Fn::ImportValue":\{"Fn::Sub":"\$\{(\w+)\}/g))
      if (!this.#stacks.has(parameters[exporting ?? ''] ?? '')) throw new Error(`No export of ${exporting} found`);
    this.#stacks.set(name, { template, parameters });
    const said = Object.entries(Outputs as Record<string, { Value: unknown }>);
    return Object.fromEntries(said.map(([key, { Value }]) => [key, this.#asText(Value, template)]));
  }

  /** A bus is the one resource whose ARN another stack is given. */
  #asText(value: unknown, { Resources }: Template): string {
    const { 'Fn::GetAtt': [id] = [''] } = (value ?? {}) as { 'Fn::GetAtt'?: [string] };
    const { account, partition, region } = this.#options;
    if (Resources[id]?.Type === 'AWS::Events::EventBus')
      return `arn:${partition}:events:${region}:${account}:event-bus/${id}`;
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  #templateOf({ template_body, template_url }: Values): string {
    if (typeof template_url !== 'string') {
      if (String(template_body).length > 51_200) throw new Error('templateBody must have at most 51200 characters');
      return String(template_body);
    }
    const { region, dnsSuffix } = this.#options;
    const start = `https://s3.${region}.${dnsSuffix}/`;
    const text = template_url.startsWith(start) ? this.#objects.get(template_url.slice(start.length)) : undefined;
    if (text === undefined) throw new Error(`S3 error: no template is at ${template_url}`);
    return text;
  }
}

/** @throws Error where CloudFormation would refuse the parameters */
const refuse = ({ Parameters = {} }: Template, parameters: Record<string, string>): void => {
  const unknown = Object.keys(parameters).filter((name) => !Object.hasOwn(Parameters, name));
  if (unknown.length > 0) throw new Error(`Parameters: [${unknown}] do not exist in the template`);
  for (const [name, definition] of Object.entries(Parameters)) {
    const { Default, AllowedPattern, AllowedValues } = definition as {
      Default?: unknown;
      AllowedPattern?: string;
      AllowedValues?: unknown[];
    };
    const value = parameters[name] ?? Default;
    if (value === undefined) throw new Error(`Parameters: [${name}] must have values`);
    if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(String(value)))
      throw new Error(`Parameter ${name} must match pattern ${AllowedPattern}`);
    if (AllowedValues && !AllowedValues.map(String).includes(String(value)))
      throw new Error(`Parameter ${name} must be one of ${AllowedValues}`);
  }
};

const archivesOf = ({ Resources }: Template, { AssetBucket, AssetPrefix }: Record<string, string>): string[] =>
  Object.values(Resources).flatMap(({ Type, Properties }) => {
    const { Code } = (Properties ?? {}) as { Code?: { S3Key: { 'Fn::Sub': string } } };
    if (Type !== 'AWS::Lambda::Function' || !Code) return [];
    return `${AssetBucket}/${Code.S3Key['Fn::Sub'].replace('${AssetPrefix}', AssetPrefix ?? '')}`;
  });

const includes = (list: unknown, item: string): boolean => Array.isArray(list) && list.includes(item);
