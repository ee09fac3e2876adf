import { by, DELIVERS, type Framework, KEY_WORKS, requirement, supports } from '../framework.ts';
import { prowlerOfAllClouds } from '../sources.ts';

export const CMMC: Framework = {
  id: 'cmmc-2.0',
  name: 'Cybersecurity Maturity Model Certification',
  version: '2.0',
  publisher: 'U.S. Department of Defense',
  note: null,
  published: [prowlerOfAllClouds('cmmc_2.0')],
  requirements: [
    requirement('AU.L2-3.3.1', 'Audit logs are created and kept', {
      support: [supports('prowler', 'trail-monitored'), by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'Logs of systems outside the AWS API, and the retention that your policy asks for.',
    }),
    requirement('AU.L2-3.3.2', 'Actions can be traced to the user who took them', {
      support: [by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'Whether identities in the log are personal; actions outside the AWS API.',
    }),
    requirement('AU.L2-3.3.8', 'Audit information and tools are protected from access, change and deletion', {
      support: [
        supports('prowler', 'trail-log-validation'),
        by('prowler', 'trail-kms-encrypted', 'log-group-encrypted', 'bucket-protected'),
        KEY_WORKS,
        by('trailseal', 'trail-key-policy', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Audit information of other systems, and audit tools.',
    }),
    requirement('SC.L1-b.1.x', 'Communications are controlled at the boundaries of systems', {
      support: [supports('prowler', 'region-recorded', 'trail-log-validation')],
      notEvidenced: 'Boundary protection, which is what it is about: logs show at most what was configured.',
    }),
    requirement('SC.L2-3.13.1', 'Communications are controlled at external and key internal boundaries', {
      support: [supports('prowler', 'region-recorded', 'trail-log-validation')],
      notEvidenced: 'Boundary protection, which is what it is about: logs show at most what was configured.',
    }),
    requirement('SC.L2-3.13.10', 'Cryptographic keys are established and managed', {
      support: [
        supports('prowler', 'trail-key-rotation'),
        by('prowler', 'trail-key-usable', 'trail-key-policy'),
        by('trailseal', 'trail-key-owned'),
      ],
      notEvidenced: 'Keys that protect anything but CloudTrail; generation, distribution and destruction procedures.',
    }),
    requirement('SC.L2-3.13.16', 'Controlled information at rest is confidential', {
      support: [
        by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Controlled information at rest other than CloudTrail logs.',
    }),
    requirement('SI.L2-3.14.6', 'Systems and their communications are monitored for attacks', {
      support: [by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'That anyone monitors what is recorded; traffic, and activity outside the AWS API.',
    }),
    requirement('SI.L2-3.14.7', 'Unauthorised use of systems is noticed', {
      support: [by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'That anyone looks for unauthorised use in what is recorded.',
    }),
  ],
};
