import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HANDLER_NAMES, type HandlerName } from '../../functions/handlers/lambda/environment.ts';
import { inDepth, onlyDeep } from '../depth.ts';
import { type BundledRun, type FunctionProperties, runBundles } from './bundles/bundled-run.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
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
const synth = (out: string, context: Record<string, unknown> = {}, checkout = REPOSITORY) => {
  const [command = '', ...args] = CDK_JSON.app.split(' ');
  return spawnSync(command, args, {
    cwd: checkout,
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

/** The checkout as another person has it: in a folder with a space and letters that a URL escapes. */
const checkoutElsewhere = (): string => {
  const checkout = join(folder, 'Prüfung 50% (neu) #1');
  mkdirSync(checkout);
  for (const name of [
    'functions',
    'infra',
    'statemachine',
    'cdk.json',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ])
    cpSync(join(REPOSITORY, name), join(checkout, name), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(checkout, 'node_modules'));
  return checkout;
};

onlyDeep(() => {
  describe('synth, on a machine that knows no AWS, in a folder with a space and letters that URLs escape', () => {
    const out = () => join(folder, 'out');
    let checkout: string;
    const template = (name: string) => JSON.parse(readFileSync(join(out(), `${name}.template.json`), 'utf8'));
    beforeAll(() => {
      checkout = checkoutElsewhere();
      const { status, stderr } = synth('out', {}, checkout);
      if (status !== 0) throw new Error(stderr);
    }, 300_000);

    test('the whole program starts there, too', () => {
      const words = [
        'start',
        '--',
        'scan',
        '--simulate',
        'accounts=4,regions=2',
        '--out',
        'report',
        '--quiet',
        '--fail-on',
        'none',
      ];
      const { status, stdout, stderr } = spawnSync('npm', words, {
        cwd: checkout,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: folder },
      });
      expect([status, stderr]).toEqual([0, expect.any(String)]);
      expect(stdout).toMatch(/is COMPLETE|is PARTIAL/);
    }, 120_000);

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

    const propertiesOf = (handler: HandlerName): FunctionProperties & { Code: { S3Key: string } } => {
      const { Resources } = template('TrailSeal') as {
        Resources: Record<string, { Properties?: FunctionProperties & { Code: { S3Key: string } } }>;
      };
      const found = Object.values(Resources).find(
        ({ Properties }) => Properties?.FunctionName === `TrailSeal-${handler}`,
      );
      if (!found?.Properties) throw new Error(`no function ${handler}`);
      return found.Properties;
    };
    /** Where the function's bundle lies in the output. */
    const bundleOf = (handler: HandlerName): string =>
      join(out(), `asset.${propertiesOf(handler).Code.S3Key.replace('.zip', '')}`, 'index.mjs');

    test('the bundles stand alone, and name the variable they lack', () => {
      const bundles = Object.fromEntries(HANDLER_NAMES.map((name) => [name, bundleOf(name)]));
      const call = `
      import { pathToFileURL } from 'node:url';
      const answers = {};
      for (const [name, bundle] of Object.entries(${JSON.stringify(bundles)})) {
        const { handler } = await import(pathToFileURL(bundle));
        const answer = await handler({}, { getRemainingTimeInMillis: () => 5000 }).then(() => 'none', (error) => error);
        answers[name] = answer.name + ': ' + answer.message.split('\\n')[0];
      }
      process.stdout.write('\\nANSWERS ' + JSON.stringify(answers));
    `;
      const { stdout, stderr } = spawnSync('node', ['--input-type=module', '--eval', call], {
        cwd: folder,
        encoding: 'utf8',
      });
      const missing = 'EnvironmentError: environment variable REPORT_BUCKET is not set';
      expect([JSON.parse(stdout.split('\nANSWERS ')[1] ?? '{}'), stderr]).toEqual([
        Object.fromEntries(HANDLER_NAMES.map((name) => [name, missing])),
        expect.not.stringContaining('Cannot find'),
      ]);
    });

    test.each(HANDLER_NAMES)('%s: the bundle is what a cold start can afford to read', (handler) => {
      const bundle = bundleOf(handler);
      expect(statSync(bundle).size).toBeLessThan(3 * 2 ** 20);
      // They have no place in it.
      expect(readFileSync(bundle, 'utf8')).not.toMatch(/@duckdb|cli-progress|@cloud-copilot/);
    });

    describe('the bundles, run as Lambda runs them', () => {
      let run: BundledRun;
      beforeAll(async () => {
        run = await runBundles({ bundleOf, propertiesOf });
      }, 300_000);
      afterAll(() => run?.stop());

      test('scan an organization, write and sign its report, and tell of it', async () => {
        // No role can be assumed in the management account of this organization.
        expect(run.result).toMatchObject({ status: 'SUCCEEDED', output: { status: 'PARTIAL' } });
        const { run_id: runId } = JSON.parse((await run.read('reports/latest.json')) ?? '{}') as { run_id: string };
        expect(await run.read(`reports/${runId}/report.html`)).toMatch(/^<!doctype html>/i);
        expect(JSON.parse((await run.read(`reports/${runId}/report.json`)) ?? '{}')).toMatchObject({
          run: { run_id: runId, status: 'PARTIAL', accounts: 5, targets: 10 },
        });
        expect(run.told.map(({ action }) => action)).toEqual(
          expect.arrayContaining(['kms:Sign', 'sns:Publish', 'events:PutEvents']),
        );
      });

      test.each(HANDLER_NAMES)(
        '%s: writes JSON with run, account and Region on every line, and complains of nothing',
        (name) => {
          const { log, errors } = run.logs[name];
          expect(errors).toBe('');
          // Only where a child has failed is there anything to record.
          expect(log.length).toBeGreaterThanOrEqual(name === 'record' ? 0 : 1);
          for (const line of log.map((text) => JSON.parse(text) as Record<string, unknown>)) {
            if ('_aws' in line) continue;
            expect(line).toMatchObject({
              level: 'INFO',
              service: `trailseal-${name}`,
              function_name: `TrailSeal-${name}`,
              run_id: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
              region: 'us-east-1',
              account_id: expect.stringMatching(/^\d{12}$/),
            });
          }
        },
      );

      test('notify writes the numbers that alarms and dashboard read', () => {
        const [metrics] = run.logs.notify.log.map((text) => JSON.parse(text)).filter((line) => '_aws' in line);
        expect(metrics).toMatchObject({ service: 'trailseal', scope: 'ORGANIZATION', RunsPartial: 1, Accounts: 5 });
        expect(metrics._aws.CloudWatchMetrics).toMatchObject([
          { Namespace: 'TrailSeal', Dimensions: [['service', 'scope']] },
        ]);
      });
    });

    const cfnLint = spawnSync('cfn-lint', ['--version']).status === 0;
    const isNeeded = cfnLint || process.env.TRAILSEAL_CI === '1';
    (isNeeded ? test : test.skip)(
      `templates satisfy cfn-lint in five Regions and every partition${isNeeded ? '' : ' (skipped: cfn-lint is not installed)'}`,
      () => {
        const files = readdirSync(out()).filter((name) => name.endsWith('.template.json'));
        const { stdout } = spawnSync(
          'cfn-lint',
          [
            // A resource type that a region or partition lacks is an error there; one of them must be opted into.
            ...['--regions', 'us-east-1', 'me-central-1', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1'],
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
});

describe('a wrong setting is refused at synth', () => {
  test('with one sentence that names it, and no stack trace', () => {
    const { status, stderr } = synth('refused', { trailseal: { roleName: 'audit role' } });
    expect(stderr.trim()).toBe(
      'setting "roleName" must be a role name that IAM takes, with or without its path: 1 to 64 letters, digits or +=,.@_-, but is "audit role".',
    );
    expect(status).toBe(1);
    expect(existsSync(join(folder, 'refused', 'TrailSeal.template.json'))).toBe(false);
  }, 120_000);

  inDepth(
    'in a file of settings too',
    () => {
      const file = join(folder, 'settings.yaml');
      writeFileSync(file, 'retention:\n  evidenceDays: 400\nobjectLock:\n  days: 500\n');
      const { stderr } = synth('refused', { settings: file });
      expect(stderr).toMatch(/^setting "retention.evidenceDays" must not be below objectLock.days \(500\)/);
    },
    120_000,
  );
});
