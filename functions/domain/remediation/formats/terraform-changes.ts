import { sameKey } from '../decide/order.ts';
import type { BucketNeeds, Change, KeyUse, NewKey, NewTrail } from '../decide/plan.ts';
import type { TrailSubject } from '../decide/subject.ts';
import { tlsOnlyStatement, trailBucketStatements } from '../policies/bucket-policy.ts';
import { mergedPolicy, type PolicyStatement, type Replacement } from '../policies/policy-statements.ts';
import { block, type Entry, jsonencode, raw } from './hcl.ts';

export interface TerraformBlock {
  /** The region its provider is for; null for global resources. */
  region: string | null;
  text: string;
}

/** Whether Terraform has a resource for the change that leaves alone what was not read. */
export function inTerraform(change: Change): boolean {
  switch (change.do) {
    case 'cancel-key-deletion':
    case 'set-landing-zone-key':
    case 'check-delivery':
    // Terraform's resource is the whole organization with all its services: too much to take over for one.
    case 'enable-trusted-access':
    // There a key that is set replaces the store.
    case 'encrypt-event-data-store':
    // There the configuration is one resource with all its rules, and the scan keeps none of them.
    case 'keep-logs':
    // The policy of the bucket that takes the logs was not read, and is one resource as a whole.
    case 'log-access':
      return false;
    case 'merge-key-policy':
      return change.current !== null && merged(change).ok;
    case 'merge-bucket-policy':
      return change.region !== null && change.current !== null && merged({ ...change, replace: [] }).ok;
    case 'protect-bucket':
      return change.region !== null && !Object.values(change.needs).includes(null);
    default:
      return true;
  }
}

const merged = (change: {
  current: string | null;
  statements: readonly PolicyStatement[];
  replace: readonly Replacement[];
}) =>
  mergedPolicy({
    current: change.current === '' ? null : change.current,
    statements: change.statements,
    replace: change.replace,
  });

/** `index` tells several changes of one kind apart by their Terraform name. What is changed of one resource is one block. */
export function changeBlocks(change: Change, all: readonly Change[], index: number): TerraformBlock[] {
  const resource = resourceOf(change);
  const together = all.filter((c) => resourceOf(c) === resource);
  if (together[0] !== change) return [];
  const kind = (c: Change) => resourceOf(c).split(' ')[0];
  const alike = new Set(all.filter((c) => kind(c) === kind(change)).map(resourceOf));
  const name = alike.size > 1 ? `${NAMES[change.do]}_${index + 1}` : NAMES[change.do];
  const key = (use: KeyUse) => keyArn(use, all);
  switch (change.do) {
    case 'create-key':
      return newKey(change.key, name);
    case 'set-trail-key':
    case 'start-logging':
    case 'enable-validation': {
      const set = together.find((c) => c.do === 'set-trail-key');
      const trail = {
        ...change.trail,
        isLogging: together.some((c) => c.do === 'start-logging') || change.trail.isLogging,
        logFileValidation: together.some((c) => c.do === 'enable-validation') || change.trail.logFileValidation,
      };
      return importedTrail(trail, name, set === undefined ? {} : { kms_key_id: key(set.key) });
    }
    case 'enable-key':
    case 'enable-rotation':
      return importedKey(change, name, [
        ...(together.some((c) => c.do === 'enable-key') ? [['is_enabled', true] as const] : []),
        ...(together.some((c) => c.do === 'enable-rotation') ? [['enable_key_rotation', true] as const] : []),
      ]);
    case 'merge-key-policy': {
      const policy = merged(change);
      const document: unknown = policy.ok ? JSON.parse(policy.policy) : null;
      return imported('aws_kms_key_policy', name, change.region, keyIdOf(change.keyArn), [
        ['key_id', keyIdOf(change.keyArn)],
        ['policy', jsonencode(document)],
        keep(['bypass_policy_lockout_safety_check']),
      ]);
    }
    case 'merge-bucket-policy': {
      const policy = merged({ ...change, replace: [] });
      const document: unknown = policy.ok ? JSON.parse(policy.policy) : null;
      return taken(change.current !== '', 'aws_s3_bucket_policy', name, change.region ?? '', change.bucket, [
        ['bucket', change.bucket],
        ['policy', jsonencode(document)],
        keep([]),
      ]);
    }
    case 'protect-bucket':
      return protection({ text: change.bucket }, name, change.region ?? '', change.needs);
    case 'encrypt-log-group': {
      const group = change.logGroupArn.split(':').slice(6).join(':');
      return imported('aws_cloudwatch_log_group', name, change.region, group, [
        ['name', group],
        ['kms_key_id', key(change.key)],
        keep([
          'retention_in_days',
          'log_group_class',
          'skip_destroy',
          'deletion_protection_enabled',
          'tags',
          'tags_all',
        ]),
      ]);
    }
    case 'create-trail':
      return newTrail(change.trail, name, key(change.key));
    case 'grant-read':
      return [
        {
          region: null,
          text: block(
            'resource',
            ['aws_iam_role_policy', name],
            [
              ['name', change.policyName],
              ['role', change.roleName],
              ['policy', jsonencode({ Version: '2012-10-17', Statement: change.statements })],
            ],
          ),
        },
      ];
    case 'check-delivery':
    case 'encrypt-event-data-store':
    case 'keep-logs':
    case 'log-access':
    case 'enable-trusted-access':
    case 'cancel-key-deletion':
    case 'set-landing-zone-key':
      return [];
  }
}

