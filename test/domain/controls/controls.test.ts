import { describe, expect, it } from '@jest/globals';
import { bucketAccessLogged } from '../../../functions/domain/controls/bucket/bucket-access-logged.ts';
import { bucketNotPublic } from '../../../functions/domain/controls/bucket/bucket-not-public.ts';
import { bucketProtected } from '../../../functions/domain/controls/bucket/bucket-protected.ts';
import { bucketRetention, RETENTION_DAYS } from '../../../functions/domain/controls/bucket/bucket-retention.ts';
import { CONTROLS, controlsFor } from '../../../functions/domain/controls/catalogue.ts';
import type { Control, Decision } from '../../../functions/domain/controls/control.ts';
import { eventDataStoreEncrypted } from '../../../functions/domain/controls/event-data-store/event-data-store-encrypted.ts';
import { policyAllowsCloudTrail, trailKeyPolicy } from '../../../functions/domain/controls/key/trail-key-policy.ts';
import { trailKeyRotation } from '../../../functions/domain/controls/key/trail-key-rotation.ts';
import { logGroupEncrypted } from '../../../functions/domain/controls/log-group/log-group-encrypted.ts';
import { deliveredLogsEncrypted } from '../../../functions/domain/controls/trail/delivered-logs-encrypted.ts';
import { trailDelivering } from '../../../functions/domain/controls/trail/trail-delivering.ts';
import { trailKeyOwned } from '../../../functions/domain/controls/trail/trail-key-owned.ts';
import { trailKeyUsable } from '../../../functions/domain/controls/trail/trail-key-usable.ts';
import { trailKmsEncrypted } from '../../../functions/domain/controls/trail/trail-kms-encrypted.ts';
import { trailLogValidation } from '../../../functions/domain/controls/trail/trail-log-validation.ts';
import { trailMonitored } from '../../../functions/domain/controls/trail/trail-monitored.ts';
import { resourceFindings } from '../../../functions/domain/judge/finding.ts';
import type { BucketFacts, LogGroupFacts, StoreFacts } from '../../../functions/domain/judge/resources.ts';
import { aboutKey, rootCause } from '../../../functions/domain/judge/root-cause.ts';
import type { LogObject, TrailStatus } from '../../../functions/domain/model/account-access.ts';
import type { ScanPlan } from '../../../functions/domain/model/plan.ts';
import { ALL_BLOCKED, NOTHING_BLOCKED } from '../../../functions/domain/model/public-access.ts';
import { answered, type Reading } from '../../../functions/domain/model/reading.ts';
import { keyRow } from '../../../functions/report/tables/rows.ts';
import {
  BUCKET,
  bucket,
  described,
  description,
  hoursAgo,
  KEY,
  key,
  keyInspection,
  NOW,
  OWNER,
  refused,
  resolved,
  status,
  TRAIL,
  trailFacts,
  usedKey,
} from '../judge/sample-facts.ts';

const said = ({ status: found, reason }: Decision): string => `${found} ${reason}`;
/** The decide function of a control whose resource the test knows. */
const deciding =
  <F>(control: Control) =>
  (facts: F): Decision =>
    (control.decide as (facts: F) => Decision)(facts);
const onTrail = (control: Control) => deciding<ReturnType<typeof resolved>>(control);
const onKey = (control: Control) => deciding<ReturnType<typeof usedKey>>(control);
const unkeyed = () => resolved({ facts: trailFacts({ trail: described({ kmsKeyId: null }) }), key: null });
const unread = { state: null, manager: null, unknownBecause: 'KEY_DENIED' } as const;

describe('the catalogue', () => {
  it('has the controls of the contract, the sampling one only when asked for', () => {
    expect(CONTROLS.map((c) => `${c.id} ${c.resource}`)).toEqual([
      'trail-kms-encrypted trail',
      'trail-key-usable trail',
      'trail-key-owned trail',
      'trail-key-rotation key',
      'trail-key-policy key',
      'trail-delivering trail',
      'trail-log-validation trail',
      'region-recorded target',
      'bucket-protected bucket',
      'bucket-not-public bucket',
      'bucket-retention bucket',
      'bucket-access-logged bucket',
      'trail-monitored trail',
      'log-group-encrypted log-group',
      'event-data-store-encrypted event-data-store',
      'delivered-logs-encrypted trail',
    ]);
    const ids = (sampleLogs: boolean) => controlsFor('trail', { sampleLogs }).map((c) => c.id);
    expect(ids(true).filter((id) => !ids(false).includes(id))).toEqual(['delivered-logs-encrypted']);
  });
});

