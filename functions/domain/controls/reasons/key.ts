import { isUsable, type KeyStateReason, type KeyUnknown, keyStateReason } from '../../judge/key-facts.ts';
import { type Cause, type CauseOf, fail, type Reason, type Subject, unverified } from './reason.ts';
import { type Filing, unread } from './unread.ts';

const NEW_KEY = 'Set a new key on the trails that use it.';

/** What is the matter with a key that cannot be used, and what repairs it. */
const DEAD: Record<KeyStateReason, { words: string; fix: string }> = {
  KEY_PENDING_DELETION: {
    words: 'is pending deletion',
    fix: 'Cancel the deletion (aws kms cancel-key-deletion), then enable the key (aws kms enable-key).',
  },
  KEY_PENDING_REPLICA_DELETION: { words: 'is to be deleted once its replicas are', fix: NEW_KEY },
  KEY_DISABLED: { words: 'is disabled', fix: 'Enable the key (aws kms enable-key).' },
  KEY_NOT_FOUND: { words: 'does not exist', fix: NEW_KEY },
  KEY_PENDING_IMPORT: {
    words: 'has no key material',
    fix: 'Import its key material again, or set a new key on the trails.',
  },
  KEY_UNAVAILABLE: {
    words: 'is unavailable: its custom key store does not answer',
    fix: 'Connect its key store again, or set a new key on the trails.',
  },
  KEY_CREATING: { words: 'is still being created', fix: 'Wait until it is Enabled, then scan again.' },
  KEY_NOT_USABLE: { words: 'is in a state in which it cannot be used', fix: NEW_KEY },
};

function deadKey({ key }: Subject, reason: KeyStateReason): Cause {
  const { words, fix } = DEAD[reason];
  const until = key?.deletionDate
    ? `; on ${key.deletionDate.slice(0, 10)} the logs already written under it become unreadable`
    : '';
  return {
    kind: 'DEAD_KEY',
    severity: 'CRITICAL',
    of: 'key',
    title: () => `KMS key ${key?.keyId} ${words}: log delivery is failing${until}`,
    fix,
  };
}

/** A key that cannot be used explains whatever its trail or store reports: one key, one cause. */
export const unlessDead =
  (cause: CauseOf): CauseOf =>
  (on) => {
    const state = on.key?.state;
    if (state && !isUsable(state)) return deadKey(on, keyStateReason(state));
    return typeof cause === 'function' ? cause(on) : cause;
  };

/** The key of a trail or store cannot be used, by its state. */
export const DEAD_KEY = Object.fromEntries(
  Object.entries(DEAD).map(([code, { words }]) => [
    code,
    fail(`The key ${words}`, (on) => deadKey(on, code as KeyStateReason)),
  ]),
) as Record<KeyStateReason, Reason & { status: 'FAIL' }>;

/** The key is there, and somebody else's. */
export const FOREIGN_KEY: Cause = {
  kind: 'FOREIGN_KEY',
  severity: 'HIGH',
  of: 'key',
  title: ({ key }) => `KMS key ${key?.keyId} is not managed by your organization`,
  fix: 'Set a customer managed key of the organization on the trail, or name its account in trustedAccounts.',
};

/** Why no script repairs a key of somebody else. */
export const NOT_OURS =
  'The key belongs to somebody outside the organization, who alone can say and change it: move the trail to a key of your own, which its own root cause repairs.';

/** Nothing is known of the key's state; `filing` says what the cause is. */
export function unknownKey(filing: Filing) {
  const because = (words: string, fix: string) =>
    unverified(words, { ...filing, title: ({ key, words: of }) => `${words}: ${key?.keyId ?? of}`, fix });
  const {
    KEY_NOT_FOUND: _,
    KEY_UNAVAILABLE: __,
    ...failed
  } = unread('KEY', {
    what: ({ key, words }) => (key ? `KMS key ${key.keyId}` : `the key of ${words}`),
    words: 'the key',
    action: 'kms:DescribeKey',
    filing,
  });
  return {
    ...failed,
    KEY_ID_NOT_AN_ARN: because('The key is not named by its ARN', 'Set the key on the trail by its full ARN.'),
    KEY_ASKED_IN_ANOTHER_REGION: because(
      'KMS was asked for the key in another Region than its own',
      'Look at the key in its own Region: no permission is missing.',
    ),
    KEY_OUTSIDE_ORGANIZATION: unverified(
      'The key is in an account outside the organization, which was not asked',
      filing.kind === 'UNKNOWN_STATE' ? FOREIGN_KEY : { ...filing, fix: FOREIGN_KEY.fix },
      NOT_OURS,
    ),
    KEY_OWNER_INACTIVE: because(
      'The account that owns the key is closed or suspended',
      'Set a key of a live account on the trail.',
    ),
    KEY_NOT_INSPECTED: because(
      'The key was not looked at',
      'Give the audit role the read that is missing (kms:DescribeKey), in the account that owns the key.',
    ),
  } satisfies Record<KeyUnknown, Reason>;
}

export const ownerUnknown = (filing: Filing) =>
  unverified('Whether the account of the key is in the organization is not known', {
    ...filing,
    title: ({ key, words }) => `Not known whether the account of KMS key ${key?.keyId ?? words} is in the organization`,
    fix: "Scan with an identity that may list the organization (if that was throttled, scan again), or name the key's account in trustedAccounts.",
  });
