/** As `terraform providers schema -json` has it. */
export type Type = string | readonly [string, Type | Readonly<Record<string, Type>>];
export interface Attribute {
  type: Type;
  required?: boolean;
  optional?: boolean;
  computed?: boolean;
}
export interface NestedBlock {
  nesting_mode: 'single' | 'list' | 'set';
  min_items?: number;
  max_items?: number;
  block: Block;
}
export interface Block {
  attributes: Readonly<Record<string, Attribute>>;
  block_types: Readonly<Record<string, NestedBlock>>;
}
export interface ProviderSchema {
  provider: { block: Block };
  resource_schemas: Readonly<Record<string, { block: Block }>>;
  data_source_schemas: Readonly<Record<string, { block: Block }>>;
}

/** The answer to GetProviderSchema. */
export const schemaMessage = ({ provider, resource_schemas, data_source_schemas }: ProviderSchema) => ({
  provider: messageOf(provider),
  resource_schemas: mapped(resource_schemas, messageOf),
  data_source_schemas: mapped(data_source_schemas, messageOf),
});

const messageOf = ({ block }: { block: Block }) => ({ version: 0, block: blockMessage(block) });

const blockMessage = ({ attributes, block_types }: Block): object => ({
  attributes: Object.entries(attributes).map(([name, { type, ...flags }]) => ({
    name,
    type: Buffer.from(JSON.stringify(type)),
    ...flags,
  })),
  block_types: Object.entries(block_types).map(([type_name, { nesting_mode, block, ...items }]) => ({
    type_name,
    nesting: nesting_mode.toUpperCase(),
    block: blockMessage(block),
    ...items,
  })),
});

const mapped = <A, B>(of: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, change(value)]));
