import { by, DELIVERS, type Framework, KEY_WORKS, requirement, supports } from '../framework.ts';
import { powerpipe, prowler } from '../sources.ts';

const publisher = 'National Institute of Standards and Technology';

export const NIST_CSF: readonly Framework[] = [
  {
    id: 'nist-csf-1.1',
    name: 'NIST Cybersecurity Framework',
    version: '1.1',
    published: [prowler('nist_csf_1.1')],
    publisher,
    note: 'Superseded by version 2.0 in February 2024; kept for comparison.',
    requirements: [
      requirement('PR.DS-1', 'Data at rest is protected', {
        support: [
          by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
          KEY_WORKS,
          by('trailseal', 'event-data-store-encrypted'),
        ],
        notEvidenced: 'Data at rest other than CloudTrail logs.',
      }),
      requirement('PR.DS-6', 'Integrity of software and information is checked', {
        support: [by('prowler', 'trail-log-validation')],
        notEvidenced: 'Integrity of software and firmware; that digests are validated.',
      }),
      requirement('PR.PT-1', 'Audit records are determined, made and reviewed by policy', {
        support: [by('prowler', 'region-recorded'), DELIVERS],
        notEvidenced: 'The policy and the reviews; records from outside the AWS API.',
      }),
    ],
  },
  {
    id: 'nist-csf-2.0',
    name: 'NIST Cybersecurity Framework',
    version: '2.0',
    published: [powerpipe('nist_csf_v2')],
    publisher,
    note: null,
    requirements: [
      requirement('DE.CM-03', 'Personnel activity and use of technology are monitored', {
        support: [by('powerpipe', 'region-recorded'), DELIVERS],
        notEvidenced: 'That anyone monitors what is recorded; activity outside the AWS API.',
      }),
      requirement('PR.DS-01', 'Data at rest is confidential, whole and available', {
        support: [
          by('powerpipe', 'trail-kms-encrypted'),
          supports('powerpipe', 'trail-key-rotation'),
          KEY_WORKS,
          by('trailseal', 'log-group-encrypted', 'event-data-store-encrypted', 'bucket-protected'),
        ],
        notEvidenced: 'Data at rest other than CloudTrail logs.',
      }),
      requirement('PR.PS-04', 'Log records are made and available for monitoring', {
        support: [
          supports('powerpipe', 'trail-kms-encrypted', 'trail-log-validation', 'log-group-encrypted'),
          by('trailseal', 'region-recorded', 'trail-delivering'),
        ],
        notEvidenced: 'Logs of platforms and applications outside the AWS API, and their monitoring.',
      }),
    ],
  },
];
