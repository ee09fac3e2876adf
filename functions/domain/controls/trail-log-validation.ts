import { digestsOf } from '../judge/verdict.ts';
import { type Control, fail, pass, unverified } from './control.ts';
import { describedBy, statusBy } from './evidence-of.ts';

export const trailLogValidation: Control = {
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
  sources: [
    'AWS CloudTrail User Guide: Validating CloudTrail log file integrity',
    'AWS CloudTrail User Guide: CloudTrail digest file structure (empty digest files)',
    'CIS AWS Foundations Benchmark 3.0.0, 3.2',
  ],
  decide(trail) {
    const evidence = [describedBy(trail)];
    const { trail: described, status, observedAt } = trail.facts;
    if (!described.logFileValidation) return fail('VALIDATION_OFF', 'Log file validation is off', { evidence });
    evidence.push(...statusBy(trail));
    const on = 'Log file validation is on';
    if (!status?.ok) {
      const detail = status ? status.failure.message : 'Nobody who can see the trail could be asked for its digests.';
      return unverified(status ? `STATUS_${status.failure.kind}` : 'STATUS_NOT_READ', on, { detail, evidence });
    }
    const { latestDigestAt, latestDigestError } = status.value;
    switch (digestsOf(status.value, observedAt)) {
      case 'FAIL':
        return fail('DIGEST_ERROR', `${on}; the last digest was not delivered: ${latestDigestError}`, { evidence });
      case 'OVERDUE':
        return fail('DIGEST_OVERDUE', `${on}; the last digest came at ${latestDigestAt}`, { evidence });
      case 'NONE':
        return unverified('NO_DIGEST', `${on}; no digest was ever delivered`, { evidence });
      case 'ARRIVE':
        return pass('VALIDATION_ON', on, { evidence });
    }
  },
};
