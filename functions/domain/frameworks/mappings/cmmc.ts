import { by, DELIVERS, type Framework, KEY_WORKS, supports } from '../framework.ts';
import { prowlerOfAllClouds } from '../sources.ts';

export const CMMC: Framework = {
  id: 'cmmc-2.0',
  name: 'Cybersecurity Maturity Model Certification',
  version: '2.0',
  publisher: 'U.S. Department of Defense',
  note: null,
  published: [prowlerOfAllClouds('cmmc_2.0')],
  requirements: [
    {
      id: 'AU.L2-3.3.1',
      title: 'Audit logs are created and kept',
      support: [supports('prowler', 'trail-monitored'), by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'Logs of systems outside the AWS API, and the retention that your policy asks for.',
    },
    {
      id: 'AU.L2-3.3.2',
      title: 'Actions can be traced to the user who took them',
      support: [by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'Whether identities in the log are personal; actions outside the AWS API.',
    },
    {
      id: 'AU.L2-3.3.8',
      title: 'Audit information and tools are protected from access, change and deletion',
      support: [
        supports('prowler', 'trail-log-validation'),
        by('prowler', 'trail-kms-encrypted', 'log-group-encrypted', 'bucket-protected'),
        KEY_WORKS,
        by('trailseal', 'trail-key-policy', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Audit information of other systems, and audit tools.',
    },
    {
      id: 'SC.L1-b.1.x',
      title: 'Communications are controlled at the boundaries of systems',
      support: [supports('prowler', 'region-recorded', 'trail-log-validation')],
      notEvidenced: 'Boundary protection, which is what it is about: logs show at most what was configured.',
      vendorMappingOnly: true,
    },
    {
      id: 'SC.L2-3.13.1',
      title: 'Communications are controlled at external and key internal boundaries',
      support: [supports('prowler', 'region-recorded', 'trail-log-validation')],
      notEvidenced: 'Boundary protection, which is what it is about: logs show at most what was configured.',
      vendorMappingOnly: true,
    },
    {
      id: 'SC.L2-3.13.10',
      title: 'Cryptographic keys are established and managed',
      support: [
        supports('prowler', 'trail-key-rotation'),
        by('prowler', 'trail-key-usable', 'trail-key-policy'),
        by('trailseal', 'trail-key-owned'),
      ],
      notEvidenced: 'Keys that protect anything but CloudTrail; generation, distribution and destruction procedures.',
    },
    {
      id: 'SC.L2-3.13.16',
      title: 'Controlled information at rest is confidential',
      support: [
        by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Controlled information at rest other than CloudTrail logs.',
    },
    {
      id: 'SI.L2-3.14.6',
      title: 'Systems and their communications are monitored for attacks',
      support: [by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'That anyone monitors what is recorded; traffic, and activity outside the AWS API.',
    },
    {
      id: 'SI.L2-3.14.7',
      title: 'Unauthorised use of systems is noticed',
      support: [by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'That anyone looks for unauthorised use in what is recorded.',
    },
  ],
};
