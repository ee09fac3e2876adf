import { by, DELIVERS, type Framework, KEY_WORKS, KEY_WORKS_SUPPORTS, requirement, supports } from '../framework.ts';
import { prowlerOfAllClouds } from '../sources.ts';

export const CIS_CONTROLS: Framework = {
  id: 'cis-controls-8.1',
  name: 'CIS Critical Security Controls',
  version: '8.1',
  publisher: 'Center for Internet Security',
  note: null,
  published: [prowlerOfAllClouds('cis_controls_8.1')],
  requirements: [
    requirement('3.3', 'Access to data follows the need to know', {
      support: [by('prowler', 'bucket-not-public', 'trail-key-policy'), supports('trailseal', 'bucket-protected')],
      notEvidenced: 'Data other than CloudTrail logs; who may read bucket and key through IAM, and why they need to.',
    }),
    requirement('3.10', 'Sensitive data is encrypted in transit', {
      support: [by('prowler', 'bucket-protected')],
      notEvidenced: 'Transmission of data other than to and from the buckets of the trails.',
    }),
    requirement('3.11', 'Sensitive data at rest is encrypted', {
      support: [
        supports('prowler', 'bucket-protected'),
        by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Sensitive data at rest other than CloudTrail logs.',
    }),
    requirement('8.2', 'Audit logs are collected', {
      support: [
        supports('prowler', 'bucket-access-logged', 'trail-monitored'),
        by('prowler', 'region-recorded'),
        DELIVERS,
      ],
      notEvidenced: 'Logs of assets outside the AWS API, and of access to the buckets of the trails.',
    }),
    requirement('8.9', 'Audit logs are collected centrally where possible', {
      support: [by('prowler', 'trail-monitored')],
      notEvidenced: 'What is central to the enterprise, and logs of other systems.',
    }),
    requirement('8.12', 'Logs of service providers are collected', {
      support: [by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'Logs of service providers other than AWS.',
    }),
  ],
};

const others = 'Logs other than those of CloudTrail, and who may change them through IAM.';

export const CSA_CCM: Framework = {
  id: 'csa-ccm-4.0',
  name: 'CSA Cloud Controls Matrix',
  version: '4.0.13',
  publisher: 'Cloud Security Alliance',
  note: null,
  published: [prowlerOfAllClouds('csa_ccm_4.0')],
  requirements: [
    requirement('CCC-04', 'Assets cannot be added, removed or changed without authorisation', {
      support: [supports('prowler', 'region-recorded', 'trail-log-validation')],
      notEvidenced: 'Prevention, which is what it is about: logs only show who changed what.',
    }),
    requirement('CEK-03', 'Data is encrypted at rest and in transit', {
      support: [
        supports('prowler', 'bucket-protected'),
        by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Data other than CloudTrail logs, and certificates of cryptographic libraries.',
    }),
    requirement('CEK-08', 'Customers manage the keys of their data', {
      support: [by('prowler', 'trail-key-policy'), by('trailseal', 'trail-key-owned')],
      notEvidenced: 'Keys that protect anything but CloudTrail.',
    }),
    requirement('CEK-12', 'Keys rotate by their crypto period', {
      support: [by('prowler', 'trail-key-rotation')],
      notEvidenced: 'A defined crypto period, and every key that does not protect CloudTrail logs.',
    }),
    requirement('CEK-14', 'Keys are destroyed by a defined process', {
      support: [supports('prowler', 'trail-key-usable')],
      notEvidenced: 'The destruction of keys that are no longer needed: that those in use are not about to be is all.',
    }),
    requirement('IAM-12', 'The logging infrastructure is read-only for those who use it', {
      support: [
        supports('prowler', 'bucket-access-logged'),
        supports('prowler', 'trail-log-validation', 'trail-kms-encrypted'),
        by('prowler', 'bucket-not-public'),
        KEY_WORKS_SUPPORTS,
        by('trailseal', 'trail-key-policy'),
        by('trailseal', 'bucket-protected'),
      ],
      notEvidenced: others,
    }),
    requirement('LOG-02', 'Audit logs are secure and kept', {
      support: [
        supports('prowler', 'bucket-access-logged'),
        supports('prowler', 'trail-log-validation'),
        by('prowler', 'trail-kms-encrypted', 'bucket-not-public', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'trail-key-policy', 'event-data-store-encrypted'),
        by('trailseal', 'bucket-protected'),
      ],
      notEvidenced: `${others} The retention that your policy asks for.`,
    }),
    requirement('LOG-04', 'Only authorised people read audit logs', {
      support: [
        by('prowler', 'bucket-not-public'),
        by('trailseal', 'trail-key-policy'),
        supports('trailseal', 'bucket-protected'),
      ],
      notEvidenced: 'Who may read bucket and key through IAM, and records of who did.',
    }),
    requirement('LOG-07', 'What is to be logged is decided and reviewed', {
      support: [by('prowler', 'region-recorded')],
      notEvidenced: 'The decision and its review; events other than management events.',
    }),
    requirement('LOG-08', 'Audit records with the relevant information are made', {
      support: [supports('prowler', 'trail-monitored'), by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'Records of systems outside the AWS API, and of access to the buckets of the trails.',
    }),
    requirement('LOG-09', 'Audit records are protected from access, change and deletion', {
      support: [
        supports('prowler', 'trail-log-validation'),
        by('prowler', 'trail-kms-encrypted', 'bucket-not-public', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'trail-key-policy', 'event-data-store-encrypted'),
        by('trailseal', 'bucket-protected'),
      ],
      notEvidenced: others,
    }),
    requirement('LOG-11', 'The life of keys is logged', {
      support: [by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'Keys outside AWS KMS, and reports of their use.',
    }),
  ],
};