describe('trail-kms-encrypted and trail-log-validation', () => {
  it('are as DescribeTrails and the digests say', () => {
    expect(said(onTrail(trailKmsEncrypted)(resolved()))).toBe('PASS KEY_SET');
    expect(said(onTrail(trailKmsEncrypted)(unkeyed()))).toBe('FAIL NO_KEY');
    expect(said(onTrail(trailLogValidation)(resolved()))).toBe('PASS VALIDATION_ON');
    const off = resolved({ facts: trailFacts({ trail: described({ logFileValidation: false }) }) });
    expect(said(onTrail(trailLogValidation)(off))).toBe('FAIL VALIDATION_OFF');
    const withStatus = (more: Parameters<typeof status>[0]) =>
      said(onTrail(trailLogValidation)(resolved({ facts: trailFacts({ status: answered(status(more)) }) })));
    expect(withStatus({ latestDigestError: 'AccessDenied' })).toBe('FAIL DIGEST_ERROR');
    expect(withStatus({ latestDigestAt: hoursAgo(26.1) })).toBe('FAIL DIGEST_OVERDUE');
    expect(withStatus({ latestDigestAt: hoursAgo(25.9) })).toBe('PASS VALIDATION_ON');
    expect(withStatus({ latestDigestAt: null })).toBe('UNVERIFIED NO_DIGEST');
    expect(withStatus({ latestDigestAt: null, startedLoggingAt: hoursAgo(3) })).toBe('PASS VALIDATION_ON');
    expect(withStatus({ latestDigestAt: hoursAgo(500), isLogging: false })).toBe('PASS VALIDATION_ON');
    const unread = resolved({ facts: trailFacts({ status: refused() }) });
    expect(said(onTrail(trailLogValidation)(unread))).toBe('UNVERIFIED STATUS_DENIED');
    expect(onTrail(trailKmsEncrypted)(unkeyed()).evidence).toEqual([`${OWNER}/us-east-1/DescribeTrails`]);
  });
});

describe('trail-key-usable', () => {
  const usable = onTrail(trailKeyUsable);
  it.each([
    [unkeyed(), 'NOT_APPLICABLE NO_KEY'],
    [resolved({ key: key({ state: 'Disabled' }) }), 'FAIL KEY_DISABLED'],
    [resolved({ key: key({ state: 'Disabled' }), bucket: bucket({ region: 'eu-west-1' }) }), 'FAIL KEY_DISABLED'],
    [resolved({ key: key({ state: 'NOT_FOUND' }) }), 'FAIL KEY_NOT_FOUND'],
    [resolved({ bucket: bucket({ region: 'eu-west-1' }) }), 'FAIL KEY_NOT_IN_BUCKET_REGION'],
    [resolved({ key: key(unread), bucket: bucket({ region: 'eu-west-1' }) }), 'FAIL KEY_NOT_IN_BUCKET_REGION'],
    [resolved({ key: key(unread) }), 'UNVERIFIED KEY_DENIED'],
    [resolved({ key: key({ ...unread, unknownBecause: null }) }), 'UNVERIFIED KEY_NOT_INSPECTED'],
    [resolved({ bucket: bucket({ region: null }) }), 'UNVERIFIED BUCKET_REGION_UNKNOWN'],
    [resolved({ bucket: null }), 'UNVERIFIED BUCKET_REGION_UNKNOWN'],
    [resolved(), 'PASS KEY_ENABLED'],
  ])('case %#: %s', (trail, expected) => expect(said(usable(trail))).toBe(expected));

  it('says what the matter is', () => {
    expect(usable(resolved({ key: key({ state: 'NOT_FOUND' }) })).observed).toBe(`KMS key not found: ${KEY}`);
    expect(usable(resolved({ key: key({ state: 'Disabled' }) })).observed).toBe("The key's state is Disabled");
  });

  it('says both of a key pending deletion: what is lost now, and what becomes unreadable when', () => {
    const doomed = key({ state: 'PendingDeletion', deletionDate: '2026-12-04T15:00:00.000Z' });
    expect(usable(resolved({ key: doomed })).detail).toMatch(/cannot deliver.*On 2026-12-04 .* become unreadable/);
    expect(usable(resolved({ key: key({ state: 'NOT_FOUND' }) })).detail).toMatch(/cannot deliver.*are unreadable/);
    expect(usable(resolved({ key: key({ state: 'Disabled' }) })).detail).not.toMatch(/unreadable/);
  });
});

describe('trail-key-owned', () => {
  it.each([
    [unkeyed(), 'NOT_APPLICABLE NO_KEY'],
    [resolved({ key: key({ manager: 'AWS' }) }), 'FAIL AWS_MANAGED_KEY'],
    [resolved({ key: key({ ownAccount: false }) }), 'FAIL KEY_OUTSIDE_ORGANIZATION'],
    [resolved({ key: key({ ...unread, ownAccount: false }) }), 'FAIL KEY_OUTSIDE_ORGANIZATION'],
    [resolved({ key: key({ state: 'NOT_FOUND', manager: null }) }), 'UNVERIFIED KEY_NOT_FOUND'],
    [resolved({ key: key(unread) }), 'UNVERIFIED KEY_DENIED'],
    [resolved({ key: key({ ...unread, unknownBecause: null }) }), 'UNVERIFIED KEY_NOT_INSPECTED'],
    [resolved({ key: key({ ownAccount: null }) }), 'UNVERIFIED KEY_OWNER_UNKNOWN'],
    [resolved(), 'PASS CUSTOMER_KEY'],
  ])('case %#: %s', (trail, expected) => expect(said(onTrail(trailKeyOwned)(trail))).toBe(expected));
});

