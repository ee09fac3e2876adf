import { ACCOUNT_ID } from '../../domain/model/arn.ts';
import { TrailSealError } from '../../domain/model/errors.ts';
import { ACCOUNT_STATES } from '../../domain/model/organization.ts';
import { accountIds } from './account-ids.ts';
import type { Blueprint } from './blueprint.ts';
import { defaultBucketOf, type HoldingSpecs, keyArnOf, trailArnOf } from './holdings.ts';
import { isOptIn, type Partition, type Region } from './regions.ts';
import { MAX_DEPTH } from './units.ts';
import type { KeySpec, WorldSpec } from './world-spec.ts';

type Named = 'trails' | 'keys' | 'buckets' | 'stores' | 'logGroups';
type Full = Required<Pick<HoldingSpecs, Named>>;

/**
 * The blueprint of a hand-written world: names become ids and ARNs, and what is named but not declared is made.
 * @throws TrailSealError `SIMULATION` with one sentence that names the mistake
 */
export const literalWorld = (world: WorldSpec, options: { seed: number; partition: Partition }): Blueprint => {
  const { seed, partition } = options;
  if (world.accounts.length === 0) throw mistake('a world needs at least one account');
  const regions: Region[] = (world.regions ?? ['us-east-1', 'eu-west-1']).map((name) => ({
    name,
    optIn: isOptIn(name),
  }));
  const home = regions[0]?.name;
  if (home === undefined) throw mistake('a world needs at least one Region');

  const made = accountIds({ seed, count: 50_000 });
  const accounts = world.accounts.map((account, index) => ({ ...account, id: account.id ?? made.idAt(index) }));
  const members = accounts.filter((account) => account.outside !== true);
  const indexes = new Map(members.map((account, index) => [account.id, index]));
  const ids = new Set<string>();
  for (const account of accounts) {
    if (!ACCOUNT_ID.test(account.id)) throw mistake(`account id '${account.id}' is not 12 digits`);
    if (ids.has(account.id)) throw mistake(`account id ${account.id} is given twice`);
    ids.add(account.id);
    if (account.state && !ACCOUNT_STATES.includes(account.state)) {
      throw mistake(`account ${account.id}: no such state '${account.state}'; there are ${ACCOUNT_STATES.join(', ')}`);
    }
    if ((account.ou ?? '').split('/').length > MAX_DEPTH) {
      throw mistake(`account ${account.id}: OU '${account.ou}' is nested deeper than ${MAX_DEPTH}`);
    }
    for (const region of account.optedIn ?? []) {
      if (!isOptIn(region)) throw mistake(`account ${account.id}: '${region}' is not an opt-in Region`);
    }
  }
  const inWorld = (region: string, what: string): string => {
    if (regions.some(({ name }) => name === region)) return region;
    throw mistake(`${what}: the world has no Region '${region}'; it has ${regions.map(({ name }) => name).join(', ')}`);
  };
  const first = members[0];
  if (!first) throw mistake('a world needs an account that is not outside');

  const idOf = (reference: string): string => {
    if (ids.has(reference)) return reference;
    const named = accounts.filter((account) => account.name === reference);
    if (named.length > 1) throw mistake(`${named.length} accounts are named '${reference}': name it by id`);
    const only = named[0];
    if (!only) throw mistake(`no account has the id or name '${reference}'`);
    return only.id;
  };
  const management = world.management === null ? null : idOf(world.management ?? first.id);
  const primary = management ?? first.id;
  const ownerOf = (spec: { owner?: string }): string => (spec.owner === undefined ? primary : idOf(spec.owner));

  const held = new Map<string, Full>();
  const of = (accountId: string): Full => {
    const known = held.get(accountId);
    if (known) return known;
    const empty: Full = { trails: [], keys: [], buckets: [], stores: [], logGroups: [] };
    held.set(accountId, empty);
    return empty;
  };

  const keys = new Map<string, { spec: KeySpec; owner: string; arn: string; trailArns: Set<string> }>();
  const declareKey = (spec: KeySpec, owner: string): string => {
    const region = spec.region ?? home;
    const multiRegion = spec.multiRegion ?? (spec.replicas ?? []).length > 0;
    const arn = keyArnOf({ seed, partition, owner, region, name: spec.name, multiRegion });
    keys.set(spec.name, {
      spec: { ...spec, region, multiRegion },
      owner,
      arn,
      trailArns: new Set(spec.trailArns ?? []),
    });
    return arn;
  };
  for (const spec of world.keys ?? []) {
    if (keys.has(spec.name)) throw mistake(`key '${spec.name}' is declared twice`);
    declareKey(spec, ownerOf(spec));
  }
  const keyNamed = (reference: string | null | undefined, place: { owner: string; region: string }): string | null => {
    if (reference === null || reference === undefined) return null;
    if (/[:/]/.test(reference)) return reference;
    return keys.get(reference)?.arn ?? declareKey({ name: reference, region: place.region }, place.owner);
  };

  const buckets = new Map<string, { owner: string; region: string }>();
  for (const spec of world.buckets ?? []) {
    if (buckets.has(spec.name)) throw mistake(`bucket '${spec.name}' is declared twice`);
    const owner = ownerOf(spec);
    const region = spec.region ?? home;
    buckets.set(spec.name, { owner, region });
    const readers = (spec.readers ?? []).map(idOf);
    const encryption =
      spec.encryption && spec.encryption !== 'AES256' ? keyNamed(spec.encryption, { owner, region }) : null;
    of(owner).buckets.push({ ...spec, region, readers, ...(encryption ? { encryption } : {}) });
  }
  for (const spec of world.logGroups ?? []) {
    const owner = ownerOf(spec);
    const region = spec.region ?? home;
    of(owner).logGroups.push({ ...spec, region, key: keyNamed(spec.key, { owner, region }) });
  }
  for (const spec of world.trails ?? []) {
    const owner = ownerOf(spec);
    const trailHome = inWorld(spec.home ?? home, `trail '${spec.name}'`);
    if (spec.organization === true && owner !== management) {
      throw mistake(`trail '${spec.name}': an organization trail belongs to the management account`);
    }
    const bucket = spec.bucket ?? defaultBucketOf(owner);
    const place = buckets.get(bucket) ?? { owner, region: trailHome };
    if (!buckets.has(bucket)) {
      buckets.set(bucket, place);
      of(owner).buckets.push({ name: bucket, region: trailHome });
    }
    const groups = of(owner).logGroups;
    const logGroup = spec.logGroup === undefined ? `cloudtrail/${spec.name}` : spec.logGroup;
    if (logGroup && !groups.some((group) => group.name === logGroup && group.region === trailHome)) {
      const key = keyArnOf({ seed, partition, owner, region: trailHome, name: 'log-groups', multiRegion: false });
      groups.push({ name: logGroup, region: trailHome, ...(spec.logGroup === undefined && { key }) });
    }
    const key = keyNamed(spec.key, { owner, region: place.region });
    const arn = trailArnOf({ partition, owner, home: trailHome, name: spec.name });
    for (const declared of keys.values()) if (declared.arn === key) declared.trailArns.add(arn);
    if (of(owner).trails.some((trail) => trail.name === spec.name && trail.home === trailHome)) {
      throw mistake(`trail '${spec.name}' is declared twice in ${owner} ${trailHome}`);
    }
    const memberErrors = Object.fromEntries(
      Object.entries(spec.memberErrors ?? {}).map(([account, error]) => [idOf(account), error]),
    );
    const deliveredWith =
      spec.deliveredWith === undefined
        ? {}
        : { deliveredWith: keyNamed(spec.deliveredWith, { owner, region: place.region }) };
    const memberDeliveredWith = Object.fromEntries(
      Object.entries(spec.memberDeliveredWith ?? {}).map(([account, name]) => [
        idOf(account),
        keyNamed(name, { owner, region: place.region }),
      ]),
    );
    const own = { memberErrors, memberDeliveredWith, ...deliveredWith };
    of(owner).trails.push({ ...spec, home: trailHome, bucket, key, logGroup, ...own });
  }
  for (const spec of world.eventDataStores ?? []) {
    const owner = ownerOf(spec);
    const region = inWorld(spec.region ?? home, `event data store '${spec.name}'`);
    of(owner).stores.push({ ...spec, region, key: keyNamed(spec.key, { owner, region }) });
  }
  for (const { spec, owner, trailArns } of keys.values()) {
    of(owner).keys.push({ ...spec, sharedWith: (spec.sharedWith ?? []).map(idOf), trailArns: [...trailArns] });
  }

  for (const { regions: refused = [] } of world.denials ?? [])
    for (const region of refused) inWorld(region, 'a denial');

  const outsiders = accounts.filter((account) => account.outside === true).map((account) => account.id);
  return {
    partition,
    regions,
    organization: management !== null,
    management: indexes.get(primary) ?? 0,
    delegatedAdministrators: (world.delegatedAdministrators ?? []).map(idOf),
    accountCount: members.length,
    idAt: (index) => members[index]?.id ?? made.idAt(index),
    indexOf: (accountId) => indexes.get(accountId) ?? -1,
    account: (index) => members[index] ?? {},
    holdings: (index) => held.get(members[index]?.id ?? '') ?? {},
    outsiders: new Map(outsiders.map((id) => [id, held.get(id) ?? {}])),
    organizationalUnits: [
      ...new Set([...(world.organizationalUnits ?? []), ...members.map((account) => account.ou ?? '')]),
    ],
    ownerOfBucket: (name) => buckets.get(name)?.owner ?? null,
    isShared: () => true,
    denials: (world.denials ?? []).map((denial) => ({
      ...denial,
      ...(denial.accounts ? { accounts: denial.accounts.map(idOf) } : {}),
    })),
    regionDeny: world.regionDeny ?? null,
  };
};

const mistake = (sentence: string): TrailSealError =>
  new TrailSealError('SIMULATION', `simulated organization: ${sentence}`);
