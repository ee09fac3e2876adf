import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sumsOf } from '../../infra/release/release.ts';
import { describeIfTools } from '../domain/remediation/tools.ts';
import { releaseFolder } from '../infra/release/release-folder.ts';
import { startWorkspace, type Workspace } from './provider/terraform.ts';

type Values = Record<string, unknown>;
interface Planned {
  resource_changes: { address: string; type: string; change: { actions: string[]; after: Values | null } }[];
}
interface Template {
  Parameters: Record<string, { Default?: unknown }>;
  Outputs: Record<string, unknown>;
}

const MODULE = '.';
const MANAGEMENT = 'management';
const EXAMPLE = 'examples/delegated-administrator';
const ORGANIZATION = 'o-a1b2c3d4e5';

describeIfTools(['terraform'], 'the Terraform module, by the schema of the AWS provider', () => {
  let release: string;
  let workspace: Workspace;
  beforeAll(async () => {
    release = await releaseFolder();
    workspace = await startWorkspace({ buckets: ['landing-zone-assets'] });
    for (const folder of [MODULE, MANAGEMENT, EXAMPLE]) await ended(folder, 'init');
  });
  afterAll(() => workspace?.stop());

  /** What Terraform says where it succeeds. */
  const ended = async (folder: string, ...words: string[]): Promise<string> => {
    const { code, out, err } = await workspace.run(folder, ...words);
    if (code !== 0) throw new Error(`terraform ${words[0]}: ${err}`);
    return out;
  };
  const variables = (given: Values) =>
    Object.entries(given).flatMap(([name, value]) => [
      '-var',
      `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ]);
  /** Variables of the module, and a state of its own for each name. */
  const deployment = (name: string, given: Values = {}) => [
    `-state=${name}.tfstate`,
    ...variables({ release, name, organization_id: ORGANIZATION, ...given }),
  ];
  const planned = async (folder: string, ...words: string[]): Promise<Planned> => {
    await ended(folder, 'plan', '-out=it.plan', ...words);
    return JSON.parse(await ended(folder, 'show', '-json', 'it.plan')) as Planned;
  };
  const applied = (...words: string[]) => ended(MODULE, 'apply', '-auto-approve', ...words);
  const after = ({ resource_changes }: Planned, address: string): Values =>
    resource_changes.find((change) => change.address === address)?.change.after ?? {};
  const template = (name: string, folder = release): Template =>
    JSON.parse(readFileSync(join(folder, 'templates', `${name}.template.json`), 'utf8'));
  /** What is said on a terminal, without the ends of its lines. */
  const refusal = async (folder: string, ...words: string[]): Promise<string> => {
    const { code, err } = await workspace.run(folder, 'plan', ...words);
    expect(code).toBe(1);
    return err.replace(/\s+/g, ' ');
  };

  test('everything is formatted and valid', async () => {
    await ended(MODULE, 'fmt', '-check', '-recursive', join(import.meta.dirname, '../../terraform'));
    for (const folder of [MODULE, MANAGEMENT, EXAMPLE]) expect(await ended(folder, 'validate')).toContain('valid');
  });

  test.each([
    ['an argument that the provider does not have', 'colour', '= "red"', 'Unsupported argument'],
    ['a value of another type', 'capabilities', '= 5', 'set of string required'],
    ['a value that nobody takes', 'timeout_in_minutes', '= "soon"', 'a number is required'],
    ['what the provider alone sets', 'outputs', '= {}', 'Can\'t configure a value for "outputs"'],
    ['to leave out what is required', 'name', null, 'The argument "name" is required'],
    ['a block that the provider does not have', 'rule', '{}', 'Unsupported block type'],
  ])('%s is refused', async (_, name, value, sentence) => {
    const folder = `broken-${name}`;
    cpSync(join(workspace.folder, MANAGEMENT), join(workspace.folder, folder), { recursive: true });
    const file = join(workspace.folder, folder, 'main.tf');
    const text = readFileSync(file, 'utf8').replace(new RegExp(`^  ${name} .*\n`, 'gm'), '');
    const line = value === null ? '' : `  ${name} ${value}\n`;
    writeFileSync(
      file,
      text.replace('"role" {\n', (start) => `${start}${line}`),
    );
    await ended(folder, 'init');
    const { code, err } = await workspace.run(folder, 'validate');
    expect([code, err.replace(/\s+/g, ' ')]).toEqual([1, expect.stringContaining(sentence)]);
  });

  test('three stacks by URL, with every parameter that their templates ask for and somebody has given', async () => {
    const given = { AlarmMail: 'audit@example.com', RoleName: 'OrgAudit', IamPermissionsBoundary: 'Bound' };
    const plan = await planned(
      MODULE,
      ...deployment('Whole', { organizational_unit_ids: ['r-ab12'], parameters: given, tags: { team: 'audit' } }),
    );
    const bucket = 'whole-assets-111122223333-eu-central-1';
    const known: Record<string, string> = {
      ...given,
      ...{ AssetBucket: bucket, AssetPrefix: 'trailseal/', ScannerStack: 'Whole' },
      ...{ OrganizationId: ORGANIZATION, TargetOrganizationalUnits: 'r-ab12' },
    };
    for (const [address, stack, name] of [
      ['aws_cloudformation_stack.scanner', 'Whole', 'trailseal'],
      ['aws_cloudformation_stack.catalog', 'WholeCatalog', 'trailseal-catalog'],
      ['aws_cloudformation_stack.member_roles[0]', 'WholeMemberRoles', 'trailseal-member-roles'],
    ] as const) {
      const asked = Object.keys(template(name).Parameters);
      const { key } = after(plan, `aws_s3_object.template["${name}.template.json"]`);
      expect(key).toMatch(new RegExp(`^trailseal/templates/${name}-[0-9a-f]{16}\\.template\\.json$`));
      expect(after(plan, address)).toMatchObject({
        name: stack,
        template_url: `https://s3.eu-central-1.amazonaws.com/${bucket}/${key}`,
        capabilities: ['CAPABILITY_NAMED_IAM'],
        parameters: Object.fromEntries(Object.entries(known).filter(([parameter]) => asked.includes(parameter))),
        tags: { team: 'audit' },
      });
    }
    const stacks = plan.resource_changes.filter(({ type }) => type === 'aws_cloudformation_stack');
    expect(stacks).toHaveLength(3);
    const archives = plan.resource_changes.filter(({ address }) => address.startsWith('aws_s3_object.archive'));
    expect(archives.map(({ change }) => change.after?.key).sort()).toEqual(
      readdirSync(join(release, 'functions'))
        .map((name) => `trailseal/${name}`)
        .sort(),
    );
  });

  test('the bucket that it makes is private, encrypted, versioned and TLS only', async () => {
    const plan = await planned(MODULE, ...deployment('Own'));
    expect(after(plan, 'aws_s3_bucket_public_access_block.assets[0]')).toMatchObject({
      ...{ block_public_acls: true, block_public_policy: true, ignore_public_acls: true },
      restrict_public_buckets: true,
    });
    expect(after(plan, 'aws_s3_bucket_versioning.assets[0]')).toMatchObject({
      versioning_configuration: [{ status: 'Enabled' }],
    });
    expect(after(plan, 'aws_s3_bucket_server_side_encryption_configuration.assets[0]')).toMatchObject({
      rule: [{ apply_server_side_encryption_by_default: [{ sse_algorithm: 'AES256' }] }],
    });
    const { policy } = after(plan, 'aws_s3_bucket_policy.assets[0]');
    expect(JSON.parse(String(policy))).toMatchObject({
      Statement: [{ Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    });
  });

  test('applies, says what the stacks say, and has nothing to change afterwards', async () => {
    const words = deployment('Applied', { organizational_unit_ids: ['r-ab12'] });
    await applied(...words);
    const again = await workspace.run(MODULE, 'plan', '-detailed-exitcode', ...words);
    expect([again.code, again.err]).toEqual([0, '']);
    const outputs = JSON.parse(await ended(MODULE, 'output', '-json', '-state=Applied.tfstate')) as Record<
      string,
      { value: unknown }
    >;
    const said = Object.entries(outputs).flatMap(([name, { value }]) => (value === null ? [] : [name]));
    const stacks = ['trailseal', 'trailseal-catalog', 'trailseal-member-roles'].flatMap((name) =>
      Object.entries(template(name).Outputs as Record<string, { Condition?: string }>)
        .filter(([output, { Condition }]) => !output.startsWith('Exports') && !Condition?.includes('Watch'))
        .map(([output]) => output.replace(/(?<=[a-z])[A-Z]/g, '_$&').toLowerCase()),
    );
    expect(said.sort()).toEqual(stacks.sort());
  });

  test('other organizational units change the stack in place', async () => {
    const words = (...ids: string[]) => deployment('Moved', { organizational_unit_ids: ids });
    await applied(...words('r-ab12'));
    const { resource_changes } = await planned(MODULE, ...words('ou-ab12-11111111', 'ou-ab12-22222222'));
    const changes = resource_changes.filter(({ change }) => !['no-op', 'read'].includes(change.actions.join()));
    expect(changes.map(({ address, change }) => [address, change.actions])).toEqual([
      ['aws_cloudformation_stack.member_roles[0]', ['update']],
    ]);
    expect(changes[0]?.change.after?.parameters).toMatchObject({
      TargetOrganizationalUnits: 'ou-ab12-11111111,ou-ab12-22222222',
    });
  });

  /** A release whose function `scan` has other code. */
  const newer = (name: string, { archived = true } = {}): string => {
    const folder = join(workspace.folder, name);
    cpSync(release, folder, { recursive: true });
    const scan = readdirSync(join(folder, 'functions')).find((file) => file.startsWith('scan-')) ?? '';
    renameSync(join(folder, 'functions', scan), join(folder, 'functions', 'scan-0123456789abcdef.zip'));
    const file = join(folder, 'templates/trailseal.template.json');
    const inIt = archived ? 'scan-0123456789abcdef.zip' : 'scan-lost.zip';
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(scan, inIt));
    writeFileSync(join(folder, 'SHA256SUMS'), sumsOf(folder));
    return folder;
  };
  /** What was done to what, in order. */
  const order = (lines: string): string[] =>
    lines.split('\n').flatMap((line) => {
      const { type, hook } = (line ? JSON.parse(line) : {}) as {
        type?: string;
        hook?: { action: string; resource: { addr: string } };
      };
      return type === 'apply_complete' && hook ? [`${hook.action} ${hook.resource.addr}`] : [];
    });

  test('a newer release is uploaded, then deployed, and the code before it goes last', async () => {
    const words = (folder: string) => deployment('Newer', { release: folder });
    await applied(...words(release));
    const done = order(await applied('-json', ...words(newer('newer'))));
    const at = (pattern: RegExp) => done.findIndex((step) => pattern.test(step));
    const steps = [/^create .*scan-0123/, /^update aws_cloudformation_stack\.scanner/, /^delete .*archive.*scan-/];
    expect(steps.map(at).filter((found) => found < 0)).toEqual([]);
    expect(steps.map(at)).toEqual(steps.map(at).sort((a, b) => a - b));
  });

  test('a release that cannot be deployed leaves the code of the one before it', async () => {
    const words = (folder: string) => deployment('Failing', { release: folder });
    await applied(...words(release));
    const { code, out } = await workspace.run(
      MODULE,
      ...['apply', '-auto-approve', '-json'],
      ...words(newer('failing', { archived: false })),
    );
    expect([code, out]).toEqual([1, expect.stringContaining('NoSuchKey')]);
    expect(order(out).filter((step) => step.startsWith('delete'))).toEqual([]);
  });

  test('into an existing bucket, with your own bucket, key, topic, path and role for reports', async () => {
    const parameters = {
      ...{ ExistingReportBucket: 'reports', ExistingKey: 'arn:aws:kms:eu-central-1:111122223333:key/k' },
      ...{ ExistingTopic: 'arn:aws:sns:eu-central-1:111122223333:alarms', IamPath: '/audit/' },
    };
    const service_role_arn = 'arn:aws:iam::111122223333:role/Deployer';
    const given = { asset_bucket: 'landing-zone-assets', asset_prefix: '', parameters, service_role_arn };
    const plan = await planned(MODULE, ...deployment('Existing', given));
    expect(plan.resource_changes.filter(({ type }) => /^aws_s3_bucket/.test(type))).toEqual([]);
    expect(after(plan, 'aws_cloudformation_stack.scanner')).toMatchObject({
      template_url: expect.stringMatching(
        /^https:\/\/s3\.eu-central-1\.amazonaws\.com\/landing-zone-assets\/templates\/trailseal-[0-9a-f]{16}\./,
      ),
      parameters: { ...parameters, AssetPrefix: '' },
      iam_role_arn: service_role_arn,
    });
    await applied(...deployment('Existing', given));
  });

  test.each([
    [{ asset_prefix: '/trailseal/' }, 'asset_prefix must be empty, or end with a slash and not begin with one'],
    [{ asset_prefix: 'trailseal' }, 'asset_prefix must be empty'],
    [{ name: 'With spaces' }, 'name must be letters, digits and hyphens'],
    [{ organization_id: 'acme' }, 'organization_id must be the id of an organization'],
    [{ organizational_unit_ids: ['Root'] }, 'organizational_unit_ids must be ids'],
    [{ release: '/nowhere' }, '/nowhere is no unpacked release: it has no SHA256SUMS'],
    [{ parameters: { AssetBucket: 'mine' } }, 'come from variables of their own'],
    [{ parameters: { AlarmMial: 'audit@example.com' } }, 'No template has a parameter AlarmMial'],
    [{ parameters: { AlarmMail: 'nobody' } }, 'Not a value that the template takes: AlarmMail'],
    [{ parameters: { SampleLogs: 'yes' } }, 'Not a value that the template takes: SampleLogs'],
    [{ parameters: { Concurrency: 'many' } }, 'Not a value that the template takes: Concurrency'],
  ])('refuses %j in one sentence, once', async (given, sentence) => {
    const said = await refusal(MODULE, ...deployment('Refused', given));
    expect(said.split('Error: ')).toHaveLength(2);
    expect(said).toContain(sentence);
  });

  test('runs after changes are turned on in place, in both accounts', async () => {
    const words = (parameters: Values) => [
      '-state=watched.tfstate',
      ...variables({ release, audit_account_id: '111122223333', parameters }),
    ];
    await ended(EXAMPLE, 'apply', '-auto-approve', ...words({}));
    await ended(EXAMPLE, 'apply', '-auto-approve', ...words({ WatchRegions: 'us-east-1,eu-central-1' }));
    const { resource_changes } = await planned(EXAMPLE, ...words({ WatchRegions: 'us-east-1' }));
    const stacks = resource_changes.flatMap(({ address, change }) => {
      const [, name] = /^module\.\w+\.aws_cloudformation_stack\.(\S+)$/.exec(address) ?? [];
      return name === undefined ? [] : [[name, change.actions.join()]];
    });
    expect(Object.fromEntries(stacks)).toEqual({
      ...{ scanner: 'update', catalog: 'no-op', 'member_roles[0]': 'update', role: 'no-op' },
      ...{ 'watch["us-east-1"]': 'update', 'watch["eu-central-1"]': 'delete' },
    });
    const state = JSON.parse(readFileSync(join(workspace.folder, EXAMPLE, 'watched.tfstate'), 'utf8')) as {
      resources: { name: string; instances: { attributes: Values }[] }[];
    };
    const watching = state.resources.find(({ name }) => name === 'watch')?.instances ?? [];
    expect(watching.map(({ attributes: { region, name, parameters } }) => [region, name, parameters])).toEqual(
      ['eu-central-1', 'us-east-1'].map((region) => [
        ...[region, 'TrailSealManagementWatch'],
        { EventBusArn: expect.stringMatching(/^arn:aws:events:eu-central-1:111122223333:event-bus\//) },
      ]),
    );
  });

  test('watching needs the bus, and the management module says where that is', async () => {
    const given = { release, organization_id: ORGANIZATION, scanner_account_id: '111122223333' };
    const said = await refusal(MANAGEMENT, ...variables({ ...given, watch_regions: ['us-east-1'] }));
    expect(said).toContain("watch_regions needs event_bus_arn, the output watch_bus_arn of the scanner's module");
  });

  test('the configuration in the README, with the module that the release has in it', async () => {
    const folder = join(workspace.folder, 'readme');
    mkdirSync(folder);
    symlinkSync(release, join(folder, 'release'));
    const [, text = ''] =
      /```hcl aws\n(.*?)```/s.exec(readFileSync(join(release, 'terraform/README.md'), 'utf8')) ?? [];
    const providers = ['', '  alias = "management"\n'].map((line) => `provider "aws" {\n${line}}\n`);
    writeFileSync(join(folder, 'main.tf'), [...providers, text].join('\n'));
    await ended('readme', 'init');
    await ended('readme', 'apply', '-auto-approve');
    const again = await workspace.run('readme', 'plan', '-detailed-exitcode');
    expect([again.code, again.err]).toEqual([0, '']);
  });

  test('takes a parameter that is known only after the apply', async () => {
    const folder = join(workspace.folder, 'later');
    mkdirSync(folder);
    const text = `
      resource "aws_s3_bucket" "reports" {
        bucket = "reports-later"
      }
      module "trailseal" {
        source          = "./.."
        release         = "${release}"
        name            = "Later"
        organization_id = "${ORGANIZATION}"
        parameters      = { ExistingReportBucket = aws_s3_bucket.reports.id }
      }`;
    writeFileSync(join(folder, 'main.tf'), text);
    await ended('later', 'init');
    const plan = await planned('later');
    expect(after(plan, 'module.trailseal.aws_cloudformation_stack.scanner')).toMatchObject({ name: 'Later' });
    await ended('later', 'apply', 'it.plan');
  });

  test('refuses files that are not those of the release', async () => {
    const folder = newer('changed');
    writeFileSync(join(folder, 'functions/scan-0123456789abcdef.zip'), 'something else');
    const said = await refusal(MODULE, ...deployment('Changed', { release: folder }));
    expect(said).toContain('Not the files of the release (SHA256SUMS): functions/scan-0123456789abcdef.zip');
  });

  test('the example: all of it in one apply, whose first plan names everything', async () => {
    const words = variables({ release, audit_account_id: '111122223333' });
    const plan = await planned(EXAMPLE, ...words);
    const made = plan.resource_changes.filter(({ change }) => change.actions.join() === 'create');
    expect(made.map(({ address }) => address).filter((address) => !address.includes('aws_s3_'))).toEqual([
      'aws_organizations_delegated_administrator.stack_sets',
      'module.management_account.aws_cloudformation_stack.role',
      'module.trailseal.aws_cloudformation_stack.catalog',
      'module.trailseal.aws_cloudformation_stack.member_roles[0]',
      'module.trailseal.aws_cloudformation_stack.scanner',
    ]);
    expect(after(plan, 'module.trailseal.aws_cloudformation_stack.member_roles[0]')).toMatchObject({
      template_url: expect.stringContaining('https://s3.eu-central-1.amazonaws.com/trailseal-assets-111122223333-'),
      parameters: { OrganizationId: ORGANIZATION, TargetOrganizationalUnits: 'r-ab12' },
    });
    expect(after(plan, 'module.management_account.aws_cloudformation_stack.role')).toMatchObject({
      name: 'TrailSealManagementRole',
      parameters: { ScannerAccountId: '111122223333', OrganizationId: ORGANIZATION },
    });
    await ended(EXAMPLE, 'apply', 'it.plan');
    const again = await workspace.run(EXAMPLE, 'plan', '-detailed-exitcode', ...words);
    expect([again.code, again.err]).toEqual([0, '']);
    expect(await ended(EXAMPLE, 'destroy', '-auto-approve', ...words)).toContain('Destroy complete!');
    expect(await ended(EXAMPLE, 'show')).toContain('The state file is empty');
  });
});

describeIfTools(['terraform'], 'the Terraform module in another partition', () => {
  test.each([
    ['aws-cn', 'cn-north-1', 'amazonaws.com.cn'],
    ['aws-us-gov', 'us-gov-west-1', 'amazonaws.com'],
    ['aws-eusc', 'eusc-de-east-1', 'amazonaws.eu'],
  ])('%s: ARNs and URLs are those of the partition', async (partition, region, dnsSuffix) => {
    const release = await releaseFolder();
    const workspace = await startWorkspace({ partition, region, dnsSuffix });
    try {
      await workspace.run(MODULE, 'init');
      const words = ['apply', '-auto-approve', '-var', `release=${release}`, '-var', `organization_id=${ORGANIZATION}`];
      const { code, err } = await workspace.run(MODULE, ...words);
      expect([code, err]).toEqual([0, '']);
      const { out } = await workspace.run(MODULE, 'state', 'pull');
      expect(out).toContain(`https://s3.${region}.${dnsSuffix}/trailseal-assets-111122223333-${region}/`);
      expect(out).toContain(`arn:${partition}:s3:::trailseal-assets-111122223333-${region}`);
    } finally {
      await workspace.stop();
    }
  });
});
