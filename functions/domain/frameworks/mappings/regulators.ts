import { by, DELIVERS, type Framework, KEY_WORKS, requirement, supports } from '../framework.ts';
import { awsConfig, powerpipe, prowler } from '../sources.ts';

export const GDPR: Framework = {
  id: 'gdpr',
  name: 'General Data Protection Regulation',
  version: '(EU) 2016/679',
  published: [prowler('gdpr')],
  publisher: 'European Union',
  note: null,
  requirements: [
    requirement('Art. 25', 'Data protection by design and by default', {
      support: [
        supports('prowler', 'bucket-access-logged', 'trail-monitored'),
        by('prowler', 'trail-kms-encrypted', 'bucket-protected'),
        supports('prowler', 'trail-log-validation', 'trail-key-rotation', 'region-recorded'),
        KEY_WORKS,
      ],
      notEvidenced:
        'The design of the processing, data minimisation and defaults: logging settings are a small part of it.',
    }),
    requirement('Art. 30', 'Records of processing activities are kept', {
      support: [
        supports('prowler', 'trail-monitored'),
        supports('prowler', 'trail-kms-encrypted', 'trail-key-rotation', 'region-recorded'),
      ],
      notEvidenced: 'The record of processing itself, a document that API logs do not replace.',
    }),
    requirement('Art. 32', 'Processing is secured according to its risk', {
      support: [
        by('prowler', 'trail-kms-encrypted', 'trail-log-validation', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'bucket-protected', 'trail-key-policy'),
      ],
      notEvidenced: 'The risk assessment, and every measure that does not concern CloudTrail logs.',
    }),
  ],
};

export const APRA_CPG_234: Framework = {
  id: 'apra-cpg-234',
  name: 'APRA Prudential Practice Guide CPG 234 Information Security',
  version: 'June 2019',
  published: [awsConfig('apra-cpg-234')],
  publisher: 'Australian Prudential Regulation Authority',
  note: null,
  requirements: [
    requirement('52c', 'Sensitive data is protected where it is stored', {
      support: [by('config-apra', 'trail-kms-encrypted'), KEY_WORKS],
      notEvidenced: 'The data leakage risk assessment, and data other than CloudTrail logs.',
    }),
    requirement('54', 'Cryptography matches the sensitivity of the data, keys are managed', {
      support: [
        by('config-apra', 'trail-kms-encrypted'),
        KEY_WORKS,
        by('trailseal', 'trail-key-rotation', 'trail-key-policy'),
      ],
      notEvidenced: 'The choice of algorithms and strength, and cryptography other than for CloudTrail logs.',
    }),
  ],
};

