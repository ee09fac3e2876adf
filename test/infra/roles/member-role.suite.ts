import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { sessionPolicy } from '../../../functions/aws/account/session-policy.ts';
import { roleTemplate } from '../../../infra/roles/role-template.ts';
import { parseSettings, type SettingsInput } from '../../../infra/settings/settings.ts';
import { isDeep } from '../../depth.ts';
import { resolved } from '../resolved.ts';
import { SETTINGS_IN_FULL } from '../settings-in-full.ts';
import { synthesized } from '../synthesized.ts';

const OPERATIONS = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');

interface Statement {
  Action: string | string[];
  Resource: unknown;
  Effect: string;
  Condition?: unknown;
  Principal?: unknown;
}

/** The one role of a template, with parameters and pseudo parameters filled in. */
const roleIn = (template: Record<string, unknown>) => {
  const { Resources } = template as { Resources: Record<string, { Type: string; Properties: unknown }> };
  expect(Object.values(Resources).map(({ Type }) => Type)).toEqual(['AWS::IAM::Role']);
  const role = resolved(Object.values(Resources)[0]?.Properties) as {
    RoleName: string;
    Path?: string;
    AssumeRolePolicyDocument: { Statement: Statement[] };
    Policies: { PolicyDocument: { Statement: Statement[] } }[];
  };
  return {
    name: role.RoleName,
    path: role.Path,
    trust: role.AssumeRolePolicyDocument.Statement,
    permissions: role.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
  };
};
const memberRole = (settings: SettingsInput = {}) =>
  roleIn(roleTemplate({ settings: parseSettings(settings), for: 'member', validate: isDeep }));
const actionsOf = (statements: Statement[]) => statements.flatMap(({ Action }) => Action).sort();

describe('the member role', () => {
  test('lets in two roles of the scanner account, by name and only from the organization', () => {
    expect(memberRole().trust).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Condition: {
          ArnEquals: {
            'aws:PrincipalArn': [
              'arn:aws:iam::111122223333:role/TrailSealScan',
              'arn:aws:iam::111122223333:role/TrailSealInspect',
            ],
          },
          StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' },
        },
      },
    ]);
  });

  test('asks everybody for the external id, and lets in who else is named, under the same conditions', () => {
    const { trust } = memberRole(SETTINGS_IN_FULL);
    expect(trust.map(({ Principal }) => Principal)).toEqual([
      { AWS: 'arn:aws:iam::111122223333:root' },
      { AWS: 'arn:aws:iam::333344445555:root' },
    ]);
    for (const { Condition } of trust) {
      expect(Condition).toEqual({
        ArnEquals: {
          'aws:PrincipalArn': [
            'arn:aws:iam::111122223333:role/audit/TrailSealScan',
            'arn:aws:iam::111122223333:role/audit/TrailSealInspect',
            ...(SETTINGS_IN_FULL.memberRole?.extraPrincipals ?? ['missing']),
          ],
        },
        StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5', 'sts:ExternalId': 'trailseal:7f1c' },
      });
    }
  });

  test('has the name that the scanner asks for', () => {
    expect(memberRole().name).toBe('TrailSealAudit');
    expect(memberRole(SETTINGS_IN_FULL)).toMatchObject({ name: 'OrgAudit', path: '/audit/' });
    expect(memberRole()).toMatchObject({ name: 'TrailSealAudit', path: undefined });
  });

  test.each([false, true])(
    'may read what a session of the scanner may, no more and no less (sampleLogs: %s)',
    (sampleLogs) => {
      const session = JSON.parse(sessionPolicy({ partition: 'aws', sampleLogs })) as { Statement: Statement[] };
      expect(actionsOf(memberRole({ sampleLogs }).permissions)).toEqual(actionsOf(session.Statement));
    },
  );

  test('reads no log, unless the control that samples them is on', () => {
    const touchesObjects = (settings: SettingsInput) =>
      memberRole(settings).permissions.filter(({ Action }) =>
        /s3:(GetObject|ListBucket)\b|logs:(Get|Filter)/.test(String(Action)),
      );
    expect(touchesObjects({})).toEqual([]);
    expect(touchesObjects({ sampleLogs: true }).map(({ Resource }) => Resource)).toEqual([
      'arn:aws:s3:::*',
      'arn:aws:s3:::*/AWSLogs/*',
    ]);
  });

  test('only lists, gets and describes; nothing decrypts', () => {
    for (const { Effect, Action } of memberRole(SETTINGS_IN_FULL).permissions) {
      expect(Effect).toBe('Allow');
      for (const action of [Action].flat()) expect(action).toMatch(/^[a-z0-9]+:(List|Get|Describe)[A-Za-z]+$/);
    }
  });

  test('asks for the two values that only a deployment knows, with a default where the settings know them', () => {
    const parameters = (settings: SettingsInput) =>
      (roleTemplate({ settings: parseSettings(settings), for: 'member', validate: isDeep }) as { Parameters: unknown })
        .Parameters;
    expect(parameters({})).toMatchObject({
      ScannerAccountId: { Type: 'String', AllowedPattern: '^\\d{12}$' },
      OrganizationId: { Type: 'String', AllowedPattern: '^o-[a-z0-9]{10,32}$' },
    });
    expect(parameters({})).not.toMatchObject({ OrganizationId: { Default: expect.anything() } });
    expect(
      parameters({ organizationId: 'o-a1b2c3d4e5', memberRole: { scannerAccount: '111122223333' } }),
    ).toMatchObject({
      ScannerAccountId: { Default: '111122223333' },
      OrganizationId: { Default: 'o-a1b2c3d4e5' },
    });
  });
});

