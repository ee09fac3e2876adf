import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ListRootsCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { CreateStateMachineCommand, DeleteStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  readTemplate,
  SUBSTITUTIONS,
  type Substitutions,
  substitute,
} from '../../../functions/local/state-machine/definition.ts';
import { parseSettings } from '../../../infra/settings/settings.ts';
import { addStacks } from '../../../infra/stacks.ts';
import { unbundledApp } from '../../../infra/unbundled-app.ts';
import { describeIfAwsCli } from '../describe-with-moto.ts';
import { MOTO_REGION } from '../gateway.ts';
import { type MotoOrganization, startMotoOrganization } from '../organization.ts';
import { type DeploymentGateway, startDeploymentGateway } from './deployment-gateway.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');
const GUIDE = readFileSync(join(REPOSITORY, 'docs/operations.md'), 'utf8');

/** Every command that the guide prints in a block of its own, in order, with its continued lines as one. */
const PRINTED = [...GUIDE.matchAll(/```sh(?: aws)?\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
  block
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#')),
);
const printed = (start: string): string => {
  const found = PRINTED.filter((command) => command.startsWith(start));
  expect([start, found]).toEqual([start, [expect.any(String)]]);
  return found[0] ?? '';
};
const RUN = 'npx --no-install trailseal run';
/** The same of a command that stands in a sentence. */
const inSentence = (start: string): string => {
  const [, found] = new RegExp(`\`(${start}[^\`]*)\``).exec(GUIDE) ?? [];
  if (found === undefined) throw new Error(`the guide has no ${start}`);
  return found;
};

interface Ended {
  code: number | null;
  text: string;
}

