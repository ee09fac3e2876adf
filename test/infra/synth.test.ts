import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HANDLER_NAMES, type HandlerName } from '../../functions/handlers/lambda/environment.ts';

const REPOSITORY = new URL('../..', import.meta.url).pathname;
const CDK_JSON = JSON.parse(readFileSync(join(REPOSITORY, 'cdk.json'), 'utf8')) as {
  app: string;
  context: Record<string, unknown>;
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trailseal-synth-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `cdk synth` does: runs the app of cdk.json. No credentials, no profile, no home to find any in. */
const synth = (out: string, context: Record<string, unknown> = {}) => {
  const [command = '', ...args] = CDK_JSON.app.split(' ');
  return spawnSync(command, args, {
    cwd: REPOSITORY,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      AWS_EC2_METADATA_DISABLED: 'true',
      CDK_OUTDIR: join(folder, out),
      CDK_CONTEXT_JSON: JSON.stringify({ ...CDK_JSON.context, ...context }),
    },
  });
};

describe('synth, on a machine that knows no AWS', () => {
  const out = () => join(folder, 'out');
  const template = (name: string) => JSON.parse(readFileSync(join(out(), `${name}.template.json`), 'utf8'));
  beforeAll(() => {
    const { status, stderr } = synth('out');
    if (status !== 0) throw new Error(stderr);
  }, 300_000);

  test('writes four stacks and the plain template of the member role', () => {
    const names = readdirSync(out()).filter((name) => name.endsWith('.template.json'));
    expect(names.sort()).toEqual([
      'TrailSeal.template.json',
      'TrailSealCatalog.template.json',
      'TrailSealManagementRole.template.json',
      'TrailSealMemberRoles.template.json',
      'trailseal-member-role.template.json',
    ]);
    const { Resources } = template('TrailSealMemberRoles') as {
      Resources: Record<string, { Properties: { TemplateBody: string } }>;
    };
    const [stackSet] = Object.values(Resources);
    expect(template('trailseal-member-role')).toEqual(JSON.parse(stackSet?.Properties.TemplateBody ?? ''));
  });

  /** Where the function's bundle lies in the output. */
  const bundleOf = (handler: HandlerName): string => {
    const { Resources } = template('TrailSeal') as {
      Resources: Record<string, { Properties?: { FunctionName?: string; Code?: { S3Key: string } } }>;
    };
    const found = Object.values(Resources).find(
      ({ Properties }) => Properties?.FunctionName === `TrailSeal-${handler}`,
    );
    return join(out(), `asset.${found?.Properties?.Code?.S3Key.replace('.zip', '')}`, 'index.mjs');
  };

  test.each(HANDLER_NAMES)('%s: the bundle stands alone, and names the variable it lacks', (handler) => {
    const bundle = bundleOf(handler);
    const call = `
      const { handler } = await import(${JSON.stringify(bundle)});
      const answer = await handler({}, { getRemainingTimeInMillis: () => 5000 }).then(() => 'none', (error) => error);
      process.stdout.write('\\nANSWER ' + answer.name + ': ' + answer.message.split('\\n')[0]);
    `;
    const { stdout, stderr } = spawnSync('node', ['--input-type=module', '--eval', call], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([stdout.split('\nANSWER ')[1], stderr]).toEqual([
      'EnvironmentError: environment variable REPORT_BUCKET is not set',
      expect.not.stringContaining('Cannot find'),
    ]);
    // What a cold start has to read; DuckDB and the command line have no place in it.
    expect(statSync(bundle).size).toBeLessThan(3 * 2 ** 20);
    expect(readFileSync(bundle, 'utf8')).not.toMatch(/@duckdb|cli-progress|@cloud-copilot/);
  });

  const cfnLint = spawnSync('cfn-lint', ['--version']).status === 0;
  const isNeeded = cfnLint || process.env.TRAILSEAL_CI === '1';
  (isNeeded ? test : test.skip)(
    `templates satisfy cfn-lint in more than one partition${isNeeded ? '' : ' (skipped: cfn-lint is not installed)'}`,
    () => {
      const files = readdirSync(out()).filter((name) => name.endsWith('.template.json'));
      const { stdout } = spawnSync(
        'cfn-lint',
        [
          ...['--regions', 'us-east-1', 'cn-north-1'],
          // E1029, E3601: it reads the workflow's own substitutions as CloudFormation's, and its ARNs before they are made.
          // W3005: dependencies that CDK writes twice.
          ...['--ignore-checks', 'E1029', 'E3601', 'W3005', '--template', ...files.map((name) => join(out(), name))],
        ],
        { encoding: 'utf8' },
      );
      expect(stdout).toBe('');
    },
    300_000,
  );
});

describe('a wrong setting is refused at synth', () => {
  test('with one sentence that names it, and no stack trace', () => {
    const { status, stderr } = synth('refused', { trailseal: { roleName: 'audit role' } });
    expect(stderr.trim()).toBe(
      'setting "roleName" must be a role name that IAM takes: 1 to 64 letters, digits or +=,.@_-, but is "audit role".',
    );
    expect(status).toBe(1);
    expect(existsSync(join(folder, 'refused', 'TrailSeal.template.json'))).toBe(false);
  }, 120_000);

  test('in a file of settings too', () => {
    const file = join(folder, 'settings.yaml');
    writeFileSync(file, 'retention:\n  evidenceDays: 400\nobjectLock:\n  days: 500\n');
    const { stderr } = synth('refused', { settings: file });
    expect(stderr).toMatch(/^setting "retention.evidenceDays" must not be below objectLock.days \(500\)/);
  }, 120_000);
});
