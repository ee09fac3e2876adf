import type { EventDataStore, LogObject, ManagementEvents } from '../model/account-access.ts';
import { parseArn, parseKeyArn } from '../model/arn.ts';
import type { BucketInspection, Inspection, KeyInspection } from '../model/inspection.ts';
import type { Reading } from '../model/reading.ts';
import type { JudgedTrail } from './coverage.ts';
import { type BucketEvents, bucketEvents, unionOfBucketEvents } from './data-events.ts';
import { isOurs, type KeyFacts, type KeyRefusal, keyFacts, type Population } from './key-facts.ts';
import { eventsTaken, type ObservedStore, type TrailFacts } from './trail-facts.ts';
import { type JudgedVerdict, trailDelivery, trailVerdict } from './verdict.ts';

/** A trail joined to its key, bucket and log group, and judged. */
export interface ResolvedTrail {
  facts: TrailFacts;
  managementEvents: ManagementEvents;
  key: KeyFacts | null;
  bucket: BucketFacts | null;
  logGroup: LogGroupFacts | null;
  sample: Inspection['samples'][number]['reading'] | null;
  /** Its oldest log object that is retained, where it was asked for. */
  oldest: Inspection['samples'][number]['oldest'];
  /** The samples of single accounts' logs, by account, where they were asked for. */
  accountSamples: ReadonlyMap<string, AccountSample>;
  verdict: JudgedVerdict;
}

export interface AccountSample {
  reading: Inspection['samples'][number]['reading'];
  observedAt: string;
}

export interface BucketFacts {
  bucket: string;
  inspection: BucketInspection | null;
  /** false only where the owner is known and not in the organization. */
  inOrganization: boolean | null;
  /** Sorted by ARN. */
  trails: string[];
  /** The trails that take data events of its objects; all of them, read and write, where `whole`. null: not known. */
  dataEvents: { whole: boolean | null; trails: ResolvedTrail[] };
  /** The oldest log objects that are retained, trail by trail, where they were asked for. */
  oldestLogs: { trailArn: string; reading: Reading<LogObject | null> }[];
  observedAt: string | null;
}

export interface LogGroupFacts {
  logGroupArn: string;
  reading: Inspection['logGroups'][number]['reading'] | null;
  trails: string[];
  observedAt: string | null;
}

export interface StoreFacts {
  listed: ObservedStore;
  reading: Reading<EventDataStore> | null;
  key: KeyFacts | null;
  observedAt: string | null;
}

/** A key with everyone who uses it. */
export interface UsedKey {
  facts: KeyFacts;
  /** `o-…`, for conditions on it; null for a lone account. */
  organizationId: string | null;
  /** Whether an account is in the organization or trusted; null where that is not known. */
  isOurs: (accountId: string) => boolean | null;
  /** Sorted by ARN. */
  trails: ResolvedTrail[];
  stores: StoreFacts[];
  observedAt: string | null;
}

export interface Resources {
  trails: ResolvedTrail[];
  keys: UsedKey[];
  buckets: BucketFacts[];
  logGroups: LogGroupFacts[];
  eventDataStores: StoreFacts[];
}

