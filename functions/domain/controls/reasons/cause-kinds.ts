/** What a kind of root cause is called where several are shown together, and what repairs it. */
interface KindWords {
  title: string;
  fix: string;
  /** Causes of this kind differ by the reason too, not by the resource alone. */
  perReason?: true;
}

/** Every kind of root cause. The names are in the ids of causes and in the reports: add, never rename. */
export const CAUSE_KINDS = {
  TRAIL_WITHOUT_KEY: { title: 'No KMS key on the trail', fix: 'Set a customer managed key on the trail.' },
  DEAD_KEY: { title: 'KMS key unusable: log delivery is failing', fix: 'Enable, restore or replace the key.' },
  KEY_REGION: { title: "The KMS key is not in the bucket's Region", fix: 'Set a key in the Region of the bucket.' },
  FOREIGN_KEY: {
    title: 'KMS key not managed by your organization',
    fix: 'Set a customer managed key of the organization, or trust its account.',
  },
  DELIVERED_OTHERWISE: { title: "Logs do not carry the trail's key", fix: 'Find out what writes these objects.' },
  NOT_DELIVERING: {
    title: 'Log delivery is failing or logging is stopped',
    fix: 'Start logging, or let CloudTrail write to the bucket.',
  },
  MEMBER_NOT_DELIVERING: {
    title: 'Delivery fails for some members of an organization trail',
    fix: 'Let the bucket and key policies admit these accounts.',
  },
  PARTIAL_EVENTS: { title: 'Only some management events are logged', fix: 'Log all management events.' },
  LOG_VALIDATION_OFF: { title: 'Log file validation is off', fix: 'Turn it on.' },
  NO_TRAIL: { title: 'No trail logs the account or Region', fix: 'Create one organization trail for all Regions.' },
  UNREACHED: {
    title: 'Accounts or Regions that could not be scanned',
    fix: 'Deploy the audit role, then resume the run.',
  },
  REGION_DENIED: {
    title: 'Regions denied by a service control policy',
    fix: 'Exempt the audit role, or log them with a multi-Region trail.',
  },
  KEY_SETTINGS: { title: 'Key policy or rotation needs a change', fix: "Correct the key's settings.", perReason: true },
  BUCKET_SETTINGS: {
    title: 'Settings of the log bucket need a change',
    fix: "Correct the bucket's settings.",
    perReason: true,
  },
  NOT_MONITORED: {
    title: 'Events do not reach CloudWatch Logs',
    fix: 'Set a log group on the trail, or repair its role.',
    perReason: true,
  },
  LOG_GROUP_SETTINGS: { title: 'No KMS key on the log group', fix: 'Associate a key.', perReason: true },
  LAKE_SETTINGS: {
    title: 'Event data store without a working customer managed key',
    fix: 'Correct its key.',
    perReason: true,
  },
  UNKNOWN_STATE: { title: 'Could not be determined', fix: 'See each root cause.', perReason: true },
  CONTROL_NOT_MET: {
    title: 'Another control fails',
    fix: 'See the control: `trailseal controls ID`.',
    perReason: true,
  },
} as const satisfies Record<string, KindWords>;
export type RootCauseKind = keyof typeof CAUSE_KINDS;
