import {
  by,
  DELIVERS,
  type Framework,
  KEY_WORKS,
  KEY_WORKS_SUPPORTS,
  type Requirement,
  requirement,
  supports,
} from '../framework.ts';
import { CDK_NAG, prowler, securityHub } from '../sources.ts';

const publisher = 'National Institute of Standards and Technology';
/** `au-9.3` for AU-9(3). */
const catalogue = (revision: number) => ({
  href: `https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/SP800-53/rev${revision}/json/NIST_SP-800-53_rev${revision}_catalog.json`,
  controlId: (id: string): string => id.toLowerCase().replace(/\((\d+)\)/, '.$1'),
});

const others = 'Audit information of other systems, and audit tools.';

const auditEvents = (id: string): Requirement =>
  requirement(id, 'The system can log the events that matter', {
    support: [by('prowler', 'region-recorded'), supports('prowler', 'trail-monitored')],
    notEvidenced: 'The choice of event types and its rationale; events outside the AWS API; data events.',
  });
const auditGeneration = (id: string): Requirement =>
  requirement(id, 'Audit records are generated for those events', {
    support: [by('prowler', 'region-recorded'), supports('prowler', 'trail-monitored'), DELIVERS],
    notEvidenced: 'Records of operating systems and applications; data events of AWS services.',
  });
const keyManagement = (id: string, title: string): Requirement =>
  requirement(id, title, {
    support: [
      supports('prowler', 'trail-key-rotation'),
      by('trailseal', 'trail-key-usable', 'trail-key-owned', 'trail-key-policy'),
    ],
    notEvidenced: 'Keys that protect anything but CloudTrail; generation, distribution and destruction procedures.',
  });

const REVISION_4: Framework = {
  id: 'nist-800-53-r4',
  name: 'NIST SP 800-53',
  version: 'Revision 4',
  catalogue: catalogue(4),
  published: [prowler('nist_800_53_revision_4'), CDK_NAG],
  publisher,
  note: 'Withdrawn on 23 September 2021 in favour of revision 5; kept for comparison.',
  requirements: [
    auditEvents('AU-2'),
    requirement('AU-9', 'Audit information is protected from access, change and deletion', {
      support: [
        by('cdk-nag', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'trail-key-policy', 'bucket-protected'),
        supports('trailseal', 'trail-log-validation'),
      ],
      notEvidenced: others,
    }),
    auditGeneration('AU-12'),
    keyManagement('SC-12', 'Cryptographic keys are established and managed'),
    requirement('SC-28', 'Information at rest is protected', {
      support: [
        by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'All information at rest other than CloudTrail logs.',
    }),
    requirement('SI-7', 'Unauthorised changes are detected by integrity checks', {
      support: [by('prowler', 'trail-log-validation')],
      notEvidenced: 'Integrity of software and firmware; that digests are validated.',
    }),
  ],
};

export const NIST_800_53_R5: Framework = {
  id: 'nist-800-53-r5',
  name: 'NIST SP 800-53',
  version: 'Revision 5',
  catalogue: catalogue(5),
  published: [securityHub('cloudtrail'), prowler('nist_800_53_revision_5')],
  publisher,
  note: null,
  requirements: [
    {
      ...auditEvents('AU-2'),
      support: [by('security-hub', 'region-recorded'), supports('prowler', 'trail-monitored')],
    },
    requirement('AU-9', 'Audit information is protected from access, change and deletion', {
      support: [
        by('security-hub', 'trail-kms-encrypted'),
        supports('security-hub', 'trail-log-validation'),
        KEY_WORKS,
        by('trailseal', 'trail-key-policy', 'bucket-protected', 'event-data-store-encrypted'),
      ],
      notEvidenced: others,
    }),
    requirement('AU-9(3)', 'Cryptography protects the integrity of audit information', {
      support: [
        supports('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS_SUPPORTS,
        by('trailseal', 'trail-log-validation'),
      ],
      notEvidenced: others,
    }),
    {
      ...auditGeneration('AU-12'),
      support: [by('security-hub', 'region-recorded'), supports('prowler', 'trail-monitored'), DELIVERS],
    },
    requirement('CA-9(1)', 'Internal connections are checked for compliance first', {
      support: [supports('security-hub', 'trail-kms-encrypted')],
      notEvidenced: 'Compliance checks before components connect: encryption of logs is one setting among many.',
    }),
    requirement('CM-3(6)', 'Cryptographic mechanisms are under configuration management', {
      support: [by('security-hub', 'trail-kms-encrypted'), KEY_WORKS],
      notEvidenced: 'The change-control process itself, and mechanisms other than the keys of CloudTrail.',
    }),
    keyManagement('SC-12', 'Cryptographic keys are established and managed'),
    keyManagement('SC-12(2)', 'Symmetric keys are produced and controlled with approved technology'),
    requirement('SC-13', 'Required cryptography is determined and used', {
      support: [by('security-hub', 'trail-kms-encrypted'), KEY_WORKS],
      notEvidenced: 'Which uses of cryptography are required, and all those other than CloudTrail logs.',
    }),
    requirement('SC-28', 'Information at rest is protected', {
      support: [
        by('security-hub', 'trail-kms-encrypted'),
        KEY_WORKS,
        by('trailseal', 'log-group-encrypted', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'All information at rest other than CloudTrail logs.',
    }),
    requirement('SC-28(1)', 'Information at rest is protected by cryptography', {
      support: [
        by('security-hub', 'trail-kms-encrypted'),
        by('prowler', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'All information at rest other than CloudTrail logs.',
    }),
    requirement('SC-7(10)', 'Information does not leave across managed interfaces unseen', {
      support: [supports('security-hub', 'trail-kms-encrypted')],
      notEvidenced: 'Exfiltration controls and tests: encrypted logs are at most one obstacle.',
    }),
    requirement('SI-7(1)', 'Integrity checks are performed', {
      support: [by('security-hub', 'trail-log-validation')],
      notEvidenced: 'Integrity of software and firmware; that digests are validated, and how often.',
    }),
    requirement('SI-7(6)', 'Cryptography detects unauthorised changes', {
      support: [
        supports('security-hub', 'trail-kms-encrypted'),
        KEY_WORKS_SUPPORTS,
        by('trailseal', 'trail-log-validation'),
      ],
      notEvidenced: 'Changes to software, firmware and information other than CloudTrail logs.',
    }),
  ],
};

export const NIST_800_53: readonly Framework[] = [REVISION_4, NIST_800_53_R5];
