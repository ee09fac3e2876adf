import { recent, SILENT_AFTER_HOURS } from '../../judge/verdict.ts';
import { control } from '../control.ts';
import { describedBy, logGroupBy, statusBy } from '../evidence-of.ts';
import { STATUS_UNKNOWN, STOPPED } from '../reasons/delivery.ts';
import { type Cause, fail, pass, unverified } from '../reasons/reason.ts';
import type { Filing } from '../reasons/unread.ts';

const FILING: Filing = { kind: 'NOT_MONITORED', severity: 'LOW' };
const NOT_DELIVERED: Cause = {
  ...FILING,
  title: ({ words }) => `Events do not reach the log group of ${words}`,
  fix: 'Look at the role that CloudTrail assumes for it (logs:CreateLogStream and logs:PutLogEvents on the group) and at the group.',
};
const BY_HAND =
  'Events do not reach the log group: look whether it is still there, and whether the role of the trail (CloudWatchLogsRoleArn) trusts cloudtrail.amazonaws.com and may call logs:CreateLogStream and logs:PutLogEvents on it. No script is written, since group and role are yours and CloudTrail names no cause.';

export const trailMonitored = control({
  id: 'trail-monitored',
  title: 'The trail feeds a log group',
  severity: 'LOW',
  resource: 'trail',
  rationale:
    'Objects in a bucket alert nobody. Metric filters, alarms and most detection tools read the events of a trail from CloudWatch Logs, within minutes.',
  reads: ['cloudtrail:DescribeTrails', 'cloudtrail:GetTrailStatus', 'logs:DescribeLogGroups'],
  decision: `The trail names a log group, it logs, there is no LatestCloudWatchLogsDeliveryError, and the last delivery to the group is not older than ${SILENT_AFTER_HOURS} hours. Silence, and a group that nothing was ever delivered to, are UNVERIFIED; a group that is gone fails. Whether an alarm reads the group is not looked at.`,
  expected: 'A log group that the last delivery reached',
  remediation:
    'aws cloudtrail update-trail --cloud-watch-logs-log-group-arn GROUP --cloud-watch-logs-role-arn ROLE, with a role that lets cloudtrail.amazonaws.com create log streams and put events there.',
  reasons: {
    ...STATUS_UNKNOWN,
    ...STOPPED,
    FEEDS_LOG_GROUP: pass('The last delivery reached the log group'),
    NO_LOG_GROUP: fail('The trail feeds no log group', {
      ...FILING,
      title: ({ words }) => `No log group is fed by ${words}`,
      fix: 'Make a log group and a role for CloudTrail, and set both on the trail.',
    }),
    LOG_GROUP_GONE: fail('The log group of the trail does not exist', NOT_DELIVERED, BY_HAND),
    LOG_GROUP_DELIVERY_ERROR: fail('The last delivery to the log group failed', NOT_DELIVERED, BY_HAND),
    NEVER_FED: unverified('No delivery to the log group is reported', NOT_DELIVERED, BY_HAND),
    LOG_GROUP_SILENT: unverified(
      `Nothing was delivered to the log group for ${SILENT_AFTER_HOURS} hours, and no error is reported`,
      NOT_DELIVERED,
      BY_HAND,
    ),
  },
  audit: {
    console:
      "CloudTrail, the trail's home Region, Trails, the trail, CloudWatch Logs: a log group and an IAM role; Last delivery to CloudWatch Logs is of today.",
    commands: [
      "aws cloudtrail describe-trails --region HOME_REGION --trail-name-list TRAIL_ARN --query 'trailList[].CloudWatchLogsLogGroupArn'",
      "aws cloudtrail get-trail-status --region HOME_REGION --name TRAIL_ARN --query '[LatestCloudWatchLogsDeliveryTime,LatestCloudWatchLogsDeliveryError]'",
    ],
    expected: 'The ARN of a log group, a time less than 26 hours ago, and no error.',
  },
  page: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html',
  sources: [
    'CIS AWS Foundations Benchmark 1.4.0, 3.4',
    'AWS Security Hub control CloudTrail.5',
    'AWS CloudTrail API Reference: GetTrailStatus',
  ],
  decide(trail, say) {
    const { trail: described, status, observedAt } = trail.facts;
    const { logGroupArn } = described;
    if (!logGroupArn) return say('NO_LOG_GROUP', 'The trail names no log group', { evidence: [describedBy(trail)] });
    const evidence = [describedBy(trail), ...statusBy(trail)];
    const fed = `The trail names log group ${logGroupArn}`;
    const group = trail.logGroup?.reading;
    if (group && !group.ok && group.failure.kind === 'NOT_FOUND') {
      return say('LOG_GROUP_GONE', `${fed}, which does not exist`, {
        evidence: [describedBy(trail), ...logGroupBy(logGroupArn, group)],
      });
    }
    if (!status)
      return say('STATUS_NOT_READ', fed, { detail: 'Nobody who can see the trail could be asked.', evidence });
    if (!status.ok) return say(`STATUS_${status.failure.kind}`, fed, { detail: status.failure.message, evidence });
    const { isLogging, stoppedLoggingAt, latestLogGroupDeliveryAt, latestLogGroupDeliveryError } = status.value;
    if (!isLogging)
      return say('NOT_LOGGING', `Logging is stopped${stoppedLoggingAt ? ` since ${stoppedLoggingAt}` : ''}`, {
        evidence,
      });
    if (latestLogGroupDeliveryError) {
      const observed = `${fed}; the last delivery to it failed: ${latestLogGroupDeliveryError}`;
      return say('LOG_GROUP_DELIVERY_ERROR', observed, { evidence });
    }
    if (!latestLogGroupDeliveryAt) return say('NEVER_FED', fed, { evidence });
    const observed = `${fed}; the last delivery to it came at ${latestLogGroupDeliveryAt}`;
    const isRecent = recent(latestLogGroupDeliveryAt, observedAt);
    return say(isRecent ? 'FEEDS_LOG_GROUP' : 'LOG_GROUP_SILENT', observed, { evidence });
  },
});
