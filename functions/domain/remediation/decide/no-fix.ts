import { controlById } from '../../controls/catalogue.ts';
import { verdictReason } from '../../judge/root-cause.ts';

/** Why no second organization trail is made: the one there is covers what it can, and a second one is paid for. */
export function whyNoSecondTrail(
  trail: { trail_arn: string; home_region: string; management_events: string; is_logging: boolean | null },
  unrecorded: { accounts: readonly string[]; reason: string | null },
): string {
  const accounts = `${unrecorded.accounts.slice(0, 5).join(', ')}${unrecorded.accounts.length > 5 ? ` and ${unrecorded.accounts.length - 5} more` : ''}`;
  const there = `There is an organization trail, ${trail.trail_arn}, so no second one is made, which would be paid for.`;
  if (unrecorded.reason === 'HOME_REGION_DISABLED') {
    return `${there} Its home Region ${trail.home_region} is disabled in ${accounts}, and it does not record an account there: enable the Region in these accounts, or move the trail to a Region that is enabled by default.`;
  }
  if (trail.management_events !== 'ALL' && trail.management_events !== 'UNKNOWN') {
    return `${there} It takes ${trail.management_events.toLowerCase()} management events: widen it (aws cloudtrail put-event-selectors, read and write, nothing excluded); no script is written, since selectors are replaced as a whole and hold what else you chose.`;
  }
  if (trail.is_logging === false) return `${there} It is stopped: start it, which its own root cause repairs.`;
  return `${there} It is not seen in ${accounts}: in an account that joined lately wait until CloudTrail has made its copy (up to a day) and scan again; in an older one look at the trail's status there, and at trusted access for CloudTrail in AWS Organizations.`;
}

const SCAN_FIRST =
  'Nothing can be repaired before it is known: let the audit role in (docs/reference/permissions.md), then trailseal scan --resume.';

/**
 * Why there is no fix for a cause: in the words of the reason that shows it, else of its control. `control` is the verdict
 * where a target shows it, as in coverage; what a run of another version says has the general words.
 */
export function whyNoFix({ control, reason, status }: { control: string; reason: string; status: string }): string {
  const declared = controlById(control);
  const known = declared ? declared.reasons[reason] : verdictReason(reason);
  if (known && 'noScript' in known && known.noScript !== undefined) return known.noScript;
  if (declared?.noScript !== undefined) return `${declared.noScript} (${reason}).`;
  if (control === 'UNVERIFIED') return `These accounts or Regions gave no answer. ${SCAN_FIRST} (${reason}).`;
  if (status === 'UNVERIFIED') return `What ${control} rests on could not be read (${reason}). ${SCAN_FIRST}`;
  return `No script is written for ${control} (${reason}): what to set is a choice that is yours; trailseal controls ${control.toLowerCase()} says what is expected.`;
}
