import { by, DELIVERS, type Framework, KEY_WORKS, KEY_WORKS_SUPPORTS, requirement, supports } from '../framework.ts';
import { prowler } from '../sources.ts';

const others = 'Logs other than those of CloudTrail, and who may change them through IAM.';
const otherKeys = 'Keys that protect anything but CloudTrail, and the documented procedures.';

export const C5: Framework = {
  id: 'c5-2025',
  name: 'BSI Cloud Computing Compliance Criteria Catalogue',
  version: 'C5:2025',
  publisher: 'Federal Office for Information Security (BSI), Germany',
  note: null,
  published: [prowler('c5')],
  requirements: [
    requirement('OPS-12.01B', 'Logging and monitoring of events follow defined requirements', {
      support: [by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'The documented requirements, and events outside the AWS API.',
    }),
    requirement('OPS-13.01AC', 'Event detection is validated to work as intended', {
      support: [
        supports('prowler', 'trail-log-validation', 'bucket-protected'),
        by('prowler', 'region-recorded'),
        DELIVERS,
      ],
      notEvidenced: 'The detection itself and its validation.',
    }),
    requirement('OPS-13.02B', 'Log data goes to a system that can analyse it', {
      support: [supports('prowler', 'trail-monitored'), by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'The SIEM and what it can do; logs from outside the AWS API.',
    }),
    requirement('OPS-13.03B', 'Logs are protected from tampering and deletion', {
      support: [
        by('prowler', 'trail-kms-encrypted', 'bucket-not-public', 'log-group-encrypted'),
        KEY_WORKS,
        supports('trailseal', 'trail-log-validation'),
        by('trailseal', 'trail-key-policy', 'event-data-store-encrypted'),
        by('trailseal', 'bucket-protected'),
      ],
      notEvidenced: others,
    }),
    requirement('OPS-15.01B', 'Log data identifies who accessed what', {
      support: [
        supports('prowler', 'bucket-access-logged', 'trail-monitored'),
        by('prowler', 'region-recorded'),
        DELIVERS,
      ],
      notEvidenced: 'Whether identities in the log are personal; access outside the AWS API.',
    }),
    requirement('OPS-15.02AC', 'Logs can be used as credible evidence', {
      support: [by('prowler', 'trail-log-validation')],
      notEvidenced: 'That digests are validated, and how evidence is collected and kept.',
    }),
    requirement('OPS-15.02B', 'Every event carries a time stamp', {
      support: [supports('prowler', 'bucket-access-logged', 'trail-monitored'), supports('prowler', 'region-recorded')],
      notEvidenced: 'Events outside the AWS API, and how clocks are synchronised.',
    }),
    requirement('OPS-15.03B', 'Incidents can be analysed forensically', {
      support: [
        supports('prowler', 'bucket-access-logged', 'trail-monitored'),
        by('prowler', 'region-recorded'),
        DELIVERS,
        supports('trailseal', 'trail-log-validation'),
      ],
      notEvidenced: 'Forensic analysis and the chain of evidence.',
    }),
    requirement('CRY-03.01B', 'Encryption and key management are reviewed regularly', {
      support: [supports('prowler', 'trail-key-usable', 'trail-key-policy')],
      notEvidenced: 'The reviews themselves, and keys that protect anything but CloudTrail.',
    }),
    requirement('CRY-05.01AC', 'Data cannot be recovered without authorisation', {
      support: [
        supports('prowler', 'bucket-protected'),
        by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Data other than CloudTrail logs.',
    }),
    requirement('CRY-05.02B', 'Only the customer knows the private keys', {
      support: [
        supports('prowler', 'trail-key-usable', 'trail-key-rotation', 'trail-key-policy'),
        by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
        by('trailseal', 'trail-key-owned', 'delivered-logs-encrypted'),
      ],
      notEvidenced: 'Data other than CloudTrail logs, and what operators of AWS KMS can do.',
    }),
    requirement('CRY-07.01B', 'Keys rotate on a schedule', {
      support: [by('prowler', 'trail-key-rotation')],
      notEvidenced: otherKeys,
    }),
    requirement('CRY-09.02B', 'The use of a key is limited in time', {
      support: [by('prowler', 'trail-key-rotation')],
      notEvidenced: otherKeys,
    }),
    requirement('CRY-10.01AC', 'Keys are kept in a suitable key store', {
      support: [by('prowler', 'trail-kms-encrypted'), by('trailseal', 'trail-key-usable', 'trail-key-owned')],
      notEvidenced: otherKeys,
    }),
    requirement('CRY-19.01B', 'Keys are handled securely throughout', {
      support: [
        supports('prowler', 'trail-key-rotation'),
        by('prowler', 'trail-key-usable', 'trail-key-policy'),
        by('trailseal', 'trail-key-owned'),
      ],
      notEvidenced: otherKeys,
    }),
    requirement('DEV-08.02B', 'Changes in production are logged', {
      support: [supports('prowler', 'trail-log-validation'), by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'Changes made outside the AWS API.',
    }),
    requirement('IAM-10.01B', 'Access to internal data and functions is restricted', {
      support: [
        supports('prowler', 'bucket-access-logged'),
        by('prowler', 'bucket-not-public', 'trail-key-policy'),
        supports('trailseal', 'bucket-protected'),
      ],
      notEvidenced: 'Data other than CloudTrail logs; who may read bucket and key through IAM.',
    }),
    requirement('SIM-03.06B', 'Evidence of security incidents is archived', {
      support: [
        supports('prowler', 'trail-kms-encrypted', 'bucket-not-public'),
        by('prowler', 'region-recorded'),
        KEY_WORKS_SUPPORTS,
        DELIVERS,
        supports('trailseal', 'trail-log-validation'),
        supports('trailseal', 'bucket-protected'),
      ],
      notEvidenced: 'The archive and what goes into it.',
    }),
    requirement('SIM-03.07B', 'The steps of an incident can be traced', {
      support: [
        supports('prowler', 'bucket-access-logged', 'trail-monitored'),
        supports('prowler', 'trail-log-validation', 'trail-kms-encrypted', 'bucket-not-public'),
        by('prowler', 'region-recorded'),
        KEY_WORKS_SUPPORTS,
        DELIVERS,
        supports('trailseal', 'bucket-protected'),
      ],
      notEvidenced: 'The analysis of incidents; activity outside the AWS API.',
    }),
  ],
};
