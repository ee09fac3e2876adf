import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeIfTools } from '../domain/remediation/tools.ts';
import { releaseFolder } from '../infra/release/release-folder.ts';
import { type Ended, startWorkspace, type Workspace } from '../terraform/provider/terraform.ts';
import { MOTO_REGION } from './gateway.ts';
import { MOTO_CREDENTIALS } from './moto.ts';
import { type MotoOrganization, startMotoOrganization } from './organization.ts';
import { type DeploymentGateway, startDeploymentGateway } from './walk/deployment-gateway.ts';

describeIfTools(['terraform', 'moto_server'], 'the release, deployed to moto by Terraform', () => {
  let release: string;
  let organization: MotoOrganization;
  let door: DeploymentGateway;
  let workspace: Workspace;
  let applied: Ended;
  const words = (excluded: string) => [
    ...['-var', `release=${release}`, '-var', 'organization_id=o-a1b2c3d4e5'],
    ...['-var', `parameters=${JSON.stringify({ AlarmMail: 'audit@example.com', ExcludeRegions: excluded })}`],
  ];
  const outputs = async () => {
    const { out } = await workspace.run('.', 'output', '-json');
    const said = JSON.parse(out) as Record<string, { value: string }>;
    return Object.fromEntries(Object.entries(said).map(([name, { value }]) => [name, value]));
  };
  beforeAll(async () => {
    release = await releaseFolder();
    organization = await startMotoOrganization({ management: {}, accounts: [] });
    door = await startDeploymentGateway(organization.gateway);
    workspace = await startWorkspace({ endpoint: door.url, region: MOTO_REGION, credentials: MOTO_CREDENTIALS });
    await workspace.run('.', 'init');
    applied = await workspace.run('.', 'apply', '-auto-approve', ...words('me-central-1'));
  });
  afterAll(async () => {
    await workspace?.stop();
    await door?.stop();
    await organization?.stop();
  });

  test('makes the stacks with the parameters that were given, and says what they say', async () => {
    expect([applied.err, applied.code]).toEqual(['', 0]);
    const { client } = organization.gateway;
    const said = await outputs();
    const { Stacks = [] } = await new CloudFormationClient(client).send(new DescribeStacksCommand());
    const values = Stacks.flatMap(({ Outputs = [] }) => Outputs.map(({ OutputValue }) => OutputValue));
    const scanner = Stacks.find(({ StackName }) => StackName === 'TrailSeal');
    expect([scanner?.StackStatus, scanner?.Parameters]).toEqual([
      'CREATE_COMPLETE',
      expect.arrayContaining([{ ParameterKey: 'ExcludeRegions', ParameterValue: 'me-central-1' }]),
    ]);
    expect(values).toEqual(expect.arrayContaining(Object.values(said)));
    const Bucket = String(said.report_root).replace('s3://', '');
    await new S3Client({ ...client, forcePathStyle: true }).send(new HeadBucketCommand({ Bucket }));
    expect(said.state_machine_arn).toMatch(/^arn:aws:states:us-east-1:\d{12}:stateMachine:TrailSeal$/);
    expect(door.bucketPolicies).toContainEqual(
      expect.objectContaining({ Statement: [expect.objectContaining({ Sid: 'TlsOnly' })] }),
    );
  });

  test('has nothing to change afterwards, as the stacks in moto are, and a change for another parameter', async () => {
    const plan = (excluded: string) => workspace.run('.', 'plan', '-detailed-exitcode', ...words(excluded));
    expect(await plan('me-central-1')).toMatchObject({ code: 0, err: '' });
    expect((await plan('me-south-1')).code).toBe(2);
  });

  test('gives the management account its role', async () => {
    await workspace.run('management', 'init');
    const { code, err } = await workspace.run(
      'management',
      ...['apply', '-auto-approve', '-var', `release=${release}`, '-var', 'organization_id=o-a1b2c3d4e5'],
      ...['-var', 'scanner_account_id=111122223333', '-var', 'parameters={"RoleName":"Audit"}'],
    );
    expect([err, code]).toEqual(['', 0]);
    const { Role } = await new IAMClient(organization.gateway.client).send(new GetRoleCommand({ RoleName: 'Audit' }));
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toContain('arn:aws:iam::111122223333:root');
  });
});
