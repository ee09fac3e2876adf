import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { resolved } from '../resolved.ts';
import { all, byDefault, idOf, inFull, propertiesOf } from '../scanner-template.ts';
import { synthesized } from '../synthesized.ts';

const ASL = readFileSync(new URL('../../../statemachine/scan.asl.json', import.meta.url), 'utf8');

const REPORTS = idOf(byDefault, 'AWS::S3::Bucket', { LoggingConfiguration: Match.anyValue() });

describe('the workflow', () => {
  const [[, machine] = []] = all(byDefault, 'AWS::StepFunctions::StateMachine');
  const properties = machine?.Properties;

  test('is the file that runs on a laptop, word for word', () => {
    expect(properties.DefinitionString).toBe(ASL);
  });

  test('has every substitution that the file asks for, and no other', () => {
    const asked = [...ASL.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(properties.DefinitionSubstitutions).sort()).toEqual([...new Set(asked)].sort());
    expect(properties.DefinitionSubstitutions).toMatchObject({
      ReportBucket: { Ref: REPORTS },
      ChildExecutionType: 'EXPRESS',
      Partition: { Ref: 'AWS::Partition' },
    });
  });

  test('logs and traces, without the data that passes through it', () => {
    expect(properties).toMatchObject({
      StateMachineName: 'TrailSeal',
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
  });

  test('may do what a Distributed Map does, with itself and with its files', () => {
    const id = idOf(byDefault, 'AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'StartTheChildrenOfAMap' })]) },
    });
    const statement = byDefault.findResources('AWS::IAM::Policy')[id]?.Properties.PolicyDocument.Statement as {
      Action: string | string[];
      Resource: unknown;
    }[];
    const granted = statement.map(({ Action, Resource }) => [[Action].flat(), [resolved(Resource)].flat()]);
    const states = 'arn:aws:states:eu-west-1:111122223333';
    const bucket = 'arn:aws:s3:::reports';
    const at = (action: string) => granted.find(([actions]) => actions?.includes(action))?.[1];
    expect(at('lambda:InvokeFunction')).toHaveLength(7);
    expect(at('states:StartExecution')).toEqual([`${states}:stateMachine:TrailSeal`]);
    expect(at('states:DescribeExecution')).toEqual([`${states}:execution:TrailSeal:*`]);
    expect(at('states:StopExecution')).toEqual([`${states}:execution:TrailSeal:*`]);
    expect(at('states:RedriveExecution')).toEqual([
      `${states}:execution:TrailSeal/Scan:*`,
      `${states}:execution:TrailSeal/Inspect:*`,
    ]);
    expect(at('s3:GetObject')).toEqual([`${bucket}/runs/*-items.json*`]);
    for (const action of ['s3:PutObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload']) {
      expect(at(action)).toEqual([`${bucket}/runs/*/map/*`]);
    }
    expect(at('kms:Decrypt')).toEqual(at('kms:GenerateDataKey'));
    expect(at('logs:CreateLogDelivery')).toEqual(['*']);
  });

  test('labels its maps as the redrive permission names them', () => {
    const { States } = JSON.parse(ASL) as { States: Record<string, { Type: string; Label?: string }> };
    const labels = Object.values(States).flatMap(({ Type, Label }) => (Type === 'Map' ? [Label] : []));
    expect(labels).toEqual(['Scan', 'Inspect']);
  });
});

describe('the schedule', () => {
  test('starts the workflow with an empty input, and leaves a dead letter where it cannot', () => {
    idOf(byDefault, 'AWS::Scheduler::Schedule', {
      ScheduleExpression: 'cron(0 6 * * ? *)',
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { Ref: idOf(byDefault, 'AWS::StepFunctions::StateMachine', {}) },
        Input: '{}',
        DeadLetterConfig: { Arn: Match.anyValue() },
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
      },
    });
  });

  test('is made after the group that it names, and goes before it', () => {
    const [[, schedule] = []] = all(byDefault, 'AWS::Scheduler::Schedule');
    const group = idOf(byDefault, 'AWS::Scheduler::ScheduleGroup', {});
    expect((schedule as { DependsOn?: string[] } | undefined)?.DependsOn).toContain(group);
  });

  test('follows the settings', () => {
    const off = Template.fromStack(synthesized({ scheduleEnabled: false }).scanner);
    expect([inFull, off].map((template) => propertiesOf(template, 'AWS::Scheduler::Schedule', {}))).toMatchObject([
      { ScheduleExpression: 'cron(30 4 ? * MON-FRI *)', ScheduleExpressionTimezone: 'Europe/Berlin' },
      { State: 'DISABLED' },
    ]);
  });

  test('may start this workflow, send to this queue and use its key, and is assumed for this schedule group only', () => {
    const id = idOf(byDefault, 'AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'states:StartExecution', Resource: { Ref: Match.anyValue() } }),
        ]),
      },
    });
    const { PolicyDocument, Roles } = byDefault.findResources('AWS::IAM::Policy')[id]?.Properties ?? {};
    const actions = PolicyDocument.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action);
    expect(actions).toEqual(
      expect.arrayContaining(['states:StartExecution', 'sqs:SendMessage', 'kms:Decrypt', 'kms:GenerateDataKey']),
    );
    expect(JSON.stringify(PolicyDocument)).not.toContain('"*"');
    byDefault.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: [{ Effect: 'Deny', Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
      },
    });
    const role = byDefault.findResources('AWS::IAM::Role')[Roles[0].Ref]?.Properties;
    expect(resolved(role.AssumeRolePolicyDocument.Statement[0].Condition)).toEqual({
      StringEquals: { 'aws:SourceAccount': '111122223333' },
      ArnLike: { 'aws:SourceArn': 'arn:aws:scheduler:eu-west-1:111122223333:schedule-group/TrailSeal' },
    });
  });
});
