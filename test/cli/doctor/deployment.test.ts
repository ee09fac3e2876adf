import { describe, expect, test } from '@jest/globals';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import { createDeploymentReader } from '../../../functions/aws/deployment-reader.ts';
import type { Check } from '../../../functions/cli/doctor/check.ts';
import { examineDeployment } from '../../../functions/cli/doctor/deployment.ts';
import { jsonError, queryError, type WireAnswer, type WireCall, wire } from '../../aws/wire.ts';

const AUDIT = '222233334444';
const MANAGEMENT = '111122223333';

const xml = (operation: string, result: string): WireAnswer => ({
  body: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`,
});
const bootstrap = (version: number, status = 'CREATE_COMPLETE') =>
  xml(
    'DescribeStacks',
    `<Stacks><member><StackName>CDKToolkit</StackName><StackStatus>${status}</StackStatus><CreationTime>2026-11-01T00:00:00Z</CreationTime><Outputs><member><OutputKey>BootstrapVersion</OutputKey><OutputValue>${version}</OutputValue></member></Outputs></member></Stacks>`,
  );
const ownedBy = (stack: string) =>
  xml(
    'DescribeStackResources',
    `<StackResources><member><StackName>${stack}</StackName><LogicalResourceId>R</LogicalResourceId><ResourceType>AWS::IAM::Role</ResourceType><Timestamp>2026-11-01T00:00:00Z</Timestamp><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member></StackResources>`,
  );
const aRole = xml(
  'GetRole',
  '<Role><Path>/</Path><RoleName>x</RoleName><RoleId>AROA</RoleId><Arn>arn:aws:iam::1:role/x</Arn><CreateDate>2026-11-01T00:00:00Z</CreateDate></Role>',
);
const lambda = (room: number): WireAnswer => ({ body: { AccountLimit: { UnreservedConcurrentExecutions: room } } });
const lake = (...principals: string[]): WireAnswer => ({
  body: {
    DataLakeSettings: {
      CreateDatabaseDefaultPermissions: principals.map((name) => ({
        Principal: { DataLakePrincipalIdentifier: name },
        Permissions: ['ALL'],
      })),
    },
  },
});
const services = (...names: string[]): WireAnswer => ({
  body: { DelegatedServices: names.map((ServicePrincipal) => ({ ServicePrincipal })) },
});

/** An account in which everything is as a deployment needs it. */
const READY: Record<string, WireAnswer> = {
  DescribeStacks: bootstrap(30),
  DescribeOrganizationsAccess: xml('DescribeOrganizationsAccess', '<Status>ENABLED</Status>'),
  ListDelegatedServicesForAccount: services(
    'config.amazonaws.com',
    'member.org.stacksets.cloudformation.amazonaws.com',
  ),
  lambda: lambda(1_000),
  lakeformation: lake('IAM_ALLOWED_PRINCIPALS'),
  GetRole: queryError('NoSuchEntity', 'The role with name TrailSealScan cannot be found.', 404),
  DescribeStackResources: queryError('ValidationError', 'Stack for TrailSealScan does not exist'),
};

const examined = async (
  answers: Record<string, WireAnswer> = {},
  { accountId = AUDIT, region = 'eu-west-1' } = {},
): Promise<{ checks: Record<string, Check>; calls: WireCall[] }> => {
  const { handler, calls } = wire(({ operation, service }) => {
    const found = { ...READY, ...answers };
    const answer = found[operation] ?? found[service];
    if (!answer) throw new Error(`nobody answers ${service}:${operation}`);
    return answer;
  });
  const access = createAwsAccess({
    region,
    requestHandler: handler,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    retry: { delayFactor: 0, maxAttempts: 1 },
  });
  const checks: Check[] = [];
  await examineDeployment(
    {
      reader: createDeploymentReader(access),
      caller: { accountId, arn: `arn:aws:iam::${accountId}:role/Admin`, partition: 'aws' },
      organization: { organizationId: 'o-a1b2c3d4e5', managementAccountId: MANAGEMENT },
    },
    (check) => checks.push(check),
  );
  return { checks: Object.fromEntries(checks.map((check) => [check.name, check])), calls };
};

describe('doctor --deploy', () => {
  test('has nothing to complain of in an account that is ready, and changes nothing in it', async () => {
    const { checks, calls } = await examined();
    expect(Object.values(checks).map(({ name, outcome, fix }) => [name, outcome, fix])).toEqual(
      [
        'Bootstrap',
        'Trusted access of StackSets',
        'Delegated administrator',
        'Lambda concurrency',
        'Lake Formation',
        'Role TrailSealScan',
        'Role TrailSealInspect',
        'Region',
      ].map((name) => [name, 'ok', null]),
    );
    const made = calls.map(({ operation, path }) => (/^[A-Z]+$/.test(operation) ? path.split('/').at(-1) : operation));
    expect([...new Set(made)].filter((name) => !/^(Describe|Get|List)|^account-settings$/.test(name ?? ''))).toEqual(
      [],
    );
    const asked = calls.find(({ operation }) => operation === 'DescribeOrganizationsAccess');
    expect(asked?.input).toMatchObject({ CallAs: 'DELEGATED_ADMIN' });
  });

  test.each<[string, Record<string, WireAnswer>, Check['outcome'], RegExp, RegExp]>([
    [
      'Bootstrap',
      { DescribeStacks: queryError('ValidationError', 'Stack with id CDKToolkit does not exist') },
      'wrong',
      /aws:\/\/222233334444\/eu-west-1 is not bootstrapped/,
      /^npx cdk bootstrap aws:\/\/222233334444\/eu-west-1$/,
    ],
    [
      'Bootstrap',
      { DescribeStacks: bootstrap(30, 'UPDATE_ROLLBACK_FAILED') },
      'wrong',
      /CDKToolkit .* is UPDATE_ROLLBACK_FAILED/,
      /cdk bootstrap/,
    ],
    ['Bootstrap', { DescribeStacks: bootstrap(4) }, 'wrong', /version 4, CDK wants 6/, /cdk bootstrap/],
    [
      'Bootstrap',
      { DescribeStacks: queryError('AccessDenied', 'no', 403) },
      'warning',
      /could not be looked at \(AccessDenied: no\)/,
      /cloudformation:DescribeStacks/,
    ],
    [
      'Trusted access of StackSets',
      { DescribeOrganizationsAccess: xml('DescribeOrganizationsAccess', '<Status>DISABLED</Status>') },
      'wrong',
      /off \(DISABLED\)/,
      /activate-organizations-access$/,
    ],
    [
      'Trusted access of StackSets',
      { DescribeOrganizationsAccess: queryError('ValidationError', 'Account used is not a delegated administrator') },
      'wrong',
      /may not ask/,
      /next line/,
    ],
    [
      'Delegated administrator',
      { ListDelegatedServicesForAccount: services('config.amazonaws.com') },
      'wrong',
      /none for StackSets, only for config/,
      /register-delegated-administrator --account-id 222233334444 --service-principal member\.org\.stacksets/,
    ],
    [
      'Delegated administrator',
      { ListDelegatedServicesForAccount: jsonError('AccountNotRegisteredException', 'x') },
      'wrong',
      /is none for StackSets$/,
      /register-delegated-administrator/,
    ],
    [
      'Delegated administrator',
      { ListDelegatedServicesForAccount: jsonError('AccessDeniedException', 'x') },
      'warning',
      /could not be looked at/,
      /register-delegated-administrator/,
    ],
    [
      'Lambda concurrency',
      { lambda: lambda(10) },
      'warning',
      /10 unreserved: runs will scan 8 accounts at once, not 100/,
      /L-B99A9384/,
    ],
    [
      'Lambda concurrency',
      { lambda: jsonError('AccessDeniedException', 'x', 403) },
      'warning',
      /could not be looked at/,
      /lambda:GetAccountSettings/,
    ],
    [
      'Lake Formation',
      { lakeformation: lake() },
      'warning',
      /decides who may make databases/,
      /grant-permissions --principal DataLakePrincipalIdentifier=arn:aws:iam::222233334444:role\/cdk-hnb659fds-cfn-exec-role-222233334444-eu-west-1 .*athena\.glue/,
    ],
    [
      'Role TrailSealScan',
      { GetRole: aRole },
      'wrong',
      /exists already, made by no stack of this Region/,
      /One scanner an account/,
    ],
    [
      'Role TrailSealScan',
      { GetRole: aRole, DescribeStackResources: ownedBy('Old') },
      'wrong',
      /made by the stack Old/,
      /destroy/,
    ],
  ])('%s: %j is %s', async (name, answers, outcome, words, fix) => {
    const { checks } = await examined(answers);
    expect(checks[name]).toMatchObject({
      outcome,
      words: expect.stringMatching(words),
      fix: expect.stringMatching(fix),
    });
    const others = Object.values(checks).filter((check) => check.name !== name && !check.name.startsWith('Role'));
    expect(others.map((check) => check.outcome)).toEqual(others.map(() => 'ok'));
  });

  test("an update finds its own roles, and the management account needs no administrator's name", async () => {
    const { checks, calls } = await examined(
      { GetRole: aRole, DescribeStackResources: ownedBy('TrailSeal') },
      { accountId: MANAGEMENT },
    );
    expect(Object.values(checks).map(({ outcome }) => outcome)).toEqual(Array(8).fill('ok'));
    expect(checks['Role TrailSealScan']?.words).toContain('this is an update');
    expect(checks['Delegated administrator']?.words).toContain('memberRole.callAs to SELF');
    expect(calls.find(({ operation }) => operation === 'DescribeOrganizationsAccess')?.input).toMatchObject({
      CallAs: 'SELF',
    });
  });

  test('a Region that members must opt into is told of', async () => {
    const { checks } = await examined({}, { region: 'me-central-1' });
    expect(checks.Region).toMatchObject({ outcome: 'warning', fix: expect.stringContaining('us-east-1') });
  });
});