describe('trail-delivering', () => {
  const delivering = (reading: Parameters<typeof trailFacts>[0]) =>
    said(onTrail(trailDelivering)(resolved({ facts: trailFacts(reading) })));
  it.each([
    [null, 'UNVERIFIED STATUS_NOT_READ'],
    [refused('THROTTLED'), 'UNVERIFIED STATUS_THROTTLED'],
    [answered(status({ isLogging: false, latestDeliveryError: 'x' })), 'FAIL NOT_LOGGING'],
    [answered(status({ latestDeliveryError: 'NoSuchBucket', latestDeliveryAt: null })), 'FAIL DELIVERY_ERROR'],
    [answered(status({ latestDeliveryError: '' })), 'PASS DELIVERING'],
    [answered(status({ latestDeliveryAt: hoursAgo(27), latestDigestAt: null })), 'UNVERIFIED SILENT'],
    [
      answered(status({ latestDeliveryAt: null, latestDigestAt: null, startedLoggingAt: hoursAgo(1) })),
      'PASS DELIVERING',
    ],
    [answered(status()), 'PASS DELIVERING'],
  ] as const)('case %#: %s', (reading, expected) => expect(delivering({ status: reading })).toBe(expected));
});

describe('trail-key-rotation', () => {
  const rotation = (more: Parameters<typeof keyInspection>[0], facts: Parameters<typeof key>[0] = {}) =>
    said(onKey(trailKeyRotation)(usedKey({ facts: key({ inspection: keyInspection(more), ...facts }) })));
  const with_ = (more: Parameters<typeof description>[0]) => ({ description: answered(description(more)) });
  const off = answered({ enabled: false, periodDays: null });
  it.each([
    [{}, 'PASS ROTATION_ON'],
    [{ rotation: off }, 'FAIL ROTATION_OFF'],
    [{ rotation: null }, 'UNVERIFIED ROTATION_NOT_READ'],
    [{ rotation: refused<never>() }, 'UNVERIFIED ROTATION_DENIED'],
    [{ ...with_({ manager: 'AWS' }), rotation: off }, 'NOT_APPLICABLE AWS_MANAGED_KEY'],
    [{ ...with_({ origin: 'EXTERNAL' }), rotation: off }, 'NOT_APPLICABLE ORIGIN_NOT_ROTATED'],
    [{ ...with_({ origin: 'AWS_CLOUDHSM' }), rotation: off }, 'NOT_APPLICABLE ORIGIN_NOT_ROTATED'],
    [{ ...with_({ origin: 'EXTERNAL_KEY_STORE' }), rotation: off }, 'NOT_APPLICABLE ORIGIN_NOT_ROTATED'],
    [{ ...with_({ spec: 'RSA_2048' }), rotation: off }, 'NOT_APPLICABLE ASYMMETRIC_KEY'],
    [{ description: refused<never>() }, 'UNVERIFIED KEY_NOT_INSPECTED'],
  ])('case %#: %s', (more, expected) => expect(rotation(more)).toBe(expected));
  it('has nothing to say of a key that is gone, and gives the reason where nobody could ask', () => {
    expect(rotation({}, { state: 'NOT_FOUND' })).toBe('NOT_APPLICABLE KEY_NOT_FOUND');
    const refusal = { description: refused<never>() };
    expect(rotation(refusal, { unknownBecause: 'KEY_DENIED' })).toBe('UNVERIFIED KEY_DENIED');
  });
});

