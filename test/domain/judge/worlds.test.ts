import { describe, expect, it } from '@jest/globals';
import type { SimulationSpec } from '../../../functions/simulator/simulation.ts';
import type { WorldSpec } from '../../../functions/simulator/world/world-spec.ts';
import { type ScannedWorld, type SETTINGS, scanWorld } from '../../scan-world.ts';

/**
 * The case table: each row is a world, scanned by the whole workflow with the real clients, and what must come of it.
 * `coverage` names targets as `account/region`, `trails` by name, `findings` as `control name → status reason`.
 */
interface Case {
  it: string;
  world: WorldSpec;
  spec?: SimulationSpec;
  settings?: Partial<typeof SETTINGS>;
  status?: 'COMPLETE' | 'PARTIAL';
  coverage?: Record<string, string>;
  trails?: Record<string, string>;
  findings?: Record<string, string>;
  /** The reasons of coverage rows. */
  reasons?: Record<string, string>;
  /** Root causes, by kind, with the accounts each affects. */
  causes?: Record<string, number>;
}

const two = [{ name: 'management' }, { name: 'member' }];
const tower: WorldSpec['accounts'] = [
  { name: 'management' },
  { name: 'log-archive', ou: 'Security' },
  { name: 'audit', ou: 'Security' },
  { name: 'app', ou: 'Workloads' },
];
const orgTrail = { name: 'org', organization: true, key: 'logs', bucket: 'logs-bucket' } as const;

const s3Events = (ReadWriteType: string, ...Values: string[]) => ({
  EventSelectors: [
    { ReadWriteType, IncludeManagementEvents: true, DataResources: [{ Type: 'AWS::S3::Object', Values }] },
  ],
});

