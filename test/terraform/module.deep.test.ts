import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse as parseHcl } from '@cdktf/hcl2json';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse as parseYaml } from 'yaml';
import { releaseFolder } from '../infra/release/release-folder.ts';

const MODULE = join(import.meta.dirname, '..', '..', 'terraform');
const schema = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, 'schemas', name), 'utf8'));
const ARGUMENTS = schema('terraform-arguments.json') as Record<string, string[]>;
/** Of every resource, whatever its provider. */
const META = ['count', 'for_each', 'depends_on', 'provider', 'lifecycle'];
const BLOCKS = ['auto_deployment', 'managed_execution', 'operation_preferences', 'deployment_targets'];

type Body = Record<string, unknown>;
interface Hcl {
  resource?: Record<string, Record<string, Body[]>>;
  data?: Record<string, Record<string, Body[]>>;
  variable?: Record<string, Body[]>;
  output?: Record<string, Body[]>;
}
const files = readdirSync(MODULE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tf'));
const text = (file: string) => readFileSync(join(MODULE, file), 'utf8');

/** Arguments that the provider does not document, and required ones that are missing. */
const faultsOf = (type: string, body: Body): string[] => {
  const documented = ARGUMENTS[type];
  if (!documented) return [`${type} is not known`];
  const names = documented.map((name) => name.replace('!', ''));
  const used = Object.entries(body).flatMap(([name, value]) =>
    BLOCKS.includes(name)
      ? [name, ...(value as Body[]).flatMap((block) => Object.keys(block).map((inner) => `${name}.${inner}`))]
      : [name],
  );
  const foreign = used.filter((name) => !META.includes(name) && !names.includes(name));
  const missing = documented.filter((name) => name.endsWith('!') && !used.includes(name.slice(0, -1)));
  return [...foreign, ...missing].map((name) => `${type}: ${name}`);
};

describe('the Terraform module', () => {
  let parsed: Map<string, Hcl>;
  let release: string;
  const template = (name: string) =>
    JSON.parse(readFileSync(join(release, 'templates', `${name}.template.json`), 'utf8')) as {
      Outputs: Record<string, unknown>;
      Parameters: Record<string, { Default?: unknown }>;
    };
  beforeAll(async () => {
    parsed = new Map();
    for (const file of files) parsed.set(file, (await parseHcl(file, text(file))) as Hcl);
    release = await releaseFolder();
  }, 300_000);

  test('is formatted, where Terraform is there to tell', () => {
    const { status, stdout, error } = spawnSync('terraform', ['fmt', '-check', '-recursive', MODULE], {
      encoding: 'utf8',
      env: { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null' },
    });
    if (error === undefined) expect([status, stdout]).toEqual([0, '']);
    for (const file of files) expect(text(file)).not.toMatch(/\t|[ ]+$/m);
  });

  test('gives resources the arguments that the provider documents', () => {
    const faults = [...parsed.values()].flatMap(({ resource = {}, data = {} }) => [
      ...Object.entries(resource).flatMap(([type, named]) =>
        Object.values(named).flatMap(([body = {}]) => faultsOf(type, body)),
      ),
      ...Object.entries(data).flatMap(([type, named]) =>
        Object.values(named).flatMap(([body = {}]) => faultsOf(`data.${type}`, body)),
      ),
    ]);
    expect(faults).toEqual([]);
    expect(faultsOf('aws_cloudformation_stack', { nom: 'x' })).toEqual([
      'aws_cloudformation_stack: nom',
      'aws_cloudformation_stack: name!',
    ]);
  });

  test('refers to nothing that is not there', () => {
    for (const folder of new Set(files.map((file) => dirname(file)))) {
      const own = files.filter((file) => dirname(file) === folder);
      const declared = own.flatMap((file) => {
        const { variable = {}, resource = {}, data = {} } = parsed.get(file) ?? {};
        const names = (blocks: Record<string, Record<string, unknown>>, before: string) =>
          Object.entries(blocks).flatMap(([type, named]) =>
            Object.keys(named).map((name) => `${before}${type}.${name}`),
          );
        return [...Object.keys(variable).map((name) => `var.${name}`), ...names(resource, ''), ...names(data, 'data.')];
      });
      const used = own.flatMap(
        (file) => text(file).match(/(?<![\w.])(var\.\w+|data\.aws_\w+\.\w+|aws_\w+\.\w+)/g) ?? [],
      );
      expect(used.length).toBeGreaterThan(10);
      // `aws.management` is a provider, and its name has no resource's.
      expect(used.filter((name) => !declared.includes(name))).toEqual([]);
    }
  });

  test('has the outputs of the stacks, and every variable and output says what it is', () => {
    const outputs = text('outputs.tf');
    const asked = (stack: string) =>
      [...outputs.matchAll(new RegExp(`${stack}\\.outputs(?:\\["|, ")(\\w+)"`, 'g'))].map(([, name]) => name);
    const given = (name: string) =>
      Object.keys(template(name).Outputs).filter((output) => !output.startsWith('Exports'));
    expect(asked('scanner').sort()).toEqual(given('trailseal').sort());
    // The auditor's role is there where the release was made with it.
    expect(asked('catalog').sort()).toEqual([...given('trailseal-catalog'), 'AuditorRoleArn'].sort());
    const blocks = [...parsed.values()].flatMap(({ variable = {}, output = {} }) => [
      ...Object.values(variable),
      ...Object.values(output),
    ]);
    expect(blocks.filter(([block]) => !block?.description)).toEqual([]);
  });

  test('fits: the provider takes templates of this size', () => {
    const size = (name: string) => statSync(join(release, 'templates', `${name}.template.json`)).size;
    for (const name of ['trailseal', 'trailseal-catalog']) expect(size(name)).toBeLessThan(460_800);
    expect(size('trailseal-audit-role')).toBeLessThan(51_200);
  });

  describe('the snippets for landing zones', () => {
    const check = (file: string, against: string) => {
      const snippet: unknown = parseYaml(readFileSync(join(MODULE, 'landing-zones', file), 'utf8'));
      const ajv = new Ajv({ allErrors: true, strict: false });
      const validate = ajv.compile(schema(against));
      return { snippet, errors: validate(snippet) ? [] : (validate.errors ?? []) };
    };
    test.each([
      ['customizations-config.yaml', 'lza-customizations.schema.json', 'name'],
      ['manifest.yaml', 'cfct-manifest.schema.json', 'parameter_key'],
    ])('%s is what its solution takes, with what the template asks for', (file, against, key) => {
      const { snippet, errors } = check(file, against);
      expect(errors).toEqual([]);
      const names = [...JSON.stringify(snippet).matchAll(new RegExp(`"${key}":"(\\w+)"`, 'g'))].map(([, name]) => name);
      const { Parameters } = template('trailseal-audit-role');
      const without = Object.keys(Parameters).filter((name) => Parameters[name]?.Default === undefined);
      expect(names).toEqual(expect.arrayContaining(without));
      expect(JSON.stringify(snippet)).toContain('/trailseal-audit-role.template.json');
    });
  });
});
