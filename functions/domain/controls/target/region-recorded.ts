import type { CoverageDecision } from '../../judge/coverage.ts';
import { unionOfManagementEvents } from '../../judge/event-selectors.ts';
import type { TrailFault } from '../../judge/verdict.ts';
import { control, type Decision, type Say } from '../control.ts';
import { MEMBER_STATUS_UNKNOWN, MEMBERS_FAIL, SILENT, STATUS_UNKNOWN } from '../reasons/delivery.ts';
import { ownerUnknown, unknownKey, unlessDead } from '../reasons/key.ts';
import { fail, pass, type Reason, unverified } from '../reasons/reason.ts';
import { ABSENCE_REASONS, LEDGER_REASONS } from '../reasons/target.ts';
import { OF_TRAIL } from '../reasons/unread.ts';

const EVENTS_UNKNOWN = unlessDead({
  ...OF_TRAIL,
  title: ({ words }) => `Cannot read which management events ${words} logs`,
  fix: 'Give the audit role the read that is missing (cloudtrail:GetEventSelectors), in the account that owns the trail.',
});

/** A target without a trail has its own causes; one with a trail is filed under the cause of that trail. */
const REASONS = {
  ...LEDGER_REASONS,
  ...ABSENCE_REASONS,
  ...unknownKey(OF_TRAIL),
  KEY_OWNER_UNKNOWN: ownerUnknown(OF_TRAIL),
  ...STATUS_UNKNOWN,
  ...MEMBER_STATUS_UNKNOWN,
  SILENT,
  MEMBER_SILENT: unverified("Nothing was delivered for 26 hours by the member's own copy of the trail", MEMBERS_FAIL),
  MEMBER_DELIVERY_ERROR: fail("Delivery fails for the member's own copy of the trail", MEMBERS_FAIL),
  RECORDED: pass('A working trail records it'),
  RECORDED_INFERRED: pass('A multi-Region trail that was seen elsewhere records it: the Region itself is denied'),
  NOT_DELIVERED: fail('The trails that record it cannot deliver', {
    kind: 'NOT_DELIVERING',
    severity: 'CRITICAL',
    tag: 'error',
    title: ({ words }) => `Log delivery is failing for ${words}`,
    fix: 'Repair the delivery of the trails that record it.',
  }),
  PARTIAL_EVENTS: fail(
    'The trails here log only part of the management events',
    {
      kind: 'PARTIAL_EVENTS',
      severity: 'HIGH',
      title: ({ words }) => `Only part of the management events is logged by ${words}`,
      fix: 'Take all management events: read and write, with nothing excluded.',
    },
    'The trail takes only part of the management events: aws cloudtrail put-event-selectors takes read and write with nothing excluded. No script is written, since selectors are replaced as a whole and hold what else you chose.',
  ),
  EVENTS_UNKNOWN: unverified('Which management events the trail logs is not known', EVENTS_UNKNOWN),
  SELECTORS_NOT_READ: unverified('The event selectors of the trail were not read', EVENTS_UNKNOWN),
} satisfies Record<string, Reason>;
type Code = keyof typeof REASONS;

/**
 * Beside the contract's words this control asks that what is taken arrives: where no trail that takes the events can
 * deliver, the target fails with NOT_DELIVERED; where nobody could tell, it is UNVERIFIED.
 */
export const regionRecorded = control({
  id: 'region-recorded',
  title: 'The account and Region are recorded',
  severity: 'HIGH',
  resource: 'target',
  rationale:
    'What no trail records cannot be investigated. An account or Region that joined later, or was forgotten, is where an intruder works unseen.',
  reads: [
    'cloudtrail:DescribeTrails',
    'cloudtrail:GetTrailStatus',
    'cloudtrail:GetEventSelectors',
    'ec2:DescribeRegions',
  ],
  decision:
    'Trails that are logging, whose scope takes in the account and Region, and that can deliver, together take all management events (read and write, nothing excluded). Event data stores do not count. What a filter of the run excluded is NOT_APPLICABLE.',
  expected: 'A working trail records all management events of this account and Region',
  remediation:
    'An organization trail for all Regions with management events read and write; or a multi-Region trail in the account.',
  audit: {
    console:
      'In every account and every enabled Region: CloudTrail, Trails: a trail with Status Logging, Multi-region trail Yes (or that Region as its home), and Management events All.',
    commands: [
      "aws cloudtrail describe-trails --region REGION --include-shadow-trails --query 'trailList[].[TrailARN,IsMultiRegionTrail,IsOrganizationTrail]'",
      'aws cloudtrail get-event-selectors --region HOME_REGION --trail-name TRAIL_ARN',
      'aws cloudtrail get-trail-status --region HOME_REGION --name TRAIL_ARN --query IsLogging',
    ],
    expected: 'One trail logs all management events, with nothing excluded.',
  },
  page: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html',
  sources: ['CIS AWS Foundations Benchmark 3.0.0, 3.1', 'AWS Security Hub control CloudTrail.1'],
  reasons: REASONS,
  decide(target, say): Decision<Code> {
    const { verdict, entry, recording } = target;
    // No trail of it: the reason is the ledger's, or the absence's.
    const reason = target.reason as Exclude<typeof target.reason, TrailFault | 'ENCRYPTED_AND_DELIVERING'>;
    if (verdict === 'NOT_APPLICABLE') return say(reason ?? 'NOT_OPTED_IN', `The target is ${entry.state}`);
    // A run that was not to look there has failed to determine nothing: a scope can be met on its own.
    if (entry.state === 'EXCLUDED')
      return say(reason ?? 'ACCOUNT_FILTER', 'The target is outside the scope of this run');
    if (recording.length > 0) return recorded(target, say);
    if (verdict === 'UNVERIFIED') return say(reason ?? 'NO_ANSWER', null, { detail: entry.errorMessage });
    const absence = reason ?? 'NO_TRAIL_SEEN';
    return say(absence, REASONS[absence].words);
  },
});

function recorded(target: CoverageDecision, say: Say<Code>): Decision<Code> {
  const names = target.recording.map((r) => r.trail.trailArn);
  const observed = `Recorded by ${names.length === 1 ? names[0] : `${names.length} trails`}`;
  const working = target.recording.filter((r) => r.delivery.verdict !== 'FAILS');
  if (working.length === 0) {
    return say('NOT_DELIVERED', `${observed}, which cannot deliver (${target.recording[0]?.delivery.reason})`);
  }
  const unsure = working.flatMap(({ delivery }) => (delivery.verdict === 'UNKNOWN' ? [delivery.reason] : []));
  const taken = takenBy(working.filter((r) => r.delivery.verdict === 'ARRIVES'));
  if (taken === 'ALL') return say(target.basis === 'INFERRED' ? 'RECORDED_INFERRED' : 'RECORDED', observed);
  if (takenBy(working) === 'ALL' || takenBy(working) === 'UNKNOWN') return say(unsure[0] ?? 'EVENTS_UNKNOWN', observed);
  return say(
    'PARTIAL_EVENTS',
    `${observed}, which log${names.length === 1 ? 's' : ''} only part of the management events`,
  );
}

const takenBy = (recording: CoverageDecision['recording']) =>
  unionOfManagementEvents(recording.map((r) => r.trail.managementEvents));
