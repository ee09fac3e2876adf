/** Why no second organization trail is made: the one there is covers what it can, and a second one is paid for. */
export function whyNoSecondTrail(
  trail: { trail_arn: string; home_region: string; management_events: string; is_logging: boolean | null },
  unrecorded: { accounts: readonly string[]; reason: string | null },
): string {
  const accounts = `${unrecorded.accounts.slice(0, 5).join(', ')}${unrecorded.accounts.length > 5 ? ` and ${unrecorded.accounts.length - 5} more` : ''}`;
  const there = `There is an organization trail, ${trail.trail_arn}, so no second one is made, which would be paid for.`;
  if (unrecorded.reason === 'HOME_REGION_DISABLED') {
    return `${there} Its home region ${trail.home_region} is disabled in ${accounts}, and it does not record an account there: enable the region in these accounts, or move the trail to a region that is enabled by default.`;
  }
  if (trail.management_events !== 'ALL' && trail.management_events !== 'UNKNOWN') {
    return `${there} It takes ${trail.management_events.toLowerCase()} management events: widen it (aws cloudtrail put-event-selectors, read and write, nothing excluded); no script is written, since selectors are replaced as a whole and hold what else you chose.`;
  }
  if (trail.is_logging === false) return `${there} It is stopped: start it, which its own root cause repairs.`;
  return `${there} It is not seen in ${accounts}: in an account that joined lately wait until CloudTrail has made its copy (up to a day) and scan again; in an older one look at the trail's status there, and at trusted access for CloudTrail in AWS Organizations.`;
}

const SCAN_FIRST =
  'Nothing can be repaired before it is known: let the audit role in (docs/security.md), then trailseal scan --resume.';

/** Why there is no fix for a cause, by the control (or the verdict of a target), the reason and the status that show it. */
export function whyNoFix({ control, reason, status }: { control: string; reason: string; status: string }): string {
  const known = BY_REASON[reason];
  if (known !== undefined) return known;
  const of = BY_CONTROL[control];
  if (of !== undefined) return `${of} (${reason}).`;
  if (status === 'UNVERIFIED') return `What ${control} rests on could not be read (${reason}). ${SCAN_FIRST}`;
  return `No script is written for ${control} (${reason}): what to set is a choice that is yours; trailseal controls ${control.toLowerCase()} says what is expected.`;
}

const NO_DIGESTS =
  'Validation is on and digests do not arrive: look whether the policy of the bucket refuses cloudtrail.amazonaws.com under AWSLogs/ACCOUNT/CloudTrail-Digest/, and whether that of the key lets it in. No script is written, since CloudTrail names no statement.';

const BY_REASON: Record<string, string> = {
  PARTIAL_EVENTS:
    'The trail takes only part of the management events: aws cloudtrail put-event-selectors takes read and write with nothing excluded. No script is written, since selectors are replaced as a whole and hold what else you chose.',
  TRAIL_STOPPED:
    'The trails that would record these are stopped: start them, which the root cause of each trail repairs.',
  DIGEST_ERROR: NO_DIGESTS,
  DIGEST_OVERDUE: NO_DIGESTS,
  NO_DIGEST: NO_DIGESTS,
  KEY_OUTSIDE_ORGANIZATION:
    'The key belongs to somebody outside the organization, who alone can say and change it: move the trail to a key of your own, which its own root cause repairs.',
  FOREIGN_DECRYPT:
    'The key policy lets an account outside the organization decrypt, and only you know whether it is to: no script is written, since it would take the logs from whoever reads them there. Name the roles that need it in place of the account, or the account in trustedAccounts if it is yours.',
  OTHER_KEY:
    'Objects carry another key than the trail has: look who writes them (a key set since, another trail with the same prefix). Nothing about the trail is to be changed for it.',
  NOT_KMS:
    'Objects are not encrypted with the key that the trail has: look who writes them (a key set since, another trail with the same prefix). Nothing about the trail is to be changed for it.',
};

const BY_CONTROL: Record<string, string> = {
  'bucket-retention':
    'How long logs are kept is yours to decide, and a lifecycle configuration is replaced as a whole, so no script is written: let no rule expire the prefix of the trails before 365 days',
  'bucket-access-logged':
    'Access logs need a bucket of their own in the same region and account, which only you can choose, so no script is written: aws s3api put-bucket-logging, or data events of the bucket on a trail',
  'trail-monitored':
    'A log group needs a role and alarms that only you can choose, so no script is written: aws cloudtrail update-trail --cloud-watch-logs-log-group-arn --cloud-watch-logs-role-arn',
  'delivered-logs-encrypted':
    'What delivered objects carry is repaired by nothing but their writer, so no script is written: look who writes under the prefix of the trail',
  'event-data-store-encrypted':
    'What event data stores there are could not be listed, so there is nothing to repair yet: let the audit role call cloudtrail:ListEventDataStores',
  NOT_LOGGING: 'The trails that would record these are stopped: start them, which the root cause of each trail repairs',
  UNVERIFIED: `These accounts or regions gave no answer. ${SCAN_FIRST}`,
};
