import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { HANDLER_NAMES } from '../../functions/handlers/lambda/environment.ts';
import { OURS, resolved } from './resolved.ts';
import { all, byDefault, idOf, inFull, keyArn, propertiesOf } from './scanner-template.ts';
import { synthesized } from './synthesized.ts';

const ASL = readFileSync(new URL('../../statemachine/scan.asl.json', import.meta.url), 'utf8');

describe('what people are told', () => {
  test('goes to an encrypted topic that only this account feeds', () => {
    byDefault.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: keyArn });
    byDefault.resourceCountIs('AWS::SNS::Subscription', 0);
    inFull.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'audit@example.com' });
    const [[, { Properties }] = ['', { Properties: {} }]] = all(byDefault, 'AWS::SNS::TopicPolicy');
    expect(resolved(Properties)).toMatchObject({
      PolicyDocument: {
        Statement: [
          { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
          {
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
          },
        ],
      },
    });
  });

  const ALARMS: [name: string, expected: object][] = [
    ['RunFailed', { Threshold: 1, EvaluationPeriods: 1, TreatMissingData: 'notBreaching' }],
    [
      'AccountsUnreachable',
      { MetricName: 'AccountsOverdue', Namespace: 'TrailSeal', Threshold: 1, TreatMissingData: 'ignore' },
    ],
    [
      'NoRun',
      {
        MetricName: 'RunsComplete',
        Namespace: 'TrailSeal',
        Statistic: 'SampleCount',
        Period: 3600,
        EvaluationPeriods: 36,
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'breaching',
      },
    ],
    ['StepErrors', { Threshold: 1 }],
    ['ScanErrors', { Threshold: 5 }],
    ['Throttles', { Threshold: 1, EvaluationPeriods: 1 }],
    ['RunPartial', { MetricName: 'RunsPartial', Statistic: 'Maximum', Threshold: 1, TreatMissingData: 'ignore' }],
    ['DeadLetters', { MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 1 }],
  ];
  test.each(ALARMS)('%s rings, and tells the topic', (name, expected) => {
    const topic = { Ref: idOf(byDefault, 'AWS::SNS::Topic', {}) };
    byDefault.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `TrailSeal-${name}`,
      AlarmActions: [topic],
      AlarmDescription: Match.stringLikeRegexp('.{40,}'),
      ...expected,
    });
  });

  test('there is no alarm beside these; that of silence can be left out', () => {
    const weekly = Template.fromStack(synthesized({ schedule: 'rate(7 days)', silentHours: null }).scanner);
    const count = (template: Template) => all(template, 'AWS::CloudWatch::Alarm').length;
    expect([count(byDefault), count(weekly)]).toEqual([ALARMS.length, ALARMS.length - 1]);
    expect(weekly.findResources('AWS::CloudWatch::Alarm', { Properties: { AlarmName: 'TrailSeal-NoRun' } })).toEqual(
      {},
    );
  });

  test('an alarm looks at scheduled runs: those of a narrowed deployment are FILTERED', () => {
    for (const name of ['AccountsUnreachable', 'NoRun']) {
      const scope = (template: Template) =>
        propertiesOf(template, 'AWS::CloudWatch::Alarm', { AlarmName: `TrailSeal-${name}` }).Dimensions;
      expect(scope(byDefault)).toContainEqual({ Name: 'scope', Value: 'ORGANIZATION' });
      expect(scope(inFull)).toContainEqual({ Name: 'scope', Value: 'FILTERED' });
    }
  });

  test('the dashboard shows runs, findings and the health of the scanner', () => {
    byDefault.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    const body = JSON.stringify(byDefault.findResources('AWS::CloudWatch::Dashboard'));
    for (const metric of ['FindingsFailed', 'RunsPartial', 'TargetsUnanswered', 'Throttles', 'RunSeconds']) {
      expect(body).toContain(metric);
    }
  });
});

