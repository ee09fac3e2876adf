import type { AccountState } from '../../domain/model/organization.ts';
import type { Blueprint } from './blueprint.ts';
import { fillHoldings, type HoldingSpecs } from './holdings.ts';
import type { Bucket, Holdings, Key, SimAccount, Trail } from './model.ts';
import { isOptIn, type Partition, type Region } from './regions.ts';
import { numberOf, slugOf } from './seed.ts';
import { createUnits, type Units } from './units.ts';
import type { DenialSpec, RegionDenySpec } from './world-spec.ts';

const HOUR = 3_600_000;
/** Accounts whose details are kept at hand; the rest is computed again when asked for. */
const KEPT = 1_024;

/** The bucket in the scanning account that objects can be put into. */
export const reportBucketOf = (accountId: string): string => `trailseal-report-${accountId}`;

/** The simulated organization as the services see it. */
export interface World {
  readonly seed: number;
  readonly partition: Partition;
  readonly regions: readonly Region[];
  /** The instant that all times are relative to, epoch milliseconds. */
  readonly present: number;
  /** Null: the account stands alone. */
  readonly organization: { id: string; managementAccountId: string } | null;
  readonly delegatedAdministrators: readonly string[];
  readonly units: Units;
  readonly accountCount: number;
  readonly denials: readonly DenialSpec[];
  readonly regionDeny: RegionDenySpec | null;
  accountAt(index: number): SimAccount;
  /** A member, or an account outside that owns something; undefined: no such account. */
  account(accountId: string): SimAccount | undefined;
  /** Indexes of the accounts directly in a unit, ascending. */
  accountsIn(unit: number): readonly number[];
  holdingsOf(accountId: string): Holdings;
  organizationTrails(): readonly Trail[];
  /** Whether the region answers this account: on by default, or opted in. */
  isEnabled(account: SimAccount, region: string): boolean;
  isOptIn(region: string): boolean;
  /** The trails that DescribeTrails shows an account in a region, shadows included. */
  visibleTrails(account: SimAccount, region: string): Trail[];
  key(arn: string): Key | undefined;
  bucket(name: string): Bucket | undefined;
  /** Ids, ascending, of the accounts whose trails write to a bucket, with those trails. */
  writersTo(bucket: string): { accountId: string; trails: Trail[] }[];
  /** The account that scans has a bucket for reports. */
  addReportBucket(accountId: string): void;
  /** Changes an account from now on: closing it, moving it to another OU. */
  change(accountId: string, change: { state?: AccountState; ou?: string }): void;
}

