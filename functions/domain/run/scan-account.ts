import pLimit from 'p-limit';
import type {
  AccountSessions,
  DescribedTrail,
  EventSelectors,
  TrailReader,
  TrailStatus,
} from '../model/account-access.ts';
import { trailOwner } from '../model/arn.ts';
import type { EvidenceRecord } from '../model/evidence.ts';
import type { AccountObservation, RegionObservation } from '../model/observation.ts';
import type { ScanItem, ScanPlan } from '../model/plan.ts';
import { type CallFailure, type Reading, stateOf } from '../model/reading.ts';

/** Trails' status and selectors read side by side: of many trails, in one region. AWS allows 10 a second per account and region. */
const DETAILS_AT_ONCE = 8;

/** Answers that are waited for one after the other in an account: the role, its regions, their trails, what is known of those. */
export const ANSWERS_IN_TURN = 4;

export interface AccountScan {
  observation: AccountObservation;
  evidence: EvidenceRecord[];
}

/**
 * Scans one account: 1 AssumeRole, 1 DescribeRegions, 1 DescribeTrails per enabled region (and where it answers, unless
 * Lake is left out, 1 ListEventDataStores), 1 GetTrailStatus and 1 GetEventSelectors per owned trail,
 * 1 GetTrailStatus per visible organization trail. All regions are asked side by side. Every failure is data; only an
 * abort throws.
 */
export async function scanAccount(request: {
  item: ScanItem;
  plan: ScanPlan;
  sessions: AccountSessions<TrailReader>;
  now: () => number;
  signal?: AbortSignal;
}): Promise<AccountScan> {
  const { item, plan, now } = request;
  const began = now();
  const base = { version: 1 as const, runId: plan.runId, accountId: item.accountId };
  const nothing = { regions: [], trails: [], statuses: [], selectors: [], eventDataStores: [] };
  let refusal: EvidenceRecord[] = [];
  const opened = await request.sessions.open({
    accountId: item.accountId,
    runId: plan.runId,
    keepRefusal: (records) => {
      refusal = records;
    },
    ...(request.signal && { signal: request.signal }),
  });
  const finish = (account: TrailReader | null, read: Answers): AccountScan => ({
    observation: {
      ...base,
      observedAt: iso(now()),
      principalArn: account?.principalArn ?? null,
      ...read,
      apiCalls: account?.calls() ?? 1,
      ...(account?.delays && { delays: account.delays() }),
      durationMs: now() - began,
      evidence: null,
    },
    evidence: account?.takeEvidence() ?? refusal,
  });
  if (!opened.ok) return finish(null, { ...nothing, refused: opened.failure });

  const account = opened.value;
  const optIns = await account.regions();
  if (!optIns.ok) return finish(account, { ...nothing, refused: optIns.failure });
  const disabled = new Set(optIns.value.filter((r) => r.optIn === 'not-opted-in').map((r) => r.region));

  const timed = async <T>(ask: Promise<Reading<T>>): Promise<Timed<T>> => {
    const asked = now();
    const reading = await ask;
    return { reading, ms: now() - asked, at: iso(now()) };
  };
  const enabled = item.regions.filter((region) => !disabled.has(region));
  const described = new Map(
    await Promise.all(enabled.map(async (region) => [region, await timed(account.trails(region))] as const)),
  );
  const seenIn = new Map<string, DescribedTrail[]>();
  for (const [region, { reading }] of described) if (reading.ok) seenIn.set(region, reading.value);

  const details = pLimit(DETAILS_AT_ONCE);
  const statuses: AccountObservation['statuses'] = [];
  const selectors: AccountObservation['selectors'] = [];
  const ordered = uniqueTrails(item.regions, seenIn);
  // A region that is closed to DescribeTrails is not asked for more: each call is an event in the customer's trails.
  const lakes = plan.settings.lake ? [...seenIn.keys()] : [];
  const [stored] = await Promise.all([
    Promise.all(lakes.map(async (region) => [region, await timed(account.eventDataStores(region))] as const)),
    ...ordered.map(async (trail) => {
      const owned = trailOwner(trail.trailArn) === item.accountId;
      // In a member an organization trail is asked for by ARN, in its home region; a disabled home region cannot answer.
      if ((!owned && !trail.isOrganization) || disabled.has(trail.homeRegion)) return;
      const at = { trailArn: trail.trailArn, region: trail.homeRegion };
      const [status, selected] = await Promise.all([
        details((): Promise<Reading<TrailStatus>> => account.trailStatus(trail.homeRegion, trail.trailArn)),
        owned
          ? details((): Promise<Reading<EventSelectors>> => account.eventSelectors(trail.homeRegion, trail.trailArn))
          : null,
      ]);
      statuses.push({ ...at, reading: status });
      if (selected) selectors.push({ ...at, reading: selected });
    }),
  ]);
  const lakeIn = new Map(stored);
  const regions = item.regions.map((region): RegionObservation => {
    const trails = described.get(region);
    if (trails) return askedRegion(region, trails, lakeIn.get(region) ?? null);
    return { region, state: 'REGION_DISABLED', apiCalls: 0, durationMs: 0, observedAt: iso(now()) };
  });
  return finish(account, {
    refused: null,
    regions: withRegionDenials(regions),
    trails: ordered,
    statuses: statuses.sort(byTrail),
    selectors: selectors.sort(byTrail),
    eventDataStores: stored
      .flatMap(([region, { reading }]) => (reading.ok ? reading.value.map((store) => ({ ...store, region })) : []))
      .sort((a, b) => (a.arn < b.arn ? -1 : 1)),
  });
}

