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

/** Regions looked at side by side in one account, a call at a time in each; AWS allows 10 a second per account and region. */
export const REGIONS_AT_ONCE = 16;
/** Trails' status and selectors read side by side: of many trails, in one region. */
const DETAILS_AT_ONCE = 8;

export interface AccountScan {
  observation: AccountObservation;
  evidence: EvidenceRecord[];
}

/**
 * Scans one account: 1 AssumeRole, 1 DescribeRegions, 1 DescribeTrails per enabled region (and where it answers, unless
 * Lake is left out, 1 ListEventDataStores), 1 GetTrailStatus and 1 GetEventSelectors per owned trail,
 * 1 GetTrailStatus per visible organization trail. Every failure is data; only an abort throws.
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
  const finish = (account: TrailReader | null, learnt: Learnt): AccountScan => ({
    observation: {
      ...base,
      observedAt: iso(now()),
      principalArn: account?.principalArn ?? null,
      ...learnt,
      apiCalls: account?.calls() ?? 1,
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

  const seenIn = new Map<string, DescribedTrail[]>();
  const stores: AccountObservation['eventDataStores'] = [];
  const limit = pLimit(REGIONS_AT_ONCE);
  const looked = await Promise.all(
    item.regions.map((region) =>
      limit(async (): Promise<RegionObservation> => {
        const at = now();
        const cost = (apiCalls: number) => ({ apiCalls, durationMs: now() - at, observedAt: iso(now()) });
        if (disabled.has(region)) return { region, state: 'REGION_DISABLED', ...cost(0) };
        const seen = await account.trails(region);
        if (!seen.ok) return { region, state: stateOf(seen.failure), failure: seen.failure, ...cost(1) };
        // A region that is closed to DescribeTrails is not asked for more: each call is an event in the customer's trails.
        const lake = plan.settings.lake ? await account.eventDataStores(region) : null;
        seenIn.set(region, seen.value);
        if (lake?.ok) for (const store of lake.value) stores.push({ ...store, region });
        const trailArns = [...new Set(seen.value.map((t) => t.trailArn))].sort();
        return {
          region,
          state: 'SCANNED',
          trailArns,
          lakeFailure: lake && !lake.ok && !hasNoLake(lake.failure) ? lake.failure : null,
          ...cost(lake ? 2 : 1),
        };
      }),
    ),
  );
  const regions = withRegionDenials(looked);

  const details = pLimit(DETAILS_AT_ONCE);
  const statuses: AccountObservation['statuses'] = [];
  const selectors: AccountObservation['selectors'] = [];
  const ordered = uniqueTrails(item.regions, seenIn);
  await Promise.all(
    ordered.map(async (trail) => {
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
  );
  return finish(account, {
    refused: null,
    regions,
    trails: ordered,
    statuses: statuses.sort(byTrail),
    selectors: selectors.sort(byTrail),
    eventDataStores: stores.sort((a, b) => (a.arn < b.arn ? -1 : 1)),
  });
}

type Learnt = Pick<AccountObservation, 'refused' | 'regions' | 'trails' | 'statuses' | 'selectors' | 'eventDataStores'>;

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
