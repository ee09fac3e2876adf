import type { AbsenceReason } from '../../judge/coverage.ts';
import type { LedgerReason } from '../../judge/ledger.ts';
import type { CoverageState } from '../../model/vocabulary.ts';
import { fail, notApplicable, type Reason, unverified } from './reason.ts';

const RESUME_RUN = 'Run `trailseal scan --resume` for this run.';
/** What gets an answer, by how the target ended; else it is asked again. */
const FIX_BY_STATE: Partial<Record<CoverageState, string>> = {
  ACCESS_DENIED: 'Roll the audit role out to these accounts (or let it be assumed), then `trailseal scan --resume`.',
  THROTTLED: 'Run again with a lower --concurrency: `trailseal scan --resume`.',
};

/** No answer, so nothing is known: the cause is one for all targets that ended alike. */
const unreached = (words: string, title: string, fix?: string) =>
  unverified(words, ({ state }) => ({
    kind: 'UNREACHED',
    severity: 'HIGH',
    title: ({ words: code }) => `${title} (${code})`,
    fix: fix ?? (state && FIX_BY_STATE[state]) ?? RESUME_RUN,
  }));
const TRAILS_NOT_LISTED = 'Could not list the trails of Regions';

/** Why an account and region has no trails to show. */
export const LEDGER_REASONS = {
  SUSPENDED: notApplicable('The account is suspended'),
  CLOSED: notApplicable('The account is closed'),
  PENDING_ACTIVATION: notApplicable('The account is not yet active'),
  NOT_OPTED_IN: notApplicable('The Region is not enabled in the account'),
  ACCOUNT_FILTER: notApplicable('Outside the scope: left out by --accounts'),
  EXCLUDED_ACCOUNT: notApplicable('Outside the scope: left out by --exclude-accounts'),
  OU_FILTER: notApplicable('Outside the scope: left out by --ou'),
  TAG_FILTER: notApplicable('Outside the scope: left out by --account-tag'),
  SCOPE_FILTER: notApplicable('Outside the scope: left out by --scope'),
  REGION_FILTER: notApplicable('Outside the scope: left out by --regions or the settings'),
  ASSUMEROLE_REFUSED: unreached('The audit role could not be assumed', 'Could not assume the audit role'),
  DESCRIBEREGIONS_REFUSED: unreached(
    'The Regions of the account could not be listed',
    'Could not list the Regions of accounts',
  ),
  CHILD_FAILED: unreached('The scan of the account failed', 'Accounts whose scan failed'),
  MAP_FAILED: unreached(
    'The scan failed as a whole',
    'Accounts that were not scanned, since the scan failed as a whole',
  ),
  CORRUPT_OBSERVATION: unreached('The stored answers cannot be read', 'Accounts whose stored answers cannot be read'),
  NO_ANSWER: unreached('No answer was recorded', 'Accounts that were not reached before the run ended'),
  REGION_MISSING: unreached(
    'No answer of this Region was recorded',
    'Regions that were not reached before the scan of their account ended',
  ),
  DENIED: unreached('DescribeTrails was refused', TRAILS_NOT_LISTED),
  DENIED_BY_SCP: unreached('DescribeTrails was refused by a service control policy', TRAILS_NOT_LISTED),
  NOT_PERMITTED: unreached(
    'AWS does not let the account use CloudTrail',
    'Regions where AWS does not let the account use CloudTrail',
    'Complete the sign-up of these accounts, or ask AWS Support: no permission changes this.',
  ),
  CREDENTIALS: unreached('The credentials were invalid or expired', TRAILS_NOT_LISTED),
  THROTTLED: unreached('DescribeTrails was throttled until all retries were used', TRAILS_NOT_LISTED),
  NOT_FOUND: unreached('DescribeTrails failed', TRAILS_NOT_LISTED),
  UNAVAILABLE: unreached('CloudTrail is not available in the Region', TRAILS_NOT_LISTED),
  ERROR: unreached('DescribeTrails failed', TRAILS_NOT_LISTED),
} satisfies Record<LedgerReason, Reason>;

const ONE_TRAIL = 'One organization trail for all Regions, with a KMS key.';
const absent = (words: string, title: string, fix = ONE_TRAIL, noScript?: string) =>
  fail(words, { kind: 'NO_TRAIL', severity: 'HIGH', title: () => title, fix }, noScript);

/** Why no trail records an account and region that answered, or that a service control policy denied. */
export const ABSENCE_REASONS = {
  TRAIL_STOPPED: absent(
    'The only trails that would record it are stopped',
    'Accounts and Regions whose only trails are stopped',
    'Start logging on the stopped trails (aws cloudtrail start-logging).',
    'The trails that would record these are stopped: start them, which the root cause of each trail repairs.',
  ),
  DATA_EVENTS_ONLY: absent(
    'No trail logs management events here',
    'Accounts and Regions whose trails log no management events',
  ),
  LAKE_ONLY: absent(
    'Only a CloudTrail Lake event data store records it',
    'Accounts and Regions recorded by CloudTrail Lake only',
  ),
  HOME_REGION_DISABLED: absent(
    "The organization trail's home Region is disabled in this account",
    "Accounts in which the organization trail's home Region is disabled",
  ),
  OTHER_REGION_ONLY: absent(
    'Trails seen here record another Region only',
    'Regions that single-Region trails leave out',
  ),
  NO_TRAIL_SEEN: absent('No trail records it', 'Accounts and Regions that no trail records'),
  REGION_DENIED_NO_MULTI_REGION_TRAIL: unverified(
    'The Region is denied, and no multi-Region trail records the account',
    {
      kind: 'REGION_DENIED',
      severity: 'MEDIUM',
      title: () => 'Regions denied by a service control policy, in accounts that no multi-Region trail records',
      fix: 'Exempt the audit role from the Region deny, or record these accounts with a multi-Region trail.',
    },
  ),
} satisfies Record<AbsenceReason, Reason>;
