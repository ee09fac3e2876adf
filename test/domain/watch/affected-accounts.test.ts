import { describe, expect, test } from '@jest/globals';
import { AffectedAccounts, changeWords, type SeenAt } from '../../../functions/domain/watch/affected-accounts.ts';
import { CHANGES_KEPT } from '../../../functions/domain/watch/because.ts';
import { type ChangeEvent, parseChangeEvent } from '../../../functions/domain/watch/change-event.ts';
import type { KnownResources } from '../../../functions/domain/watch/change-hits.ts';
import { apiCall, KEYS, MEMBER, notice, ORG_OWNER } from './events.ts';

const OTHER = '444444444444';
const NEWCOMER = '555555555555';
const KEY_ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const KEY = `arn:aws:kms:eu-west-1:${KEYS}:key/${KEY_ID}`;
const MULTI = 'arn:aws:kms:eu-west-1:333333333333:key/mrk-0001';
const CENTRAL = 'acme-trail-logs';
const GROUP = `arn:aws:logs:eu-west-1:${OTHER}:log-group:trails:*`;
const trail = (owner: string, use: Partial<KnownResources['trails'][number]> = {}) => ({
  trailArn: `arn:aws:cloudtrail:eu-west-1:${owner}:trail/main`,
  owner,
  isOrganization: false,
  kmsKeyArn: null,
  bucket: null,
  bucketAccountId: null,
  logGroupArn: null,
  ...use,
});
const ORG = trail(ORG_OWNER, { isOrganization: true, bucket: CENTRAL, bucketAccountId: KEYS, kmsKeyArn: MULTI });
const KNOWN: KnownResources = {
  trails: [ORG, trail(MEMBER, { kmsKeyArn: KEY }), trail(OTHER, { kmsKeyArn: KEY, logGroupArn: GROUP })],
  keys: [
    { keyArn: KEY, origin: 'AWS_CLOUDHSM' },
    { keyArn: MULTI, origin: 'AWS_KMS' },
  ],
};

const parsed = (event: object): ChangeEvent => {
  const change = parseChangeEvent(event);
  if (typeof change === 'string') throw new Error(`the event is taken for ${change}`);
  return change;
};
const affectedBy = (events: readonly ChangeEvent[], known: KnownResources) => {
  const accounts = new AffectedAccounts(known);
  for (const event of events) accounts.add(event);
  return accounts.affected();
};
const affects = (...events: object[]) => affectedBy(events.map(parsed), KNOWN);

describe('an event of CloudTrail', () => {
  test('affects the account whose trail it is, beside the owner of the trail that records all', () => {
    const { accounts, beside, joined, changes } = affects(
      apiCall('StopLogging', { requestParameters: { name: 'main' } }),
    );
    expect({ accounts, beside, joined }).toEqual({ accounts: [MEMBER], beside: [ORG_OWNER], joined: [] });
    expect(changes).toEqual([
      {
        eventId: `ct-StopLogging-${MEMBER}`,
        name: 'StopLogging',
        source: 'aws.cloudtrail',
        at: '2026-11-20T09:55:01.000Z',
        actor: `arn:aws:sts::${MEMBER}:assumed-role/Admin/mallory`,
        accountId: MEMBER,
        region: 'eu-west-1',
        accounts: [MEMBER],
        trails: [`arn:aws:cloudtrail:eu-west-1:${MEMBER}:trail/main`],
        everywhere: false,
      },
    ]);
    expect(changeWords(changes[0] as never)).toBe(
      `2026-11-20T09:55:01.000Z StopLogging by arn:aws:sts::${MEMBER}:assumed-role/Admin/mallory in ${MEMBER} eu-west-1 (event ct-StopLogging-${MEMBER})`,
    );
  });

  test('of a delegated administrator affects the owner of the trail that it names', () => {
    const { accounts } = affects(apiCall('StopLogging', { account: OTHER, requestParameters: { name: ORG.trailArn } }));
    expect(accounts).toEqual([ORG_OWNER, OTHER]);
  });

  test('is a bare record of CloudTrail too', () => {
    expect(affects(apiCall('StopLogging').detail).accounts).toEqual([MEMBER]);
  });
});

