import { by, DELIVERS, type Framework, KEY_WORKS, supports } from '../framework.ts';

export const NIST_800_171: Framework = {
  id: 'nist-800-171-r2',
  name: 'NIST SP 800-171',
  version: 'Revision 2',
  publisher: 'National Institute of Standards and Technology',
  note: 'Superseded by revision 3 in May 2024; still the revision that CMMC 2.0 level 2 refers to.',
  requirements: [
    {
      id: '3.3.1',
      title: 'Audit logs are created and kept',
      support: [by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'Logs of systems outside the AWS API, and the retention that your policy asks for.',
    },
    {
      id: '3.3.8',
      title: 'Audit information is protected from access, change and deletion',
      support: [
        by('security-hub', 'trail-kms-encrypted'),
        supports('security-hub', 'trail-log-validation'),
        by('prowler', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'trail-key-policy', 'bucket-protected', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Audit information of other systems, and audit tools.',
    },
    {
      id: '3.13.10',
      title: 'Cryptographic keys are established and managed',
      support: [
        supports('powerpipe', 'trail-key-rotation'),
        by('trailseal', 'trail-key-usable', 'trail-key-owned', 'trail-key-policy'),
      ],
      notEvidenced: 'Keys that protect anything but CloudTrail; generation, distribution and destruction procedures.',
    },
    {
      id: '3.13.11',
      title: 'FIPS-validated cryptography protects controlled information',
      support: [by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'), KEY_WORKS],
      notEvidenced:
        'The validation certificates (AWS publishes those of KMS), FIPS endpoints, and all other cryptography.',
    },
    {
      id: '3.13.16',
      title: 'Controlled information at rest is confidential',
      support: [
        by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Controlled information at rest other than CloudTrail logs.',
    },
  ],
};
