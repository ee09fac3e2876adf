import { parseArn } from '../model/arn.ts';
import type { AffectingChange } from './because.ts';
import type { Change, ChangeEvent } from './change-event.ts';

/** What the newest tables know of who uses what. */
export interface KnownTrail {
  trailArn: string;
  owner: string;
  isOrganization: boolean;
  kmsKeyArn: string | null;
  bucket: string | null;
  bucketAccountId: string | null;
  logGroupArn: string | null;
}
export interface KnownKey {
  keyArn: string;
  /** `AWS_CLOUDHSM` and `EXTERNAL_KEY_STORE` are keys of a custom key store. */
  origin: string | null;
}
export interface KnownResources {
  trails: readonly KnownTrail[];
  keys: readonly KnownKey[];
}

export interface Affected {
  /** To be scanned again, sorted: all that is theirs is seen as a whole run would see it. */
  accounts: string[];
  /** Owners of organization trails, which record all of them: scanned beside them, so that their trails can be judged. */
  beside: string[];
  /** Accounts that joined the organization by one of the events, whose role may not be there yet. */
  joined: string[];
  /** Events that affect something, oldest first; each once. */
  changes: AffectingChange[];
}

const CUSTOM_STORES: ReadonlySet<string> = new Set(['AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']);
/** The account is there: what began it (CreateAccount, InviteAccountToOrganization) is not waited for. */
export const JOINED = ['CreateAccountResult', 'AcceptHandshake'];
/** The same, and what Control Tower says of an account that it made. */
export const JOINING = [...JOINED, 'CreateManagedAccount'];
/** Whether an account joined the organization by it. */
export const isJoining = ({ name }: Change): boolean => JOINING.includes(name);
const STORE_EVENT = /CustomKeyStore$/;
const BLOCK_OF_ACCOUNT = /AccountPublicAccessBlock$/;

/**
 * The accounts that events can change the verdicts of. An event about a key, bucket or log group affects the owners of
 * the trails that use it, and its own account; where no trail is known to use it, nobody. Of each account everything
 * must be seen that the newest tables file under it, so the owners of trails that use something of its are added.
 */
export function affectedAccounts(events: readonly ChangeEvent[], known: KnownResources): Affected {
  const changes = new Map<string, AffectingChange>();
  const joined = new Set<string>();
  for (const event of events) {
    const hit = affectedBy(event, known);
    if (hit === null) continue;
    const { names: _, accounts: named, ...change } = event;
    // A duplicate says the same.
    changes.set(event.eventId, { ...change, accounts: [...hit.accounts].sort(), trails: [...hit.trails].sort() });
    if (isJoining(event)) for (const account of named) if (hit.accounts.has(account)) joined.add(account);
  }
  const direct = new Set([...changes.values()].flatMap(({ accounts }) => accounts));
  const accounts = new Set(direct);
  for (const trail of known.trails) if (holders(trail).some((holder) => direct.has(holder))) accounts.add(trail.owner);
  const beside = known.trails.filter(({ isOrganization, owner }) => isOrganization && !accounts.has(owner));
  return {
    accounts: [...accounts].sort(),
    beside: accounts.size === 0 ? [] : [...new Set(beside.map(({ owner }) => owner))].sort(),
    joined: [...joined].sort(),
    changes: [...changes.values()].sort((a, b) => (a.at + a.eventId < b.at + b.eventId ? -1 : 1)),
  };
}

interface Hit {
  accounts: Set<string>;
  trails: Set<string>;
}

