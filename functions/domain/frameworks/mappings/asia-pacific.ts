import { by, DELIVERS, type Framework, KEY_WORKS, requirement, supports } from '../framework.ts';
import { powerpipe, prowler } from '../sources.ts';

export const KISA_ISMS_P: Framework = {
  id: 'kisa-isms-p-2023',
  name: 'KISA ISMS-P',
  version: '2023',
  publisher: 'Korea Internet & Security Agency',
  note: null,
  published: [prowler('kisa_isms_p_2023')],
  requirements: [
    requirement('2.7.1', 'An encryption policy is applied', {
      support: [
        supports('prowler', 'bucket-protected'),
        by('trailseal', 'trail-kms-encrypted', 'log-group-encrypted', 'event-data-store-encrypted'),
        KEY_WORKS,
      ],
      notEvidenced: 'The policy, and personal and important information other than CloudTrail logs.',
    }),
    requirement('2.7.2', 'Cryptographic keys are managed', {
      support: [
        supports('prowler', 'trail-kms-encrypted', 'log-group-encrypted', 'trail-key-rotation'),
        by('prowler', 'trail-key-usable', 'trail-key-policy'),
        by('trailseal', 'trail-key-owned'),
        supports('trailseal', 'delivered-logs-encrypted'),
      ],
      notEvidenced: 'Keys that protect anything but CloudTrail, and the procedures of their management.',
    }),
    requirement('2.9.4', 'Logs and access records are kept and managed', {
      support: [
        supports('prowler', 'bucket-access-logged', 'trail-monitored'),
        supports('prowler', 'trail-log-validation'),
        by('prowler', 'region-recorded'),
        DELIVERS,
      ],
      notEvidenced: 'Retention periods, and logs from outside the AWS API.',
    }),
    requirement('2.10.1', 'Security systems are operated by defined procedures', {
      support: [
        supports('prowler', 'bucket-access-logged', 'trail-monitored'),
        supports(
          'prowler',
          'region-recorded',
          'trail-kms-encrypted',
          'trail-log-validation',
          'bucket-not-public',
          'log-group-encrypted',
        ),
        supports('trailseal', 'bucket-protected'),
      ],
      notEvidenced: 'Administrators and procedures of security systems, which is what it is about.',
    }),
    requirement('2.10.2', 'Cloud services are protected', {
      support: [
        supports('prowler', 'bucket-access-logged', 'trail-monitored'),
        supports('prowler', 'trail-log-validation', 'trail-key-rotation'),
        by(
          'prowler',
          'region-recorded',
          'trail-kms-encrypted',
          'log-group-encrypted',
          'trail-key-policy',
          'bucket-protected',
        ),
        KEY_WORKS,
        DELIVERS,
      ],
      notEvidenced: 'Contracts, and every cloud service other than CloudTrail and its logs.',
    }),
    requirement('2.11.3', 'Abnormal behaviour is analysed and monitored', {
      support: [
        supports('prowler', 'bucket-access-logged', 'trail-monitored'),
        by('prowler', 'region-recorded'),
        DELIVERS,
      ],
      notEvidenced: 'That anyone or anything analyses what is recorded.',
    }),
  ],
};

export const RBI: Framework = {
  id: 'rbi-cyber-security',
  name: 'RBI Cyber Security Framework',
  version: 'Basic framework for primary (urban) cooperative banks',
  publisher: 'Reserve Bank of India',
  note: null,
  published: [prowler('rbi_cyber_security_framework'), powerpipe('rbi_cyber_security')],
  requirements: [
    requirement('Annex I (1.3)', 'Information is protected by its sensitivity where it is stored, sent and used', {
      support: [
        supports('prowler', 'trail-key-rotation'),
        by('prowler', 'trail-kms-encrypted', 'log-group-encrypted', 'bucket-protected'),
        by('powerpipe', 'trail-key-usable'),
        by('trailseal', 'trail-key-owned', 'delivered-logs-encrypted', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Information other than CloudTrail logs, and its sensitivity.',
    }),
    requirement('Annex I (7.4)', 'Privileged access to critical systems is logged and monitored', {
      support: [supports('prowler', 'trail-monitored'), by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'That anyone monitors what is recorded; privileged access other than through the AWS API.',
    }),
  ],
};

const centrally = 'That logs are central and someone looks at them; events outside the AWS API.';
const workstations = 'Execution on workstations and servers, which is what it is about: CloudTrail does not see it.';

/** The same three recommendations stand under three of the eight strategies of maturity level 3. */
const protectedLogs = (id: string): Framework['requirements'][number] =>
  requirement(id, 'Event logs are protected from change and deletion', {
    support: [
      supports('powerpipe', 'trail-log-validation'),
      by('powerpipe', 'trail-kms-encrypted', 'bucket-not-public', 'log-group-encrypted'),
      KEY_WORKS,
      by('trailseal', 'trail-key-policy', 'event-data-store-encrypted'),
      by('trailseal', 'bucket-protected'),
    ],
    notEvidenced: 'Event logs other than those of CloudTrail, and who may change them through IAM.',
  });

export const ESSENTIAL_EIGHT: Framework = {
  id: 'essential-eight',
  name: 'ASD Essential Eight Maturity Model',
  version: 'levels 2 and 3 (ACSC-EE numbering)',
  publisher: 'Australian Signals Directorate',
  note: null,
  published: [powerpipe('acsc_essential_eight')],
  requirements: [
    requirement('ML2-1.3', 'Execution of programs is logged', {
      support: [supports('powerpipe', 'region-recorded')],
      notEvidenced: workstations,
    }),
    requirement('ML2-5.11', 'Privileged access is logged', {
      support: [by('powerpipe', 'region-recorded'), DELIVERS],
      notEvidenced: 'Privileged access other than through the AWS API.',
    }),
    requirement('ML2-5.12', 'Changes of privileged accounts and groups are logged', {
      support: [by('powerpipe', 'region-recorded'), DELIVERS],
      notEvidenced: 'Accounts and groups of directories outside AWS.',
    }),
    requirement('ML2-7.7', 'Multi-factor authentication is logged', {
      support: [by('powerpipe', 'region-recorded'), DELIVERS],
      notEvidenced: 'Sign-ins at identity providers outside AWS.',
    }),
    requirement('ML3-1.6', 'Execution of programs is logged centrally', {
      support: [supports('powerpipe', 'trail-monitored'), supports('powerpipe', 'region-recorded')],
      notEvidenced: workstations,
    }),
    protectedLogs('ML3-1.7'),
    requirement('ML3-5.14', 'Privileged access is logged centrally', {
      support: [supports('powerpipe', 'trail-monitored'), by('powerpipe', 'region-recorded'), DELIVERS],
      notEvidenced: centrally,
    }),
    requirement('ML3-5.15', 'Changes of privileged accounts and groups are logged centrally', {
      support: [by('powerpipe', 'region-recorded'), DELIVERS],
      notEvidenced: centrally,
    }),
    protectedLogs('ML3-5.16'),
    requirement('ML3-7.8', 'Multi-factor authentication is logged centrally', {
      support: [supports('powerpipe', 'trail-monitored'), by('powerpipe', 'region-recorded'), DELIVERS],
      notEvidenced: centrally,
    }),
    protectedLogs('ML3-7.9'),
  ],
};
