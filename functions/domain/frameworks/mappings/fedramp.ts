import { by, DELIVERS, type Framework, KEY_WORKS, type Requirement, supports } from '../framework.ts';

const publisher = 'U.S. General Services Administration, FedRAMP';
const note = 'FedRAMP has moved to baselines of NIST SP 800-53 revision 5 (see nist-800-53-r5); kept for comparison.';

const protection: Requirement = {
  id: 'AU-9',
  title: 'Audit information is protected from access, change and deletion',
  support: [
    by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
    supports('prowler', 'trail-log-validation'),
    KEY_WORKS,
    by('trailseal', 'trail-key-policy', 'bucket-protected'),
  ],
  notEvidenced: 'Audit information of other systems, and audit tools.',
};
const keys: Requirement = {
  id: 'SC-12',
  title: 'Cryptographic keys are established and managed',
  support: [supports('prowler', 'trail-key-rotation'), by('trailseal', 'trail-key-usable', 'trail-key-owned')],
  notEvidenced: 'Keys that protect anything but CloudTrail; generation, distribution and destruction procedures.',
};

export const FEDRAMP: readonly Framework[] = [
  {
    id: 'fedramp-r4-low',
    name: 'FedRAMP Low baseline',
    version: 'Revision 4',
    publisher,
    note,
    requirements: [
      {
        id: 'AU-2',
        title: 'The system can log the events that matter',
        support: [by('prowler', 'region-recorded')],
        notEvidenced: 'The choice of event types and its rationale; events outside the AWS API; data events.',
      },
      protection,
      keys,
    ],
  },
  {
    id: 'fedramp-r4-moderate',
    name: 'FedRAMP Moderate baseline',
    version: 'Revision 4',
    publisher,
    note,
    requirements: [
      {
        id: 'AU-12(a)(c)',
        title: 'Audit records are generated for the chosen events',
        support: [by('prowler', 'region-recorded'), DELIVERS],
        notEvidenced: 'Records of operating systems and applications; data events of AWS services.',
      },
      protection,
      keys,
      {
        id: 'SC-28',
        title: 'Information at rest is protected',
        support: [
          by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
          KEY_WORKS,
          by('trailseal', 'event-data-store-encrypted'),
        ],
        notEvidenced: 'All information at rest other than CloudTrail logs.',
      },
      {
        id: 'SI-7(1)',
        title: 'Integrity checks are performed',
        support: [by('prowler', 'trail-log-validation')],
        notEvidenced: 'Integrity of software and firmware; that digests are validated, and how often.',
      },
    ],
  },
];
