import { by, DELIVERS, type Framework, KEY_WORKS, KEY_WORKS_SUPPORTS, requirement, supports } from '../framework.ts';
import { prowler, prowlerOfAllClouds } from '../sources.ts';

export const DORA: Framework = {
  id: 'dora',
  name: 'Digital Operational Resilience Act',
  version: '(EU) 2022/2554',
  publisher: 'European Union',
  note: null,
  published: [prowlerOfAllClouds('dora_2022_2554')],
  requirements: [
    requirement('Art. 7', 'ICT systems are up to date and appropriate', {
      support: [supports('prowler', 'trail-key-rotation', 'bucket-protected')],
      notEvidenced: 'Every ICT system other than the trails, their keys and their buckets.',
    }),
    requirement('Art. 9', 'ICT systems and data are protected', {
      support: [by('prowler', 'trail-key-policy', 'bucket-not-public'), supports('trailseal', 'bucket-protected')],
      notEvidenced: 'Policies and procedures, and every system and data other than CloudTrail logs.',
    }),
    requirement('Art. 17', 'ICT incidents are detected, managed and reported', {
      support: [
        supports('prowler', 'bucket-access-logged', 'trail-monitored'),
        supports('prowler', 'trail-kms-encrypted', 'trail-log-validation', 'bucket-not-public', 'log-group-encrypted'),
        by('prowler', 'region-recorded'),
        KEY_WORKS_SUPPORTS,
        DELIVERS,
        supports('trailseal', 'event-data-store-encrypted'),
        supports('trailseal', 'bucket-protected'),
      ],
      notEvidenced: 'The process and its reports: that there are whole and protected records is all that is shown.',
    }),
  ],
};