export const createWorld = (options: { blueprint: Blueprint; seed: number; present: number }): World => {
  const { blueprint, seed, present } = options;
  const organizationId = `o-${slugOf(seed, 'organization', 10)}`;
  const region = blueprint.regions[0]?.name ?? 'us-east-1';
  const units = createUnits({ seed, organizationId, paths: blueprint.organizationalUnits });
  const accounts = new Recent<number, SimAccount>(KEPT);
  const holdings = new Recent<string, Holdings>(KEPT);
  const changes = new Map<number, { state?: AccountState; ou?: string }>();
  let membership: Map<number, number[]> | null = null;
  let shared: readonly Trail[] | null = null;
  const reportBuckets = new Map<string, string>();

  const accountAt = (index: number): SimAccount =>
    accounts.get(index, () => {
      const spec = blueprint.account(index);
      const changed = changes.get(index);
      const id = blueprint.idAt(index);
      return {
        index,
        id,
        name: spec.name ?? `account-${index + 1}`,
        email: `aws+${id}@example.com`,
        state: changed?.state ?? spec.state ?? 'ACTIVE',
        unit: units.at(changed?.ou ?? spec.ou ?? '').index,
        tags: spec.tags ?? {},
        joinedAt:
          spec.joinedHoursAgo === undefined
            ? Date.UTC(2018, 2, 1) +
              numberOf(seed, `joined:${id}`, 2_900) * 24 * HOUR +
              numberOf(seed, `at:${id}`, 24) * HOUR
            : present - spec.joinedHoursAgo * HOUR,
        joinedMethod: numberOf(seed, `method:${id}`, 5) === 0 ? 'INVITED' : 'CREATED',
        optedIn: spec.optedIn ?? [],
        role: spec.role ?? true,
        organizationTrails: spec.organizationTrails ?? true,
        publicBlocked: spec.accountPublicAccessBlock ?? false,
      };
    });

  const outsider = (id: string): SimAccount => ({
    index: -1,
    id,
    name: `outside-${id}`,
    email: `aws+${id}@example.net`,
    state: 'ACTIVE',
    unit: 0,
    tags: {},
    joinedAt: present,
    joinedMethod: 'INVITED',
    optedIn: [],
    role: false,
    organizationTrails: false,
    publicBlocked: false,
  });

  const account = (accountId: string): SimAccount | undefined => {
    const index = blueprint.indexOf(accountId);
    if (index >= 0) return accountAt(index);
    return blueprint.outsiders.has(accountId) ? outsider(accountId) : undefined;
  };

  const holdingsOf = (accountId: string): Holdings =>
    holdings.get(accountId, () => {
      const index = blueprint.indexOf(accountId);
      const specs: HoldingSpecs = index >= 0 ? blueprint.holdings(index) : (blueprint.outsiders.get(accountId) ?? {});
      const report = reportBuckets.get(reportBucketOf(accountId));
      return fillHoldings(
        report === undefined
          ? specs
          : { ...specs, buckets: [...(specs.buckets ?? []), { name: reportBucketOf(accountId), writable: true }] },
        { seed, partition: blueprint.partition, owner: accountId, region, present },
      );
    });

  const organizationTrails = (): readonly Trail[] => {
    shared ??= blueprint.organization
      ? holdingsOf(blueprint.idAt(blueprint.management)).trails.filter((trail) => trail.organization)
      : [];
    return shared;
  };

  const isEnabled = (of: SimAccount, name: string): boolean => !isOptIn(name) || of.optedIn.includes(name);
  // CloudTrail makes no copy in a member that has turned the trail's home region off.
  const hasCopy = (of: SimAccount, trail: Trail): boolean =>
    of.index >= 0 && of.organizationTrails && of.id !== trail.owner && isEnabled(of, trail.home);

  return {
    seed,
    partition: blueprint.partition,
    regions: blueprint.regions,
    present,
    organization: blueprint.organization
      ? { id: organizationId, managementAccountId: blueprint.idAt(blueprint.management) }
      : null,
    delegatedAdministrators: blueprint.delegatedAdministrators,
    units,
    accountCount: blueprint.accountCount,
    denials: blueprint.denials,
    regionDeny: blueprint.regionDeny,
    accountAt,
    account,
    accountsIn: (unit) => {
      if (membership === null) {
        membership = new Map();
        for (let index = 0; index < blueprint.accountCount; index++) {
          const path = changes.get(index)?.ou ?? blueprint.account(index).ou ?? '';
          const key = units.at(path).index;
          const members = membership.get(key);
          if (members) members.push(index);
          else membership.set(key, [index]);
        }
      }
      return membership.get(unit) ?? [];
    },
    holdingsOf,
    organizationTrails,
    isEnabled,
    isOptIn,
    visibleTrails: (of, name) => {
      const reaches = (trail: Trail): boolean => trail.home === name || trail.multiRegion;
      return [
        ...holdingsOf(of.id).trails.filter(reaches),
        ...organizationTrails().filter((trail) => reaches(trail) && hasCopy(of, trail)),
      ];
    },
    key: (arn) => {
      const owner = arn.split(':')[4] ?? '';
      return account(owner) ? holdingsOf(owner).keys.find((key) => key.arn === arn) : undefined;
    },
    bucket: (name) => {
      const owner = reportBuckets.get(name) ?? blueprint.ownerOfBucket(name);
      return owner === null ? undefined : holdingsOf(owner).buckets.find((bucket) => bucket.name === name);
    },
    writersTo: (bucket) => {
      const own = new Map<string, Trail[]>();
      const copied = organizationTrails().filter((trail) => trail.bucket === bucket);
      const owner = blueprint.indexOf(blueprint.ownerOfBucket(bucket) ?? '');
      const alone = copied.length === 0 && owner >= 0 && !blueprint.isShared(bucket);
      for (let index = alone ? owner : 0; index < (alone ? owner + 1 : blueprint.accountCount); index++) {
        const of = accountAt(index);
        const trails = holdingsOf(of.id).trails.filter((trail) => trail.bucket === bucket);
        const copies = copied.filter((trail) => hasCopy(of, trail));
        if (trails.length + copies.length > 0) own.set(of.id, [...trails, ...copies]);
      }
      return [...own].sort(([a], [b]) => (a < b ? -1 : 1)).map(([accountId, trails]) => ({ accountId, trails }));
    },
    addReportBucket: (accountId) => {
      reportBuckets.set(reportBucketOf(accountId), accountId);
      holdings.delete(accountId);
    },
    change: (accountId, change) => {
      const index = blueprint.indexOf(accountId);
      if (index < 0) throw new Error(`no account ${accountId} in the simulated organization`);
      changes.set(index, { ...changes.get(index), ...change });
      accounts.delete(index);
      if (change.ou !== undefined) membership = null;
    },
  };
};

/** Keeps the newest entries and forgets the oldest. */
class Recent<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #limit: number;
  constructor(limit: number) {
    this.#limit = limit;
  }
  get(key: Key, compute: () => Value): Value {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const value = compute();
    if (this.#entries.size >= this.#limit) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.set(key, value);
    return value;
  }
  delete(key: Key): void {
    this.#entries.delete(key);
  }
}