describe('trail-key-policy', () => {
  const policy = (more: Parameters<typeof usedKey>[0]) => said(onKey(trailKeyPolicy)(usedKey(more)));
  const read = (text: Reading<string> | null) => ({ facts: key({ inspection: keyInspection({ policy: text }) }) });
  const sound = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: 'kms:GenerateDataKey*',
        Resource: '*',
        Condition: { StringEquals: { 'aws:SourceArn': TRAIL } },
      },
    ],
  });
  it.each([
    [read(answered(sound)), 'PASS POLICY_SOUND'],
    [read(answered('{"Version":"2012-10-17","Statement":[]}')), 'FAIL CLOUDTRAIL_NOT_ALLOWED'],
    [read(answered('not json')), 'UNVERIFIED POLICY_UNREADABLE'],
    [read(null), 'UNVERIFIED POLICY_NOT_READ'],
    [read(refused()), 'UNVERIFIED POLICY_DENIED'],
    [{ facts: key({ ...unread, inspection: null }) }, 'UNVERIFIED KEY_DENIED'],
    [{ ...read(answered(sound)), facts: key({ state: 'NOT_FOUND' }) }, 'NOT_APPLICABLE KEY_NOT_FOUND'],
    [{ facts: key({ manager: 'AWS' }) }, 'NOT_APPLICABLE AWS_MANAGED_KEY'],
    [{ trails: [] }, 'NOT_APPLICABLE NO_TRAIL'],
    [{ facts: key({ keyId: 'alias/x', arn: null }) }, 'UNVERIFIED POLICY_NOT_READ'],
  ])('case %#: %s', (more, expected) => expect(policy(more)).toBe(expected));

  const unscoped = sound.replace(/,"Condition":\{.*?\}\}/, '');
  const undecided = sound.replace('"StringEquals"', '"StringEqual"');
  it.each([
    ['sound', read(answered(sound)), true],
    ['not scoped to the trail', read(answered(unscoped)), true],
    ['allows nothing', read(answered('{"Version":"2012-10-17","Statement":[]}')), false],
    ['rests on a condition that cannot be decided', read(answered(undecided)), null],
    ['not a policy', read(answered('not json')), null],
    ['not read', read(refused()), null],
    ['of an AWS managed key', { facts: key({ manager: 'AWS' }) }, null],
    ['of no trail', { ...read(answered(sound)), trails: [] }, null],
  ])('keys.policy_allows_cloudtrail of a policy that is %s', (_, more, expected) => {
    expect(keyRow({ plan: { runId: 'r' } as ScanPlan, key: usedKey(more), accountsDepending: 0 })).toMatchObject({
      policy_allows_cloudtrail: expected,
    });
  });

  it('keys.policy_allows_cloudtrail stays null where another statement fails but this one is undecided', () => {
    const open = { Effect: 'Allow', Principal: '*', Action: 'kms:Decrypt', Resource: '*' };
    const { Statement, ...rest } = JSON.parse(undecided);
    const more = read(answered(JSON.stringify({ ...rest, Statement: [...Statement, open] })));
    expect(policy(more)).toBe('FAIL OPEN_DECRYPT');
    expect(policyAllowsCloudTrail(usedKey(more))).toBeNull();
  });

  it('has every fault of the policy, with its fix, in the root cause', () => {
    const foreign = { Effect: 'Allow', Principal: { AWS: '999988887777' }, Action: 'kms:Decrypt', Resource: '*' };
    const { Statement, ...rest } = JSON.parse(unscoped);
    const more = read(answered(JSON.stringify({ ...rest, Statement: [...Statement, foreign] })));
    const used = usedKey({ ...more, isOurs: (id) => id !== '999988887777' });
    const { reason, also } = trailKeyPolicy.decide(used);
    expect([reason, also]).toEqual(['NOT_SCOPED', ['FOREIGN_DECRYPT']]);
    const cause = rootCause(trailKeyPolicy, reason, aboutKey(used), also);
    expect(cause).toMatchObject({
      id: rootCause(trailKeyPolicy, 'NOT_SCOPED', aboutKey(used))?.id,
      title: expect.stringMatching(/trails use the key; the key policy lets an account outside .* decrypt: key arn/),
      fix: expect.stringMatching(/that `trailseal remediate` prints\. Name in the statement the roles/),
    });
    const findings = resourceFindings(
      { trails: [], keys: [used], buckets: [], logGroups: [], eventDataStores: [] },
      { sampleLogs: false, partition: 'aws' },
    );
    expect([...findings].find(({ control }) => control.id === 'trail-key-policy')?.cause).toEqual(cause);
  });

  it("is judged in the key's own partition", () => {
    const chinese = JSON.stringify(JSON.parse(sound)).replace(
      'cloudtrail.amazonaws.com',
      'cloudtrail.amazonaws.com.cn',
    );
    const facts = read(answered(chinese)).facts;
    expect(policy({ facts: { ...facts, keyId: KEY.replace('arn:aws:', 'arn:aws-cn:') } })).toBe('PASS POLICY_SOUND');
    expect(policy({ facts })).toBe('FAIL CLOUDTRAIL_NOT_ALLOWED');
  });
});