const NAMES: Record<Change['do'], string> = {
  'create-key': 'trailseal',
  'set-trail-key': 'trail',
  'start-logging': 'trail',
  'enable-validation': 'trail',
  'check-delivery': 'trail',
  'enable-key': 'key',
  'enable-rotation': 'key',
  'cancel-key-deletion': 'key',
  'merge-key-policy': 'key',
  'merge-bucket-policy': 'logs',
  'protect-bucket': 'logs',
  'keep-logs': 'logs',
  'log-access': 'logs',
  'encrypt-log-group': 'group',
  'encrypt-event-data-store': 'store',
  'create-trail': 'trail',
  'enable-trusted-access': 'trust',
  'set-landing-zone-key': 'zone',
  'grant-read': 'scanner',
};

/** The resource that a change is about: its kind, and which one. */
function resourceOf(change: Change): string {
  switch (change.do) {
    case 'create-key':
      return `new-key ${change.key.region} ${change.key.alias}`;
    case 'set-trail-key':
    case 'start-logging':
    case 'enable-validation':
      return `trail ${change.trail.trailArn}`;
    case 'create-trail':
      return `trail ${change.trail.name}`;
    case 'enable-key':
    case 'enable-rotation':
      return `key ${change.keyArn}`;
    default:
      return `${change.do} ${JSON.stringify(change)}`;
  }
}

/** The key made in this module, or the one whose ARN is given. */
function keyArn(use: KeyUse, all: readonly Change[]) {
  if ('arn' in use) return use.arn;
  const keys = all.filter((c) => c.do === 'create-key');
  const here = keys.find((c) => sameKey(c.key, use.made));
  if (here === undefined) return raw('var.kms_key_arn');
  return raw(`aws_kms_key.${keys.length > 1 ? `trailseal_${all.indexOf(here) + 1}` : 'trailseal'}.arn`);
}

const provider = (region: string): Entry => ['provider', raw(`aws.${region.replaceAll('-', '_')}`)];

const resource = (type: string, name: string, region: string | null, entries: readonly Entry[]): TerraformBlock => ({
  region,
  text: block('resource', [type, name], [...(region === null ? [] : [provider(region)]), ...entries]),
});

/** A resource that exists: it is taken over, not made again. */
const imported = (
  type: string,
  name: string,
  region: string,
  id: string,
  entries: readonly Entry[],
): TerraformBlock[] => [
  {
    region,
    text: block(
      'import',
      [],
      [
        ['to', raw(`${type}.${name}`)],
        ['id', id],
      ],
    ),
  },
  resource(type, name, region, entries),
];

/** Taken over where there is one, made where there is none. */
const taken = (exists: boolean, ...of: Parameters<typeof imported>): TerraformBlock[] => {
  const [type, name, region, , entries] = of;
  return exists ? imported(...of) : [resource(type, name, region, entries)];
};

const keyIdOf = (arn: string): string => arn.split('/').at(-1) ?? arn;

/** Never destroyed by Terraform; what the scan did not read stays as it is. */
const keep = (ignored: readonly string[]): string =>
  block(
    'lifecycle',
    [],
    [
      ['prevent_destroy', true],
      ...(ignored.length === 0 ? [] : [['ignore_changes', ignored.map((name) => raw(name))] as const]),
    ],
  );

const newKey = (key: NewKey, name: string): TerraformBlock[] => [
  resource('aws_kms_key', name, key.region, [
    ['description', key.description],
    ['deletion_window_in_days', 30],
    ['enable_key_rotation', true],
    ['policy', jsonencode(key.policy)],
    keep([]),
  ]),
  resource('aws_kms_alias', name, key.region, [
    ['name', key.alias],
    ['target_key_id', raw(`aws_kms_key.${name}.key_id`)],
  ]),
  {
    region: key.region,
    text: block('output', [name.replace('trailseal', 'kms_key_arn')], [['value', raw(`aws_kms_key.${name}.arn`)]]),
  },
];

