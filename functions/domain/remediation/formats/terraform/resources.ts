import type { BucketNeeds, NewKey, NewTrail } from '../../decide/plan.ts';
import type { TrailSubject } from '../../decide/subject.ts';
import { newBucketStatements } from '../../policies/bucket-policy.ts';
import { block, type Entry, jsonencode, raw } from './hcl.ts';

export interface TerraformBlock {
  /** The region its provider is for; null for global resources. */
  region: string | null;
  text: string;
}

export const provider = (region: string): Entry => ['provider', raw(`aws.${region.replaceAll('-', '_')}`)];

export const resource = (
  type: string,
  name: string,
  region: string | null,
  entries: readonly Entry[],
): TerraformBlock => ({
  region,
  text: block('resource', [type, name], [...(region === null ? [] : [provider(region)]), ...entries]),
});

/** A resource that exists: it is taken over, not made again. */
export const imported = (
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
export const taken = (exists: boolean, ...of: Parameters<typeof imported>): TerraformBlock[] => {
  const [type, name, region, , entries] = of;
  return exists ? imported(...of) : [resource(type, name, region, entries)];
};

export const keyIdOf = (arn: string): string => arn.split('/').at(-1) ?? arn;

/** Never destroyed by Terraform; what the scan did not read stays as it is. */
export const keep = (ignored: readonly string[]): string =>
  block(
    'lifecycle',
    [],
    [
      ['prevent_destroy', true],
      ...(ignored.length === 0 ? [] : [['ignore_changes', ignored.map((name) => raw(name))] as const]),
    ],
  );

export const newKey = (key: NewKey, name: string): TerraformBlock[] => [
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

export const importedTrail = (trail: TrailSubject, name: string, change: { kms_key_id?: KeyArn }): TerraformBlock[] =>
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

export const importedKey = (
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

/** The ARN of a key, or the reference to one that is made here. */
export type KeyArn = string | ReturnType<typeof raw>;

/** A bucket that exists, by its name, or the one made in this module. */
type BucketUse = { text: string } | { reference: ReturnType<typeof raw> };

export function protection(use: BucketUse, name: string, region: string, needs: BucketNeeds): TerraformBlock[] {
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

export function newTrail(trail: NewTrail, name: string, key: KeyArn): TerraformBlock[] {
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
              Statement: newBucketStatements(trail, arn),
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
