import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { releaseFolder } from '../infra/release/release-folder.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const snippet = (name: string): unknown => parse(readFileSync(join(ROOT, 'terraform/landing-zones', name), 'utf8'));
const schema = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, 'schemas', name), 'utf8'));

interface Deployed {
  /** Path in the customization's own repository. */
  template: string;
  parameters: string[];
}
interface Lza {
  customizations: { cloudFormationStacks: { template: string; parameters: { name: string }[] }[] };
}
interface Cfct {
  resources: { resource_file: string; parameters: { parameter_key: string }[] }[];
}

describe('the snippets for landing zones', () => {
  let release: string;
  beforeAll(async () => {
    release = await releaseFolder();
  });

  test.each([
    [
      'customizations-config.yaml',
      'lza-customizations.schema.json',
      (given: unknown): Deployed[] =>
        (given as Lza).customizations.cloudFormationStacks.map(({ template, parameters }) => ({
          template,
          parameters: parameters.map(({ name }) => name),
        })),
    ],
    [
      'manifest.yaml',
      'cfct-manifest.schema.json',
      (given: unknown): Deployed[] =>
        (given as Cfct).resources.map(({ resource_file, parameters }) => ({
          template: resource_file,
          parameters: parameters.map(({ parameter_key }) => parameter_key),
        })),
    ],
  ])('%s is what its solution takes, with what the templates of the release ask for', (file, against, deployedBy) => {
    const validate = new Ajv({ allErrors: true, strict: false }).compile(schema(against));
    expect([validate(snippet(file)), validate.errors]).toEqual([true, null]);
    expect(validate({ ...(snippet(file) as object), colour: 'red' })).toBe(false);
    const deployed = deployedBy(snippet(file));
    expect(deployed.length).toBeGreaterThan(0);
    for (const { template, parameters } of deployed) {
      const path = join(release, 'templates', template.split('/').at(-1) ?? '');
      expect([template, existsSync(path)]).toEqual([template, true]);
      const { Parameters } = JSON.parse(readFileSync(path, 'utf8')) as {
        Parameters: Record<string, { Default?: unknown }>;
      };
      expect(Object.keys(Parameters)).toEqual(expect.arrayContaining(parameters));
      const without = Object.keys(Parameters).filter((name) => Parameters[name]?.Default === undefined);
      expect([template, parameters]).toEqual([template, expect.arrayContaining(without)]);
    }
  });
});
