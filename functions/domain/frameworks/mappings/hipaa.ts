import { by, DELIVERS, type Framework, KEY_WORKS, KEY_WORKS_SUPPORTS, requirement, supports } from '../framework.ts';
import { CDK_NAG, prowler } from '../sources.ts';

export const HIPAA: Framework = {
  id: 'hipaa-security-rule',
  name: 'HIPAA Security Rule',
  version: '45 CFR Part 164 Subpart C',
  published: [prowler('hipaa'), CDK_NAG],
  publisher: 'U.S. Department of Health and Human Services',
  note: null,
  requirements: [
    requirement('164.308(a)(1)(ii)(D)', 'Records of activity in systems are reviewed regularly', {
      support: [
        supports('prowler', 'trail-monitored'),
        supports('prowler', 'trail-kms-encrypted', 'trail-log-validation'),
        by('prowler', 'region-recorded'),
        KEY_WORKS_SUPPORTS,
        DELIVERS,
      ],
      notEvidenced: 'The review itself: that there are records to review, whole and readable, is all that is shown.',
    }),
    requirement('164.312(a)(2)(iv)', 'Health information can be encrypted and decrypted (addressable)', {
      support: [
        by('cdk-nag', 'trail-kms-encrypted', 'log-group-encrypted'),
        supports('prowler', 'trail-key-rotation'),
        KEY_WORKS,
        by('trailseal', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Encryption of the health information itself: CloudTrail logs are records about access to it.',
    }),
    requirement('164.312(b)', 'Activity in systems with health information is recorded and examined', {
      support: [
        supports('prowler', 'trail-monitored'),
        by('prowler', 'region-recorded'),
        supports('prowler', 'trail-log-validation'),
        DELIVERS,
      ],
      notEvidenced: 'That anyone examines the records; activity inside applications and databases; data events.',
    }),
    requirement('164.312(c)(1)', 'Health information is protected from improper alteration or destruction', {
      support: [
        by('prowler', 'trail-log-validation'),
        supports('prowler', 'trail-kms-encrypted'),
        KEY_WORKS_SUPPORTS,
        by('trailseal', 'bucket-protected'),
      ],
      notEvidenced: 'Integrity of the health information itself, and the policies and procedures around it.',
    }),
    requirement('164.312(c)(2)', 'It can be shown that health information was not altered (addressable)', {
      support: [by('prowler', 'trail-log-validation'), supports('prowler', 'trail-kms-encrypted')],
      notEvidenced: 'Corroboration for the health information itself; that log digests are ever validated.',
    }),
    requirement(
      '164.312(e)(2)(ii)',
      'Health information is encrypted in transmission where appropriate (addressable)',
      {
        support: [supports('cdk-nag', 'trail-kms-encrypted', 'log-group-encrypted')],
        notEvidenced: 'Transmission, which is what it is about: encryption at rest is no evidence of it.',
      },
    ),
  ],
};