describe('an event about what trails use', () => {
  const users = [MEMBER, KEYS, OTHER];
  test.each([
    [
      'a key, by its id',
      apiCall('DisableKey', { service: 'kms', account: KEYS, requestParameters: { keyId: KEY_ID } }),
    ],
    ['a key, by ARN', apiCall('PutKeyPolicy', { service: 'kms', account: KEYS, resources: [{ ARN: KEY }] })],
    [
      'a key, by a notice of KMS',
      notice('aws.kms', 'KMS CMK Deletion', { resources: [KEY], detail: { 'key-id': KEY_ID } }),
    ],
    [
      'a custom key store',
      apiCall('DisconnectCustomKeyStore', {
        service: 'kms',
        account: KEYS,
        requestParameters: { customKeyStoreId: 'cks-1' },
      }),
    ],
  ])('%s: affects those whose trails use it, and its own account', (_, event) => {
    // The bucket of the organization's trail is in the key's account, so that what is filed under it is seen whole.
    expect(affects(event).accounts).toEqual([ORG_OWNER, ...users]);
    expect(affects(event).changes[0]?.accounts).toEqual(users);
  });

  test.each([
    [
      'a key of the same id elsewhere',
      apiCall('DisableKey', { service: 'kms', account: OTHER, requestParameters: { keyId: KEY_ID } }),
    ],
    ['a key that no trail uses', apiCall('DisableKey', { service: 'kms', requestParameters: { keyId: 'other' } })],
    [
      'a bucket of an application',
      apiCall('PutBucketPolicy', { service: 's3', requestParameters: { bucketName: 'app' } }),
    ],
    [
      'a log group of an application',
      apiCall('DeleteLogGroup', { service: 'logs', requestParameters: { logGroupName: 'trails' } }),
    ],
    ['a key store without keys of trails', apiCall('DisconnectCustomKeyStore', { service: 'kms', account: OTHER })],
    [
      'an organizational unit',
      apiCall('TagResource', { service: 'organizations', requestParameters: { resourceId: 'ou-ab12-1a2b3c4d' } }),
    ],
  ])('%s affects nobody, and brings nobody along', (_, event) => {
    expect(affects(event)).toEqual({
      accounts: [],
      beside: [],
      joined: [],
      events: 0,
      changes: [],
      everywhereAt: null,
    });
  });

  test('of a replica of a multi-Region key affects the users of its sibling', () => {
    const event = apiCall('ReplicateKey', {
      service: 'kms',
      account: KEYS,
      region: 'us-east-1',
      requestParameters: { keyId: 'mrk-0001' },
    });
    expect(affects(event).changes[0]?.accounts).toEqual([ORG_OWNER, KEYS]);
  });

  test('of a bucket, and of the public access block of its whole account, affects who writes there', () => {
    const bucket = apiCall('DeleteBucketPublicAccessBlock', {
      service: 's3',
      account: KEYS,
      requestParameters: { bucketName: CENTRAL },
    });
    const block = apiCall('DeleteAccountPublicAccessBlock', { service: 's3', account: KEYS });
    for (const event of [bucket, block]) expect(affects(event).changes[0]?.accounts).toEqual([ORG_OWNER, KEYS]);
    expect(affects(apiCall('PutAccountPublicAccessBlock', { service: 's3', account: MEMBER })).accounts).toEqual([]);
  });

  test('of a log group affects the trail that feeds it', () => {
    const by = (requestParameters: object) =>
      affects(apiCall('DisassociateKmsKey', { service: 'logs', account: OTHER, requestParameters })).accounts;
    expect(by({ logGroupName: 'trails' })).toEqual([OTHER]);
    expect(by({ resourceIdentifier: GROUP.replace(':*', '') })).toEqual([OTHER]);
  });
});

describe('every account may be recorded otherwise', () => {
  const keyOf = (name: string, keyId: string) =>
    apiCall(name, { service: 'kms', account: KEYS, requestParameters: { keyId } });
  const named = (eventName: string, requestParameters: object) =>
    apiCall(eventName, { account: ORG_OWNER, requestParameters });
  test.each<[string, object, boolean]>([
    ['a change of the organization’s trail', named('StopLogging', { name: ORG.trailArn }), true],
    ['of its key', keyOf('DisableKey', MULTI), true],
    ['of its bucket', apiCall('DeleteBucket', { service: 's3', requestParameters: { bucketName: CENTRAL } }), true],
    ['one that becomes such a trail', named('UpdateTrail', { name: 'new', isOrganizationTrail: true }), true],
    ['not one of a member’s trail', apiCall('StopLogging', { requestParameters: { name: 'main' } }), false],
    ['nor of a key of members', keyOf('DisableKey', KEY), false],
    ['nor what only says so of itself', named('StopLogging', { name: 'x', isOrganizationTrail: 'true' }), false],
  ])('%s', (_, event, everywhere) => {
    expect(affects(event).changes.map((change) => change.everywhere)).toEqual([everywhere]);
  });

  test('not by the log group that the trail feeds, which changes no verdict', () => {
    const known = { ...KNOWN, trails: [{ ...ORG, logGroupArn: GROUP }] };
    const deleted = apiCall('DeleteLogGroup', {
      ...{ service: 'logs', account: OTHER },
      requestParameters: { logGroupName: 'trails' },
    });
    expect(affectedBy([parsed(deleted)], known).changes).toMatchObject([{ everywhere: false }]);
  });
});

