import { by, DELIVERS, type Framework, KEY_WORKS, KEY_WORKS_SUPPORTS, supports } from '../framework.ts';
import { powerpipe, prowler } from '../sources.ts';

const elsewhere = 'Electronic records themselves: CloudTrail logs are records about the systems that hold them';

export const GXP: readonly Framework[] = [
  {
    id: 'gxp-21-cfr-part-11',
    name: 'GxP, 21 CFR Part 11',
    version: 'Electronic records and signatures',
    publisher: 'U.S. Food and Drug Administration',
    note: null,
    published: [prowler('gxp_21_cfr_part_11'), powerpipe('gxp_21_cfr_part_11')],
    requirements: [
      {
        id: '11.10(a)',
        title: 'Systems are validated, and altered records are noticed',
        support: [supports('prowler', 'bucket-protected'), by('prowler', 'trail-log-validation')],
        notEvidenced: `${elsewhere}; the validation of systems.`,
      },
      {
        id: '11.10(c)',
        title: 'Records are protected so that they can be read as long as they are kept',
        support: [
          by('prowler', 'bucket-protected'),
          supports('prowler', 'trail-kms-encrypted'),
          supports('powerpipe', 'trail-log-validation'),
          KEY_WORKS,
          supports('trailseal', 'log-group-encrypted', 'event-data-store-encrypted'),
        ],
        notEvidenced: `${elsewhere}; how long records are kept.`,
      },
      {
        id: '11.10(e)',
        title: 'Audit trails record who created, changed or deleted records, and when',
        support: [supports('prowler', 'trail-monitored'), by('prowler', 'region-recorded'), DELIVERS],
        notEvidenced: `${elsewhere}; audit trails of applications, and data events.`,
      },
      {
        id: '11.10(k)',
        title: 'Documentation of systems is controlled, with an audit trail of its changes',
        support: [supports('prowler', 'region-recorded')],
        notEvidenced: 'The documentation itself and its revisions.',
        vendorMappingOnly: true,
      },
      {
        id: '11.30',
        title: 'Records in open systems are authentic, whole and confidential',
        support: [
          supports('prowler', 'trail-key-rotation'),
          by('prowler', 'trail-kms-encrypted', 'trail-log-validation', 'log-group-encrypted', 'bucket-protected'),
          KEY_WORKS,
          by('trailseal', 'trail-key-policy', 'event-data-store-encrypted'),
        ],
        notEvidenced: `${elsewhere}; digital signatures.`,
      },
      {
        id: '11.300(d)',
        title: 'Attempts to use passwords and codes without authorisation are detected and reported',
        support: [by('prowler', 'region-recorded'), DELIVERS],
        notEvidenced: 'Detection and reports; sign-ins outside AWS.',
      },
    ],
  },
  {
    id: 'gxp-eu-annex-11',
    name: 'GxP, EU Annex 11',
    version: 'Computerised Systems, 2011',
    publisher: 'European Commission',
    note: null,
    published: [prowler('gxp_eu_annex_11'), powerpipe('gxp_eu_annex_11')],
    requirements: [
      {
        id: '1',
        title: 'Risk is managed throughout the life of a system',
        support: [supports('prowler', 'region-recorded')],
        notEvidenced: 'Risk management, which is what it is about: logs are at most an input to it.',
        vendorMappingOnly: true,
      },
      {
        id: '4.2',
        title: 'Validation documents include change control records',
        support: [supports('prowler', 'region-recorded')],
        notEvidenced: 'The documents of the validation: logs are at most an input to them.',
        vendorMappingOnly: true,
      },
      {
        id: '7.1',
        title: 'Stored data is secured against damage',
        support: [
          supports('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
          by('prowler', 'bucket-protected'),
          KEY_WORKS_SUPPORTS,
          supports('trailseal', 'event-data-store-encrypted'),
        ],
        notEvidenced: `${elsewhere}; that data stays accessible, readable and correct.`,
      },
    ],
  },
];