export const MAS_TRM: Framework = {
  id: 'mas-trm-2021',
  name: 'MAS Technology Risk Management Guidelines',
  version: 'January 2021',
  published: [awsConfig('mas-trmg')],
  publisher: 'Monetary Authority of Singapore',
  note: null,
  requirements: [
    requirement('10.1.1', 'Cryptographic algorithms and keys follow recognised standards', {
      support: [by('config-mas', 'trail-kms-encrypted'), KEY_WORKS],
      notEvidenced: 'The cryptographic policy, and cryptography other than for CloudTrail logs.',
    }),
    requirement('11.1.1(b)', 'Confidential data at rest is protected', {
      support: [
        by('config-mas', 'trail-kms-encrypted'),
        KEY_WORKS,
        by('trailseal', 'log-group-encrypted', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Data loss prevention as a whole, and data other than CloudTrail logs.',
    }),
  ],
};

export const ISO_27001: Framework = {
  id: 'iso-27001-2022',
  name: 'ISO/IEC 27001',
  version: '2022, Annex A',
  published: [prowler('iso27001_2022')],
  publisher: 'International Organization for Standardization',
  note: null,
  requirements: [
    requirement('A.8.15', 'Logs are made, kept, protected and analysed', {
      support: [
        supports('prowler', 'bucket-access-logged', 'trail-monitored'),
        by(
          'prowler',
          'trail-kms-encrypted',
          'trail-log-validation',
          'bucket-protected',
          'log-group-encrypted',
          'region-recorded',
        ),
        KEY_WORKS,
        DELIVERS,
      ],
      notEvidenced: 'Analysis of the logs, and logs of systems outside the AWS API.',
    }),
    requirement('A.8.16', 'Networks, systems and applications are monitored for anomalies', {
      support: [
        supports('prowler', 'bucket-access-logged', 'trail-monitored'),
        by('prowler', 'region-recorded'),
        DELIVERS,
      ],
      notEvidenced: 'That anyone or anything looks for anomalies in what is recorded, and acts on them.',
    }),
    requirement('A.8.24', 'Rules for cryptography and keys are defined and applied', {
      support: [
        by('prowler', 'trail-kms-encrypted', 'trail-key-rotation', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'trail-key-policy', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'The rules themselves, and cryptography other than for CloudTrail logs.',
    }),
  ],
};

export const SOC_2: Framework = {
  id: 'soc-2',
  name: 'SOC 2, Trust Services Criteria',
  version: '2017, revised points of focus 2022',
  published: [powerpipe('soc_2'), prowler('soc2')],
  publisher: 'American Institute of Certified Public Accountants',
  note: null,
  requirements: [
    requirement('CC6.1', 'Logical access is restricted, encryption included', {
      support: [
        by('powerpipe', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'trail-key-policy', 'bucket-protected', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Access control as a whole, and assets other than CloudTrail logs.',
    }),
    requirement('CC7.2', 'Systems are monitored for anomalies', {
      support: [supports('prowler', 'trail-monitored'), by('powerpipe', 'region-recorded'), DELIVERS],
      notEvidenced: 'That anyone or anything analyses what is recorded.',
    }),
    requirement('CC7.3', 'Security events are evaluated and answered', {
      support: [
        supports('prowler', 'trail-monitored'),
        supports('prowler', 'trail-log-validation', 'log-group-encrypted'),
      ],
      notEvidenced:
        'The evaluation and the answer: that the records to evaluate are whole and protected is all that is shown.',
    }),
  ],
};

export const NYDFS: Framework = {
  id: 'nydfs-500',
  name: 'NYDFS Cybersecurity Regulation',
  version: '23 NYCRR Part 500',
  publisher: 'New York State Department of Financial Services',
  note: null,
  published: [powerpipe('nydfs_23')],
  requirements: [
    requirement('500.02(a)', 'A cybersecurity program protects confidentiality, integrity and availability', {
      support: [
        supports('powerpipe', 'trail-log-validation'),
        by('powerpipe', 'trail-kms-encrypted', 'log-group-encrypted', 'bucket-protected'),
        KEY_WORKS,
      ],
      notEvidenced: 'The program: the protection of CloudTrail logs is a small part of it.',
    }),
    requirement('500.02(b)(3)', 'The program detects cybersecurity events', {
      support: [supports('powerpipe', 'trail-monitored'), by('powerpipe', 'region-recorded'), DELIVERS],
      notEvidenced: 'The detection: that there are records to detect events in is all that is shown.',
    }),
    requirement('500.06(a)', 'Audit trails let transactions be reconstructed and events be detected', {
      support: [supports('powerpipe', 'trail-monitored'), by('powerpipe', 'region-recorded'), DELIVERS],
      notEvidenced: 'Audit trails of financial transactions and of systems outside the AWS API.',
    }),
    requirement('500.14(a)', 'The activity of authorised users is monitored', {
      support: [supports('powerpipe', 'trail-monitored'), by('powerpipe', 'region-recorded'), DELIVERS],
      notEvidenced: 'That anyone monitors what is recorded, and training.',
    }),
    requirement('500.15(a)', 'Nonpublic information is encrypted in transit and at rest', {
      support: [
        supports('powerpipe', 'bucket-protected'),
        by('powerpipe', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'The written policy, and nonpublic information other than CloudTrail logs.',
    }),
  ],
};
