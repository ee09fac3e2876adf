import { type Control, fail, pass } from './control.ts';
import { describedBy } from './evidence-of.ts';

export const trailLogValidation: Control = {
  id: 'trail-log-validation',
  title: 'Log file validation is on',
  severity: 'MEDIUM',
  resource: 'trail',
  rationale: 'Signed digests show that a log file was changed, deleted or forged after it was delivered.',
  reads: ['cloudtrail:DescribeTrails'],
  decision: 'LogFileValidationEnabled is true.',
  expected: 'Log file validation is on',
  remediation: 'aws cloudtrail update-trail --name TRAIL --enable-log-file-validation.',
  sources: [
    'AWS CloudTrail User Guide: Validating CloudTrail log file integrity',
    'CIS AWS Foundations Benchmark 3.0.0, 3.2',
  ],
  decide(trail) {
    const evidence = [describedBy(trail)];
    return trail.facts.trail.logFileValidation
      ? pass('VALIDATION_ON', 'Log file validation is on', { evidence })
      : fail('VALIDATION_OFF', 'Log file validation is off', { evidence });
  },
};
