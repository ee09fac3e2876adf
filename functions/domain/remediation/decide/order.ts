import type { Change, KeyUse, NewKey } from './plan.ts';

/**
 * Changes in the order in which they are done. Accounts that hold what others need come first (buckets, then keys),
 * so that one account is signed in to once as far as possible; within an account what lets CloudTrail deliver comes
 * before what it is to deliver, and a look at the delivery after that.
 */
export function inOrder(changes: readonly Change[]): Change[] {
  const owners = new Set(changes.filter(isOfOwner).map((c) => c.accountId));
  const needed = new Set(
    changes.flatMap((c) => {
      const key = usedKey(c);
      return key !== null && 'made' in key && key.made.accountId !== c.accountId ? [key.made.accountId] : [];
    }),
  );
  const place = (change: Change): [number, string, number] => {
    const account = change.accountId ?? '';
    if (change.do === 'grant-read' || change.do === 'enable-trusted-access') return [0, account, 0];
    if (!owners.has(change.accountId)) return [isOfBucket(change) ? 1 : 2, account, rank(change, changes)];
    return [needed.has(account) ? 3 : 4, account, rank(change, changes)];
  };
  return changes
    .map((change, i) => ({ change, at: [...place(change), i] }))
    .sort((a, b) => compare(a.at, b.at))
    .map(({ change }) => change);
}

const compare = (a: readonly (string | number)[], b: readonly (string | number)[]): number => {
  for (const [i, x] of a.entries()) {
    const y = b[i];
    if (y !== undefined && x !== y) return x < y ? -1 : 1;
  }
  return 0;
};

const isOfBucket = ({ do: what }: Change): boolean =>
  what === 'merge-bucket-policy' || what === 'protect-bucket' || what === 'keep-logs' || what === 'log-access';

const OF_OWNER: readonly Change['do'][] = [
  'set-trail-key',
  'start-logging',
  'enable-validation',
  'create-trail',
  'feed-log-group',
  'set-landing-zone-key',
  'check-delivery',
];
const isOfOwner = ({ do: what }: Change): boolean => OF_OWNER.includes(what);

export const usedKey = (change: Change): KeyUse | null =>
  'key' in change && change.do !== 'create-key' ? change.key : null;

function rank(change: Change, all: readonly Change[]): number {
  switch (change.do) {
    case 'merge-bucket-policy':
    case 'protect-bucket':
    case 'keep-logs':
    case 'log-access':
      return 1;
    case 'create-key':
      return isKeyOf(['feed-log-group', 'encrypt-log-group', 'encrypt-event-data-store'], change.key, all) ? 8 : 2;
    case 'set-trail-key':
    case 'create-trail':
      return 3;
    case 'start-logging':
      return 4;
    case 'enable-validation':
    case 'set-landing-zone-key':
      return 5;
    case 'check-delivery':
      return 7;
    case 'feed-log-group':
    case 'encrypt-log-group':
    case 'encrypt-event-data-store':
      return 8;
    default:
      return 2;
  }
}

/** Whether a key is made for changes of these kinds. */
export const isKeyOf = (kinds: readonly Change['do'][], key: NewKey, all: readonly Change[]): boolean =>
  all.some((c) => {
    const used = usedKey(c);
    return kinds.includes(c.do) && used !== null && 'made' in used && sameKey(used.made, key);
  });

export const sameKey = (a: NewKey, b: NewKey): boolean =>
  a.alias === b.alias && a.accountId === b.accountId && a.region === b.region;
