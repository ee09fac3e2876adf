// `node --import tsx tools/terraform-schema.ts FOLDER`: the schema of the AWS provider of Terraform, as far as our Terraform
// uses it, out of the unpacked npm package @cdktn/provider-aws, which is generated from the provider's own schema.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In the shape of `terraform providers schema -json`. */
const OUT = 'test/terraform/schemas/aws-provider.schema.json';
/** Of each, the folder in the package: what the module uses, then what remedies use. */
const RESOURCES = [
  ...['cloudformation-stack', 'organizations-delegated-administrator', 's3-object'],
  ...['s3-bucket', 's3-bucket-policy', 's3-bucket-public-access-block', 's3-bucket-versioning'],
  's3-bucket-server-side-encryption-configuration',
  ...['cloudtrail', 'cloudwatch-log-group', 'iam-role-policy', 'kms-alias', 'kms-key', 'kms-key-policy'],
];
const DATA_SOURCES = ['caller-identity', 'organizations-organization', 'partition', 'region'];

type Type = string | [string, Type | Record<string, Type>];
interface Attribute {
  type: Type;
  required?: true;
  optional?: true;
  computed?: true;
}
interface Block {
  attributes: Record<string, Attribute>;
  block_types: Record<string, { nesting_mode: string; min_items?: 1; max_items?: 1; block: Block }>;
}

const GETTERS: Record<string, Type> = {
  getStringAttribute: 'string',
  getNumberAttribute: 'number',
  getBooleanAttribute: 'bool',
  getStringMapAttribute: ['map', 'string'],
  'cdktn.StringMap': ['map', 'string'],
  'cdktn.Fn.tolist(this.getListAttribute': ['set', 'string'],
  getListAttribute: ['list', 'string'],
};
const PROPERTY =
  /^ {4}\/\/ (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n([\s\S]*?)(?=^ {4}\/\/ (?:\w+ - computed|=====)|^\})/gm;

/** The block that a class of the generated module describes, with the blocks in it. */
const blockOf = (text: string, className: string): Block => {
  const of = text.match(new RegExp(`^class ${className} extends [\\s\\S]*?^\\}`, 'm'))?.[0];
  if (of === undefined) throw new Error(`no class ${className}`);
  const block: Block = { attributes: {}, block_types: {} };
  for (const [, name = '', computed, optional, required, body = ''] of of.matchAll(PROPERTY)) {
    const simple = Object.entries(GETTERS).find(([getter]) => body.includes(`${getter}(`));
    const [, inner = '', wrapsSet] = /= new (\w+)\(this, "\w+"(?:, (true|false))?\)/.exec(body) ?? [];
    if (simple === undefined && inner === '') throw new Error(`${className}.${name} has a type that is not known`);
    const flags = {
      ...(required === 'true' && { required: true as const }),
      ...(optional === 'true' && { optional: true as const }),
      ...(computed === 'true' && { computed: true as const }),
    };
    if (simple) {
      block.attributes[name] = { type: simple[1], ...flags };
      continue;
    }
    const isList = inner.endsWith('List');
    const nested = blockOf(text, isList ? inner.replace(/List$/, 'OutputReference') : inner);
    const mode = wrapsSet === 'true' ? 'set' : 'list';
    // What nobody can set is an attribute.
    if (optional === 'false' && required === 'false')
      block.attributes[name] = { type: [mode, objectOf(nested)], ...flags };
    else if (name === 'timeouts') block.block_types[name] = { nesting_mode: 'single', block: nested };
    else
      block.block_types[name] = {
        nesting_mode: mode,
        ...(required === 'true' && { min_items: 1 as const }),
        ...(!isList && { max_items: 1 as const }),
        block: nested,
      };
  }
  return block;
};

const objectOf = ({ attributes }: Block): Type => [
  'object',
  Object.fromEntries(Object.entries(attributes).map(([name, { type }]) => [name, type])),
];

const WRITTEN = /^ +(\w+): \{\n +value: .*\n +isBlock: (true|false),\n +type: "(\w+)",\n +storageClassType: "(\w+)",/gm;

/** The provider's own configuration: classes of the module do not say what of it is computed, since nothing is. */
const configurationOf = (text: string, within: RegExp): Block => {
  const block: Block = { attributes: {}, block_types: {} };
  for (const [, name = '', isBlock, mode = '', type = ''] of (text.match(within)?.[0] ?? '').matchAll(WRITTEN)) {
    const struct = `${type[0]?.toLowerCase()}${type.slice(1).replace(/List$/, '')}`;
    if (isBlock === 'true')
      block.block_types[name] = {
        nesting_mode: mode,
        block: configurationOf(text, new RegExp(`^function ${struct}ToHclTerraform[\\s\\S]*?^\\}`, 'm')),
      };
    else {
      const of = type.startsWith('bool') ? 'bool' : type.replace(/(List|Map)$/, '');
      block.attributes[name] = { type: mode === 'simple' ? of : [mode, of], optional: true };
    }
  }
  return block;
};

const [folder = '.'] = process.argv.slice(2);
const moduleOf = (name: string) => readFileSync(join(folder, 'lib', name, 'index.js'), 'utf8');
const schemaOf = (name: string): [string, { version: 0; block: Block }] => {
  const text = moduleOf(name);
  const [, className = '', type = ''] =
    /^class (\w+) extends cdktn\.Terraform(?:Resource|DataSource) \{[\s\S]*?tfResourceType = "(\w+)"/m.exec(text) ?? [];
  return [type, { version: 0, block: blockOf(text, className) }];
};
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
const provider = moduleOf('provider');
const schema = {
  '//': `hashicorp/aws ${/providerVersion: '([\d.]+)'/.exec(provider)?.[1]}, from @cdktn/provider-aws ${version} by tools/terraform-schema.ts (MPL-2.0)`,
  provider: { version: 0, block: configurationOf(provider, /^ {4}synthesizeHclAttributes[\s\S]*/m) },
  resource_schemas: Object.fromEntries(RESOURCES.map(schemaOf)),
  data_source_schemas: Object.fromEntries(DATA_SOURCES.map((name) => schemaOf(`data-aws-${name}`))),
};
writeFileSync(OUT, `${JSON.stringify(schema)}\n`);