describe('the management account', () => {
  test('has the same role, from a stack that needs no bootstrap', () => {
    const { managementRole } = synthesized();
    const template = Template.fromStack(managementRole).toJSON();
    expect(roleIn(template)).toEqual(memberRole());
    expect(template.Description).toContain('management account');
    expect(Object.keys(template.Parameters)).toEqual(['ScannerAccountId', 'OrganizationId']);
    expect(template.Rules).toBeUndefined();
  });
});

test.each(['TrailSealManagementRole', 'TrailSealMemberRoles'])('%s names nothing that a bootstrap makes', (name) => {
  const { app } = synthesized();
  const stack = app.synth().getStackByName(name);
  expect([stack.assumeRoleArn, stack.cloudFormationExecutionRoleArn, stack.stackTemplateAssetObjectUrl]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(JSON.stringify(stack.manifest)).not.toMatch(/cdk-hnb659fds|bootstrap/i);
});

describe('the StackSet', () => {
  const stackSet = (settings: SettingsInput = {}) => {
    const template = Template.fromStack(synthesized(settings).memberRoles);
    return {
      template,
      properties: Object.values(template.findResources('AWS::CloudFormation::StackSet'))[0]?.Properties,
    };
  };

  test('is service-managed and follows accounts as they come and go', () => {
    expect(stackSet().properties).toMatchObject({
      PermissionModel: 'SERVICE_MANAGED',
      CallAs: 'DELEGATED_ADMIN',
      AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
      ManagedExecution: { Active: true },
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    });
  });

  test('survives an account that fails and fails where all do', () => {
    expect(stackSet().properties.OperationPreferences).toEqual({
      FailureTolerancePercentage: 99,
      MaxConcurrentPercentage: 100,
      RegionConcurrencyType: 'PARALLEL',
    });
  });

  test.each(['DELEGATED_ADMIN', 'SELF'] as const)('tells how to list the accounts that failed, as %s', (callAs) => {
    const { template, properties } = stackSet({ memberRole: { callAs, scannerAccount: '111122223333' } });
    const command = template.findOutputs('ListFailedAccounts').ListFailedAccounts?.Value;
    const as = callAs === 'SELF' ? '' : ' --call-as DELEGATED_ADMIN';
    expect(command).toBe(
      `aws cloudformation list-stack-instances --stack-set-name ${properties.StackSetName}${as} --filters Name=DETAILED_STATUS,Values=FAILED`,
    );
    if (callAs === 'DELEGATED_ADMIN') expect(OPERATIONS.replaceAll(/ \\\n +/g, ' ')).toContain(`\n${command}\n`);
  });

  test('carries the template that is also written to a file, small enough to be carried', () => {
    const { TemplateBody } = stackSet(SETTINGS_IN_FULL).properties;
    expect(JSON.parse(TemplateBody)).toEqual(
      roleTemplate({ settings: parseSettings(SETTINGS_IN_FULL), for: 'member', validate: isDeep }),
    );
    expect(TemplateBody.length).toBeLessThan(51_200);
  });

  test('names the scanner: the account it is deployed in, or the one that is set', () => {
    const scanner = (settings: SettingsInput) =>
      stackSet(settings).properties.Parameters.find(
        ({ ParameterKey }: { ParameterKey: string }) => ParameterKey === 'ScannerAccountId',
      )?.ParameterValue;
    expect(scanner({})).toEqual({ Ref: 'AWS::AccountId' });
    expect(scanner({ memberRole: { callAs: 'SELF', scannerAccount: '111122223333' } })).toBe('111122223333');
  });

  test('goes where it is told: the units of the roll-out, else those of the scan, else where the deployment says', () => {
    const targets = (settings: SettingsInput) => {
      const { template, properties } = stackSet(settings);
      expect(properties.StackInstancesGroup).toEqual([
        {
          DeploymentTargets: { OrganizationalUnitIds: { Ref: 'TargetOrganizationalUnits' } },
          Regions: [settings.homeRegion ?? { Ref: 'AWS::Region' }],
        },
      ]);
      return template.toJSON().Parameters.TargetOrganizationalUnits.Default;
    };
    expect(targets({})).toBeUndefined();
    expect(targets({ onlyOus: ['ou-ab12-11111111'] })).toBe('ou-ab12-11111111');
    expect(targets(SETTINGS_IN_FULL)).toBe('r-ab12');
  });
});
