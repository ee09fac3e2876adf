import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms } from './monitoring/alarms.ts';
import { Dashboard } from './monitoring/dashboard.ts';
import { NotificationTopic } from './monitoring/notification-topic.ts';
import type { Settings } from './settings/settings.ts';
import { AccessLogBucket } from './storage/access-log-bucket.ts';
import { EncryptionKey } from './storage/encryption-key.ts';
import { MapResultBucket } from './storage/map-result-bucket.ts';
import { ReportBucket } from './storage/report-bucket.ts';
import { SigningKey } from './storage/signing-key.ts';
import { ChangeWatch } from './watch/change-watch.ts';
import { Handlers } from './workflow/handlers.ts';
import { ScanSchedule } from './workflow/scan-schedule.ts';
import { ScanWorkflow } from './workflow/scan-workflow.ts';

/** The scheduled scanner, deployed to the audit (delegated administrator) account. */
export class ScannerStack extends Stack {
  readonly key: EncryptionKey;
  readonly bucket: ReportBucket;
  readonly accessLogs: AccessLogBucket;

  constructor(scope: Construct, id: string, props: StackProps & { settings: Settings }) {
    super(scope, id, {
      description: 'TrailSeal: scans the organization for CloudTrail logs that are not sealed',
      ...props,
    });
    const { settings } = props;
    this.key = new EncryptionKey(this, 'Key');
    const signingKey = settings.signManifests ? new SigningKey(this, 'SigningKey') : null;
    this.accessLogs = new AccessLogBucket(this, 'AccessLogs', { expireAfterDays: settings.retention.accessLogDays });
    this.bucket = new ReportBucket(this, 'Reports', {
      key: this.key,
      accessLogs: this.accessLogs,
      retention: settings.retention,
      objectLock: settings.objectLock,
    });
    const mapResults = settings.objectLock
      ? new MapResultBucket(this, 'MapResults', {
          key: this.key,
          accessLogs: this.accessLogs,
          expireAfterDays: settings.retention.runDays,
        })
      : null;
    const topic = new NotificationTopic(this, 'Notifications', { key: this.key, mail: settings.alarmMail });
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
