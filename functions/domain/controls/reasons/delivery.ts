import { unlessDead } from './key.ts';
import { fail, unverified } from './reason.ts';
import { OF_TRAIL, unread } from './unread.ts';

const READ_STATUS =
  'Give the audit role the read that is missing (cloudtrail:GetTrailStatus), in the account that owns the trail.';

/** No account that sees the trail could read its status. */
export const STATUS_UNKNOWN = {
  ...unread('STATUS', {
    what: ({ words }) => `the status of ${words}`,
    words: "the trail's status",
    action: 'cloudtrail:GetTrailStatus',
    filing: OF_TRAIL,
    unless: unlessDead,
  }),
  STATUS_NOT_READ: unverified("The trail's status was not read", unlessDead({ ...OF_TRAIL, fix: READ_STATUS })),
};
const READ_MEMBER_STATUS =
  'Give the audit role the read that is missing (cloudtrail:GetTrailStatus), in the members that show this.';
const memberUnknown = (failed: string, fix: string): string =>
  `Whether members' own copies of the trail deliver is not known (${failed}); nothing is known to be wrong, so no script is written. ${fix}`;

/** The same of one member's copy of an organization trail. */
export const MEMBER_STATUS_UNKNOWN = {
  ...unread('MEMBER_STATUS', {
    what: ({ words }) => `the members' own status of ${words}`,
    words: "the member's own status of the trail",
    action: 'cloudtrail:GetTrailStatus',
    filing: OF_TRAIL,
    where: 'the members that show this',
    noScript: memberUnknown,
    unless: unlessDead,
  }),
  MEMBER_STATUS_NOT_READ: unverified(
    "The member's own status of the trail was not read",
    unlessDead({ ...OF_TRAIL, fix: READ_MEMBER_STATUS }),
    memberUnknown('not read', READ_MEMBER_STATUS),
  ),
};

/** A trail that is stopped delivers nowhere: one cause for all that asks for it. */
export const STOPPED = {
  NOT_LOGGING: fail('Logging is stopped', {
    kind: 'NOT_DELIVERING',
    severity: 'CRITICAL',
    tag: 'stopped',
    title: ({ words }) => `Logging is stopped on ${words}`,
    fix: 'Start logging (aws cloudtrail start-logging).',
  }),
};

/** Nothing came for 26 hours, and no error was reported. */
export const SILENT = unverified(
  'Nothing was delivered for 26 hours, and no error is reported',
  unlessDead({
    kind: 'NOT_DELIVERING',
    severity: 'HIGH',
    tag: 'silent',
    title: ({ words }) => `Nothing was delivered for 26 hours by ${words}`,
    fix: 'Look at the bucket policy and the key policy; AWS reports no error for time-outs.',
  }),
);

/** A member's own copy of an organization trail is refused, or silent. */
export const MEMBERS_FAIL = unlessDead({
  kind: 'MEMBER_NOT_DELIVERING',
  severity: 'HIGH',
  title: ({ words }) => `Log delivery is failing for members of ${words}`,
  fix: 'Let the bucket policy and the key policy of the trail admit these accounts.',
});
