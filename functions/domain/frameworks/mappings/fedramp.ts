import { by, DELIVERS, type Framework, KEY_WORKS, type Requirement, requirement, supports } from '../framework.ts';
import { prowler } from '../sources.ts';
import { NIST_800_53_R5 } from './nist-800-53.ts';

const publisher = 'U.S. General Services Administration, FedRAMP';
const note =
  'FedRAMP has moved to baselines of NIST SP 800-53 revision 5 (see fedramp-r5-moderate); kept for comparison.';

const protection: Requirement = requirement('AU-9', 'Audit information is protected from access, change and deletion', {
  support: [
    by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
    supports('prowler', 'trail-log-validation'),
    KEY_WORKS,
    by('trailseal', 'trail-key-policy', 'bucket-protected'),
  ],
  notEvidenced: 'Audit information of other systems, and audit tools.',
});
const keys: Requirement = requirement('SC-12', 'Cryptographic keys are established and managed', {
  support: [supports('prowler', 'trail-key-rotation'), by('trailseal', 'trail-key-usable', 'trail-key-owned')],
  notEvidenced: 'Keys that protect anything but CloudTrail; generation, distribution and destruction procedures.',
});

const REVISION_4: readonly Framework[] = [
  {
    id: 'fedramp-r4-low',
    name: 'FedRAMP Low baseline',
    version: 'Revision 4',
    published: [prowler('fedramp_low_revision_4')],
    publisher,
    note,
    requirements: [
      requirement('AU-2', 'The system can log the events that matter', {
        support: [by('prowler', 'region-recorded')],
        notEvidenced: 'The choice of event types and its rationale; events outside the AWS API; data events.',
      }),
      protection,
      keys,
    ],
  },
  {
    id: 'fedramp-r4-moderate',
    name: 'FedRAMP Moderate baseline',
    version: 'Revision 4',
    published: [prowler('fedramp_moderate_revision_4')],
    publisher,
    note,
    requirements: [
      requirement('AU-12(a)(c)', 'Audit records are generated for the chosen events', {
        support: [by('prowler', 'region-recorded'), DELIVERS],
        notEvidenced: 'Records of operating systems and applications; data events of AWS services.',
      }),
      protection,
      keys,
      requirement('SC-28', 'Information at rest is protected', {
        support: [
          by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
          KEY_WORKS,
          by('trailseal', 'event-data-store-encrypted'),
        ],
        notEvidenced: 'All information at rest other than CloudTrail logs.',
      }),
      requirement('SI-7(1)', 'Integrity checks are performed', {
        support: [by('prowler', 'trail-log-validation')],
        notEvidenced: 'Integrity of software and firmware; that digests are validated, and how often.',
      }),
    ],
  },
];

/**
 * The controls of SP 800-53 revision 5 in each baseline, of those that TrailSeal has something to say about.
 * @see https://github.com/GSA/fedramp-automation/tree/master/dist/content/rev5/baselines/json
 */
const LOW = ['AU-2', 'AU-9', 'AU-12', 'SC-12', 'SC-13', 'SC-28', 'SC-28(1)'];
const MODERATE = [...LOW, 'SI-7(1)'];
const HIGH = [...MODERATE, 'AU-9(3)', 'CM-3(6)', 'SC-7(10)'];

const baseline = (level: string, name: string, file: string, controls: readonly string[]): Framework => ({
  id: `fedramp-r5-${level}`,
  name: `FedRAMP ${name} baseline`,
  version: 'Revision 5',
  publisher,
  note: null,
  published: [
    `https://github.com/GSA/fedramp-automation/blob/master/dist/content/rev5/baselines/json/FedRAMP_rev5_${file}-baseline_profile.json`,
    ...NIST_800_53_R5.published,
  ],
  requirements: NIST_800_53_R5.requirements.filter(({ id }) => controls.includes(id)),
});

const TWENTY_X: Framework = {
  id: 'fedramp-20x-low',
  name: 'FedRAMP 20x Key Security Indicators, Low',
  version: '25.05C',
  publisher,
  note: null,
  published: [prowler('fedramp_20x_ksi_low')],
  requirements: [
    requirement('KSI-CMT', 'Changes are documented, logged and can be traced', {
      support: [supports('prowler', 'trail-log-validation'), by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'Change management as a whole; changes made outside the AWS API.',
    }),
    requirement('KSI-MLA', 'Important events, activity and changes are monitored, logged and audited', {
      support: [
        supports('prowler', 'trail-monitored'),
        supports('prowler', 'trail-log-validation'),
        by('prowler', 'trail-kms-encrypted', 'region-recorded', 'log-group-encrypted'),
        KEY_WORKS,
        DELIVERS,
        by('trailseal', 'trail-key-policy', 'bucket-protected'),
      ],
      notEvidenced: 'That anyone monitors and audits what is recorded; logs from outside the AWS API.',
    }),
    requirement('KSI-MLA-07', 'What is to be logged and audited is listed', {
      support: [supports('prowler', 'region-recorded')],
      notEvidenced: 'The list of resources and event types; events other than management events.',
    }),
    requirement('KSI-SVC', 'Services are configured for encryption and integrity', {
      support: [
        supports('prowler', 'trail-key-rotation'),
        by('prowler', 'trail-kms-encrypted', 'trail-key-policy', 'bucket-protected'),
        KEY_WORKS,
        by('trailseal', 'log-group-encrypted', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Every service and data other than CloudTrail and its logs.',
    }),
  ],
};

export const FEDRAMP: readonly Framework[] = [
  ...REVISION_4,
  baseline('li-saas', 'Tailored Low-Impact SaaS', 'LI-SaaS', LOW),
  baseline('low', 'Low', 'LOW', LOW),
  baseline('moderate', 'Moderate', 'MODERATE', MODERATE),
  baseline('high', 'High', 'HIGH', HIGH),
  TWENTY_X,
];