describe('bucket-protected', () => {
  const open = answered(NOTHING_BLOCKED);
  const acls = answered({ ...NOTHING_BLOCKED, blockPublicAcls: true, ignorePublicAcls: true });
  const policies = answered({ ...NOTHING_BLOCKED, blockPublicPolicy: true, restrictPublicBuckets: true });
  const decide = (more: Parameters<typeof bucket>[0]) =>
    deciding<ReturnType<typeof bucket>>(bucketProtected)(bucket(more));
  it.each([
    [{}, 'PASS PROTECTED'],
    [{ publicAccessBlock: open, accountPublicAccessBlock: open }, 'FAIL PUBLIC_ACCESS_NOT_BLOCKED'],
    [{ publicAccessBlock: open, accountPublicAccessBlock: answered(ALL_BLOCKED) }, 'PASS PROTECTED'],
    [{ publicAccessBlock: acls, accountPublicAccessBlock: policies }, 'PASS PROTECTED'],
    [{ publicAccessBlock: acls, accountPublicAccessBlock: acls }, 'FAIL PUBLIC_ACCESS_NOT_BLOCKED'],
    [{ publicAccessBlock: acls, accountPublicAccessBlock: refused() }, 'UNVERIFIED PUBLIC_ACCESS_NOT_BLOCKED_UNKNOWN'],
    [{ publicAccessBlock: open, accountPublicAccessBlock: null }, 'UNVERIFIED PUBLIC_ACCESS_NOT_BLOCKED_UNKNOWN'],
    [{ publicAccessBlock: refused(), accountPublicAccessBlock: answered(ALL_BLOCKED) }, 'PASS PROTECTED'],
    [
      { publicAccessBlock: refused(), accountPublicAccessBlock: policies },
      'UNVERIFIED PUBLIC_ACCESS_NOT_BLOCKED_UNKNOWN',
    ],
    [{ policy: answered(null) }, 'FAIL TLS_NOT_REQUIRED'],
    [{ versioning: answered('Suspended' as const) }, 'FAIL NOT_VERSIONED'],
    [{ versioning: answered('Disabled' as const) }, 'FAIL NOT_VERSIONED'],
    [{ encryption: answered({ algorithm: null, kmsKeyId: null }) }, 'FAIL NO_DEFAULT_ENCRYPTION'],
    [{ publicAccessBlock: refused() }, 'UNVERIFIED PUBLIC_ACCESS_NOT_BLOCKED_UNKNOWN'],
    [{ policy: refused() }, 'UNVERIFIED TLS_NOT_REQUIRED_UNKNOWN'],
    [{ versioning: null }, 'UNVERIFIED NOT_VERSIONED_UNKNOWN'],
    [{ encryption: refused() }, 'UNVERIFIED NO_DEFAULT_ENCRYPTION_UNKNOWN'],
    [{ policy: refused(), versioning: answered('Disabled' as const) }, 'FAIL NOT_VERSIONED'],
    [{ accountId: null }, 'UNVERIFIED OWNER_UNKNOWN'],
    // Neither is asked of a bucket's owner by this control.
    [{ objectLock: refused(), expiryDays: refused() }, 'PASS PROTECTED'],
  ] satisfies [Parameters<typeof bucket>[0], string][])('case %#: %s', (more, expected) =>
    expect(said(decide(more))).toBe(expected),
  );

  it.each([
    [{}, 'PASS NOT_PUBLIC'],
    [{ publicAccessBlock: open, accountPublicAccessBlock: open }, 'FAIL PUBLIC_ACCESS_NOT_BLOCKED'],
    [{ publicAccessBlock: acls, accountPublicAccessBlock: policies }, 'PASS NOT_PUBLIC'],
    [{ publicAccessBlock: acls, accountPublicAccessBlock: acls }, 'FAIL PUBLIC_ACCESS_NOT_BLOCKED'],
    [{ publicAccessBlock: refused(), accountPublicAccessBlock: answered(ALL_BLOCKED) }, 'PASS NOT_PUBLIC'],
    [{ publicAccessBlock: refused() }, 'UNVERIFIED PUBLIC_ACCESS_NOT_BLOCKED_UNKNOWN'],
    [{ publicAccessBlock: open, accountPublicAccessBlock: null }, 'UNVERIFIED PUBLIC_ACCESS_NOT_BLOCKED_UNKNOWN'],
    [{ accountId: null }, 'UNVERIFIED OWNER_UNKNOWN'],
    // It asks for nothing else.
    [{ policy: answered(null), versioning: refused(), encryption: refused() }, 'PASS NOT_PUBLIC'],
  ] satisfies [Parameters<typeof bucket>[0], string][])('bucket-not-public, case %#: %s', (more, expected) =>
    expect(said(deciding<ReturnType<typeof bucket>>(bucketNotPublic)(bucket(more)))).toBe(expected),
  );

  it('bucket-not-public rests on both settings, and says which gave no answer', () => {
    const found = deciding<ReturnType<typeof bucket>>(bucketNotPublic)(
      bucket({ publicAccessBlock: open, accountPublicAccessBlock: refused('DENIED', 'GetAccountPublicAccessBlock') }),
    );
    expect(found.detail).toContain('GetAccountPublicAccessBlock gave no answer');
    expect(found.evidence?.map((ref) => ref.split('/')[2])).toEqual([
      'ListBuckets',
      'GetPublicAccessBlock',
      'GetAccountPublicAccessBlock',
    ]);
  });

  it('names every fault, and why the owner is not known', () => {
    const bad = decide({ publicAccessBlock: open, accountPublicAccessBlock: open, policy: answered(null) });
    expect(bad.observed).toBe('Public access is not blocked; Requests without TLS are not denied');
    const unasked = decide({ publicAccessBlock: open, accountPublicAccessBlock: null });
    expect(unasked.detail).toBe("The account's public access block was not asked for");
    const denied = decide({
      publicAccessBlock: open,
      accountPublicAccessBlock: refused('DENIED', 'GetAccountPublicAccessBlock'),
    });
    expect(denied.detail).toBe(
      'GetAccountPublicAccessBlock gave no answer that decides it (DENIEDException: not today)',
    );
    expect(denied.evidence).toContain(`${OWNER}/*/GetAccountPublicAccessBlock`);
    const reading = refused('DENIED', 'ListBuckets');
    expect(decide({ accountId: null, ownerFailure: reading.ok ? null : reading.failure }).detail).toBe(
      'DENIEDException: not today',
    );
  });
});