const CASES: Case[] = [
  {
    it: 'seals a Control Tower landing zone with a key, however many accounts see its trail',
    world: {
      accounts: tower,
      trails: [
        { name: 'aws-controltower-BaselineCloudTrail', organization: true, key: 'ct', bucket: 'aws-controltower-logs' },
      ],
      keys: [{ name: 'ct', owner: 'management' }],
      buckets: [{ name: 'aws-controltower-logs', owner: 'log-archive' }],
    },
    status: 'COMPLETE',
    trails: { 'aws-controltower-BaselineCloudTrail': 'SEALED ENCRYPTED_AND_DELIVERING' },
    coverage: {
      'app/eu-west-1': 'ENCRYPTED',
      'management/us-east-1': 'ENCRYPTED',
      'log-archive/eu-west-1': 'ENCRYPTED',
    },
    findings: {
      'trail-kms-encrypted': 'PASS KEY_SET',
      'trail-key-usable': 'PASS KEY_ENABLED',
      'bucket-protected': 'PASS PROTECTED',
    },
    causes: {},
  },
  {
    it: 'finds one failing trail, not one a member, in a landing zone without a key',
    world: {
      accounts: tower,
      trails: [{ name: 'aws-controltower-BaselineCloudTrail', organization: true, bucket: 'aws-controltower-logs' }],
      buckets: [{ name: 'aws-controltower-logs', owner: 'log-archive' }],
    },
    trails: { 'aws-controltower-BaselineCloudTrail': 'UNSEALED NO_KEY' },
    coverage: { 'app/eu-west-1': 'UNENCRYPTED', 'audit/us-east-1': 'UNENCRYPTED' },
    findings: { 'trail-kms-encrypted': 'FAIL NO_KEY' },
    causes: { TRAIL_WITHOUT_KEY: 4 },
  },
  {
    it: 'does not take a bucket whose default is SSE-KMS for an encrypted trail',
    world: {
      accounts: two,
      trails: [{ name: 'org', organization: true, bucket: 'b' }],
      buckets: [{ name: 'b', encryption: 'k' }],
      keys: [{ name: 'k' }],
    },
    trails: { org: 'UNSEALED NO_KEY' },
    coverage: { 'member/us-east-1': 'UNENCRYPTED' },
  },
  {
    it: 'reads a key where it lives: in another account of the organization',
    world: {
      accounts: [...two, { name: 'security' }],
      trails: [orgTrail],
      keys: [{ name: 'logs', owner: 'security' }],
    },
    trails: { org: 'SEALED ENCRYPTED_AND_DELIVERING' },
    coverage: { 'member/eu-west-1': 'ENCRYPTED' },
  },
  {
    it: 'calls a key of an account outside the organization foreign',
    world: {
      accounts: [...two, { name: 'vendor', outside: true }],
      trails: [orgTrail],
      keys: [{ name: 'logs', owner: 'vendor' }],
    },
    trails: { org: 'FOREIGN_KEY KEY_OUTSIDE_ORGANIZATION' },
    coverage: { 'member/us-east-1': 'FOREIGN_KEY' },
    findings: {
      'trail-key-owned': 'FAIL KEY_OUTSIDE_ORGANIZATION',
      'trail-kms-encrypted': 'PASS KEY_SET',
      'trail-key-usable': 'UNVERIFIED KEY_OUTSIDE_ORGANIZATION',
    },
    causes: { FOREIGN_KEY: 2 },
  },
  {
    it: 'calls an AWS managed key foreign',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs', manager: 'AWS' }] },
    trails: { org: 'FOREIGN_KEY AWS_MANAGED_KEY' },
    findings: { 'trail-key-owned': 'FAIL AWS_MANAGED_KEY', 'trail-key-rotation': 'NOT_APPLICABLE AWS_MANAGED_KEY' },
  },
  {
    it: 'breaks with a key that was disabled yesterday: one cause, whatever it touches',
    world: {
      accounts: two,
      trails: [orgTrail, { name: 'local', owner: 'member', key: 'logs' }],
      keys: [{ name: 'logs', state: 'Disabled' }],
    },
    trails: { org: 'BROKEN KEY_DISABLED', local: 'BROKEN KEY_DISABLED' },
    coverage: { 'member/us-east-1': 'BROKEN', 'management/eu-west-1': 'BROKEN' },
    findings: {
      'trail-key-usable': 'FAIL KEY_DISABLED',
      'region-recorded': 'FAIL NOT_DELIVERED',
      'trail-kms-encrypted': 'PASS KEY_SET',
    },
    causes: { DEAD_KEY: 2 },
  },
  {
    it: 'breaks with a key pending deletion, and says on which day the old logs become unreadable',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs', state: 'PendingDeletion', deletionInDays: 9 }] },
    trails: { org: 'BROKEN KEY_PENDING_DELETION' },
    findings: { 'trail-key-usable': 'FAIL KEY_PENDING_DELETION' },
    causes: { DEAD_KEY: 2 },
  },
  {
    it: 'works with a key in state Updating',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs', state: 'Updating' }] },
    trails: { org: 'SEALED ENCRYPTED_AND_DELIVERING' },
    findings: { 'trail-key-usable': 'PASS KEY_ENABLED' },
  },
  ...(['Creating', 'PendingImport', 'PendingReplicaDeletion', 'Unavailable'] as const).map(
    (state): Case => ({
      it: `breaks with a key in state ${state}`,
      world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs', state }] },
      trails: { org: expect.stringMatching(/^BROKEN KEY_/) as unknown as string },
      coverage: { 'member/us-east-1': 'BROKEN' },
    }),
  ),
  {
    it: 'breaks with a key that no longer exists',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs', missing: true }] },
    trails: { org: 'BROKEN KEY_NOT_FOUND' },
  },
  {
    it: 'breaks with a key in another Region than the bucket',
    world: {
      accounts: two,
      trails: [orgTrail],
      keys: [{ name: 'logs', region: 'eu-west-1' }],
      buckets: [{ name: 'logs-bucket', region: 'us-east-1' }],
    },
    trails: { org: 'BROKEN KEY_NOT_IN_BUCKET_REGION' },
    causes: { KEY_REGION: 2 },
  },
  {
    it: 'accepts a multi-Region key in the Region of the bucket',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs', multiRegion: true, replicas: ['eu-west-1'] }] },
    trails: { org: 'SEALED ENCRYPTED_AND_DELIVERING' },
  },
  {
    it: 'does not verify a KmsKeyId that is an alias',
    world: { accounts: two, trails: [{ ...orgTrail, key: 'arn:aws:kms:us-east-1:111111111111:alias/logs' }] },
    trails: { org: 'UNVERIFIED KEY_ID_NOT_AN_ARN' },
    findings: {
      'trail-kms-encrypted': 'PASS KEY_SET',
      'trail-key-usable': 'UNVERIFIED KEY_ID_NOT_AN_ARN',
      'trail-key-owned': 'UNVERIFIED KEY_ID_NOT_AN_ARN',
    },
  },
  {
    it: 'does not verify a malformed KmsKeyId',
    world: { accounts: two, trails: [{ ...orgTrail, key: 'not/a:key' }] },
    trails: { org: 'UNVERIFIED KEY_ID_NOT_AN_ARN' },
    coverage: { 'member/us-east-1': 'UNVERIFIED' },
  },
  {
    it: 'lets an unsealed local trail beside a sealed organization trail fail the account that has it, and no other',
    world: { accounts: two, trails: [orgTrail, { name: 'local', owner: 'member' }], keys: [{ name: 'logs' }] },
    trails: { org: 'SEALED ENCRYPTED_AND_DELIVERING', local: 'UNSEALED NO_KEY' },
    coverage: { 'member/us-east-1': 'UNENCRYPTED', 'management/us-east-1': 'ENCRYPTED' },
    causes: { TRAIL_WITHOUT_KEY: 1 },
  },
  {
    it: 'lets a sealed organization trail cover for a broken local one',
    world: {
      accounts: two,
      trails: [orgTrail, { name: 'local', owner: 'member', key: 'dead' }],
      keys: [{ name: 'logs' }, { name: 'dead', owner: 'member', state: 'Disabled' }],
    },
    trails: { org: 'SEALED ENCRYPTED_AND_DELIVERING', local: 'BROKEN KEY_DISABLED' },
    coverage: { 'member/us-east-1': 'ENCRYPTED' },
    findings: { 'region-recorded': 'PASS RECORDED' },
  },
  {
    it: 'ignores a stopped unsealed local trail beside a sealed organization trail in coverage, not in findings',
    world: {
      accounts: two,
      trails: [orgTrail, { name: 'local', owner: 'member', logging: false }],
      keys: [{ name: 'logs' }],
    },
    trails: { local: 'UNSEALED NO_KEY' },
    coverage: { 'member/us-east-1': 'ENCRYPTED' },
  },
  {
    it: 'tells a stopped trail from none',
    world: {
      accounts: two,
      trails: [{ name: 'local', owner: 'member', key: 'k', logging: false }],
      keys: [{ name: 'k', owner: 'member' }],
    },
    trails: { local: 'STOPPED NOT_LOGGING' },
    coverage: { 'member/us-east-1': 'NOT_LOGGING', 'management/us-east-1': 'NO_TRAIL' },
    findings: { 'trail-delivering': 'FAIL NOT_LOGGING' },
  },
  {
    it: 'gives an account without a trail a failing row',
    world: { accounts: two },
    status: 'COMPLETE',
    coverage: { 'member/us-east-1': 'NO_TRAIL', 'member/eu-west-1': 'NO_TRAIL' },
    findings: { 'region-recorded': 'FAIL NO_TRAIL_SEEN' },
    causes: { NO_TRAIL: 2 },
  },
  {
    it: 'covers only its home Region with a single-region trail',
    world: {
      accounts: two,
      trails: [{ name: 'local', owner: 'member', key: 'k', multiRegion: false }],
      keys: [{ name: 'k', owner: 'member' }],
    },
    coverage: { 'member/us-east-1': 'ENCRYPTED', 'member/eu-west-1': 'NO_TRAIL' },
  },
  {
    it: 'covers only its home Region with a single-region organization trail',
    world: { accounts: two, trails: [{ ...orgTrail, multiRegion: false }], keys: [{ name: 'logs' }] },
    coverage: { 'member/us-east-1': 'ENCRYPTED', 'member/eu-west-1': 'NO_TRAIL' },
  },
  {
    it: 'does not record where the home Region of the organization trail is disabled in the member',
    world: {
      accounts: [{ name: 'management', optedIn: ['me-south-1'] }, { name: 'member' }],
      regions: ['us-east-1', 'me-south-1'],
      trails: [{ ...orgTrail, home: 'me-south-1' }],
      keys: [{ name: 'logs', region: 'me-south-1' }],
      buckets: [{ name: 'logs-bucket', region: 'me-south-1' }],
    },
    coverage: {
      'management/us-east-1': 'ENCRYPTED',
      'member/us-east-1': 'NO_TRAIL',
      'member/me-south-1': 'NOT_APPLICABLE',
    },
  },
  {
    it: 'does not count a trail of data events only as recording',
    world: { accounts: two, trails: [{ ...orgTrail, events: 'data-only' }], keys: [{ name: 'logs' }] },
    coverage: { 'member/us-east-1': 'NO_TRAIL' },
    findings: { 'region-recorded': 'FAIL DATA_EVENTS_ONLY' },
  },
  {
    it: 'fails region-recorded, not the encryption, for a read-only trail',
    world: { accounts: two, trails: [{ ...orgTrail, events: 'read' }], keys: [{ name: 'logs' }] },
    coverage: { 'member/us-east-1': 'ENCRYPTED' },
    findings: { 'region-recorded': 'FAIL PARTIAL_EVENTS' },
    causes: { PARTIAL_EVENTS: 2 },
  },
  {
    it: 'fails region-recorded where KMS events are left out, also by advanced selectors',
    world: { accounts: two, trails: [{ ...orgTrail, events: 'no-kms', advanced: true }], keys: [{ name: 'logs' }] },
    coverage: { 'member/us-east-1': 'ENCRYPTED' },
    findings: { 'region-recorded': 'FAIL PARTIAL_EVENTS' },
  },
  {
    it: 'adds a read-only and a write-only trail up to all management events',
    world: {
      accounts: two,
      trails: [
        { ...orgTrail, events: 'read' },
        { name: 'w', organization: true, key: 'logs', events: 'write' },
      ],
      keys: [{ name: 'logs' }],
    },
    findings: { 'region-recorded': 'PASS RECORDED' },
  },
  {
    it: 'does not count CloudTrail Lake as a trail',
    world: { accounts: two, eventDataStores: [{ name: 'lake', owner: 'member' }] },
    coverage: { 'member/us-east-1': 'NO_TRAIL' },
    findings: {
      'region-recorded': expect.stringMatching(/^FAIL/) as unknown as string,
      'event-data-store-encrypted': 'FAIL NO_KEY',
    },
  },
  {
    it: 'says of members that only an event data store of the organization records them',
    world: {
      accounts: two,
      eventDataStores: [{ name: 'lake', owner: 'management', organization: true, multiRegion: true }],
    },
    coverage: { 'member/us-east-1': 'NO_TRAIL', 'member/eu-west-1': 'NO_TRAIL' },
    causes: { NO_TRAIL: 2 },
    reasons: { 'member/us-east-1': 'LAKE_ONLY', 'member/eu-west-1': 'LAKE_ONLY', 'management/eu-west-1': 'LAKE_ONLY' },
  },
  {
    it: 'counts an event data store of one account and Region there alone',
    world: { accounts: two, eventDataStores: [{ name: 'lake', owner: 'member', multiRegion: false }] },
    reasons: {
      'member/us-east-1': 'LAKE_ONLY',
      'member/eu-west-1': 'NO_TRAIL_SEEN',
      'management/us-east-1': 'NO_TRAIL_SEEN',
    },
  },
  {
    it: 'passes no target on the word of an unsealed trail whose status nobody may read',
    world: {
      accounts: two,
      trails: [{ name: 'local', owner: 'member' }],
      denials: [{ accounts: ['member'], actions: ['cloudtrail:GetTrailStatus'], by: 'identity' }],
    },
    trails: { local: 'UNSEALED NO_KEY' },
    coverage: { 'member/us-east-1': 'UNENCRYPTED' },
    findings: { 'region-recorded': 'UNVERIFIED STATUS_DENIED', 'trail-delivering': 'UNVERIFIED STATUS_DENIED' },
    causes: { TRAIL_WITHOUT_KEY: 1, UNKNOWN_STATE: 1 },
  },
  {
    it: 'calls no target recorded by an unsealed trail that cannot deliver',
    world: { accounts: two, trails: [{ name: 'local', owner: 'member', deliveryError: 'NoSuchBucket' }] },
    trails: { local: 'UNSEALED NO_KEY' },
    coverage: { 'member/us-east-1': 'UNENCRYPTED' },
    findings: { 'region-recorded': 'FAIL NOT_DELIVERED' },
    causes: { TRAIL_WITHOUT_KEY: 1, NOT_DELIVERING: 1 },
  },
  {
    it: 'accepts an event data store with a customer key that works, and fails one whose key is dead',
    world: {
      accounts: two,
      eventDataStores: [{ name: 'good', owner: 'member', key: 'k' }],
      keys: [{ name: 'k', owner: 'member' }],
    },
    findings: { 'event-data-store-encrypted': 'PASS KEY_ENABLED' },
  },
  {
    it: 'fails an event data store whose key is disabled',
    world: {
      accounts: two,
      eventDataStores: [{ name: 'bad', owner: 'member', key: 'k' }],
      keys: [{ name: 'k', owner: 'member', state: 'Disabled' }],
    },
    findings: { 'event-data-store-encrypted': 'FAIL KEY_DISABLED' },
    causes: { DEAD_KEY: 1, NO_TRAIL: 1 },
  },
  {
    it: 'shows an account that joined an hour ago and has no copy of the organization trail yet',
    world: {
      accounts: [{ name: 'management' }, { name: 'new', joinedHoursAgo: 1, organizationTrails: false }],
      trails: [orgTrail],
      keys: [{ name: 'logs' }],
    },
    coverage: { 'management/us-east-1': 'ENCRYPTED', 'new/us-east-1': 'NO_TRAIL' },
  },
  {
    it: 'infers the verdict of a Region closed by a service control policy from a multi-Region trail',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs' }], regionDeny: { allow: ['us-east-1'] } },
    status: 'COMPLETE',
    coverage: { 'member/us-east-1': 'ENCRYPTED', 'member/eu-west-1': 'ENCRYPTED' },
    findings: { 'region-recorded': expect.stringMatching(/^PASS RECORDED/) as unknown as string },
  },
  {
    it: 'infers nothing for a closed region where no multi-Region trail records the account',
    world: {
      accounts: two,
      trails: [{ name: 'local', owner: 'member', key: 'k', multiRegion: false }],
      keys: [{ name: 'k', owner: 'member' }],
      regionDeny: { allow: ['us-east-1'] },
    },
    status: 'COMPLETE',
    coverage: { 'member/us-east-1': 'ENCRYPTED', 'member/eu-west-1': 'UNVERIFIED' },
  },
  {
    it: 'is PARTIAL where a Region is refused without a service control policy',
    world: {
      accounts: two,
      trails: [orgTrail],
      keys: [{ name: 'logs' }],
      denials: [
        { accounts: ['member'], regions: ['eu-west-1'], actions: ['cloudtrail:DescribeTrails'], by: 'identity' },
      ],
    },
    status: 'PARTIAL',
    coverage: { 'member/us-east-1': 'ENCRYPTED', 'member/eu-west-1': 'UNVERIFIED' },
  },
  {
    it: 'keeps an account whose role is missing as a row with the reason',
    world: {
      accounts: [{ name: 'management' }, { name: 'member', role: false }],
      trails: [orgTrail],
      keys: [{ name: 'logs' }],
    },
    status: 'PARTIAL',
    coverage: { 'member/us-east-1': 'UNVERIFIED', 'management/us-east-1': 'ENCRYPTED' },
    findings: { 'region-recorded': expect.stringMatching(/^(UNVERIFIED|PASS)/) as unknown as string },
    causes: { UNREACHED: 1 },
  },
  {
    it: 'does not verify a trail that has been silent for 27 hours',
    world: {
      accounts: two,
      trails: [{ ...orgTrail, deliveredHoursAgo: 27, digestHoursAgo: 27 }],
      keys: [{ name: 'logs' }],
    },
    trails: { org: 'UNVERIFIED SILENT' },
    coverage: { 'member/us-east-1': 'UNVERIFIED' },
    findings: { 'trail-delivering': 'UNVERIFIED SILENT' },
  },
  {
    it: 'takes a digest for a sign of life',
    world: {
      accounts: two,
      trails: [{ ...orgTrail, deliveredHoursAgo: 27, digestHoursAgo: 1 }],
      keys: [{ name: 'logs' }],
    },
    trails: { org: 'SEALED ENCRYPTED_AND_DELIVERING' },
  },
  {
    it: 'does not call a trail silent that began to log an hour ago',
    world: {
      accounts: two,
      trails: [{ ...orgTrail, deliveredHoursAgo: null, digestHoursAgo: null, startedHoursAgo: 1 }],
      keys: [{ name: 'logs' }],
    },
    trails: { org: 'SEALED ENCRYPTED_AND_DELIVERING' },
  },
  {
    it: 'breaks on a delivery error',
    world: { accounts: two, trails: [{ ...orgTrail, deliveryError: 'AccessDenied' }], keys: [{ name: 'logs' }] },
    trails: { org: 'BROKEN DELIVERY_ERROR' },
    findings: { 'trail-delivering': 'FAIL DELIVERY_ERROR' },
    causes: { NOT_DELIVERING: 2 },
  },
  {
    it: 'breaks an organization trail only for the member whose own copy is refused',
    world: {
      accounts: [...two, { name: 'other' }],
      trails: [{ ...orgTrail, memberErrors: { member: 'AccessDenied' } }],
      keys: [{ name: 'logs' }],
    },
    trails: { org: 'SEALED ENCRYPTED_AND_DELIVERING' },
    coverage: { 'member/us-east-1': 'BROKEN', 'other/us-east-1': 'ENCRYPTED', 'management/us-east-1': 'ENCRYPTED' },
    causes: { MEMBER_NOT_DELIVERING: 1 },
  },
  {
    it: 'asks one member where the owner of the organization trail cannot be read',
    world: {
      accounts: [{ name: 'management', role: false }, { name: 'audit' }, { name: 'member' }],
      delegatedAdministrators: ['audit'],
      trails: [orgTrail],
      keys: [{ name: 'logs', owner: 'audit' }],
      buckets: [{ name: 'logs-bucket', owner: 'audit' }],
    },
    spec: { caller: 'delegated' },
    status: 'PARTIAL',
    trails: { org: 'SEALED ENCRYPTED_AND_DELIVERING' },
    coverage: { 'member/us-east-1': 'ENCRYPTED', 'management/us-east-1': 'UNVERIFIED' },
  },
  {
    it: 'does not verify a key whose owner refuses',
    world: {
      accounts: [...two, { name: 'security', role: false }],
      trails: [orgTrail],
      keys: [{ name: 'logs', owner: 'security' }],
    },
    trails: { org: 'UNVERIFIED KEY_DENIED' },
    coverage: { 'member/us-east-1': 'UNVERIFIED' },
  },
  {
    it: 'has nothing to say of closed and suspended accounts, and scans one that is about to close',
    world: {
      accounts: [
        { name: 'management' },
        { name: 'closed', state: 'CLOSED' },
        { name: 'suspended', state: 'SUSPENDED' },
        { name: 'leaving', state: 'PENDING_CLOSURE' },
      ],
      trails: [orgTrail],
      keys: [{ name: 'logs' }],
    },
    status: 'COMPLETE',
    coverage: {
      'closed/us-east-1': 'NOT_APPLICABLE',
      'suspended/us-east-1': 'NOT_APPLICABLE',
      'leaving/us-east-1': 'ENCRYPTED',
    },
  },
  {
    it: 'falls back to Status where an older endpoint sends no State',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs' }] },
    spec: { legacyStatus: true },
    coverage: { 'member/us-east-1': 'ENCRYPTED' },
  },
  {
    it: 'fails a key policy that does not let CloudTrail in',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs', policy: 'none' }] },
    trails: { org: 'SEALED ENCRYPTED_AND_DELIVERING' },
    findings: { 'trail-key-policy': 'FAIL CLOUDTRAIL_NOT_ALLOWED' },
  },
  {
    it: 'fails a key policy that lets any trail use the key',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs', policy: 'unscoped' }] },
    findings: { 'trail-key-policy': 'FAIL NOT_SCOPED' },
  },
  {
    it: 'fails a key policy that lets anyone decrypt, and accepts one that fixes the caller',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs', policy: 'public' }] },
    findings: { 'trail-key-policy': 'FAIL OPEN_DECRYPT' },
  },
  {
    it: 'accepts Principal * bounded by the caller account',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs', policy: 'public-bounded' }] },
    findings: { 'trail-key-policy': expect.stringMatching(/^PASS/) as unknown as string },
  },
  {
    it: 'does not verify a key policy that is not JSON',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs', policyText: '{"Version": ' }] },
    findings: { 'trail-key-policy': 'UNVERIFIED POLICY_UNREADABLE' },
  },
  {
    it: 'fails rotation that is off and has nothing to say of imported material',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs', rotation: false }] },
    findings: { 'trail-key-rotation': 'FAIL ROTATION_OFF' },
  },
  {
    it: 'has nothing to say of the rotation of imported material',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs', origin: 'EXTERNAL' }] },
    findings: { 'trail-key-rotation': 'NOT_APPLICABLE ORIGIN_NOT_ROTATED' },
  },
  {
    it: 'fails log file validation that is off',
    world: { accounts: two, trails: [{ ...orgTrail, validation: false }], keys: [{ name: 'logs' }] },
    findings: { 'trail-log-validation': 'FAIL VALIDATION_OFF' },
    causes: { LOG_VALIDATION_OFF: 1 },
  },
  {
    it: 'fails a bucket that is public, and one without TLS or versions',
    world: {
      accounts: two,
      trails: [orgTrail],
      keys: [{ name: 'logs' }],
      buckets: [{ name: 'logs-bucket', publicBlocked: false, policy: 'no-tls', versioning: null }],
    },
    findings: {
      'bucket-protected': 'FAIL PUBLIC_ACCESS_NOT_BLOCKED',
      'bucket-not-public': 'FAIL PUBLIC_ACCESS_NOT_BLOCKED',
    },
    // One fault, one cause.
    causes: { BUCKET_SETTINGS: 1 },
  },
  {
    it: 'fails a bucket whose lifecycle deletes logs within a year, and no other',
    world: {
      accounts: two,
      trails: [orgTrail],
      keys: [{ name: 'logs' }],
      buckets: [{ name: 'logs-bucket', expiryDays: 90 }],
    },
    findings: { 'bucket-retention': 'FAIL EXPIRES_EARLY', 'bucket-protected': 'PASS PROTECTED' },
    causes: { BUCKET_SETTINGS: 1 },
  },
  {
    it: 'fails a bucket that nobody logs the access to, and takes what selectors of several trails take together',
    world: {
      accounts: two,
      trails: [
        orgTrail,
        {
          name: 'reads',
          bucket: 'more-logs',
          key: 'logs',
          selectors: s3Events('ReadOnly', 'arn:aws:s3:::logs-bucket/'),
        },
        { name: 'writes', bucket: 'more-logs', key: 'logs', selectors: s3Events('WriteOnly', 'arn:aws:s3') },
      ],
      keys: [{ name: 'logs' }],
      buckets: [
        { name: 'logs-bucket', accessLogsTo: null },
        { name: 'more-logs', accessLogsTo: null },
      ],
    },
    findings: { 'bucket-access-logged': 'PASS DATA_EVENTS' },
    causes: { BUCKET_SETTINGS: 1 },
  },
  {
    it: 'does not take a trail that is stopped, of another account or Region, for one that logs the access',
    world: {
      accounts: two,
      trails: [
        orgTrail,
        ...(
          [
            ['stopped', { logging: false }],
            ['foreign', { owner: 'member' }],
            ['elsewhere', { home: 'eu-west-1', multiRegion: false }],
            ['failing', { deliveryError: 'AccessDenied' }],
          ] as const
        ).map(([name, more]) => ({ name, bucket: 'logs-bucket', selectors: s3Events('All', 'arn:aws:s3'), ...more })),
      ],
      keys: [{ name: 'logs' }],
      buckets: [{ name: 'logs-bucket', accessLogsTo: null }],
    },
    findings: { 'bucket-access-logged': 'FAIL NOT_LOGGED' },
  },
  {
    it: 'does not know it where the selectors of a trail that may take the events were refused',
    world: {
      accounts: two,
      trails: [{ name: 'local', owner: 'member', bucket: 'own-logs', selectors: s3Events('All', 'arn:aws:s3') }],
      buckets: [{ name: 'own-logs', owner: 'member', accessLogsTo: null }],
      denials: [{ actions: ['cloudtrail:GetEventSelectors'] }],
    },
    findings: { 'bucket-access-logged': 'UNVERIFIED DATA_EVENTS_UNKNOWN' },
  },
  {
    it: 'fails a trail that feeds no log group, once, and one that is not reached; a stopped one has the one cause',
    world: {
      accounts: two,
      trails: [
        { ...orgTrail, logGroup: null },
        { name: 'refused', bucket: 'logs-bucket', key: 'logs', logGroupError: 'AccessDenied' },
        { name: 'silent', bucket: 'logs-bucket', key: 'logs', logGroupDeliveredHoursAgo: 40 },
        { name: 'stopped', bucket: 'logs-bucket', key: 'logs', logging: false },
      ],
      keys: [{ name: 'logs' }],
    },
    findings: { 'trail-monitored': 'FAIL NO_LOG_GROUP' },
    causes: { NOT_MONITORED: 1, NOT_DELIVERING: 1 },
  },
  {
    it: 'does not take lifecycle rules that may not be read for none',
    world: {
      accounts: two,
      trails: [orgTrail],
      keys: [{ name: 'logs' }],
      buckets: [{ name: 'logs-bucket', owner: 'member' }],
      denials: [{ actions: ['s3:GetLifecycleConfiguration'] }],
    },
    findings: { 'bucket-retention': 'UNVERIFIED LIFECYCLE_DENIED_BY_SCP' },
  },
  {
    it: 'takes a bucket for protected that its account alone protects',
    world: {
      accounts: [{ name: 'management', accountPublicAccessBlock: true }, { name: 'member' }],
      trails: [orgTrail],
      keys: [{ name: 'logs' }],
      buckets: [{ name: 'logs-bucket', publicBlocked: false }],
    },
    findings: { 'bucket-protected': 'PASS PROTECTED', 'bucket-not-public': 'PASS NOT_PUBLIC' },
  },
  {
    it: 'takes what the bucket and its account block together',
    world: {
      accounts: [{ name: 'management', accountPublicAccessBlock: 'policies' }, { name: 'member' }],
      trails: [orgTrail],
      keys: [{ name: 'logs' }],
      buckets: [{ name: 'logs-bucket', publicBlocked: 'partly' }],
    },
    findings: { 'bucket-protected': 'PASS PROTECTED', 'bucket-not-public': 'PASS NOT_PUBLIC' },
  },
  {
    it: "does not know a bucket that is open by itself where its account's setting may not be read",
    world: {
      accounts: two,
      trails: [orgTrail],
      keys: [{ name: 'logs' }],
      buckets: [{ name: 'logs-bucket', owner: 'member', publicBlocked: false }],
      denials: [{ actions: ['s3:GetAccountPublicAccessBlock'] }],
    },
    findings: {
      'bucket-protected': 'UNVERIFIED PUBLIC_ACCESS_NOT_BLOCKED_UNKNOWN',
      'bucket-not-public': 'UNVERIFIED PUBLIC_ACCESS_NOT_BLOCKED_UNKNOWN',
    },
  },
  {
    it: 'does not know the owner of a bucket outside the organization',
    world: {
      accounts: [...two, { name: 'vendor', outside: true }],
      trails: [orgTrail],
      keys: [{ name: 'logs' }],
      buckets: [{ name: 'logs-bucket', owner: 'vendor' }],
    },
    findings: { 'bucket-protected': 'UNVERIFIED OWNER_UNKNOWN', 'bucket-not-public': 'UNVERIFIED OWNER_UNKNOWN' },
  },
  {
    it: 'judges the log group that a trail feeds',
    world: { accounts: two, trails: [{ ...orgTrail, logGroup: 'ct' }], keys: [{ name: 'logs' }] },
    findings: { 'log-group-encrypted': 'FAIL NO_KEY' },
  },
  {
    it: 'files 30 local trails alike under one cause',
    world: {
      accounts: [{ name: 'management' }, ...Array.from({ length: 30 }, (_, i) => ({ name: `team-${i}` }))],
      trails: Array.from({ length: 30 }, (_, i) => ({ name: 'default', owner: `team-${i}` })),
    },
    causes: { TRAIL_WITHOUT_KEY: 30, NO_TRAIL: 1 },
  },
  {
    it: 'keeps two accounts of one name apart',
    world: {
      accounts: [{ name: 'management' }, { id: '222222222222', name: 'twin' }, { id: '333333333333', name: 'twin' }],
      trails: [{ name: 'local', owner: '222222222222', key: 'k' }],
      keys: [{ name: 'k', owner: '222222222222' }],
    },
    coverage: { '222222222222/us-east-1': 'ENCRYPTED', '333333333333/us-east-1': 'NO_TRAIL' },
  },
  {
    it: 'marks what a filter leaves out as EXCLUDED and the run as FILTERED',
    world: { accounts: two, trails: [orgTrail], keys: [{ name: 'logs' }] },
    settings: { onlyRegions: ['us-east-1'] },
    status: 'COMPLETE',
    coverage: { 'member/us-east-1': 'ENCRYPTED', 'member/eu-west-1': 'UNVERIFIED' },
  },
];

describe('the case table', () => {
  it.each(CASES)('$it', async (row) => {
    const scanned = await scanWorld({ ...row.spec, world: row.world }, { settings: row.settings ?? {} });
    if (row.status) expect(scanned.report.run.status).toBe(row.status);
    if (row.trails) expect(await trailVerdicts(scanned)).toMatchObject(row.trails);
    if (row.coverage) expect(await coverageColumn(scanned, 'verdict')).toMatchObject(row.coverage);
    if (row.reasons) expect(await coverageColumn(scanned, 'reason')).toMatchObject(row.reasons);
    if (row.findings) await expectFindings(scanned, row.findings);
    if (row.causes) expect(causeKinds(scanned)).toMatchObject(row.causes);
    if (row.causes && Object.keys(row.causes).length === 0) expect(scanned.report.root_causes).toEqual([]);
  });
});

async function trailVerdicts({ rows }: ScannedWorld): Promise<Record<string, string>> {
  return Object.fromEntries((await rows('trails')).map((t) => [t.name, `${t.verdict} ${t.reason}`]));
}

async function coverageColumn(
  { rows }: ScannedWorld,
  column: 'verdict' | 'reason',
): Promise<Record<string, string | null>> {
  const all = await rows('coverage');
  return Object.fromEntries(
    all.flatMap((c) => [
      [`${c.account_name}/${c.region}`, c[column]],
      [`${c.account_id}/${c.region}`, c[column]],
    ]),
  );
}

/** At least one finding of the control is as expected; for a control with a single finding that is the finding. */
async function expectFindings({ rows }: ScannedWorld, expected: Record<string, string>): Promise<void> {
  const all = await rows('findings');
  for (const [control, words] of Object.entries(expected)) {
    const found = all.filter((f) => f.control_id === control).map((f) => `${f.status} ${f.reason}`);
    expect(found).toContainEqual(words);
  }
}

function causeKinds({ report }: ScannedWorld): Record<string, number> {
  return Object.fromEntries(report.root_causes.map((c) => [c.kind, c.accounts]));
}