describeIfAwsCli('the guide of operations, walked through from an empty organization', () => {
  let folder: string;
  let organization: MotoOrganization;
  let gateway: DeploymentGateway;
  let audit: string;
  let rootId: string;
  const values: Record<string, string> = {};

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trailseal-walk-'));
    organization = await startMotoOrganization({ accounts: [{ name: 'audit', role: false }] });
    gateway = await startDeploymentGateway(organization.gateway);
    audit = organization.accounts.audit ?? '';
    const { Roots } = await new OrganizationsClient(organization.gateway.client).send(new ListRootsCommand({}));
    rootId = Roots?.[0]?.Id ?? '';
    await writeProfiles();
    synthesize();
    // What npx runs in the checkout.
    spawnSync('node', ['functions/build.mjs', '--unless-current'], { cwd: REPOSITORY });
  }, 300_000);
  afterAll(async () => {
    await gateway?.stop();
    await organization?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const writeProfiles = async () => {
    const profile = async (name: string) => {
      const { accessKeyId, secretAccessKey, sessionToken } = await organization.credentials(name);
      const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}`;
      const token = sessionToken === undefined ? '' : `\naws_session_token = ${sessionToken}`;
      return `[profile ${name}]\nregion = ${MOTO_REGION}\n${keys}${token}\n`;
    };
    mkdirSync(join(folder, '.aws'));
    writeFileSync(join(folder, '.aws/config'), `${await profile('management')}${await profile('audit')}`);
  };

  /** As `npm run synth` does, with functions of a line each: their code is not what is looked at here. */
  const synthesize = () => {
    const app = unbundledApp();
    addStacks(app, parseSettings({}));
    const out = join(folder, 'cdk.out');
    cpSync(app.synth().directory, out, { recursive: true });
    mkdirSync(join(out, 'code'));
    writeFileSync(join(out, 'code/index.mjs'), 'export const handler = async () => ({});\n');
    const file = join(out, 'TrailSeal.assets.json');
    const assets = JSON.parse(readFileSync(file, 'utf8')) as {
      files: Record<string, { source: { path: string; packaging: string } }>;
    };
    for (const { source } of Object.values(assets.files)) if (source.packaging === 'zip') source.path = 'code';
    writeFileSync(file, JSON.stringify(assets));
  };

  /** The command as it is printed, with the reader's own values in place of the guide's. */
  const run = (command: string, profile = 'audit'): Promise<Ended> => {
    const words = Object.entries({
      AUDIT_ACCOUNT: audit,
      'o-a1b2c3d4e5': organization.organizationId,
      'r-ab12': rootId,
      ...values,
    });
    const own = words.reduce((text, [name, value]) => text.replaceAll(name, () => value), command);
    const child = spawn('bash', ['-c', own], {
      cwd: REPOSITORY,
      env: {
        ...{ PATH: process.env.PATH ?? '', HOME: folder, CI: '1', NO_COLOR: '1', AWS_PAGER: '' },
        ...{ AWS_PROFILE: profile, AWS_ENDPOINT_URL: gateway.url, AWS_EC2_METADATA_DISABLED: 'true' },
        // What a terminal would ask. Without a change set moto makes every resource.
        ...{
          CDK_APP: join(folder, 'cdk.out'),
          CDK_METHOD: 'direct',
          CDK_REQUIRE_APPROVAL: 'never',
          CDK_NOTICES: 'false',
        },
      },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
  };
  const succeeds = async (command: string, profile?: string): Promise<string> => {
    const { code, text } = await run(command, profile);
    expect([command, code, code === 0 ? '' : text]).toEqual([command, 0, '']);
    return text;
  };

  const outputOf = async (name: string): Promise<string> => {
    const client = new CloudFormationClient({
      ...organization.gateway.client,
      credentials: await organization.credentials('audit'),
    });
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'TrailSeal' }));
    return Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue ?? '';
  };

  /** moto's CloudFormation keeps no definition (deployed-template.test.ts runs one), and a machine runs once there. */
  const withStateMachine = async (start: () => Promise<void>) => {
    const client = new SFNClient({
      ...organization.gateway.client,
      credentials: await organization.credentials('audit'),
    });
    const any = Object.fromEntries(SUBSTITUTIONS.map((name) => [name, name])) as Substitutions;
    const definition = substitute(await readTemplate(), { ...any, ChildExecutionType: 'STANDARD', ReportPrefix: '' });
    const roleArn = `arn:aws:iam::${audit}:role/workflow`;
    const { stateMachineArn } = await client.send(
      new CreateStateMachineCommand({ name: 'TrailSeal', definition, roleArn }),
    );
    expect(stateMachineArn).toBe(values.ARN);
    await start();
    await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  };

  test('every command works as it is printed, and the first two need no bootstrap', async () => {
    const doctor = printed('npx --no-install trailseal doctor --deploy');
    const before = await run(doctor);
    expect(before).toMatchObject({ code: 2, text: expect.stringMatching(/wrong +Bootstrap: .* is not bootstrapped/) });
    expect(before.text).toMatch(/wrong +Trusted access of StackSets: off/);
    expect(before.text).toMatch(/wrong +Delegated administrator: /);

    await succeeds(printed('aws cloudformation activate-organizations-access'), 'management');
    await succeeds(printed('aws organizations register-delegated-administrator'), 'management');
    // Nothing of a bootstrap exists in either account.
    await succeeds(printed('npx cdk deploy TrailSealManagementRole'));
    await succeeds(printed('npx cdk deploy TrailSealMemberRoles --'));
    expect(gateway.refused).toEqual([]);

    await succeeds(inSentence('npx cdk bootstrap'));
    expect(await succeeds(doctor)).toContain('Ready for the three commands');
    await succeeds(printed('npx cdk deploy TrailSeal TrailSealCatalog'));

    values.ARN = await outputOf('StateMachineArn');
    values.BUCKET = (await outputOf('ReportRoot')).replace('s3://', '');
    values.RUN_ID = '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0N';
    writeFileSync(join(folder, 'waivers.yaml'), 'waivers: []\n');
    const start = inSentence('aws stepfunctions start-execution');
    await withStateMachine(async () => expect(await succeeds(start)).toContain('executionArn'));
    const [first = '', resume = ''] = PRINTED.filter((command) => command.startsWith(RUN));
    // There are no functions to call; deployed-template.test.ts has a run that comes to its end.
    for (const command of [first, resume])
      await withStateMachine(async () =>
        expect(await run(command)).toEqual({
          code: 1,
          text: expect.stringMatching(/Started arn:aws:states:.*The run failed: /s),
        }),
      );
    await succeeds(`cd ${folder} && ${printed('aws s3 cp waivers.yaml')}`);

    await succeeds(`${inSentence('npx cdk destroy')} --force`);
    expect(await outputOf('StateMachineArn').catch((error: Error) => error.message)).toMatch(/does not exist/);
  }, 300_000);

  test('no command is printed that is not walked, but for those that no emulator knows', () => {
    const walked =
      /^(aws cloudformation activate|aws organizations register|npx --no-install trailseal doctor --deploy|npx cdk deploy|npx --no-install trailseal run|aws s3 cp waivers)/;
    // moto makes no instances of a service-managed StackSet; deployed-template.test.ts runs deploy.sh, and Terraform's
    // provider is not to be had here (test/terraform applies the modules).
    const unknown = /^(aws cloudformation list-stack-instances|\.\/deploy\.sh |cd release\/terraform\/|terraform )/;
    expect(PRINTED.filter((command) => !walked.test(command) && !unknown.test(command))).toEqual([]);
  });
});
