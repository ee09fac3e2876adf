import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { Alarms } from './monitoring/alarms.ts';
import { Dashboard } from './monitoring/dashboard.ts';
import { NotificationTopic } from './monitoring/notification-topic.ts';
import { namesOf } from './names.ts';
import type { Settings } from './settings/settings.ts';
import { accessLogsOf } from './storage/access-log-bucket.ts';
import { EncryptionKey } from './storage/encryption-key.ts';
import { MapResultBucket } from './storage/map-result-bucket.ts';
import type { BucketRef } from './storage/report-access.ts';
import { ReportBucket } from './storage/report-bucket.ts';
import { SigningKey } from './storage/signing-key.ts';
import { ChangeWatch } from './watch/change-watch.ts';
import { Handlers } from './workflow/handlers.ts';
import { ScanSchedule } from './workflow/scan-schedule.ts';
import { ScanWorkflow } from './workflow/scan-workflow.ts';

/** The scheduled scanner, deployed to the audit (delegated administrator) account. */
export class ScannerStack extends Stack {
  readonly key: IKey;
  readonly bucket: BucketRef;

  constructor(scope: Construct, id: string, props: StackProps & { settings: Settings }) {
    super(scope, id, {
      description: 'TrailSeal: scans the organization for CloudTrail logs that are not sealed',
      ...props,
    });
    const { settings } = props;
    const names = namesOf(settings);
    const { existing } = settings;
    this.key = existing.key
      ? Key.fromKeyArn(this, 'Key', existing.key)
      : new EncryptionKey(this, 'Key', { alias: names.alias });
    const signingKey = settings.signManifests
      ? new SigningKey(this, 'SigningKey', { alias: names.signingAlias })
      : null;
    const accessLogs = accessLogsOf(this, settings);
    this.bucket = existing.reportBucket
      ? Bucket.fromBucketName(this, 'Reports', existing.reportBucket)
      : new ReportBucket(this, 'Reports', {
          key: this.key,
          accessLogs,
          retention: settings.retention,
          objectLock: settings.objectLock,
        });
    const mapResults = settings.objectLock
      ? new MapResultBucket(this, 'MapResults', {
          key: this.key,
          accessLogs,
          expireAfterDays: settings.retention.runDays,
        })
      : null;
    const topic = existing.topic
      ? Topic.fromTopicArn(this, 'Notifications', existing.topic)
      : new NotificationTopic(this, 'Notifications', { name: names.topic, key: this.key });
    if (settings.alarmMail !== null) topic.addSubscription(new EmailSubscription(settings.alarmMail));
    const handlers = new Handlers(this, 'Handlers', {
      settings,
      bucket: this.bucket,
      mapResults,
      key: this.key,
      signingKey,
      topic,
    });
    const { functions } = handlers;
    const { stateMachine } = new ScanWorkflow(this, 'Workflow', {
      names,
      functions,
      bucket: this.bucket,
      mapResults,
      key: this.key,
      logDays: settings.retention.logDays,
    });
    const { deadLetters } = new ScanSchedule(this, 'Schedule', { stateMachine, key: this.key, settings });
    const watch =
      settings.watch.regions.length > 0
        ? new ChangeWatch(this, 'Watch', { settings, bucket: this.bucket, key: this.key, stateMachine })
        : null;
    new Alarms(this, 'Alarms', { stateMachine, functions, deadLetters, topic, settings, watch });
    new Dashboard(this, 'Dashboard', { stateMachine, functions, deadLetters, settings });

    new CfnOutput(this, 'ReportRoot', {
      value: `s3://${this.bucket.bucketName}`,
      description: 'For --report and --out',
    });
    new CfnOutput(this, 'StateMachineArn', { value: stateMachine.stateMachineArn, description: 'Start a run by hand' });
    if (watch)
      new CfnOutput(this, 'WatchBusArn', {
        value: watch.bus.eventBusArn,
        description: 'EventBusArn of TrailSealManagementWatch',
      });
    if (signingKey) {
      new CfnOutput(this, 'SigningKeyArn', {
        value: signingKey.keyArn,
        description: 'Its public half verifies a pack',
      });
    }
  }
}
