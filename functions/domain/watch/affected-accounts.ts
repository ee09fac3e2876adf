import { parseArn } from '../model/arn.ts';
import { type AffectingChange, CHANGES_KEPT, LISTED_AT_MOST } from './because.ts';
import type { Change, ChangeEvent } from './change-event.ts';
import { type Hit, hitsOf, type KnownResources, type KnownTrail } from './change-hits.ts';

export interface Affected {
  /** To be scanned again, sorted: all that is theirs is seen as a whole run would see it. */
  accounts: string[];
  /** Owners of organization trails, which record all of them: scanned beside them, so that their trails can be judged. */
  beside: string[];
  /** Accounts that joined the organization by one of the events, whose role may not be there yet. */
  joined: string[];
  /** Events that affect something, each once. */
  events: number;
  /**
   * Oldest first. Of those with one name by one actor in one account, about the same trails, only the newest, so that a
   * storm of one kind does not push out the one event that explains the finding; of the kinds the newest, as many as are kept.
   */
  changes: AffectingChange[];
  /** When the newest of all happened after which every account may be recorded otherwise; null for none. */
  everywhereAt: string | null;
}

/** The account is there: what began it (CreateAccount, InviteAccountToOrganization) is not waited for. */
export const JOINED = ['CreateAccountResult', 'AcceptHandshake'];
/** The same, and what Control Tower says of an account that it made. */
export const JOINING = [...JOINED, 'CreateManagedAccount'];
/** Whether an account joined the organization by it. */
export const isJoining = ({ name }: Change): boolean => JOINING.includes(name);

/**
 * The accounts that events can change the verdicts of. An event about a key, bucket or log group affects the owners of
 * the trails that use it, and its own account; where no trail is known to use it, nobody. Of each account everything
 * must be seen that the newest tables file under it, so the owners of trails that use something of its are added.
 */
export class AffectedAccounts {
  readonly #seen: SeenAt;
  readonly #known: KnownResources;
  readonly #hitOf: (event: ChangeEvent) => Hit | null;
  readonly #ids = new Set<string>();
  readonly #kinds = new Map<string, AffectingEvent>();
  readonly #direct = new Set<string>();
  readonly #joined = new Set<string>();
  #everywhereAt: string | null = null;

  /** @param seen what runs have looked at already: what happened well before changes nothing any more */
  constructor(known: KnownResources, seen: SeenAt = () => null) {
    this.#known = known;
    this.#seen = seen;
    this.#hitOf = hitsOf(known);
  }

  /** Takes an event, in whatever order and however often it comes. */
  add(event: ChangeEvent): void {
    const hit = this.#ids.has(event.eventId) ? null : this.#hitOf(event);
    if (hit === null) return;
    const { names: _, accounts: named, organizationTrail, ...change } = event;
    // Whether a log group is fed changes no verdict of an account.
    const everywhere = organizationTrail || (event.source !== 'aws.logs' && hit.organization);
    // An account that joined is awaited, whatever was seen of it.
    if (!isJoining(event) && [...(everywhere ? [null] : []), ...hit.accounts].every((id) => this.#isSeen(id, event)))
      return;
    this.#ids.add(event.eventId);
    if (everywhere && (this.#everywhereAt === null || change.at > this.#everywhereAt)) this.#everywhereAt = change.at;
    const [trail = ''] = hit.trails;
    const kind = [change.accountId, change.name, change.actor, trail].join(' ');
    const before = this.#kinds.get(kind);
    if (!before || isOlder(before.change, change)) this.#kinds.set(kind, { change, hit, everywhere });
    for (const account of hit.accounts) this.#direct.add(account);
    if (isJoining(event)) for (const account of named) if (hit.accounts.has(account)) this.#joined.add(account);
  }

  #isSeen(account: string | null, { at }: ChangeEvent): boolean {
    const seen = this.#seen(account);
    return seen !== null && Date.parse(seen) - Date.parse(at) > SETTLED_MS;
  }

  affected(): Affected {
    const { trails } = this.#known;
    const accounts = new Set(this.#direct);
    for (const trail of trails)
      if (holders(trail).some((holder) => this.#direct.has(holder))) accounts.add(trail.owner);
    const beside = trails.filter(({ isOrganization, owner }) => isOrganization && !accounts.has(owner));
    return {
      accounts: [...accounts].sort(),
      beside: accounts.size === 0 ? [] : [...new Set(beside.map(({ owner }) => owner))].sort(),
      joined: [...this.#joined].sort(),
      events: this.#ids.size,
      changes: newestOf([...this.#kinds.values()]),
      everywhereAt: this.#everywhereAt,
    };
  }
}

/** When the complete run began that shows an account, or null for every account; null where there is none. */
export type SeenAt = (account: string | null) => string | null;

/** AWS may answer as of before a change for a while, and clocks differ. */
const SETTLED_MS = 5 * 60_000;

interface AffectingEvent {
  change: Change;
  hit: Hit;
  everywhere: boolean;
}

function newestOf(found: AffectingEvent[]): AffectingChange[] {
  const kept: AffectingChange[] = [];
  let listed = 0;
  for (const { change, hit, everywhere } of found.sort((a, b) => (isOlder(a.change, b.change) ? 1 : -1))) {
    listed += hit.accounts.size + hit.trails.size;
    if (kept.length > 0 && (kept.length >= CHANGES_KEPT || listed > LISTED_AT_MOST)) break;
    kept.push({ ...change, accounts: [...hit.accounts].sort(), trails: [...hit.trails].sort(), everywhere });
  }
  return kept.reverse();
}

const isOlder = (a: Change, b: Change): boolean => a.at + a.eventId < b.at + b.eventId;

/** The accounts that hold what a trail uses. */
const holders = ({ kmsKeyArn, bucketAccountId, logGroupArn }: KnownTrail): string[] =>
  [parseArn(kmsKeyArn ?? '')?.accountId, bucketAccountId, parseArn(logGroupArn ?? '')?.accountId].filter(
    (account): account is string => Boolean(account),
  );

/** A change in one line, for people. */
export const changeWords = ({ at, name, actor, accountId, region, eventId }: Change): string =>
  `${at} ${name} by ${actor} in ${accountId} ${region} (event ${eventId})`;
