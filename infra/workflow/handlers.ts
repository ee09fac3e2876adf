import { readFileSync } from 'node:fs';
import { Aws } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { textsOfSettings } from '../../functions/domain/settings/setting-schemas.ts';
import type { HandlerName } from '../../functions/handlers/lambda/environment.ts';
import { acknowledge } from '../acknowledge.ts';
import { allow } from '../allow.ts';
import { namesOf } from '../names.ts';
import { acknowledgeReads, resourceReads, sampleReads, selectorReads, trailReads } from '../roles/audit-permissions.ts';
import type { Settings } from '../settings/settings.ts';
import type { MapResultBucket } from '../storage/map-result-bucket.ts';
import type { BucketRef } from '../storage/report-access.ts';
import { HandlerFunction } from './handler-function.ts';

export interface HandlersProps {
  settings: Settings;
  bucket: BucketRef;
  mapResults: MapResultBucket | null;
  key: IKey;
  signingKey: IKey | null;
  topic: ITopic;
}

/** The seven functions, one for each state of the workflow, each with what it needs and nothing else. */
export class Handlers extends Construct {
  readonly functions: Record<HandlerName, IFunction>;

  constructor(scope: Construct, id: string, props: HandlersProps) {
    super(scope, id);
    const { settings, bucket, mapResults, key, signingKey, topic } = props;
    const root = { REPORT_BUCKET: bucket.bucketName, REPORT_BUCKET_OWNER: Aws.ACCOUNT_ID, REPORT_PREFIX: '' };
    const wholeRoot = { ...root, RESULT_BUCKET: mapResults?.bucketName ?? '' };
    const lostChildren = () => mapResults?.readStatements() ?? [];
    const home = { HOME_REGION: settings.homeRegion ?? Aws.REGION };
    const names = namesOf(settings);
    const shared = { names, bucket, key, logDays: settings.retention.logDays, vpc: settings.vpc };

    const plan = new HandlerFunction(this, 'Plan', {
      ...shared,
      handler: 'plan',
      description: 'Lists the organization and writes what is to be scanned',
      // 50,000 accounts and their organizational units in memory at once.
      memory: 1024,
      environment: {
        ...wholeRoot,
        SCANNER_VERSION: version(),
        ...textsOfSettings(settings),
        ...home,
      },
      statements: [
        allow('KnowTheOrganization', ['organizations:DescribeOrganization'], ['*']),
        listAccounts(),
        allow('ListRegions', ['ec2:DescribeRegions'], ['*']),
        allow('KnowTheRoomForFunctions', ['lambda:GetAccountSettings'], ['*']),
        ...lostChildren(),
      ],
      access: {
        read: [
          'runs/*',
          'evidence/*/waivers.yaml',
          'reports/root.json',
          ...(settings.waiversKey ? [settings.waiversKey] : []),
        ],
        write: ['runs/*', 'evidence/*', 'reports/root.json'],
        find: true,
        streams: true,
      },
    });

    const scan = new HandlerFunction(this, 'Scan', {
      ...shared,
      handler: 'scan',
      description: "Looks at one account's regions and trails",
      // Network-bound; below this the SDK's start alone takes seconds of CPU.
      memory: 512,
      roleName: names.roles.scan,
      environment: { ...root, ...home },
      statements: [assumeMemberRoles(settings), ...trailReads()],
      access: {
        // Its own observation too: what an earlier attempt has answered is not asked again.
        read: ['runs/*/plan.json', 'runs/*/observations/*'],
        write: ['runs/*/observations/*', 'evidence/*'],
        find: true,
        streams: true,
      },
    });

    const record = new HandlerFunction(this, 'Record', {
      ...shared,
      handler: 'record',
      description: 'Keeps the cause of a child that failed',
      // One small object; called in bursts when something is wrong everywhere.
      memory: 256,
      environment: root,
      statements: [],
      access: { write: ['runs/*/failures/*'] },
    });

    const gather = new HandlerFunction(this, 'Gather', {
      ...shared,
      handler: 'gather',
      description: 'Collects the keys, buckets and log groups to inspect',
      // Reads an observation per account, one after the other; holds unique trails only.
      memory: 1769,
      environment: wholeRoot,
      statements: lostChildren(),
      access: {
        read: ['runs/*'],
        write: ['runs/*/inspect-items.json', 'runs/*/inspect-plan.json'],
        find: true,
        streams: true,
      },
    });

    const inspect = new HandlerFunction(this, 'Inspect', {
      ...shared,
      handler: 'inspect',
      description: 'Reads keys, buckets and log groups where they live',
      memory: 512,
      roleName: names.roles.inspect,
      environment: { ...root, ...home },
      statements: [
        assumeMemberRoles(settings),
        ...selectorReads(),
        ...resourceReads(),
        ...(settings.sampleLogs ? sampleReads() : []),
      ],
      access: {
        read: ['runs/*/plan.json', 'runs/*/accounts.ndjson', 'runs/*/inspections/*'],
        write: ['runs/*/inspections/*', 'evidence/*'],
        // Who samples logs may list every bucket, this one too.
        find: !settings.sampleLogs,
        streams: true,
      },
    });

    const report = new HandlerFunction(this, 'Report', {
      ...shared,
      handler: 'report',
      description: 'Decides the verdicts; writes ledger, tables, reports and manifest',
      // Streams, but at 50,000 × 34 targets it needs 512 MB; two vCPUs halve the time.
      memory: 3008,
      environment: { ...wholeRoot, ...home, SIGNING_KEY_ARN: signingKey?.keyArn ?? '' },
      statements: [listAccountsAgain(), ...(signingKey ? [signWith(signingKey)] : []), ...lostChildren()],
      access: {
        read: ['runs/*', 'evidence/*', 'tables/*', 'reports/*'],
        write: ['tables/*', 'reports/*', 'evidence/*'],
        find: true,
        streams: true,
      },
    });

    const notify = new HandlerFunction(this, 'Notify', {
      ...shared,
      handler: 'notify',
      description: 'Tells of the run: events, metrics and a message',
      // Reads the run's ledger, a row group at a time; what is open in Security Hub it holds.
      memory: settings.securityHub ? 2048 : 1024,
      environment: {
        ...root,
        UNREACHABLE_HOURS: String(settings.unreachableHours),
        TOPIC_ARN: topic.topicArn,
        EVENT_BUS: 'default',
        SECURITY_HUB: String(settings.securityHub),
        WATCH_SILENT_DAYS: String(settings.watch.regions.length > 0 ? settings.watch.silentDays : 0),
      },
      statements: [
        allow('SendTheSummary', ['sns:Publish'], [topic.topicArn]),
        ...(settings.existing.topic ? [encryptForTopic(topic)] : []),
        sendEvents(),
        ...(settings.securityHub ? publishFindings() : []),
      ],
      access: {
        read: [
          'reports/*',
          'tables/runs/*',
          'tables/coverage/*',
          'tables/findings/*',
          ...(settings.securityHub ? ['tables/trails/*'] : []),
        ],
        write: ['reports/unreachable.json', 'reports/announced.json'],
        find: true,
      },
    });

    acknowledgeReads(scan.policy, { resources: false, samples: false });
    acknowledgeReads(inspect.policy, { resources: true, samples: settings.sampleLogs });
    for (const { policy } of [scan, inspect]) {
      acknowledge(policy, 'Any account of the organization; each of them decides by its trust policy.', [
        `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::*:role/${settings.roleName}]`,
      ]);
    }
    for (const { policy } of [plan, gather, report]) mapResults?.acknowledgeReads(policy);
    this.functions = {
      plan: plan.function,
      scan: scan.function,
      record: record.function,
      gather: gather.function,
      inspect: inspect.function,
      report: report.function,
      notify: notify.function,
    };
  }
}

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