describe('bucket-retention', () => {
  const decide = (more: Parameters<typeof bucket>[0]) =>
    deciding<ReturnType<typeof bucket>>(bucketRetention)(bucket(more));
  it.each([
    [{ expiryDays: answered(null) }, 'PASS NEVER_EXPIRES'],
    [{ expiryDays: answered(RETENTION_DAYS) }, 'PASS EXPIRES_LATER'],
    [{ expiryDays: answered(RETENTION_DAYS - 1) }, 'FAIL EXPIRES_EARLY'],
    [{ expiryDays: answered(0) }, 'FAIL EXPIRES_EARLY'],
    [{ expiryDays: refused() }, 'UNVERIFIED LIFECYCLE_DENIED'],
    [{ expiryDays: null }, 'UNVERIFIED LIFECYCLE_NOT_READ'],
    [{ accountId: null, expiryDays: null }, 'UNVERIFIED OWNER_UNKNOWN'],
    // It asks for nothing else.
    [{ expiryDays: answered(null), policy: refused(), versioning: refused() }, 'PASS NEVER_EXPIRES'],
  ] satisfies [Parameters<typeof bucket>[0], string][])('case %#: %s', (more, expected) =>
    expect(said(decide(more))).toBe(expected),
  );

  it('says after how many days, and what that rests on', () => {
    const found = decide({ expiryDays: answered(1) });
    expect(found.observed).toBe('Logs expire after 1 day');
    expect(found.evidence?.map((ref) => ref.split('/')[2])).toEqual(['ListBuckets', 'GetBucketLifecycleConfiguration']);
    expect(found.detail).toBeNull();
  });

  it('tells the oldest log object of each trail where it was looked for, whatever the rules say', () => {
    const object = { key: 'AWSLogs/1/x.json.gz', lastModified: NOW, encryption: 'AES256', kmsKeyId: null };
    const told = (reading: Reading<LogObject | null>) =>
      deciding<BucketFacts>(bucketRetention)({
        ...bucket({ expiryDays: answered(1) }),
        oldestLogs: [{ trailArn: TRAIL, reading }],
      });
    expect(said(told(answered(object)))).toBe('FAIL EXPIRES_EARLY');
    expect(told(answered(object)).detail).toBe(
      `Of ${TRAIL}: The oldest log object that is there is AWSLogs/1/x.json.gz (${NOW}): AES256.`,
    );
    expect(told(answered(object)).evidence?.slice(2)).toEqual([
      `${OWNER}/us-east-1/ListObjectsV2/${BUCKET}`,
      `${OWNER}/us-east-1/HeadObject/${BUCKET}/${object.key}`,
    ]);
    expect(told(answered(null)).detail).toMatch(/No log object is there\.$/);
    expect(told(answered({ ...object, ofOther: true })).detail).toMatch(/are of another trail with the same prefix/);
    expect(told(refused()).detail).toMatch(/could not be read: /);
  });
});

describe('trail-monitored', () => {
  const group = `arn:aws:logs:us-east-1:${OWNER}:log-group:ct:*`;
  const decide = (told: Partial<TrailStatus> | Reading<TrailStatus> | null, reading: LogGroupFacts['reading'] = null) =>
    onTrail(trailMonitored)(
      resolved({
        facts: trailFacts({
          trail: described({ logGroupArn: group }),
          status: told === null || 'ok' in told ? told : answered(status(told)),
        }),
        logGroup: { logGroupArn: group, reading, trails: [TRAIL], observedAt: null },
      }),
    );
  it.each([
    [{ latestLogGroupDeliveryAt: hoursAgo(1) }, 'PASS FEEDS_LOG_GROUP'],
    [{ latestLogGroupDeliveryAt: hoursAgo(27) }, 'UNVERIFIED LOG_GROUP_SILENT'],
    [{ latestLogGroupDeliveryAt: hoursAgo(1), latestLogGroupDeliveryError: 'x' }, 'FAIL LOG_GROUP_DELIVERY_ERROR'],
    [{}, 'UNVERIFIED NEVER_FED'],
    [{ isLogging: false, latestLogGroupDeliveryAt: hoursAgo(1) }, 'FAIL NOT_LOGGING'],
    [refused<TrailStatus>(), 'UNVERIFIED STATUS_DENIED'],
    [null, 'UNVERIFIED STATUS_NOT_READ'],
  ] as const)('case %#', (told, expected) => expect(said(decide(told))).toBe(expected));

  it('fails without a log group, and with one that is gone', () => {
    expect(said(onTrail(trailMonitored)(resolved()))).toBe('FAIL NO_LOG_GROUP');
    const gone = decide({ latestLogGroupDeliveryAt: hoursAgo(1) }, refused('NOT_FOUND', 'DescribeLogGroups'));
    expect([said(gone), gone.evidence?.at(-1)]).toEqual([
      'FAIL LOG_GROUP_GONE',
      `${OWNER}/us-east-1/DescribeLogGroups/${group}`,
    ]);
    const unread = decide({ latestLogGroupDeliveryAt: hoursAgo(1) }, refused());
    expect(said(unread)).toBe('PASS FEEDS_LOG_GROUP');
  });
});