describe('the keys', () => {
  test('encrypt logs, and alarms on their way to the topic, for this account only', () => {
    const policy = resolved(
      byDefault.findResources('AWS::KMS::Key')[keyArn['Fn::GetAtt'][0] ?? '']?.Properties.KeyPolicy,
    ) as {
      Statement: { Sid?: string; Principal: unknown; Condition?: unknown }[];
    };
    expect(policy.Statement).toMatchObject([
      { Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*' },
      {
        Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
        Condition: {
          ArnLike: { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-west-1:111122223333:log-group:*' },
        },
      },
      {
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
      },
    ]);
    expect(policy.Statement).toHaveLength(3);
  });

  test.each([
    ['aws-cn', 'cn-north-1', 'logs.cn-north-1.amazonaws.com.cn'],
    ['aws-us-gov', 'us-gov-west-1', 'logs.us-gov-west-1.amazonaws.com'],
  ])('in %s name CloudWatch Logs as that partition does', (partition, region, principal) => {
    const [, { Properties }] = all(byDefault, 'AWS::KMS::Key').find(([, key]) => key.Properties.EnableKeyRotation) ?? [
      '',
      { Properties: {} },
    ];
    const policy = resolved(Properties.KeyPolicy, { ...OURS, partition, region });
    expect(JSON.stringify(policy)).toContain(`{"Service":"${principal}"}`);
    expect(JSON.stringify(policy)).not.toContain('arn:aws:');
  });

  test('outlive the stack', () => {
    for (const [, key] of all(inFull, 'AWS::KMS::Key')) expect(key.DeletionPolicy).toBe('RetainExceptOnCreate');
  });

  test('sign manifests, or not', () => {
    byDefault.hasResourceProperties('AWS::KMS::Key', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const unsigned = Template.fromStack(synthesized({ signManifests: false }).scanner);
    unsigned.resourceCountIs('AWS::KMS::Key', 1);
    expect(JSON.stringify(unsigned.toJSON())).not.toContain('kms:Sign');
    expect(JSON.stringify(byDefault.toJSON())).toContain('kms:Sign');
  });
});

test('every role of the scanner is assumed by one service, and by that for our own things only', () => {
  const roles = all(inFull, 'AWS::IAM::Role').map(([id, { Properties }]) => {
    const { Statement } = resolved(Properties.AssumeRolePolicyDocument) as {
      Statement: { Principal: unknown; Condition?: unknown }[];
    };
    return [
      id.replace(/Role[0-9A-F]{8}$/, ''),
      Statement.map(({ Principal, Condition }) => ({ Principal, Condition })),
    ];
  });
  const ours = (service: string, arn: string) => [
    {
      Principal: { Service: `${service}.amazonaws.com` },
      Condition: {
        StringEquals: { 'aws:SourceAccount': OURS.accountId },
        ArnLike: { 'aws:SourceArn': `arn:aws:${service}:${OURS.region}:${OURS.accountId}:${arn}` },
      },
    },
  ];
  // Lambda sends no source when it assumes a function's role: who may be given it is iam:PassRole's to say.
  const lambda = [{ Principal: { Service: 'lambda.amazonaws.com' }, Condition: undefined }];
  expect(Object.fromEntries(roles)).toEqual({
    ...Object.fromEntries(HANDLER_NAMES.map((name) => [`Handlers${name[0]?.toUpperCase()}${name.slice(1)}`, lambda])),
    Workflow: ours('states', 'stateMachine:TrailSeal*'),
    Schedule: ours('scheduler', 'schedule-group/TrailSeal'),
    WatchCollect: lambda,
    WatchStart: lambda,
  });
});

test('nothing names a partition, an account or a Region that was not asked for', () => {
  for (const template of [byDefault, inFull]) {
    const text = JSON.stringify(template.toJSON()).replaceAll(JSON.stringify(ASL), '');
    expect(text).not.toMatch(/arn:aws[:-]/);
  }
  expect(JSON.stringify(byDefault.toJSON())).not.toMatch(/(?<![\w.])\d{12}(?![\w.])/);
});