/** The population, and the units above each account. */
const listAccounts = (): PolicyStatement =>
  allow(
    'ListTheAccounts',
    [
      'organizations:ListAccounts',
      'organizations:ListRoots',
      'organizations:ListOrganizationalUnitsForParent',
      // Only where Organizations does not yet send an account's place with the account.
      'organizations:ListAccountsForParent',
      // Only where a filter or a waiver asks for tags of accounts.
      'organizations:ListTagsForResource',
    ],
    ['*'],
  );

/** At the end, since an account that failed may have been closed meanwhile; where it is matters no more. */
const listAccountsAgain = (): PolicyStatement => allow('ListTheAccountsAgain', ['organizations:ListAccounts'], ['*']);

/**
 * Into the audit role of any account of the scanner's own organization; which of them let us in, their trust policies say.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceorgid
 */
const assumeMemberRoles = (settings: Settings): PolicyStatement =>
  allow('AssumeMemberRoles', ['sts:AssumeRole'], [`arn:${Aws.PARTITION}:iam::*:role/${settings.roleName}`], {
    // A policy variable, not one of CloudFormation: the organization that the function's role is in.
    StringEquals: { 'aws:ResourceOrgID': '${aws:PrincipalOrgID}' },
  });

const signWith = (key: IKey): PolicyStatement =>
  allow('SignTheManifest', ['kms:Sign'], [key.keyArn], {
    StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256' },
  });

/** The account's own default product, and what is in its hub already. */
const publishFindings = (): PolicyStatement[] => {
  const hub = `arn:${Aws.PARTITION}:securityhub:${Aws.REGION}:${Aws.ACCOUNT_ID}`;
  return [
    allow('ImportFindings', ['securityhub:BatchImportFindings'], [`${hub}:product/${Aws.ACCOUNT_ID}/default`]),
    allow('SeeWhatIsOpen', ['securityhub:GetFindings'], [`${hub}:hub/default`]),
  ];
};

/** The topic that was there has a key of its own, or none: whichever it is, through SNS and for this topic alone. */
const encryptForTopic = (topic: ITopic): PolicyStatement =>
  allow('EncryptTheSummary', ['kms:Decrypt', 'kms:GenerateDataKey'], ['*'], {
    StringEquals: { 'kms:EncryptionContext:aws:sns:topicArn': topic.topicArn },
  });

const sendEvents = (): PolicyStatement =>
  allow(
    'SendEvents',
    ['events:PutEvents'],
    [`arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:event-bus/default`],
    // One call may carry events of several sources: the key is a list.
    { 'ForAllValues:StringEquals': { 'events:source': 'trailseal' }, Null: { 'events:source': 'false' } },
  );
