import { ACCOUNT_ID, parseArn } from '../model/arn.ts';
import type { ChangeEvent } from './change-event.ts';

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

const CUSTOM_STORES: ReadonlySet<string> = new Set(['AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']);
const STORE_EVENT = /CustomKeyStore$/;
const BLOCK_OF_ACCOUNT = /AccountPublicAccessBlock$/;

/** What one event affects. */
export interface Hit {
  accounts: Set<string>;
  trails: Set<string>;
  /** Whether one of them is of the organization. */
  organization: boolean;
}

/**
 * Tells what an event affects; null for nothing that is known. A storm is thousands of events before thousands of trails:
 * each looks at those alone that it may name, and those that say the same of the same share an answer.
 */
export function hitsOf({ trails, keys }: KnownResources): (event: ChangeEvent) => Hit | null {
  const named = trailsByName(trails);
  const answers = new Map<string, Hit | null>();
  return (event) => {
    if (!ABOUT_TRAILS.has(event.source)) return aboutAccounts(event);
    const names = [...new Set([...event.names, ...bucketsIn(event)])].filter((name) => named.has(name)).sort();
    const owners = ownersIn(event);
    const question = JSON.stringify([event.source, event.name, event.accountId, event.region, names, owners]);
    const known = answers.get(question);
    if (known !== undefined) return known;
    const asked = isOfMany(event) ? trails : [...new Set(names.flatMap((name) => named.get(name) ?? []))];
    const answer = aboutTrails(event, { trails: asked, keys }, owners);
    answers.set(question, answer);
    return answer;
  };
}

/** Services whose events are about trails, or what they use. */
const ABOUT_TRAILS: ReadonlySet<string> = new Set(['aws.cloudtrail', 'aws.kms', 'aws.s3', 'aws.logs']);

/** Organizations, Control Tower and Account Management name the account; who leaves by itself, or opts in, is the caller. */
function aboutAccounts(event: ChangeEvent): Hit | null {
  const own = event.source === 'aws.account' || event.name === 'LeaveOrganization';
  const accounts = event.accounts.size > 0 ? event.accounts : own ? [event.accountId] : [];
  const hit = new Set(accounts);
  return hit.size === 0 ? null : { accounts: hit, trails: new Set(), organization: false };
}

function aboutTrails(event: ChangeEvent, { trails, keys }: KnownResources, owners: readonly string[]): Hit | null {
  const buckets = bucketsIn(event);
  const hit = trails.filter((trail) => {
    if (event.source === 'aws.cloudtrail') return isTrail(trail, event);
    if (event.source === 'aws.kms') return usesKey(trail, event, keys);
    return event.source === 'aws.s3' ? usesBucket(trail, event, buckets) : usesLogGroup(trail, event);
  });
  // A trail that is not known yet is its account's; a key, bucket or log group that no trail uses is nobody's.
  if (hit.length === 0 && event.source !== 'aws.cloudtrail') return null;
  return {
    accounts: new Set([event.accountId, ...owners, ...hit.map(({ owner }) => owner)]),
    trails: new Set(hit.map(({ trailArn }) => trailArn)),
    organization: hit.some(({ isOrganization }) => isOrganization),
  };
}

/** Whether an event is about resources that it does not name. */
const isOfMany = ({ name }: ChangeEvent): boolean => STORE_EVENT.test(name) || BLOCK_OF_ACCOUNT.test(name);

/** The trails by whatever an event may call them, or what they use. */
function trailsByName(trails: readonly KnownTrail[]): ReadonlyMap<string, KnownTrail[]> {
  const byName = new Map<string, KnownTrail[]>();
  for (const trail of trails) {
    const { trailArn, kmsKeyArn, bucket, logGroupArn } = trail;
    const bare = logGroupArn?.replace(/:\*$/, '') ?? null;
    const names = [trailArn, lastOf(trailArn), kmsKeyArn, kmsKeyArn && lastOf(kmsKeyArn), bucket];
    for (const name of new Set([...names, logGroupArn, bare, bare && groupName(bare)])) {
      const others = byName.get(name ?? '');
      if (others) others.push(trail);
      else if (name) byName.set(name, [trail]);
    }
  }
  return byName;
}

const lastOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
const groupName = (arn: string): string => arn.slice(arn.indexOf(':log-group:') + 11);

const isTrail = ({ trailArn, owner }: KnownTrail, { names, accountId }: ChangeEvent): boolean =>
  names.has(trailArn) || (owner === accountId && names.has(lastOf(trailArn)));

function usesKey({ kmsKeyArn }: KnownTrail, event: ChangeEvent, keys: KnownResources['keys']): boolean {
  if (kmsKeyArn === null) return false;
  if (event.names.has(kmsKeyArn)) return true;
  const id = lastOf(kmsKeyArn);
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
  return event.names.has(groupName(bare)) && isHere(bare, event);
}

const isHere = (arn: string, event: ChangeEvent): boolean => {
  const { accountId, region } = parseArn(arn) ?? {};
  return accountId === event.accountId && region === event.region;
};

/** Buckets are named by their name, or by their ARN or that of an object in them. */
const bucketsIn = ({ names }: ChangeEvent): Set<string> =>
  new Set([...names].map((name) => /^arn:[^:]+:s3:::([^/]+)/.exec(name)?.[1] ?? name));

/** The owners of trails that are named by ARN: who administers CloudTrail for the organization acts on those of others. */
const ownersIn = ({ source, names }: ChangeEvent): string[] =>
  source !== 'aws.cloudtrail'
    ? []
    : [...names].flatMap((name) => {
        const arn = parseArn(name);
        return arn?.service === 'cloudtrail' && ACCOUNT_ID.test(arn.accountId) ? arn.accountId : [];
      });