const importedTrail = (
  trail: TrailSubject,
  name: string,
  change: { kms_key_id?: ReturnType<typeof keyArn> },
): TerraformBlock[] =>
  imported('aws_cloudtrail', name, trail.homeRegion, trail.trailArn, [
    ['name', trail.trailName],
    ['s3_bucket_name', trail.bucket ?? ''],
    ...(trail.s3KeyPrefix === null || trail.s3KeyPrefix === '' ? [] : [['s3_key_prefix', trail.s3KeyPrefix] as const]),
    ['is_multi_region_trail', trail.isMultiRegion],
    ['is_organization_trail', trail.isOrganization],
    ['include_global_service_events', trail.globalServiceEvents],
    ['enable_log_file_validation', trail.logFileValidation],
    ...(trail.isLogging === null ? [] : [['enable_logging', trail.isLogging] as const]),
    ...(change.kms_key_id === undefined && trail.kmsKeyArn !== null ? [['kms_key_id', trail.kmsKeyArn] as const] : []),
    ...(change.kms_key_id === undefined ? [] : [['kms_key_id', change.kms_key_id] as const]),
    keep([
      'advanced_event_selector',
      'cloud_watch_logs_group_arn',
      'cloud_watch_logs_role_arn',
      ...(trail.isLogging === null ? ['enable_logging'] : []),
      'event_selector',
      'insight_selector',
      'sns_topic_name',
      'tags',
      'tags_all',
    ]),
  ]);

const importedKey = (
  { region, keyArn: arn }: { region: string; keyArn: string },
  name: string,
  settings: readonly Entry[],
): TerraformBlock[] =>
  imported('aws_kms_key', name, region, keyIdOf(arn), [
    ...settings,
    keep([
      'bypass_policy_lockout_safety_check',
      'deletion_window_in_days',
      'description',
      ...['enable_key_rotation', 'is_enabled'].filter((each) => !settings.some(([set]) => set === each)),
      'policy',
      'rotation_period_in_days',
      'tags',
      'tags_all',
    ]),
  ]);

/** A bucket that exists, by its name, or the one made in this module. */
type BucketUse = { text: string } | { reference: ReturnType<typeof raw> };

function protection(use: BucketUse, name: string, region: string, needs: BucketNeeds): TerraformBlock[] {
  const bucket: Entry = ['bucket', 'text' in use ? use.text : use.reference];
  const id = 'text' in use ? use.text : '';
  const accessBlock = taken(
    needs.publicAccessBlock === 'import',
    'aws_s3_bucket_public_access_block',
    name,
    region,
    id,
    [
      bucket,
      ['block_public_acls', true],
      ['block_public_policy', true],
      ['ignore_public_acls', true],
      ['restrict_public_buckets', true],
      keep([]),
    ],
  );
  const versions = taken(needs.versioning === 'import', 'aws_s3_bucket_versioning', name, region, id, [
    bucket,
    block('versioning_configuration', [], [['status', 'Enabled']]),
    keep([]),
  ]);
  return [
    ...(needs.publicAccessBlock === 'nothing' ? [] : accessBlock),
    ...(needs.versioning === 'nothing' ? [] : versions),
    ...(needs.defaultEncryption === 'nothing'
      ? []
      : [
          resource('aws_s3_bucket_server_side_encryption_configuration', name, region, [
            bucket,
            block('rule', [], [block('apply_server_side_encryption_by_default', [], [['sse_algorithm', 'AES256']])]),
            keep([]),
          ]),
        ]),
  ];
}

function newTrail(trail: NewTrail, name: string, key: ReturnType<typeof keyArn>): TerraformBlock[] {
  const region = trail.homeRegion;
  const arn = `arn:${trail.partition}:cloudtrail:${region}:${trail.accountId}:trail/${trail.name}`;
  const bucket = raw('aws_s3_bucket.logs.id');
  const made: TerraformBlock[] = trail.makesBucket
    ? [
        resource('aws_s3_bucket', 'logs', region, [['bucket', trail.bucket], keep([])]),
        ...protection({ reference: bucket }, 'logs', region, {
          publicAccessBlock: 'make',
          versioning: 'make',
          defaultEncryption: 'make',
        }),
        resource('aws_s3_bucket_policy', 'logs', region, [
          ['bucket', bucket],
          [
            'policy',
            jsonencode({
              Version: '2012-10-17',
              Statement: [
                ...trailBucketStatements({
                  partition: trail.partition,
                  bucket: trail.bucket,
                  s3KeyPrefix: trail.s3KeyPrefix,
                  trails: [{ trailArn: arn, ownerAccountId: trail.accountId, isOrganization: trail.isOrganization }],
                  organizationId: trail.organizationId,
                }),
                tlsOnlyStatement(trail.partition, trail.bucket),
              ],
            }),
          ],
        ]),
      ]
    : [];
  return [
    ...made,
    resource('aws_cloudtrail', name, region, [
      ['name', trail.name],
      ['s3_bucket_name', trail.makesBucket ? bucket : trail.bucket],
      ['is_multi_region_trail', true],
      ['is_organization_trail', trail.isOrganization],
      ['include_global_service_events', true],
      ['enable_log_file_validation', true],
      ['kms_key_id', key],
      ...(trail.makesBucket ? [['depends_on', [raw('aws_s3_bucket_policy.logs')]] as const] : []),
    ]),
  ];
}