/** What one event affects; null for nothing that is known. */
function affectedBy(event: ChangeEvent, known: KnownResources): Hit | null {
  if (event.source === 'aws.kms') return byUse(event, known, (trail) => usesKey(trail, event, known));
  if (event.source === 'aws.s3') {
    const buckets = bucketsIn(event);
    return byUse(event, known, (trail) => usesBucket(trail, event, buckets));
  }
  if (event.source === 'aws.logs') return byUse(event, known, (trail) => usesLogGroup(trail, event));
  if (event.source === 'aws.cloudtrail') {
    // Who administers CloudTrail for the organization acts on a trail of another account.
    const owners = [...event.names].flatMap((name) => ownerOf(name, 'cloudtrail') ?? []);
    const trails = known.trails.filter(
      ({ trailArn, owner }) =>
        event.names.has(trailArn) || (owner === event.accountId && event.names.has(trailArn.split('/').at(-1) ?? '')),
    );
    return { accounts: new Set([event.accountId, ...owners]), trails: new Set(trails.map(({ trailArn }) => trailArn)) };
  }
  // Organizations, Control Tower and Account Management name the account; who leaves by itself, or opts in, is the caller.
  const own = event.source === 'aws.account' || event.name === 'LeaveOrganization';
  const accounts = event.accounts.size > 0 ? event.accounts : own ? [event.accountId] : [];
  const hit = new Set(accounts);
  return hit.size === 0 ? null : { accounts: hit, trails: new Set() };
}

function byUse(event: ChangeEvent, known: KnownResources, uses: (trail: KnownTrail) => boolean): Hit | null {
  const trails = known.trails.filter(uses);
  if (trails.length === 0) return null;
  return {
    accounts: new Set([event.accountId, ...trails.map(({ owner }) => owner)]),
    trails: new Set(trails.map(({ trailArn }) => trailArn)),
  };
}

// A storm is thousands of events before thousands of trails: what is cheap to ask is asked first.

function usesKey({ kmsKeyArn }: KnownTrail, event: ChangeEvent, { keys }: KnownResources): boolean {
  if (kmsKeyArn === null) return false;
  if (event.names.has(kmsKeyArn)) return true;
  const id = kmsKeyArn.slice(kmsKeyArn.lastIndexOf('/') + 1);
  // The id of a multi-region key is that of its replicas, of which one may be the primary.
  if (event.names.has(id)) return id.startsWith('mrk-') || isHere(kmsKeyArn, event);
  if (!STORE_EVENT.test(event.name) || !isHere(kmsKeyArn, event)) return false;
  return keys.some(({ keyArn, origin }) => keyArn === kmsKeyArn && CUSTOM_STORES.has(origin ?? ''));
}

function usesBucket({ bucket, bucketAccountId }: KnownTrail, event: ChangeEvent, named: ReadonlySet<string>): boolean {
  if (bucket === null) return false;
  if (BLOCK_OF_ACCOUNT.test(event.name)) return bucketAccountId === event.accountId;
  return named.has(bucket);
}

function usesLogGroup({ logGroupArn }: KnownTrail, event: ChangeEvent): boolean {
  if (logGroupArn === null) return false;
  const bare = logGroupArn.replace(/:\*$/, '');
  if (event.names.has(bare) || event.names.has(logGroupArn)) return true;
  return event.names.has(bare.slice(bare.indexOf(':log-group:') + 11)) && isHere(bare, event);
}

const isHere = (arn: string, event: ChangeEvent): boolean => {
  const { accountId, region } = parseArn(arn) ?? {};
  return accountId === event.accountId && region === event.region;
};

/** Buckets are named by their name, or by their ARN or that of an object in them. */
const bucketsIn = ({ names }: ChangeEvent): Set<string> =>
  new Set([...names].map((name) => /^arn:[^:]+:s3:::([^/]+)/.exec(name)?.[1] ?? name));

/** The accounts that hold what a trail uses. */
const holders = ({ kmsKeyArn, bucketAccountId, logGroupArn }: KnownTrail): string[] =>
  [parseArn(kmsKeyArn ?? '')?.accountId, bucketAccountId, parseArn(logGroupArn ?? '')?.accountId].filter(
    (account): account is string => Boolean(account),
  );

const ownerOf = (text: string, service: string): string | null => {
  const arn = parseArn(text);
  return arn?.service === service && /^\d{12}$/.test(arn.accountId) ? arn.accountId : null;
};

/** A change in one line, for people. */
export const changeWords = ({ at, name, actor, accountId, region, eventId }: Change): string =>
  `${at} ${name} by ${actor} in ${accountId} ${region} (event ${eventId})`;
