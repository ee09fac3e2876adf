import { sameKey } from '../../decide/order.ts';
import type { Change, KeyUse } from '../../decide/plan.ts';
import { mergedPolicy, type PolicyStatement, type Replacement } from '../../policies/policy-statements.ts';
import { block, jsonencode, raw } from './hcl.ts';
import {
  imported,
  importedKey,
  importedTrail,
  type KeyArn,
  keep,
  keyIdOf,
  newKey,
  newTrail,
  protection,
  type TerraformBlock,
  taken,
} from './resources.ts';

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
    // The trail's resource would own group and role too, which a script makes where they are not there.
    case 'feed-log-group':
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
    case 'feed-log-group':
    case 'log-access':
    case 'keep-logs':
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
  'feed-log-group': 'trail',
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
function keyArn(use: KeyUse, all: readonly Change[]): KeyArn {
  if ('arn' in use) return use.arn;
  const keys = all.filter((c) => c.do === 'create-key');
  const here = keys.find((c) => sameKey(c.key, use.made));
  if (here === undefined) return raw('var.kms_key_arn');
  return raw(`aws_kms_key.${keys.length > 1 ? `trailseal_${all.indexOf(here) + 1}` : 'trailseal'}.arn`);
}
