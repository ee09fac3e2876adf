import { by, DELIVERS, type Framework, KEY_WORKS, requirement, supports } from '../framework.ts';
import { prowler, securityHub } from '../sources.ts';

export const AWS_FSBP: Framework = {
  id: 'aws-fsbp',
  name: 'AWS Foundational Security Best Practices',
  version: '1.0.0',
  published: [securityHub('cloudtrail'), securityHub('kms'), prowler('aws_foundational_security_best_practices')],
  publisher: 'Amazon Web Services',
  note: null,
  requirements: [
    requirement('CloudTrail.1', 'A multi-Region trail records read and write management events', {
      support: [by('security-hub', 'region-recorded'), DELIVERS],
      notEvidenced:
        "Security Hub's own verdict, which asks for one such trail per account rather than for every Region.",
    }),
    requirement('CloudTrail.2', 'Trails are encrypted at rest with KMS', {
      support: [by('security-hub', 'trail-kms-encrypted'), KEY_WORKS],
      notEvidenced:
        "Security Hub's own verdict: it looks only at KmsKeyId and repeats organization trails per account.",
    }),
    requirement('CloudTrail.4', 'Log file validation is on', {
      support: [by('security-hub', 'trail-log-validation')],
      notEvidenced: 'Whether the digests are ever validated against the delivered files.',
    }),
    requirement('CloudTrail.5', 'Trails feed CloudWatch Logs', {
      support: [by('security-hub', 'trail-monitored')],
      notEvidenced: 'Metric filters and alarms, and who gets them.',
    }),
    requirement('CloudTrail.6', 'The bucket that holds the logs is not public', {
      support: [by('prowler', 'bucket-not-public'), supports('trailseal', 'bucket-protected')],
      notEvidenced: 'Access granted through object ACLs or access points where public access blocks do not apply.',
    }),
    requirement('CloudTrail.7', 'Access to the bucket that holds the logs is logged', {
      support: [by('prowler', 'bucket-access-logged')],
      notEvidenced: "Security Hub's own verdict, which takes server access logging alone.",
    }),
    requirement('KMS.3', 'Keys are not about to be deleted by mistake', {
      support: [by('security-hub', 'trail-key-usable')],
      notEvidenced: 'Keys that no trail or event data store uses: they are not looked at.',
    }),
    requirement('KMS.5', 'Keys are not open to everyone', {
      support: [by('prowler', 'trail-key-policy')],
      notEvidenced: 'Keys that no trail or event data store uses, and what grants and IAM policies allow.',
    }),
  ],
};

export const AWS_WELL_ARCHITECTED: Framework = {
  id: 'aws-well-architected',
  name: 'AWS Well-Architected Framework',
  version: 'Security Pillar',
  published: [prowler('aws_well_architected_framework_security_pillar')],
  publisher: 'Amazon Web Services',
  note: null,
  requirements: [
    requirement('SEC04-BP02', 'Logs are captured in standard places', {
      support: [by('prowler', 'region-recorded'), DELIVERS],
      notEvidenced: 'Logs of workloads and other services, and their analysis.',
    }),
    requirement('SEC08-BP01', 'Keys are managed securely', {
      support: [by('trailseal', 'trail-key-owned', 'trail-key-policy', 'trail-key-rotation', 'trail-key-usable')],
      notEvidenced: 'Keys that protect anything but CloudTrail.',
    }),
    requirement('SEC08-BP02', 'Encryption at rest is enforced', {
      support: [
        by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'),
        KEY_WORKS,
        by('trailseal', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'Enforcement (nothing here prevents an unencrypted trail), and data other than CloudTrail logs.',
    }),
  ],
};

export const AWS_FTR: Framework = {
  id: 'aws-ftr',
  name: 'AWS Foundational Technical Review',
  version: 'Partner-hosted solutions',
  publisher: 'Amazon Web Services',
  note: null,
  published: [prowler('aws_foundational_technical_review')],
  requirements: [
    requirement('S3-001', 'Access to every bucket is reviewed and as intended', {
      support: [by('prowler', 'bucket-not-public'), supports('trailseal', 'bucket-protected')],
      notEvidenced: 'Buckets that hold no CloudTrail logs, and the review itself.',
    }),
    requirement('SDAT-002', 'Sensitive data at rest is encrypted', {
      support: [
        by('prowler', 'trail-kms-encrypted'),
        KEY_WORKS,
        by('trailseal', 'log-group-encrypted', 'event-data-store-encrypted'),
      ],
      notEvidenced: 'What is sensitive, and data other than CloudTrail logs.',
    }),
  ],
};
