import { by, DELIVERS, type Framework, KEY_WORKS, KEY_WORKS_SUPPORTS, requirement, supports } from '../framework.ts';
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
      requirement('11.10(a)', 'Systems are validated, and altered records are noticed', {
        support: [supports('prowler', 'bucket-protected'), by('prowler', 'trail-log-validation')],
        notEvidenced: `${elsewhere}; the validation of systems.`,
      }),
      requirement('11.10(c)', 'Records are protected so that they can be read as long as they are kept', {
        support: [
          by('prowler', 'bucket-protected'),
          supports('prowler', 'trail-kms-encrypted'),
          supports('powerpipe', 'trail-log-validation'),
          KEY_WORKS,
          supports('trailseal', 'log-group-encrypted', 'event-data-store-encrypted'),
        ],
        notEvidenced: `${elsewhere}; how long records are kept.`,
      }),
      requirement('11.10(e)', 'Audit trails record who created, changed or deleted records, and when', {
        support: [supports('prowler', 'trail-monitored'), by('prowler', 'region-recorded'), DELIVERS],
        notEvidenced: `${elsewhere}; audit trails of applications, and data events.`,
      }),
      requirement('11.10(k)', 'Documentation of systems is controlled, with an audit trail of its changes', {
        support: [supports('prowler', 'region-recorded')],
        notEvidenced: 'The documentation itself and its revisions.',
      }),
      requirement('11.30', 'Records in open systems are authentic, whole and confidential', {
        support: [
          supports('prowler', 'trail-key-rotation'),
          by('prowler', 'trail-kms-encrypted', 'trail-log-validation', 'log-group-encrypted', 'bucket-protected'),
          KEY_WORKS,
          by('trailseal', 'trail-key-policy', 'event-data-store-encrypted'),
        ],
        notEvidenced: `${elsewhere}; digital signatures.`,
      }),
      requirement('11.300(d)', 'Attempts to use passwords and codes without authorisation are detected and reported', {
        support: [by('prowler', 'region-recorded'), DELIVERS],
        notEvidenced: 'Detection and reports; sign-ins outside AWS.',
      }),
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
      requirement('1', 'Risk is managed throughout the life of a system', {
        support: [supports('prowler', 'region-recorded')],
        notEvidenced: 'Risk management, which is what it is about: logs are at most an input to it.',
      }),
      requirement('4.2', 'Validation documents include change control records', {
        support: [supports('prowler', 'region-recorded')],
        notEvidenced: 'The documents of the validation: logs are at most an input to them.',
      }),
      requirement('7.1', 'Stored data is secured against damage', {
        support: [
          supports('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
          by('prowler', 'bucket-protected'),
          KEY_WORKS_SUPPORTS,
          supports('trailseal', 'event-data-store-encrypted'),
        ],
        notEvidenced: `${elsewhere}; that data stays accessible, readable and correct.`,
      }),
    ],
  },
];
