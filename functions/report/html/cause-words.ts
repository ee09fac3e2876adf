import type { RootCauseKind } from '../../domain/judge/root-cause.ts';

/** What one kind of root cause is, in a title, and what repairs it. */
export const CAUSE_KIND_WORDS: Record<RootCauseKind, { title: string; fix: string }> = {
  TRAIL_WITHOUT_KEY: { title: 'No KMS key on the trail', fix: 'Set a customer managed key on the trail.' },
  DEAD_KEY: { title: 'The KMS key cannot be used', fix: 'Enable, restore or replace the key.' },
  KEY_REGION: { title: "The KMS key is not in the bucket's region", fix: 'Set a key in the region of the bucket.' },
  FOREIGN_KEY: { title: 'The KMS key is not ours', fix: 'Set a key of the organization, or trust its account.' },
  DELIVERED_OTHERWISE: { title: "Logs do not carry the trail's key", fix: 'Find out who writes these objects.' },
  NOT_DELIVERING: { title: 'The trail delivers nothing', fix: 'Start logging, or let CloudTrail write to the bucket.' },
  MEMBER_NOT_DELIVERING: {
    title: 'Delivery fails for some members of an organization trail',
    fix: 'Let the bucket and key policies admit these accounts.',
  },
  PARTIAL_EVENTS: { title: 'Only part of the management events', fix: 'Take all management events.' },
  LOG_VALIDATION_OFF: { title: 'Log file validation is off', fix: 'Turn it on.' },
  NO_TRAIL: { title: 'No trail records the account or region', fix: 'One organization trail for all regions.' },
  UNREACHED: { title: 'Accounts or regions that gave no answer', fix: 'Roll out the audit role, then resume the run.' },
  REGION_DENIED: {
    title: 'Regions closed by a service control policy, not recorded elsewhere',
    fix: 'Exempt the audit role, or record them with a multi-region trail.',
  },
  KEY_SETTINGS: { title: 'Key policy or rotation', fix: "Correct the key's settings." },
  BUCKET_SETTINGS: { title: 'The log bucket is not protected', fix: "Correct the bucket's settings." },
  LOG_GROUP_SETTINGS: { title: 'No KMS key on the log group', fix: 'Associate a key.' },
  LAKE_SETTINGS: { title: 'No customer key that works on an event data store', fix: 'Correct its key.' },
  UNKNOWN_STATE: { title: 'What could not be determined', fix: 'See each one.' },
  CONTROL_NOT_MET: { title: 'A control is not met', fix: 'See the control: `trailseal controls ID`.' },
};
