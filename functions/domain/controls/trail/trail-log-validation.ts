import { digestsOf } from '../../judge/verdict.ts';
import { control } from '../control.ts';
import { describedBy, statusBy } from '../evidence-of.ts';
import { STATUS_UNKNOWN } from '../reasons/delivery.ts';
import { unlessDead } from '../reasons/key.ts';
import { fail, pass, unverified } from '../reasons/reason.ts';

const NO_DIGESTS = unlessDead({
  kind: 'NOT_DELIVERING',
  severity: 'MEDIUM',
  tag: 'digest',
  title: ({ words }) => `Digests of the log files are not delivered by ${words}`,
  fix: 'Let cloudtrail.amazonaws.com write to the bucket, its folder CloudTrail-Digest too, and use the key.',
});

const BY_HAND =
  'Validation is on and digests do not arrive: look whether the policy of the bucket refuses cloudtrail.amazonaws.com under AWSLogs/ACCOUNT/CloudTrail-Digest/, and whether that of the key lets it in. No script is written, since CloudTrail names no statement.';

export const trailLogValidation = control({
  id: 'trail-log-validation',
  title: 'Log file validation is on',
  severity: 'MEDIUM',
  resource: 'trail',
  rationale: 'Signed digests show that a log file was changed, deleted or forged after it was delivered.',
  reads: ['cloudtrail:DescribeTrails', 'cloudtrail:GetTrailStatus'],
  decision:
    'LogFileValidationEnabled is true, there is no LatestDigestDeliveryError, and, while the trail logs, the last digest is not older than 26 hours: CloudTrail delivers one every hour, also when there was no API activity. A trail that has delivered none although it has logged for longer is UNVERIFIED, since nothing says when validation was turned on.',
  expected: 'Log file validation is on, and the last digest was delivered',
  remediation:
    'Off: aws cloudtrail update-trail --name TRAIL --enable-log-file-validation. No digests: let cloudtrail.amazonaws.com write to the bucket and use the key.',
  audit: {
    console: "CloudTrail, the trail's home Region, Trails, the trail, General details: Log file validation is Enabled.",
    commands: [
      "aws cloudtrail describe-trails --region HOME_REGION --trail-name-list TRAIL_ARN --query 'trailList[].LogFileValidationEnabled'",
      "aws cloudtrail get-trail-status --region HOME_REGION --name TRAIL_ARN --query '[LatestDigestDeliveryTime,LatestDigestDeliveryError]'",
    ],
    expected: 'It prints true, there is no digest error, and the last digest is less than 26 hours old.',
  },
  page: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html',
  sources: [
    'AWS CloudTrail User Guide: Validating CloudTrail log file integrity',
    'AWS CloudTrail User Guide: CloudTrail digest file structure (empty digest files)',
    'CIS AWS Foundations Benchmark 3.0.0, 3.2',
  ],
  reasons: {
    ...STATUS_UNKNOWN,
    VALIDATION_ON: pass('Log file validation is on, and digests arrive'),
    VALIDATION_OFF: fail('Log file validation is off', {
      kind: 'LOG_VALIDATION_OFF',
      severity: 'MEDIUM',
      title: ({ words }) => `Log file validation is off on ${words}`,
      fix: 'aws cloudtrail update-trail --enable-log-file-validation.',
    }),
    DIGEST_ERROR: fail('The last digest was not delivered', NO_DIGESTS, BY_HAND),
    DIGEST_OVERDUE: fail('No digest came for 26 hours', NO_DIGESTS, BY_HAND),
    NO_DIGEST: unverified('No digest was ever delivered', NO_DIGESTS, BY_HAND),
  },
  decide(trail, say) {
    const evidence = [describedBy(trail)];
    const { trail: described, status, observedAt } = trail.facts;
    if (!described.logFileValidation) return say('VALIDATION_OFF', 'Log file validation is off', { evidence });
    evidence.push(...statusBy(trail));
    const on = 'Log file validation is on';
    if (!status?.ok) {
      const detail = status ? status.failure.message : 'Nobody who can see the trail could be asked for its digests.';
      return say(status ? `STATUS_${status.failure.kind}` : 'STATUS_NOT_READ', on, { detail, evidence });
    }
    const { latestDigestAt, latestDigestError } = status.value;
    switch (digestsOf(status.value, observedAt)) {
      case 'FAIL':
        return say('DIGEST_ERROR', `${on}; the last digest was not delivered: ${latestDigestError}`, { evidence });
      case 'OVERDUE':
        return say('DIGEST_OVERDUE', `${on}; the last digest came at ${latestDigestAt}`, { evidence });
      case 'NONE':
        return say('NO_DIGEST', `${on}; no digest was ever delivered`, { evidence });
      case 'ARRIVE':
        return say('VALIDATION_ON', on, { evidence });
    }
  },
});