/** Joins what Scan saw with what Inspect read; pure, and independent of the order of either. */
export function resolveResources(request: {
  trails: readonly TrailFacts[];
  eventDataStores: readonly ObservedStore[];
  inspections: Iterable<Inspection>;
  population: Population;
  organizationId: string | null;
  /** Why an owner's resources were not inspected, for keys: a stable code, or null where they should have been. */
  refusalOf: (accountId: string) => KeyRefusal | null;
}): Resources {
  const read = indexInspections(request.inspections);
  const keyOf = (keyId: string): KeyFacts => {
    const accountId = parseKeyArn(keyId)?.accountId;
    const inspected = read.keys.get(keyId) ?? null;
    const refusal = accountId ? request.refusalOf(accountId) : null;
    return keyFacts({
      keyId,
      inspection: inspected?.key ?? null,
      askedIn: inspected?.owner ?? null,
      refusal,
      population: request.population,
    });
  };

  const buckets = new Map<string, BucketFacts>();
  const logGroups = new Map<string, LogGroupFacts>();
  for (const { trail } of request.trails) {
    if (trail.bucket) {
      const facts =
        buckets.get(trail.bucket) ?? bucketFacts(trail.bucket, read.buckets.get(trail.bucket), request.population);
      facts.trails.push(trail.trailArn);
      const reading = read.oldest.get(trail.trailArn);
      if (reading) facts.oldestLogs.push({ trailArn: trail.trailArn, reading });
      buckets.set(trail.bucket, facts);
    }
    if (trail.logGroupArn) {
      const inspected = read.logGroups.get(trail.logGroupArn);
      const facts = logGroups.get(trail.logGroupArn) ?? {
        logGroupArn: trail.logGroupArn,
        reading: inspected?.reading ?? null,
        trails: [],
        observedAt: inspected?.observedAt ?? null,
      };
      facts.trails.push(trail.trailArn);
      logGroups.set(trail.logGroupArn, facts);
    }
  }

  const trails = request.trails.map((seen): ResolvedTrail => {
    const selectors = seen.selectors?.ok ? null : read.selectors.get(seen.trail.trailArn);
    const facts = selectors ? { ...seen, selectors: selectors.reading, selectorsFrom: selectors.from } : seen;
    const { kmsKeyId, bucket: bucketName, logGroupArn, trailArn } = facts.trail;
    const key = kmsKeyId ? keyOf(kmsKeyId) : null;
    const bucket = bucketName ? (buckets.get(bucketName) ?? null) : null;
    return {
      facts,
      managementEvents: eventsTaken(facts),
      key,
      bucket,
      logGroup: logGroupArn ? (logGroups.get(logGroupArn) ?? null) : null,
      sample: read.samples.get(trailArn) ?? null,
      oldest: read.oldest.get(trailArn) ?? null,
      accountSamples: read.accountSamples.get(trailArn) ?? new Map(),
      verdict: trailVerdict({
        kmsKeyId,
        key,
        bucketRegion: bucket?.inspection?.region ?? null,
        status: facts.status,
        observedAt: facts.observedAt,
      }),
    };
  });

  const trailsAbout = dataEventTrails(trails);
  for (const facts of buckets.values()) facts.dataEvents = dataEventsOf(facts, trailsAbout(facts));

  const eventDataStores = request.eventDataStores.map((listed): StoreFacts => {
    const inspected = read.stores.get(listed.arn);
    const keyId = inspected?.reading.ok ? inspected.reading.value.kmsKeyId : null;
    return {
      listed,
      reading: inspected?.reading ?? null,
      key: keyId ? keyOf(keyId) : null,
      observedAt: inspected?.observedAt ?? null,
    };
  });

  return {
    trails,
    keys: usedKeys(trails, eventDataStores, (keyId) => ({
      organizationId: request.organizationId,
      isOurs: (accountId) => isOurs(request.population, accountId),
      observedAt: read.keys.get(keyId)?.observedAt ?? null,
    })),
    buckets: [...buckets.values()].sort((a, b) => (a.bucket < b.bucket ? -1 : 1)),
    logGroups: [...logGroups.values()].sort((a, b) => (a.logGroupArn < b.logGroupArn ? -1 : 1)),
    eventDataStores,
  };
}

/**
 * Whether CloudTrail Lake may record an account and region. Only the owner lists an organization's store, and only its
 * home region one of all regions; of a store that could not be read no more is known than where it was listed.
 */
export function lakeCoverage(stores: readonly StoreFacts[]): (at: { accountId: string; region: string }) => boolean {
  const reach = stores.map(({ listed, reading }) => {
    const { arn, region, seenBy } = listed;
    const store = reading?.ok ? reading.value : null;
    return {
      accountId: store?.isOrganization ? null : (parseArn(arn)?.accountId ?? seenBy),
      region: store?.isMultiRegion ? null : region,
    };
  });
  return (at) =>
    reach.some(
      ({ accountId, region }) =>
        (accountId === null || accountId === at.accountId) && (region === null || region === at.region),
    );
}

/** What `domain/coverage` needs of a trail. */
export function judgedTrail(trail: ResolvedTrail, rootCause: string | null): JudgedTrail {
  const { facts } = trail;
  return {
    trailArn: facts.trail.trailArn,
    owner: facts.owner,
    homeRegion: facts.trail.homeRegion,
    isMultiRegion: facts.trail.isMultiRegion,
    isOrganization: facts.trail.isOrganization,
    isLogging: facts.status?.ok ? facts.status.value.isLogging : null,
    managementEvents: trail.managementEvents,
    verdict: trail.verdict,
    delivery: trailDelivery({ verdict: trail.verdict, status: facts.status, observedAt: facts.observedAt }),
    rootCause,
  };
}

interface Read {
  keys: Map<string, { key: KeyInspection; owner: string; observedAt: string; atHome: boolean }>;
  buckets: Map<string, { inspection: BucketInspection; observedAt: string }>;
  logGroups: Map<string, { reading: Inspection['logGroups'][number]['reading']; observedAt: string }>;
  stores: Map<string, { reading: Reading<EventDataStore>; observedAt: string }>;
  selectors: Map<string, { reading: Inspection['trails'][number]['selectors']; from: string }>;
  samples: Map<string, Inspection['samples'][number]['reading']>;
  oldest: Map<string, Reading<LogObject | null>>;
  /** By trail, then by account. */
  accountSamples: Map<string, Map<string, AccountSample>>;
}