describe('bucket-access-logged', () => {
  const decide = (more: Parameters<typeof bucket>[0], dataEvents: BucketFacts['dataEvents'] = NO_EVENTS) =>
    deciding<ReturnType<typeof bucket>>(bucketAccessLogged)({ ...bucket(more), dataEvents });
  const NO_EVENTS = { whole: false, trails: [] };
  const off = { accessLogging: answered(null) };
  it.each([
    [{}, NO_EVENTS, 'PASS ACCESS_LOGGING_ON'],
    [off, NO_EVENTS, 'FAIL NOT_LOGGED'],
    [off, { whole: false, trails: [resolved()] }, 'FAIL NOT_LOGGED'],
    [off, { whole: true, trails: [resolved()] }, 'PASS DATA_EVENTS'],
    [off, { whole: null, trails: [resolved()] }, 'UNVERIFIED DATA_EVENTS_UNKNOWN'],
    [{ accessLogging: refused() }, NO_EVENTS, 'UNVERIFIED ACCESS_LOGGING_DENIED'],
    [{ accessLogging: refused() }, { whole: true, trails: [resolved()] }, 'PASS DATA_EVENTS'],
    [{ accessLogging: null }, NO_EVENTS, 'UNVERIFIED ACCESS_LOGGING_NOT_READ'],
    [{ accountId: null, accessLogging: null }, NO_EVENTS, 'UNVERIFIED OWNER_UNKNOWN'],
  ] satisfies [Parameters<typeof bucket>[0], BucketFacts['dataEvents'], string][])(
    'case %#',
    (more, events, expected) => expect(said(decide(more, events))).toBe(expected),
  );

  it('says where the logs go, who takes only some events, and what it rests on', () => {
    expect(decide({}).observed).toBe('Server access logs go to access-logs/logs/');
    const loop = decide({ accessLogging: answered({ targetBucket: BUCKET, targetPrefix: '' }) });
    expect([loop.status, loop.detail]).toEqual(['PASS', expect.stringContaining('the bucket itself')]);
    const some = decide(off, { whole: false, trails: [resolved()] });
    expect(some.observed).toBe(`Server access logging is off, and ${TRAIL} takes only some data events of the bucket`);
    expect(some.evidence?.map((ref) => ref.split('/')[2])).toEqual([
      'ListBuckets',
      'GetBucketLogging',
      'GetEventSelectors',
      'GetTrailStatus',
    ]);
  });
});

describe('log-group-encrypted', () => {
  const arn = `arn:aws:logs:us-east-1:${OWNER}:log-group:ct:*`;
  const group = (reading: LogGroupFacts['reading']) =>
    said(deciding<LogGroupFacts>(logGroupEncrypted)({ logGroupArn: arn, reading, trails: [TRAIL], observedAt: null }));
  it('is as DescribeLogGroups says, and unverified where it says nothing', () => {
    expect(group(answered({ kmsKeyArn: KEY, retentionDays: null }))).toBe('PASS KEY_SET');
    expect(group(answered({ kmsKeyArn: null, retentionDays: null }))).toBe('FAIL NO_KEY');
    expect(group(null)).toBe('UNVERIFIED NOT_INSPECTED');
    expect(group(refused('NOT_FOUND'))).toBe('UNVERIFIED LOG_GROUP_NOT_FOUND');
    expect(group(refused())).toBe('UNVERIFIED LOG_GROUP_DENIED');
  });
});

describe('what a log group and a store rest on', () => {
  it('is named', () => {
    const arn = `arn:aws:logs:us-east-1:${OWNER}:log-group:ct:*`;
    const gone = deciding<LogGroupFacts>(logGroupEncrypted)({
      ...{ logGroupArn: arn, reading: refused<never>('NOT_FOUND'), trails: [TRAIL], observedAt: null },
    });
    expect(gone.observed).toBe('The log group does not exist');
    expect(gone.evidence).toEqual([`${OWNER}/us-east-1/DescribeLogGroups/${arn}`]);
    const store = `arn:aws:cloudtrail:us-east-1:${OWNER}:eventdatastore/1`;
    const lost = deciding<StoreFacts>(eventDataStoreEncrypted)({
      ...{ listed: { arn: store, name: 'l', region: 'us-east-1', status: null, seenBy: OWNER } },
      ...{ reading: refused<never>(), key: null, observedAt: null },
    });
    expect(lost.evidence).toEqual([`${OWNER}/us-east-1/GetEventDataStore/${store}`]);
  });
});

