import type { Block, ProviderSchema } from './schema.ts';

/** A value that Terraform does not know before it applies. */
export const UNKNOWN = Symbol('known after apply');
export type Values = Record<string, unknown>;

/** What is behind the provider. */
export interface Cloud {
  /** What a data source says beside what it was asked. */
  data(type: string, asked: Values): Promise<Values>;
  /**
   * Makes a resource, or changes the one that is there.
   * @returns what the cloud says of it beside what it was given
   */
  put(type: string, planned: Values): Promise<Values>;
  remove(type: string, state: Values): Promise<void>;
  /** @returns null where it is gone */
  read(type: string, state: Values): Promise<Values | null>;
}

export interface Planned {
  planned: Values | null;
  /** Attributes whose change makes another resource in its place. */
  replaces: readonly string[];
}

/** What the provider documents as forcing a new resource; the schema does not tell. */
const REPLACES: Readonly<Record<string, readonly string[]>> = {
  aws_cloudformation_stack: ['name', 'region'],
  aws_s3_bucket: ['bucket', 'region'],
  aws_s3_object: ['bucket', 'key', 'region'],
};

/** A provider with a given schema: what it plans is the configuration, with what is computed known after the apply. */
export class Provider {
  readonly #schema: ProviderSchema;
  readonly #cloud: Cloud;

  constructor({ schema, cloud }: { schema: ProviderSchema; cloud: Cloud }) {
    this.#schema = schema;
    this.#cloud = cloud;
  }

  /** Names of attributes that the configuration sets and the provider alone may set. */
  readOnly(kind: 'resource_schemas' | 'data_source_schemas', type: string, config: Values): string[] {
    const { attributes = {} } = this.#schema[kind][type]?.block ?? {};
    return Object.entries(attributes).flatMap(([name, { required, optional }]) =>
      !required && !optional && config[name] !== null ? [name] : [],
    );
  }

  /** @param proposed the configuration, with what the prior state says of what is computed */
  plan(type: string, { prior, proposed }: { prior: Values | null; proposed: Values | null }): Planned {
    if (proposed === null) return { planned: null, replaces: [] };
    const replaces =
      prior === null ? [] : (REPLACES[type] ?? []).filter((name) => !isSame(prior[name], proposed[name]));
    if (prior === null || replaces.length > 0)
      return { planned: withUnknown(this.#resource(type), proposed), replaces };
    // A stack may say something else after a change (#33059).
    const isChange = type === 'aws_cloudformation_stack' && !isSame(prior, proposed);
    return { planned: isChange ? { ...proposed, outputs: UNKNOWN } : proposed, replaces };
  }

  async apply(
    type: string,
    { prior, planned }: { prior: Values | null; planned: Values | null },
  ): Promise<Values | null> {
    if (planned === null) {
      if (prior !== null) await this.#cloud.remove(type, prior);
      return null;
    }
    return known(this.#resource(type), planned, await this.#cloud.put(type, withoutUnknown(planned)));
  }

  read(type: string, state: Values): Promise<Values | null> {
    return this.#cloud.read(type, state);
  }

  async data(type: string, config: Values): Promise<Values> {
    const block = this.#schema.data_source_schemas[type]?.block as Block;
    return known(block, withUnknown(block, config), await this.#cloud.data(type, config));
  }

  /** @throws Error where the provider has no such resource, which Terraform has asked of the schema before */
  #resource(type: string): Block {
    const schema = this.#schema.resource_schemas[type];
    if (schema === undefined) throw new Error(`no resource ${type}`);
    return schema.block;
  }
}

const withUnknown = ({ attributes, block_types }: Block, values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const nested = block_types[name]?.block;
      if (nested && Array.isArray(value)) return [name, value.map((one) => withUnknown(nested, one as Values))];
      if (nested && isObject(value)) return [name, withUnknown(nested, value)];
      return [name, value === null && attributes[name]?.computed ? UNKNOWN : value];
    }),
  );

/** With what the cloud says in the place of what is unknown; what it does not say is null. */
const known = ({ block_types }: Block, values: Values, said: Values): Values =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const nested = block_types[name]?.block;
      if (nested && Array.isArray(value)) return [name, value.map((one) => known(nested, one as Values, {}))];
      return [name, value === UNKNOWN ? (said[name] ?? null) : value];
    }),
  );

const withoutUnknown = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === UNKNOWN ? null : value]));

const isObject = (value: unknown): value is Values => typeof value === 'object' && value !== null;
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
