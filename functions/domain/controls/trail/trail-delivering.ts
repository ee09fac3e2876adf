import { deliveryError } from '../../judge/trail-facts.ts';
import { isSilent, SILENT_AFTER_HOURS } from '../../judge/verdict.ts';
import { control } from '../control.ts';
import { statusBy } from '../evidence-of.ts';
import { SILENT, STATUS_UNKNOWN, STOPPED } from '../reasons/delivery.ts';
import { unlessDead } from '../reasons/key.ts';
import { fail, pass } from '../reasons/reason.ts';

export const trailDelivering = control({
  id: 'trail-delivering',
  title: 'The trail delivers',
  severity: 'CRITICAL',
  resource: 'trail',
  rationale:
    'A trail that is stopped, refused by its bucket or key, or silent, protects nothing: there are no logs to encrypt.',
  reads: ['cloudtrail:GetTrailStatus'],
  decision: `IsLogging is true, there is no LatestDeliveryError, and a log or a digest came within ${SILENT_AFTER_HOURS} hours (or logging began within them). Silence is UNVERIFIED: AWS reports no error for time-outs, and a quiet account may have nothing to say.`,
  expected: 'Logging, without a delivery error, and not silent for 26 hours',
  remediation:
    'Stopped: aws cloudtrail start-logging. An error: let cloudtrail.amazonaws.com write to the bucket and use the key. Silent: look at both.',
  audit: {
    console:
      "CloudTrail, the trail's home Region, Trails, the trail, General details: Trail logging is Logging, and Last log file delivered is of today.",
    commands: [
      "aws cloudtrail get-trail-status --region HOME_REGION --name TRAIL_ARN --query '[IsLogging,LatestDeliveryTime,LatestDeliveryError]'",
    ],
    expected: 'IsLogging is true, there is no error, and the time is less than 26 hours ago.',
  },
  page: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html',
  sources: ['AWS CloudTrail API Reference: GetTrailStatus', 'CIS AWS Foundations Benchmark 3.0.0, 3.1'],
  reasons: {
    ...STATUS_UNKNOWN,
    DELIVERING: pass('The trail logs and delivers'),
    ...STOPPED,
    DELIVERY_ERROR: fail(
      'The last delivery failed',
      unlessDead({
        kind: 'NOT_DELIVERING',
        severity: 'CRITICAL',
        tag: 'error',
        title: ({ words }) => `Log delivery is failing for ${words}`,
        fix: 'Let cloudtrail.amazonaws.com write to the bucket and use the key.',
      }),
    ),
    SILENT,
  },
  decide(trail, say) {
    const { status, observedAt } = trail.facts;
    const evidence = statusBy(trail);
    if (!status) return say('STATUS_NOT_READ', null, { detail: 'Nobody who can see the trail could be asked.' });
    if (!status.ok) return say(`STATUS_${status.failure.kind}`, null, { detail: status.failure.message, evidence });
    const value = status.value;
    if (!value.isLogging) {
      const since = value.stoppedLoggingAt ? ` since ${value.stoppedLoggingAt}` : '';
      return say('NOT_LOGGING', `Logging is stopped${since}`, { evidence });
    }
    const error = deliveryError(value);
    if (error) return say('DELIVERY_ERROR', `The last delivery failed: ${error}`, { evidence });
    if (isSilent(value, observedAt)) {
      const last = value.latestDeliveryAt
        ? `The last log came at ${value.latestDeliveryAt}`
        : 'No log was ever delivered';
      return say('SILENT', last, { evidence });
    }
    return say(
      'DELIVERING',
      `Logging; last delivery ${value.latestDeliveryAt ?? value.latestDigestAt ?? 'not yet due'}`,
      { evidence },
    );
  },
});