/** A reading, how long it took, and when it was there. */
interface Timed<T> {
  reading: Reading<T>;
  ms: number;
  at: string;
}

/** What is known of a region that was asked for its trails and, where that was answered, for its stores. */
function askedRegion(
  region: string,
  { reading, ms, at }: Timed<DescribedTrail[]>,
  lake: Timed<unknown> | null,
): RegionObservation {
  const cost = { apiCalls: lake ? 2 : 1, durationMs: ms + (lake?.ms ?? 0), observedAt: lake?.at ?? at };
  if (!reading.ok) return { region, state: stateOf(reading.failure), failure: reading.failure, ...cost };
  return {
    region,
    state: 'SCANNED',
    trailArns: [...new Set(reading.value.map((trail) => trail.trailArn))].sort(),
    lakeFailure: lake && !lake.reading.ok && !hasNoLake(lake.reading.failure) ? lake.reading.failure : null,
    ...cost,
  };
}

type Answers = Pick<
  AccountObservation,
  'refused' | 'regions' | 'trails' | 'statuses' | 'selectors' | 'eventDataStores'
>;

const iso = (ms: number): string => new Date(ms).toISOString();
const byTrail = (a: { trailArn: string }, b: { trailArn: string }) => (a.trailArn < b.trailArn ? -1 : 1);

/** One trail per ARN, sorted. Where answers differ the home region's is kept, else the first by region, whatever came first. */
function uniqueTrails(regions: string[], seenIn: Map<string, DescribedTrail[]>): DescribedTrail[] {
  const trails = new Map<string, DescribedTrail>();
  for (const region of regions) {
    for (const trail of seenIn.get(region) ?? []) {
      if (!trails.has(trail.trailArn) || region === trail.homeRegion) trails.set(trail.trailArn, trail);
    }
  }
  return [...trails.values()].sort(byTrail);
}

/** A region without Lake, or an account that may not use it, has no store. */
const hasNoLake = ({ kind }: CallFailure): boolean => kind === 'UNAVAILABLE' || kind === 'NOT_PERMITTED';

/** REGION_DENIED needs an account whose role was assumed, and another region of it that answered (CONTRACT section 4). */
function withRegionDenials(regions: RegionObservation[]): RegionObservation[] {
  if (!regions.some((r) => r.state === 'SCANNED')) return regions;
  return regions.map((r) =>
    r.state === 'ACCESS_DENIED' && r.failure.kind === 'DENIED_BY_SCP' ? { ...r, state: 'REGION_DENIED' } : r,
  );
}
