import { describe, expect, test } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import { HANDLER_NAMES, readEnvironment } from '../../../functions/handlers/lambda/environment.ts';
import { taskTimeout } from '../../../infra/workflow/workflow-definition.ts';
import { resolved } from '../resolved.ts';
import { all, byDefault, inFull, keyArn, propertiesOf } from '../scanner-template.ts';

describe('the functions', () => {
  const functions = all(byDefault, 'AWS::Lambda::Function');

  test('are the seven handlers and nothing else: no custom resource brings code of its own', () => {
    expect(functions.map(([, { Properties }]) => Properties.FunctionName).sort()).toEqual(
      HANDLER_NAMES.map((name) => `TrailSeal-${name}`).sort(),
    );
  });

  test.each(HANDLER_NAMES)(
    '%s: runtime, logs, traces, a role of its own, and the time the workflow gives it',
    (name) => {
      const props = propertiesOf(byDefault, 'AWS::Lambda::Function', { FunctionName: `TrailSeal-${name}` });
      expect(props).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: expect.stringContaining('Logs') } },
        Timeout: taskTimeout(name),
      });
      expect(props.Timeout).toBeLessThanOrEqual(900);
      expect(props.MemorySize).toBeGreaterThanOrEqual(256);
      const sameRole = functions.filter(([, f]) => JSON.stringify(f.Properties.Role) === JSON.stringify(props.Role));
      expect(sameRole).toHaveLength(1);
      byDefault.hasResourceProperties('AWS::Logs::LogGroup', {
        LogGroupName: `/trailseal/${name}`,
        RetentionInDays: 365,
        KmsKeyId: keyArn,
      });
    },
  );

  test.each([
    ['the default settings', byDefault],
    ['every option', inFull],
  ])('with %s have an environment that their code accepts', (_, template) => {
    for (const name of HANDLER_NAMES) {
      const { Variables } = propertiesOf(template, 'AWS::Lambda::Function', {
        FunctionName: `TrailSeal-${name}`,
      }).Environment;
      expect(() => readEnvironment(name, resolved(Variables) as Record<string, string>)).not.toThrow();
    }
  });

  test('carry the settings to the plan', () => {
    const { Variables } = propertiesOf(inFull, 'AWS::Lambda::Function', { FunctionName: 'TrailSeal-plan' }).Environment;
    expect(readEnvironment('plan', resolved(Variables) as Record<string, string>)).toMatchObject({
      ROLE_NAME: 'audit/OrgAudit',
      EXTERNAL_ID: 'trailseal:7f1c',
      HOME_REGION: 'eu-central-1',
      CONCURRENCY: 500,
      ONLY_OUS: ['ou-ab12-11111111'],
      EXCLUDE_ACCOUNTS: ['999988887777'],
      EXCLUDE_REGIONS: ['me-central-1'],
      TRUSTED_ACCOUNTS: ['888877776666'],
      LOG_ARCHIVE_ACCOUNTS: ['222233334444'],
      SAMPLE_LOGS: true,
      SAMPLE_ACCOUNTS: true,
      LAKE: true,
      WAIVERS_KEY: 'settings/waivers.yaml',
    });
  });
});

describe('the permissions', () => {
  const statements = (template: Template) =>
    all(template, 'AWS::IAM::Policy').flatMap(
      ([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[],
    );
  interface Statement {
    Sid?: string;
    Effect: string;
    Action: string | string[];
    Resource: unknown;
  }

  test('name every action, and use no managed policy', () => {
    for (const { Action } of statements(inFull)) {
      for (const action of [Action].flat()) expect(action).not.toMatch(/[*?]/);
    }
    for (const [, role] of all(inFull, 'AWS::IAM::Role')) expect(role.Properties.ManagedPolicyArns).toBeUndefined();
  });

  test('are for every resource only where AWS has no resource-level permission', () => {
    const open = statements(inFull).filter(({ Resource }) => [Resource].flat().includes('*'));
    expect([...new Set(open.flatMap(({ Action }) => Action))].sort()).toEqual([
      'cloudtrail:DescribeTrails',
      'cloudtrail:ListEventDataStores',
      ...['ec2:AssignPrivateIpAddresses', 'ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface'],
      ...['ec2:DescribeNetworkInterfaces', 'ec2:DescribeRegions', 'ec2:DescribeSubnets'],
      'ec2:UnassignPrivateIpAddresses',
      'lambda:GetAccountSettings',
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeLogGroups',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
      'organizations:DescribeOrganization',
      'organizations:ListAccounts',
      'organizations:ListAccountsForParent',
      'organizations:ListOrganizationalUnitsForParent',
      'organizations:ListRoots',
      'organizations:ListTagsForResource',
      's3:GetAccountPublicAccessBlock',
      's3:ListAllMyBuckets',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  test('to assume roles belong to the two roles that member accounts trust, and to no other', () => {
    const entering = all(inFull, 'AWS::IAM::Policy').filter(([, { Properties }]) =>
      JSON.stringify(Properties).includes('sts:AssumeRole'),
    );
    const names = entering.map(([, { Properties }]) => {
      const [role] = Properties.Roles as { Ref: string }[];
      return inFull.findResources('AWS::IAM::Role')[role?.Ref ?? '']?.Properties.RoleName;
    });
    expect(names.sort()).toEqual(['TrailSealInspect', 'TrailSealScan']);
    for (const [, { Properties }] of entering)
      expect(JSON.stringify(Properties)).toContain(':iam::*:role/audit/OrgAudit');
  });
});