describe('an event about accounts', () => {
  test('names an account that joined', () => {
    const created = apiCall('CreateAccountResult', {
      service: 'organizations',
      account: ORG_OWNER,
      region: 'us-east-1',
      serviceEventDetails: { createAccountStatus: { state: 'SUCCEEDED', accountId: NEWCOMER } },
    });
    const accepted = apiCall('AcceptHandshake', {
      service: 'organizations',
      responseElements: {
        handshake: {
          parties: [
            { type: 'ORGANIZATION', id: 'a1' },
            { type: 'ACCOUNT', id: NEWCOMER },
          ],
        },
      },
    });
    for (const event of [created, accepted])
      expect(affects(event)).toMatchObject({ accounts: [NEWCOMER], joined: [NEWCOMER], beside: [ORG_OWNER] });
  });

  test('that was not made affects nobody', () => {
    const failed = apiCall('CreateAccountResult', {
      service: 'organizations',
      serviceEventDetails: { createAccountStatus: { state: 'FAILED', failureReason: 'EMAIL_ALREADY_EXISTS' } },
    });
    expect(affects(failed).accounts).toEqual([]);
  });

  test('takes the account that is named before the one that called', () => {
    const moved = apiCall('MoveAccount', {
      service: 'organizations',
      account: ORG_OWNER,
      requestParameters: { accountId: MEMBER },
    });
    expect(affects(moved)).toMatchObject({ accounts: [MEMBER], joined: [] });
    expect(affects(apiCall('LeaveOrganization', { service: 'organizations' })).accounts).toEqual([MEMBER]);
    const region = notice('aws.account', 'Region Opt-In Status Change', {
      account: OTHER,
      detail: { accountId: OTHER, status: 'ENABLED' },
    });
    expect(affects(region).accounts).toEqual([OTHER]);
    expect(
      affects(apiCall('EnableRegion', { service: 'account', requestParameters: { RegionName: 'af-south-1' } }))
        .accounts,
    ).toEqual([MEMBER]);
  });
});

describe('events together', () => {
  test('count once where they come twice, and are told in the order of time', () => {
    const early = apiCall('StartLogging', { at: '2026-11-20T09:00:00Z' });
    const late = apiCall('StopLogging', { at: '2026-11-20T09:30:00Z' });
    const { changes } = affects(late, early, late);
    expect(changes.map(({ name }) => name)).toEqual(['StartLogging', 'StopLogging']);
  });

  test('are ten thousand before three thousand trails: none is missed', () => {
    const trails = Array.from({ length: 3_000 }, (_, i) =>
      trail(String(100_000_000_000 + i), { kmsKeyArn: `${KEY}${i}`, bucket: `b-${i}`, bucketAccountId: KEYS }),
    );
    const events = Array.from({ length: 10_000 }, (_, i) =>
      parsed(apiCall(i % 2 ? 'PutKeyPolicy' : 'PutBucketPolicy', { service: i % 2 ? 'kms' : 's3', eventID: `e-${i}` })),
    );
    expect(affectedBy(events, { trails, keys: [] }).changes).toEqual([]);
    const named = (i: number) =>
      parsed(
        i % 2
          ? apiCall('DisableKey', { service: 'kms', eventID: `k-${i}`, resources: [{ ARN: `${KEY}${i}` }] })
          : apiCall('PutBucketPolicy', {
              ...{ service: 's3', eventID: `b-${i}` },
              requestParameters: { bucketName: `b-${i}` },
            }),
      );
    const { accounts, changes } = affectedBy([...events, named(7), named(2_998)], { trails, keys: [] });
    expect(accounts).toEqual([String(100_000_000_007), String(100_000_002_998), MEMBER]);
    expect(changes.map(({ trails: hit }) => hit)).toEqual([[trails[2_998]?.trailArn], [trails[7]?.trailArn]]);
  });
});

