import type { CoverageDecision } from '../judge/coverage.ts';
import { unionOfManagementEvents } from '../judge/event-selectors.ts';
import { type Control, fail, notApplicable, pass, unverified } from './control.ts';

/**
 * Beside the contract's words this control asks that what is taken arrives: where no trail that takes the events can
 * deliver, the target fails with NOT_DELIVERED; where nobody could tell, it is UNVERIFIED.
 */
export const regionRecorded: Control = {
  id: 'region-recorded',
  title: 'The account and region are recorded',
  severity: 'HIGH',
  resource: 'target',
  rationale:
    'What no trail records cannot be investigated. An account or region that joined later, or was forgotten, is where an intruder works unseen.',
  reads: [
    'cloudtrail:DescribeTrails',
    'cloudtrail:GetTrailStatus',
    'cloudtrail:GetEventSelectors',
    'ec2:DescribeRegions',
  ],
  decision:
    'Trails that are logging, whose scope takes in the account and region, and that can deliver, together take all management events (read and write, nothing excluded). Event data stores do not count. What a filter of the run excluded is NOT_APPLICABLE.',
  expected: 'A working trail records all management events of this account and region',
  remediation:
    'An organization trail for all regions with management events read and write; or a multi-region trail in the account.',
  sources: ['CIS AWS Foundations Benchmark 3.0.0, 3.1', 'AWS Security Hub control CloudTrail.1'],
  decide(target) {
    const { verdict, reason } = target;
    if (verdict === 'NOT_APPLICABLE')
      return notApplicable(reason ?? target.entry.state, `The target is ${target.entry.state}`);
    // A run that was not to look there has failed to determine nothing: a scope can be met on its own.
    if (target.entry.state === 'EXCLUDED')
      return notApplicable(reason ?? 'EXCLUDED', 'The target is outside the scope of this run');
    if (target.recording.length === 0) {
      if (verdict === 'UNVERIFIED')
        return unverified(reason ?? target.entry.state, null, { detail: target.entry.errorMessage });
      return fail(reason ?? verdict, ABSENT[reason ?? ''] ?? 'No trail records it');
    }
    return recorded(target);
  },
};

const ABSENT: Record<string, string> = {
  TRAIL_STOPPED: 'The only trails that would record it are stopped',
  DATA_EVENTS_ONLY: 'The trails here take no management events',
  LAKE_ONLY: 'Only a CloudTrail Lake event data store records it',
  HOME_REGION_DISABLED: "The organization trail's home region is disabled in this account",
  OTHER_REGION_ONLY: 'Trails seen here record another region only',
};

function recorded(target: CoverageDecision) {
  const names = target.recording.map((r) => r.trail.trailArn);
  const observed = `Recorded by ${names.length === 1 ? names[0] : `${names.length} trails`}`;
  const working = target.recording.filter((r) => r.delivery.verdict !== 'FAILS');
  if (working.length === 0) {
    return fail('NOT_DELIVERED', `${observed}, which cannot deliver (${target.recording[0]?.delivery.reason})`);
  }
  const unsure = working.filter((r) => r.delivery.verdict === 'UNKNOWN');
  const taken = takenBy(working.filter((r) => r.delivery.verdict === 'ARRIVES'));
  if (taken === 'ALL') {
    return pass(target.basis === 'INFERRED' ? 'RECORDED_INFERRED' : 'RECORDED', observed);
  }
  if (takenBy(working) === 'ALL' || takenBy(working) === 'UNKNOWN') {
    return unverified(unsure[0]?.delivery.reason ?? 'EVENTS_UNKNOWN', observed);
  }
  return fail(
    'PARTIAL_EVENTS',
    `${observed}, which take${names.length === 1 ? 's' : ''} only part of the management events`,
  );
}

const takenBy = (recording: CoverageDecision['recording']) =>
  unionOfManagementEvents(recording.map((r) => r.trail.managementEvents));