function indexInspections(inspections: Iterable<Inspection>): Read {
  const read: Read = {
    keys: new Map(),
    buckets: new Map(),
    logGroups: new Map(),
    stores: new Map(),
    selectors: new Map(),
    samples: new Map(),
    oldest: new Map(),
    accountSamples: new Map(),
  };
  const ordered = [...inspections].sort((a, b) => (a.itemId < b.itemId ? -1 : 1));
  for (const { observedAt, owner, ...inspection } of ordered) {
    const storeKeys = inspection.eventDataStores.flatMap((s) => (s.key ? [s.key] : []));
    for (const key of [...storeKeys, ...inspection.keys]) {
      const reading = { key, owner, observedAt, atHome: parseKeyArn(key.keyArn)?.accountId === owner };
      const known = read.keys.get(key.keyArn);
      // A key read where it lives beats the same key read from a store's account, whose policy nobody may read there.
      if (!known || (reading.atHome && !known.atHome)) read.keys.set(key.keyArn, reading);
    }
    for (const bucket of inspection.buckets) read.buckets.set(bucket.bucket, { inspection: bucket, observedAt });
    for (const group of inspection.logGroups)
      read.logGroups.set(group.logGroupArn, { reading: group.reading, observedAt });
    for (const store of inspection.eventDataStores) read.stores.set(store.arn, { reading: store.reading, observedAt });
    for (const trail of inspection.trails)
      read.selectors.set(trail.trailArn, { reading: trail.selectors, from: owner });
    for (const { trailArn, accountId, reading, oldest } of inspection.samples) {
      if (accountId === null) {
        read.samples.set(trailArn, reading);
        if (oldest) read.oldest.set(trailArn, oldest);
        continue;
      }
      const accounts = read.accountSamples.get(trailArn) ?? new Map<string, AccountSample>();
      read.accountSamples.set(trailArn, accounts.set(accountId, { reading, observedAt }));
    }
  }
  return read;
}

function bucketFacts(
  bucket: string,
  read: { inspection: BucketInspection; observedAt: string } | undefined,
  population: Population,
): BucketFacts {
  const owner = read?.inspection.accountId ?? null;
  return {
    bucket,
    inspection: read?.inspection ?? null,
    inOrganization: owner === null ? null : population.has(owner) ? true : population.complete ? false : null,
    trails: [],
    dataEvents: { whole: false, trails: [] },
    oldestLogs: [],
    observedAt: read?.observedAt ?? null,
  };
}

/**
 * Who may take data events of a bucket: the trails of its account and the organization's, in its region. Another
 * account's trail sees no more than what that account does there.
 */
function dataEventTrails(trails: readonly ResolvedTrail[]): (bucket: BucketFacts) => ResolvedTrail[] {
  const organization = trails.filter(({ facts }) => facts.trail.isOrganization);
  const local = new Map<string, ResolvedTrail[]>();
  for (const trail of trails) {
    if (trail.facts.trail.isOrganization) continue;
    local.set(trail.facts.owner, [...(local.get(trail.facts.owner) ?? []), trail]);
  }
  return ({ inspection, inOrganization }) => {
    if (!inspection?.accountId) return [];
    const those = [...(local.get(inspection.accountId) ?? []), ...(inOrganization ? organization : [])];
    return those.filter(({ facts: { trail } }) => trail.isMultiRegion || trail.homeRegion === inspection.region);
  };
}

function dataEventsOf({ bucket, trails: [arn = ''] }: BucketFacts, trails: ResolvedTrail[]): BucketFacts['dataEvents'] {
  const partition = parseArn(arn)?.partition ?? 'aws';
  const taken = trails.map((trail) => ({ trail, events: takenBy(trail, { bucket, partition }) }));
  const { read, write } = unionOfBucketEvents(taken.map(({ events }) => events));
  const whole = read === false || write === false ? false : read && write ? true : null;
  const counts = ({ events }: (typeof taken)[number]) =>
    whole === null ? events.read === null || events.write === null : events.read || events.write;
  return { whole, trails: taken.filter(counts).map(({ trail }) => trail) };
}

/** What a trail takes and delivers of them. */
function takenBy({ facts, verdict }: ResolvedTrail, at: { bucket: string; partition: string }): BucketEvents {
  const { selectors, status, observedAt } = facts;
  const nothing: BucketEvents = { read: false, write: false };
  const events = selectors?.ok ? bucketEvents(selectors.value, at) : { read: null, write: null };
  const delivery = trailDelivery({ verdict, status, observedAt }).verdict;
  if ((status?.ok && !status.value.isLogging) || delivery === 'FAILS') return nothing;
  if (delivery === 'ARRIVES') return events;
  return { read: events.read && null, write: events.write && null };
}

function usedKeys(
  trails: readonly ResolvedTrail[],
  stores: readonly StoreFacts[],
  known: (keyId: string) => Pick<UsedKey, 'organizationId' | 'isOurs' | 'observedAt'>,
): UsedKey[] {
  const keys = new Map<string, UsedKey>();
  const use = (facts: KeyFacts): UsedKey => {
    const key = keys.get(facts.keyId) ?? { facts, trails: [], stores: [], ...known(facts.keyId) };
    keys.set(facts.keyId, key);
    return key;
  };
  for (const trail of trails) if (trail.key) use(trail.key).trails.push(trail);
  for (const store of stores) if (store.key) use(store.key).stores.push(store);
  return [...keys.values()].sort((a, b) => (a.facts.keyId < b.facts.keyId ? -1 : 1));
}
