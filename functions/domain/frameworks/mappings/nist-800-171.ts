import { by, DELIVERS, type Framework, KEY_WORKS, requirement, supports } from '../framework.ts';
import { powerpipe, prowler, securityHub } from '../sources.ts';

const revision2: Framework = {
  id: 'nist-800-171-r2',
  name: 'NIST SP 800-171',
  version: 'Revision 2',
  published: [securityHub('cloudtrail'), prowler('nist_800_171_revision_2'), powerpipe('nist_800_171_rev_2')],
  publisher: 'National Institute of Standards and Technology',
  note: 'Superseded by revision 3 in May 2024; still the revision that CMMC 2.0 level 2 refers to.',
  requirements: [
    requirement('3.3.1', 'Audit logs are created and kept', {
      support: [supports('prowler', 'trail-monitored'), by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'Logs of systems outside the AWS API, and the retention that your policy asks for.',
    }),
    requirement('3.3.8', 'Audit information is protected from access, change and deletion', {
      support: [
        by('security-hub', 'trail-kms-encrypted'),
        supports('security-hub', 'trail-log-validation'),
        by('prowler', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'trail-key-policy', 'bucket-protected', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Audit information of other systems, and audit tools.',
    }),
    requirement('3.13.10', 'Cryptographic keys are established and managed', {
      support: [
        supports('powerpipe', 'trail-key-rotation'),
        by('trailseal', 'trail-key-usable', 'trail-key-owned', 'trail-key-policy'),
      ],
      notEvidenced: 'Keys that protect anything but CloudTrail; generation, distribution and destruction procedures.',
    }),
    requirement('3.13.11', 'FIPS-validated cryptography protects controlled information', {
      support: [by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'), KEY_WORKS],
      notEvidenced:
        'The validation certificates (AWS publishes those of KMS), FIPS endpoints, and all other cryptography.',
    }),
    requirement('3.13.16', 'Controlled information at rest is confidential', {
      support: [
        by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Controlled information at rest other than CloudTrail logs.',
    }),
  ],
};

const revision3: Framework = {
  id: 'nist-800-171-r3',
  name: 'NIST SP 800-171',
  version: 'Revision 3',
  catalogue: {
    href: 'https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/SP800-171/rev3/json/NIST_SP800-171_rev3_catalog.json',
    controlId: (id) => `SP_800_171_${id}`,
  },
  publisher: 'National Institute of Standards and Technology',
  note: null,
  published: ['https://doi.org/10.6028/NIST.SP.800-171r3', securityHub('cloudtrail')],
  requirements: [
    requirement('03.03.01', 'The events to be logged are chosen and can be logged', {
      support: [by('nist-171-r3', 'region-recorded')],
      notEvidenced: 'The choice of event types and its review; events outside the AWS API; data events.',
    }),
    requirement('03.03.03', 'Audit records are generated and kept', {
      support: [by('nist-171-r3', 'region-recorded'), DELIVERS],
      notEvidenced: 'Records of systems outside the AWS API, and the retention that your policy asks for.',
    }),
    requirement('03.03.08', 'Audit information and tools are protected from access, change and deletion', {
      support: [
        supports('nist-171-r3', 'trail-log-validation'),
        by('nist-171-r3', 'trail-kms-encrypted'),
        KEY_WORKS,
        by('trailseal', 'trail-key-policy', 'bucket-protected', 'log-group-encrypted', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Audit information of other systems, audit tools, and who may manage logging.',
    }),
    requirement('03.13.08', 'Controlled information is encrypted in transmission and in storage', {
      support: [
        by('nist-171-r3', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Controlled information other than CloudTrail logs, and its transmission.',
    }),
    requirement('03.13.10', 'Cryptographic keys are established and managed', {
      support: [
        supports('nist-171-r3', 'trail-key-rotation'),
        by('trailseal', 'trail-key-usable', 'trail-key-owned', 'trail-key-policy'),
      ],
      notEvidenced: 'Keys that protect anything but CloudTrail; generation, distribution and destruction procedures.',
    }),
    requirement('03.13.11', 'The cryptography that protects controlled information is of the chosen types', {
      support: [by('nist-171-r3', 'trail-kms-encrypted'), KEY_WORKS],
      notEvidenced:
        'The choice of types, validation certificates (AWS publishes those of KMS), FIPS endpoints, and all other cryptography.',
    }),
  ],
};

export const NIST_800_171: readonly Framework[] = [revision2, revision3];
