import { by, DELIVERS, type Framework, KEY_WORKS, KEY_WORKS_SUPPORTS, requirement, supports } from '../framework.ts';
import { CDK_NAG, powerpipe, prowler, securityHub } from '../sources.ts';

const publisher = 'PCI Security Standards Council';
const elsewhere = 'Audit logs of other systems in the cardholder data environment';

export const PCI_DSS: readonly Framework[] = [
  {
    id: 'pci-dss-3.2.1',
    name: 'PCI DSS',
    version: '3.2.1',
    published: [securityHub('cloudtrail'), prowler('pci_3.2.1'), powerpipe('pci_dss_v321'), CDK_NAG],
    publisher,
    note: 'Retired on 31 March 2024; kept for comparison.',
    requirements: [
      requirement('2.2', 'Systems follow a hardening standard', {
        support: [supports('cdk-nag', 'trail-kms-encrypted', 'trail-log-validation', 'trail-key-rotation')],
        notEvidenced:
          'The configuration standard itself, and every system component other than CloudTrail and its key.',
      }),
      requirement('3.4', 'Card numbers are unreadable wherever stored', {
        support: [by('security-hub', 'trail-kms-encrypted'), by('prowler', 'log-group-encrypted'), KEY_WORKS],
        notEvidenced:
          'Every store of card numbers other than CloudTrail logs; management events are not meant to hold any.',
        onlyIf: 'ACCOUNT_DATA_IN_SCOPE',
      }),
      requirement('3.6.4', 'Keys change at the end of their crypto period', {
        support: [by('cdk-nag', 'trail-key-rotation')],
        notEvidenced: 'A defined crypto period, and every key that does not protect CloudTrail logs.',
        onlyIf: 'ACCOUNT_DATA_IN_SCOPE',
      }),
      requirement('10.1', 'Audit trails link access to individual users', {
        support: [supports('prowler', 'trail-monitored'), by('powerpipe', 'region-recorded'), DELIVERS],
        notEvidenced: `${elsewhere}; whether identities in the log are personal.`,
      }),
      requirement('10.5', 'Audit trails cannot be altered', {
        support: [
          by('cdk-nag', 'trail-log-validation'),
          supports('cdk-nag', 'trail-kms-encrypted'),
          KEY_WORKS_SUPPORTS,
          by('trailseal', 'bucket-protected'),
        ],
        notEvidenced: `${elsewhere}; who holds permissions on bucket and key through IAM.`,
      }),
      requirement('10.5.2', 'Audit trail files are protected from modification', {
        support: [by('security-hub', 'trail-log-validation'), by('trailseal', 'bucket-protected')],
        notEvidenced: `${elsewhere}; IAM permissions to write to or delete from the bucket.`,
      }),
      requirement('10.5.5', 'Changes to existing log data raise an alert', {
        support: [by('security-hub', 'trail-log-validation')],
        notEvidenced: 'That digests are validated regularly, and that someone is alerted.',
      }),
      requirement('10.7', 'Audit history is kept a year, three months of it at hand', {
        support: [by('trailseal', 'bucket-retention')],
        notEvidenced: `${elsewhere}; that the last three months can be analysed at once.`,
      }),
    ],
  },
  {
    id: 'pci-dss-4.0.1',
    name: 'PCI DSS',
    version: '4.0.1',
    published: [securityHub('cloudtrail'), prowler('pci_4.0')],
    publisher,
    note: null,
    requirements: [
      requirement('3.5.1', 'Card numbers are unreadable wherever stored', {
        support: [by('prowler', 'trail-kms-encrypted', 'log-group-encrypted'), KEY_WORKS],
        notEvidenced:
          'Every store of card numbers other than CloudTrail logs; management events are not meant to hold any. Whether encryption by Amazon S3 is disk-level encryption, which 3.5.1.2 accepts alone on removable media only, is for you and your assessor to say.',
        onlyIf: 'ACCOUNT_DATA_IN_SCOPE',
      }),
      requirement('3.7.4', 'Keys change at the end of their crypto period', {
        support: [by('prowler', 'trail-key-rotation')],
        notEvidenced: 'A defined crypto period, and every key that does not protect CloudTrail logs.',
        onlyIf: 'ACCOUNT_DATA_IN_SCOPE',
      }),
      requirement('10.2.1', 'Audit logs are on for all system components', {
        support: [
          supports('prowler', 'trail-monitored'),
          supports('trailseal', 'bucket-access-logged'),
          by('prowler', 'region-recorded'),
          DELIVERS,
        ],
        notEvidenced: `${elsewhere}: operating systems, databases, applications, and data events of AWS services.`,
      }),
      requirement('10.3.1', 'Only those who need to can read audit logs', {
        support: [by('trailseal', 'bucket-not-public', 'trail-key-policy'), supports('trailseal', 'bucket-protected')],
        notEvidenced: `${elsewhere}; who may read the bucket or use the key through IAM, and why they need to.`,
      }),
      requirement('10.3.2', 'Audit log files are protected from modification', {
        support: [
          by('security-hub', 'trail-log-validation'),
          supports('security-hub', 'trail-kms-encrypted'),
          supports('prowler', 'log-group-encrypted'),
          KEY_WORKS_SUPPORTS,
          by('trailseal', 'bucket-protected'),
        ],
        notEvidenced: `${elsewhere}; IAM permissions to write to or delete from the bucket. Encryption alone does not stop someone who may write.`,
      }),
      requirement('10.3.3', 'Audit logs are backed up promptly to a central place that is hard to modify', {
        support: [supports('prowler', 'trail-kms-encrypted'), DELIVERS, by('trailseal', 'bucket-protected')],
        notEvidenced: `${elsewhere}; that the bucket is central and internal to the entity.`,
      }),
      requirement('10.3.4', 'Changes to audit logs are detected', {
        support: [by('prowler', 'trail-log-validation'), supports('prowler', 'trail-kms-encrypted')],
        notEvidenced: `${elsewhere}; that digests are validated, and that a change raises an alert.`,
      }),
      requirement('10.5.1', 'Audit history is kept a year, three months of it at hand', {
        support: [by('trailseal', 'bucket-retention')],
        notEvidenced: `${elsewhere}; that the last three months can be analysed at once.`,
      }),
      requirement('10.7.2', 'Failures of critical security systems are detected, reported and repaired promptly', {
        support: [supports('trailseal', 'trail-monitored'), by('trailseal', 'trail-delivering')],
        notEvidenced: `${elsewhere}; every security system other than audit logging; that someone is alerted at once, and how promptly a failure is repaired.`,
      }),
    ],
  },
];