describe('event-data-store-encrypted', () => {
  const arn = `arn:aws:cloudtrail:us-east-1:${OWNER}:eventdatastore/1`;
  const listed = { arn, name: 'lake', region: 'us-east-1', status: 'ENABLED', seenBy: OWNER };
  const rest = { arn, name: 'lake', status: 'ENABLED', isOrganization: false, isMultiRegion: true, retentionDays: 90 };
  const store = (kmsKeyId: string | null, used: StoreFacts['key']) =>
    said(
      deciding<StoreFacts>(eventDataStoreEncrypted)({
        listed,
        reading: answered({ ...rest, kmsKeyId }),
        key: used,
        observedAt: null,
      }),
    );
  it.each([
    [null, null, 'FAIL NO_KEY'],
    [KEY, key(), 'PASS KEY_ENABLED'],
    [KEY, key({ state: 'PendingDeletion' }), 'FAIL KEY_PENDING_DELETION'],
    [KEY, key({ manager: 'AWS' }), 'FAIL AWS_MANAGED_KEY'],
    [KEY, key({ ownAccount: false }), 'FAIL KEY_OUTSIDE_ORGANIZATION'],
    [KEY, key(unread), 'UNVERIFIED KEY_DENIED'],
    [KEY, key({ ownAccount: null }), 'UNVERIFIED KEY_OWNER_UNKNOWN'],
  ] as const)('case %#: %s', (kmsKeyId, used, expected) => expect(store(kmsKeyId, used)).toBe(expected));
  it('is unverified where the store could not be read', () => {
    const read = (reading: StoreFacts['reading']) =>
      said(deciding<StoreFacts>(eventDataStoreEncrypted)({ listed, reading, key: null, observedAt: null }));
    expect(read(null)).toBe('UNVERIFIED NOT_INSPECTED');
    expect(read(refused('THROTTLED'))).toBe('UNVERIFIED STORE_THROTTLED');
  });
});

describe('delivered-logs-encrypted', () => {
  const object = (more: Partial<LogObject> = {}): LogObject => ({
    key: `AWSLogs/${OWNER}/CloudTrail/us-east-1/2026/11/20/x.json.gz`,
    lastModified: hoursAgo(1),
    encryption: 'aws:kms',
    kmsKeyId: KEY,
    ...more,
  });
  const sampled = (sample: Reading<LogObject | null> | null, kmsKeyId: string | null = KEY) =>
    onTrail(deliveredLogsEncrypted)(resolved({ sample, facts: trailFacts({ trail: described({ kmsKeyId }) }) }));
  it.each([
    [null, KEY, 'UNVERIFIED NOT_SAMPLED'],
    [refused<LogObject>(), KEY, 'UNVERIFIED SAMPLE_DENIED'],
    [answered(null), KEY, 'UNVERIFIED NO_RECENT_OBJECT'],
    [answered(object()), KEY, 'PASS KMS_WITH_KEY'],
    [answered(object({ encryption: 'aws:kms:dsse' })), KEY, 'PASS KMS_WITH_KEY'],
    [answered(object({ encryption: 'AES256', kmsKeyId: null })), KEY, 'FAIL NOT_KMS'],
    [answered(object({ encryption: null, kmsKeyId: null })), KEY, 'FAIL NOT_KMS'],
    [answered(object({ encryption: 'AES256', kmsKeyId: null })), null, 'FAIL NOT_KMS'],
    [answered(object({ kmsKeyId: null })), KEY, 'UNVERIFIED KEY_NOT_SHOWN'],
    [answered(object({ kmsKeyId: `${KEY}9`, ofOther: true })), KEY, 'UNVERIFIED ONLY_OTHER_TRAILS'],
    [answered(object({ kmsKeyId: `${KEY}9` })), KEY, 'FAIL OTHER_KEY'],
    [answered(object()), null, 'NOT_APPLICABLE NO_KEY_ON_TRAIL'],
    [answered(object()), 'arn:aws:kms:us-east-1:111111111111:alias/logs', 'UNVERIFIED KEY_ID_NOT_AN_ARN'],
  ])('case %#: %s %s', (sample, kmsKeyId, expected) => expect(said(sampled(sample, kmsKeyId))).toBe(expected));
  it('names the object, its time and its header, and both answers it rests on', () => {
    const { observed, evidence } = sampled(answered(object()));
    expect(observed).toBe(`${object().key} (${hoursAgo(1)}): aws:kms with ${KEY}`);
    expect(evidence).toEqual([
      `${OWNER}/us-east-1/ListObjectsV2/${BUCKET}`,
      `${OWNER}/us-east-1/HeadObject/${BUCKET}/${object().key}`,
    ]);
  });
});
