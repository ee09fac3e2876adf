import { by, DELIVERS, type Framework, KEY_WORKS, type Requirement, requirement, supports } from '../framework.ts';
import { powerpipe, prowler, type SourceId } from '../sources.ts';

interface Numbering {
  version: string;
  recorded: string;
  validated: string;
  /** Versions from 3.0.0 have no recommendation of their own for the bucket being public. */
  bucket: string | null;
  /** Versions from 3.0.0 have none of their own for the trail's log group either. */
  monitored: string | null;
  accessLogged: string;
  encrypted: string;
  rotated: string;
  source: SourceId;
  note: string | null;
}

const superseded = 'Superseded by a later version of the benchmark; kept for comparison.';

/** The same recommendations under each version's numbers. */
const benchmark = (n: Numbering): Framework => ({
  id: `cis-aws-${n.version.split('.').slice(0, 2).join('.')}`,
  name: 'CIS Amazon Web Services Foundations Benchmark',
  version: n.version,
  publisher: 'Center for Internet Security',
  note: n.note,
  published: [
    n.source === 'powerpipe' ? powerpipe('cis_v120') : prowler(`cis_${n.version.split('.').slice(0, 2).join('.')}`),
  ],
  requirements: [
    requirement(n.recorded, 'CloudTrail records every Region', {
      support: [by(n.source, 'region-recorded'), DELIVERS],
      notEvidenced: 'Whether anyone watches what is recorded.',
    }),
    requirement(n.validated, 'Log file validation is on', {
      support: [by(n.source, 'trail-log-validation')],
      notEvidenced: 'Whether the digests are ever validated against the delivered files.',
    }),
    ...(n.bucket === null ? [] : [publicBucket(n.bucket, n.source)]),
    ...(n.monitored === null ? [] : [logGroup(n.monitored, n.source)]),
    requirement(n.accessLogged, 'Access to the bucket that holds the logs is logged', {
      support: [by(n.source, 'bucket-access-logged')],
      notEvidenced: 'Whether anyone looks at the access logs, and how long they are kept.',
    }),
    requirement(n.encrypted, 'Logs are encrypted at rest with a KMS key of the customer', {
      support: [by(n.source, 'trail-kms-encrypted'), KEY_WORKS],
      notEvidenced: 'Logs delivered before the key was set, and copies of the logs kept elsewhere.',
    }),
    requirement(n.rotated, 'Symmetric customer keys rotate automatically', {
      support: [by(n.source, 'trail-key-rotation')],
      notEvidenced: 'Customer keys that no trail or event data store uses: they are not looked at.',
    }),
  ].sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true })),
});

const publicBucket = (id: string, source: SourceId): Requirement =>
  requirement(id, 'The bucket that holds the logs is not public', {
    support: [by(source, 'bucket-not-public'), supports('trailseal', 'bucket-protected')],
    notEvidenced: 'Access granted through object ACLs or access points where public access blocks do not apply.',
  });

const logGroup = (id: string, source: SourceId): Requirement =>
  requirement(id, 'Trails feed CloudWatch Logs', {
    support: [by(source, 'trail-monitored')],
    notEvidenced: 'Metric filters, alarms and who gets them.',
  });

const from14 = {
  recorded: '3.1',
  validated: '3.2',
  bucket: '3.3',
  monitored: '3.4',
  accessLogged: '3.6',
  encrypted: '3.7',
  rotated: '3.8',
};
const from30 = {
  recorded: '3.1',
  validated: '3.2',
  bucket: null,
  monitored: null,
  accessLogged: '3.4',
  encrypted: '3.5',
  rotated: '3.6',
};
const from60 = {
  recorded: '4.1',
  validated: '4.2',
  bucket: null,
  monitored: null,
  accessLogged: '4.4',
  encrypted: '4.5',
  rotated: '4.6',
};

export const CIS_AWS: readonly Framework[] = [
  benchmark({
    version: '1.2.0',
    recorded: '2.1',
    validated: '2.2',
    bucket: '2.3',
    monitored: '2.4',
    accessLogged: '2.6',
    encrypted: '2.7',
    rotated: '2.8',
    source: 'powerpipe',
    note: superseded,
  }),
  benchmark({ version: '1.4.0', ...from14, source: 'prowler', note: superseded }),
  benchmark({ version: '1.5.0', ...from14, source: 'prowler', note: superseded }),
  benchmark({ version: '2.0.0', ...from14, source: 'prowler', note: superseded }),
  benchmark({ version: '3.0.0', ...from30, source: 'prowler', note: superseded }),
  benchmark({ version: '4.0.1', ...from30, source: 'prowler', note: superseded }),
  benchmark({ version: '5.0.0', ...from30, source: 'prowler', note: superseded }),
  benchmark({ version: '6.0.0', ...from60, source: 'prowler', note: superseded }),
  benchmark({ version: '7.0.0', ...from60, source: 'prowler', note: null }),
];