export const NIS2: Framework = {
  id: 'nis2',
  name: 'NIS 2 Directive, technical and methodological requirements',
  version: 'Annex to the Implementing Regulation (EU) 2024/2690',
  publisher: 'European Union',
  note: null,
  published: [prowler('nis2')],
  requirements: [
    requirement('3.1.2(a)', 'Incidents are categorised', {
      support: [supports('prowler', 'region-recorded')],
      notEvidenced: 'The categories, which is what it is about: logs are at most an input to them.',
    }),
    requirement('3.2.3(c)', 'Logs include access to systems and applications', {
      support: [
        supports('prowler', 'bucket-access-logged', 'trail-monitored'),
        supports('prowler', 'bucket-not-public'),
        by('prowler', 'region-recorded'),
        DELIVERS,
        supports('trailseal', 'bucket-protected'),
      ],
      notEvidenced: 'Access to systems and applications other than through the AWS API.',
    }),
    requirement('3.4.2(c)', 'Logs are reviewed to assess events', {
      support: [supports('prowler', 'trail-monitored'), by('prowler', 'region-recorded')],
      notEvidenced: 'The review itself: that there are records to review is all that is shown.',
    }),
    requirement('3.4.2(d)', 'Logs are correlated and analysed', {
      support: [supports('prowler', 'trail-log-validation')],
      notEvidenced: 'Correlation and analysis: that altered records would be noticed is all that is shown.',
    }),
    requirement('9.2(a)', 'Cryptography matches the classification of assets, at rest and in transit', {
      support: [
        by('prowler', 'trail-kms-encrypted'),
        KEY_WORKS,
        by('trailseal', 'log-group-encrypted', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'The policy and the classification, and assets other than CloudTrail logs.',
    }),
    requirement('9.2(c)', 'Keys are managed by a defined approach', {
      support: [
        by('prowler', 'trail-key-policy'),
        by('trailseal', 'trail-key-usable', 'trail-key-owned'),
        supports('trailseal', 'trail-key-rotation'),
      ],
      notEvidenced: 'The approach itself, and keys that protect anything but CloudTrail.',
    }),
    requirement('11.6.2(c)', 'Authentication credentials change at intervals', {
      support: [supports('prowler', 'trail-key-rotation')],
      notEvidenced: 'Credentials, which is what it is about: the key of a trail is none.',
    }),
  ],
};

export const ENS: Framework = {
  id: 'ens-rd2022',
  name: 'Esquema Nacional de Seguridad',
  version: 'Real Decreto 311/2022',
  publisher: 'Government of Spain, Centro Criptológico Nacional',
  note: null,
  published: [prowler('ens_rd2022')],
  requirements: [
    requirement('op.acc.6.r5', 'Access by users of the organisation is recorded', {
      support: [by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'Access other than through the AWS API.',
    }),
    requirement('op.exp.5', 'Changes are managed', {
      support: [supports('prowler', 'region-recorded')],
      notEvidenced: 'The planning and approval of changes: that they are recorded is all that is shown.',
    }),
    requirement('op.exp.8', 'Activity is recorded', {
      support: [
        supports('prowler', 'trail-log-validation', 'bucket-not-public'),
        by('prowler', 'region-recorded'),
        DELIVERS,
        supports('trailseal', 'bucket-protected'),
      ],
      notEvidenced: 'Activity outside the AWS API, and data events.',
    }),
    requirement('op.exp.8.r1', 'Records of activity are reviewed', {
      support: [by('prowler', 'bucket-access-logged', 'trail-monitored')],
      notEvidenced: 'The review itself, and who looks at access logs and log groups.',
    }),
    requirement('op.exp.8.r4', 'Access to records of activity is controlled', {
      support: [
        supports('prowler', 'bucket-access-logged'),
        by('prowler', 'trail-kms-encrypted', 'bucket-not-public'),
        KEY_WORKS,
        by('trailseal', 'trail-key-policy', 'log-group-encrypted', 'event-data-store-encrypted'),
        by('trailseal', 'bucket-protected'),
      ],
      notEvidenced: 'Who may read or delete records through IAM.',
    }),
    requirement('op.exp.9', 'Incidents are recorded', {
      support: [supports('prowler', 'region-recorded')],
      notEvidenced: 'The record of incidents and what was done about them.',
    }),
    requirement('op.exp.10', 'Cryptographic keys are protected throughout their life', {
      support: [
        supports('prowler', 'trail-key-rotation'),
        by('trailseal', 'trail-key-usable', 'trail-key-owned', 'trail-key-policy'),
      ],
      notEvidenced: 'Keys that protect anything but CloudTrail; generation, archive and destruction.',
    }),
    requirement('op.mon.1', 'Intrusions are detected', {
      support: [by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'The detection: that there are records to detect them in is all that is shown.',
    }),
  ],
};

export const SECNUMCLOUD: Framework = {
  id: 'secnumcloud-3.2',
  name: 'SecNumCloud',
  version: '3.2',
  publisher: "Agence nationale de la sécurité des systèmes d'information (ANSSI), France",
  note: null,
  published: [prowler('secnumcloud_3.2')],
  requirements: [
    requirement('10.1', 'Stored data is encrypted', {
      support: [
        supports('prowler', 'bucket-protected'),
        by('prowler', 'log-group-encrypted'),
        by('trailseal', 'trail-kms-encrypted', 'event-data-store-encrypted'),
        KEY_WORKS,
      ],
      notEvidenced: 'Data of customers: CloudTrail logs are records about access to it.',
    }),
    requirement('10.4', 'Actions cannot be denied by who took them', {
      support: [by('prowler', 'trail-log-validation')],
      notEvidenced: 'Electronic signatures; actions outside the AWS API.',
    }),
    requirement('10.5', 'Cryptographic keys and secrets are managed securely', {
      support: [
        supports('prowler', 'trail-key-rotation'),
        by('prowler', 'trail-key-policy', 'trail-key-usable'),
        by('trailseal', 'trail-key-owned'),
      ],
      notEvidenced: 'Secrets and keys other than those of CloudTrail.',
    }),
    requirement('12.6', 'Events are logged', {
      support: [supports('prowler', 'trail-monitored'), by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'The logging policy, events outside the AWS API, and data events.',
    }),
    requirement('12.7', 'Logged information is protected', {
      support: [
        supports('prowler', 'bucket-access-logged'),
        supports('prowler', 'trail-log-validation'),
        by('prowler', 'trail-kms-encrypted', 'bucket-not-public', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'trail-key-policy', 'event-data-store-encrypted'),
        by('trailseal', 'bucket-protected'),
      ],
      notEvidenced: 'Logs other than those of CloudTrail, their dimensioning, and who may change them through IAM.',
    }),
    requirement('16.6', 'Evidence of incidents is collected', {
      support: [supports('prowler', 'trail-log-validation'), by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'The procedure to identify, collect and keep evidence.',
    }),
  ],
};
