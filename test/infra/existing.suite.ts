import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { SettingsInput } from '../../infra/settings/settings.ts';
import { propertiesOf } from './scanner-template.ts';
import { synthesized } from './synthesized.ts';

const EXISTING = {
  reportBucket: 'audit-reports',
  key: 'arn:aws:kms:eu-west-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  topic: 'arn:aws:sns:eu-west-1:111122223333:alerts',
  accessLogBucket: 's3-access-logs',
};
const SETTINGS: SettingsInput = {
  existing: EXISTING,
  alarmMail: 'audit@example.com',
  auditorPrincipals: ['arn:aws:iam::333344445555:role/AuditTeam'],
};
const { app, scanner: scannerStack, catalog: catalogStack } = synthesized(SETTINGS);
const [scanner, catalog] = [scannerStack, catalogStack].map((stack) => Template.fromStack(stack)) as [
  Template,
  Template,
];
const BUCKET = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::audit-reports']] };

describe('a deployment into what is there already', () => {
  test('makes none of it, and changes none of it', () => {
    for (const type of ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'AWS::SNS::Topic', 'AWS::SNS::TopicPolicy'])
      expect([type, Object.keys(scanner.findResources(type))]).toEqual([type, []]);
    // The key that signs is another.
    scanner.resourceCountIs('AWS::KMS::Key', 1);
    // Query results are the catalog's own, with access logs in the bucket that is there.
    catalog.resourceCountIs('AWS::S3::Bucket', 1);
    catalog.hasResourceProperties('AWS::S3::Bucket', {
      LoggingConfiguration: { DestinationBucketName: 's3-access-logs', LogFilePrefix: 'trailseal/query-results/' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { KMSMasterKeyID: EXISTING.key, SSEAlgorithm: 'aws:kms' } },
        ],
      },
    });
  });

  test('uses it: functions, workflow, alarms and Athena', () => {
    const { Environment } = propertiesOf(scanner, 'AWS::Lambda::Function', { FunctionName: 'TrailSeal-notify' });
    expect(Environment.Variables).toMatchObject({ REPORT_BUCKET: 'audit-reports', TOPIC_ARN: EXISTING.topic });
    scanner.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      DefinitionSubstitutions: { ReportBucket: 'audit-reports', ResultBucket: 'audit-reports' },
    });
    scanner.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [EXISTING.topic] });
    scanner.hasResourceProperties('AWS::SNS::Subscription', {
      TopicArn: EXISTING.topic,
      Endpoint: 'audit@example.com',
    });
    scanner.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: EXISTING.key });
    catalog.hasResourceProperties('AWS::Glue::Table', {
      TableInput: { StorageDescriptor: { Location: 's3://audit-reports/tables/findings/' } },
    });
    scanner.hasOutput('ReportRoot', { Value: 's3://audit-reports' });
  });

  test('lets each function do there what it could do in its own, and use the key and no other', () => {
    const policies = Object.values(scanner.findResources('AWS::IAM::Policy')).flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement as { Sid: string; Resource: unknown }[],
    );
    const on = (sid: string) => policies.filter(({ Sid }) => Sid === sid).map(({ Resource }) => Resource);
    expect(on('FindReportObjects')).toContainEqual(BUCKET);
    expect(JSON.stringify(on('WriteReportObjects'))).toContain(':s3:::audit-reports/runs/*');
    expect(new Set(on('EncryptReportObjects'))).toEqual(new Set([EXISTING.key]));
    // The topic's key is the topic's matter: through the topic alone.
    scanner.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'EncryptTheSummary',
            Condition: { StringEquals: { 'kms:EncryptionContext:aws:sns:topicArn': EXISTING.topic } },
          }),
        ]),
      },
    });
  });

  test('has no stack of the audit role where it is rolled out already', () => {
    const { app: without } = synthesized({ memberRole: { rollOut: false } });
    const names = (of: typeof app) => of.synth().stacks.map(({ stackName }) => stackName);
    expect(names(without)).toEqual(['TrailSeal', 'TrailSealCatalog']);
    expect(names(app)).toHaveLength(4);
  });
});

describe('what an organization asks of roles, tags and networks', () => {
  const {
    scanner: stack,
    catalog: results,
    memberRoles,
  } = synthesized({
    iam: { path: '/audit/', permissionsBoundary: 'boundaries/Workload' },
    memberRole: { permissionsBoundary: 'boundaries/Audit' },
    auditorPrincipals: ['arn:aws:iam::333344445555:role/AuditTeam'],
    tags: { owner: 'audit' },
    vpc: { subnets: ['subnet-0a1b2c3d4e5f60718'], securityGroups: ['sg-0a1b2c3d4e5f60718'] },
  });
  const templates = [stack, results].map((of) => Template.fromStack(of));
  const boundary = (name: string) => ({
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, `:policy/${name}`]],
  });

  test('every role has the path and the boundary, the audit role its own boundary', () => {
    const roles = templates.flatMap((template) => Object.values(template.findResources('AWS::IAM::Role')));
    expect(roles.length).toBeGreaterThan(9);
    for (const { Properties } of roles)
      expect(Properties).toMatchObject({ Path: '/audit/', PermissionsBoundary: boundary('boundaries/Workload') });
    const [set] = Object.values(Template.fromStack(memberRoles).findResources('AWS::CloudFormation::StackSet'));
    const { AuditRole } = JSON.parse(set?.Properties.TemplateBody).Resources;
    expect(AuditRole.Properties.PermissionsBoundary).toEqual(boundary('boundaries/Audit'));
  });

  test('what takes tags has those of the settings and no others', () => {
    const tags = templates.flatMap((template) =>
      Object.values(template.toJSON().Resources as Record<string, { Properties?: { Tags?: unknown } }>).flatMap(
        ({ Properties }) => (Array.isArray(Properties?.Tags) ? [JSON.stringify(Properties.Tags)] : []),
      ),
    );
    expect(tags.length).toBeGreaterThan(20);
    expect([...new Set(tags)]).toEqual([JSON.stringify([{ Key: 'owner', Value: 'audit' }])]);
  });

  test('every function is in the VPC, and may attach itself to it', () => {
    templates[0]?.allResourcesProperties('AWS::Lambda::Function', {
      VpcConfig: { SubnetIds: ['subnet-0a1b2c3d4e5f60718'], SecurityGroupIds: ['sg-0a1b2c3d4e5f60718'] },
    });
    expect(JSON.stringify(templates[0]?.findResources('AWS::IAM::Policy')).match(/AttachToTheVpc/g)).toHaveLength(7);
  });
});