describe('a storm', () => {
  const trails = Array.from({ length: 5_000 }, (_, i) =>
    trail(String(100_000_000_000 + i), { bucket: CENTRAL, bucketAccountId: KEYS }),
  );
  const storm = Array.from({ length: 10_000 }, (_, i) =>
    parsed(
      apiCall('PutBucketPolicy', {
        ...{ service: 's3', account: KEYS, eventID: `e-${i}`, requestParameters: { bucketName: CENTRAL } },
        userIdentity: { arn: `arn:aws:sts::${KEYS}:assumed-role/Admin/session-${i}` },
        at: new Date(Date.parse('2026-11-20T09:00:00Z') + i * 10).toISOString(),
      }),
    ),
  );

  test('on what thousands of trails use keeps the newest changes, and not more than a run can hold', () => {
    const { accounts, events, changes } = affectedBy(storm, { trails, keys: [] });
    expect(accounts).toHaveLength(5_001);
    expect(events).toBe(10_000);
    expect(changes.at(-1)).toMatchObject({ eventId: 'e-9999' });
    expect(JSON.stringify(changes).length).toBeLessThan(20_000_000);
    expect(affectedBy(storm, { trails: trails.slice(0, 2), keys: [] }).changes).toHaveLength(CHANGES_KEPT);
  });

  test('of one kind does not push out the one event that explains the finding', () => {
    const same = storm.map((event) => ({ ...event, actor: 'a script' }));
    const alone = parsed(
      apiCall('DisableKey', { service: 'kms', account: KEYS, requestParameters: { keyId: KEY_ID } }),
    );
    const { changes } = affectedBy([alone, ...same], {
      trails: [trail(MEMBER, { kmsKeyArn: KEY, bucket: CENTRAL, bucketAccountId: KEYS })],
      keys: [],
    });
    expect(changes.map(({ name }) => name).sort()).toEqual(['DisableKey', 'PutBucketPolicy']);
  });
});

describe('what happened before a run that has looked at it', () => {
  const MORNING = '2026-11-20T10:00:00.000Z';
  const affectedSince = (event: object, seen: SeenAt) => {
    const accounts = new AffectedAccounts(KNOWN, seen);
    accounts.add(parsed(event));
    return accounts.affected().accounts;
  };
  const stopped = (at: string, more: object = {}) => apiCall('StopLogging', { at, ...more });

  test('is passed over, but not what AWS may not have answered by then', () => {
    const seen: SeenAt = () => MORNING;
    expect(affectedSince(stopped('2026-11-20T09:50:00Z'), seen)).toEqual([]);
    expect(affectedSince(stopped('2026-11-20T09:58:00Z'), seen)).toEqual([MEMBER]);
    expect(affectedSince(stopped('2026-11-20T10:30:00Z'), seen)).toEqual([MEMBER]);
  });

  test('is not where one of its accounts was not looked at, or the organization where it is everybody’s', () => {
    expect(affectedSince(stopped('2026-11-20T09:50:00Z'), () => null)).toEqual([MEMBER]);
    const disabled = apiCall('DisableKey', {
      ...{ service: 'kms', account: KEYS, at: '2026-11-20T09:50:00Z' },
      requestParameters: { keyId: KEY_ID },
    });
    expect(affectedSince(disabled, (id) => (id === OTHER ? null : MORNING))).toContain(OTHER);
    const organization = stopped('2026-11-20T09:50:00Z', {
      account: ORG_OWNER,
      requestParameters: { name: ORG.trailArn },
    });
    expect(affectedSince(organization, (id) => (id === null ? null : MORNING))).toEqual([ORG_OWNER]);
    expect(affectedSince(organization, () => MORNING)).toEqual([]);
  });

  test('is not an account that joined: its role may not have been there', () => {
    const joined = apiCall('CreateAccountResult', {
      ...{ service: 'organizations', account: ORG_OWNER, at: '2026-11-20T09:50:00Z' },
      serviceEventDetails: { createAccountStatus: { accountId: NEWCOMER } },
    });
    expect(affectedSince(joined, () => MORNING)).toEqual([NEWCOMER]);
  });
});

describe('what changed nothing', () => {
  test.each([
    ['FAILED', { errorCode: 'AccessDenied' }],
    ['READ_ONLY', { readOnly: true }],
    ['READ_ONLY', { readOnly: 'true' }],
  ])('%s', (why, field) => {
    expect(parseChangeEvent(apiCall('StopLogging', field))).toBe(why);
  });
});

describe('what is no event', () => {
  test.each([
    [null, 'neither'],
    [[], 'neither'],
    [{ Records: [] }, 'eventID'],
    [{ ...apiCall('StopLogging'), account: '12' }, 'account is not an account id'],
    [{ ...apiCall('StopLogging').detail, eventTime: 'soon' }, 'eventTime is not a time'],
    [{ ...apiCall('StopLogging').detail, recipientAccountId: null, userIdentity: {} }, 'recipientAccountId'],
  ])('%j is refused in a sentence', (input, why) => {
    expect(() => parseChangeEvent(input)).toThrow(why);
  });

  test('is not walked without end', () => {
    let deep: object = {};
    for (let i = 0; i < 50_000; i++) deep = { deep, text: `t${i}` };
    const event = parsed(apiCall('PutBucketPolicy', { service: 's3', requestParameters: deep }));
    expect(event.names.size).toBeLessThanOrEqual(8_000);
  });
});
