import type { DescribedTrail, EventSelectors, ManagementEvents, TrailStatus } from '../model/account-access.ts';
import { trailOwner } from '../model/arn.ts';
import type { AccountObservation } from '../model/observation.ts';
import type { Reading } from '../model/reading.ts';
import { managementEvents } from './event-selectors.ts';

/** One trail of the organization, merged by ARN over everyone who saw it; status and selectors from its owner where possible. */
export interface TrailFacts {
  trail: DescribedTrail;
  /** The account in the ARN; '' where the ARN is malformed. */
  owner: string;
  /** Whether the owner's own DescribeTrails showed it. */
  seenAtOwner: boolean;
  /** The DescribeTrails answer that `trail` comes from. */
  seenIn: { accountId: string; region: string };
  status: Reading<TrailStatus> | null;
  /** Who answered for the status: the owner, or one member where the owner could not be asked. */
  statusFrom: string | null;
  selectors: Reading<EventSelectors> | null;
  selectorsFrom: string | null;
  /** When the account that answered was looked at (ISO 8601 UTC). */
  observedAt: string;
  /** The member to ask for what the owner could not answer, or null where nobody else sees the trail. */
  reportingMember: string | null;
  /** Members whose own status shows a delivery error. */
  memberErrors: number;
}

export interface ObservedStore {
  arn: string;
  name: string;
  region: string;
  status: string | null;
  /** Lowest account id that listed it. */
  seenBy: string;
}

/**
 * Merges observations into the organization's trails and event data stores. The result depends on what was
 * observed, never on the order it arrived in.
 */
export interface Gathering {
  add(observation: AccountObservation): void;
  /** Sorted by ARN. */
  trails(): TrailFacts[];
  /** Sorted by ARN. */
  eventDataStores(): ObservedStore[];
}

export function createGathering(): Gathering {
  const found = new Map<string, Reports>();
  const stores = new Map<string, ObservedStore>();
  return {
    add(observation) {
      const statuses = new Map(observation.statuses.map((s) => [s.trailArn, s.reading]));
      const selectors = new Map(observation.selectors.map((s) => [s.trailArn, s.reading]));
      for (const trail of observation.trails) {
        const owner = trailOwner(trail.trailArn) ?? '';
        const reports = found.get(trail.trailArn) ?? { owner, atOwner: null, best: null, memberErrors: 0 };
        found.set(trail.trailArn, reports);
        const report: TrailReport = {
          accountId: observation.accountId,
          trail,
          region: regionSeen(observation, trail),
          observedAt: observation.observedAt,
          status: statuses.get(trail.trailArn) ?? null,
          selectors: selectors.get(trail.trailArn) ?? null,
        };
        if (observation.accountId === owner) reports.atOwner = report;
        else {
          if (report.status?.ok && deliveryError(report.status.value)) reports.memberErrors += 1;
          if (!reports.best || reportsBetter(report, reports.best)) reports.best = report;
        }
      }
      for (const store of observation.eventDataStores) {
        const known = stores.get(store.arn);
        if (!known || observation.accountId < known.seenBy)
          stores.set(store.arn, { ...store, seenBy: observation.accountId });
      }
    },
    trails: () => [...found.values()].map(merged).sort((a, b) => (a.trail.trailArn < b.trail.trailArn ? -1 : 1)),
    eventDataStores: () => [...stores.values()].sort((a, b) => (a.arn < b.arn ? -1 : 1)),
  };
}

interface TrailReport {
  accountId: string;
  region: string;
  trail: DescribedTrail;
  observedAt: string;
  status: Reading<TrailStatus> | null;
  selectors: Reading<EventSelectors> | null;
}

interface Reports {
  owner: string;
  atOwner: TrailReport | null;
  best: TrailReport | null;
  memberErrors: number;
}

function merged({ owner, atOwner, best, memberErrors }: Reports): TrailFacts {
  const source = atOwner ?? best;
  if (!source) throw new Error('a trail that nobody reported cannot be merged');
  // A member speaks only where the owner was not there to be asked: an owner's lost answer stays unknown.
  const status = atOwner?.status ? atOwner : (best ?? atOwner);
  return {
    trail: source.trail,
    owner,
    seenAtOwner: atOwner !== null,
    seenIn: { accountId: source.accountId, region: source.region },
    status: status?.status ?? null,
    statusFrom: status?.status ? status.accountId : null,
    selectors: atOwner?.selectors ?? null,
    selectorsFrom: atOwner?.selectors ? owner : null,
    observedAt: (status ?? source).observedAt,
    reportingMember: best?.accountId ?? null,
    memberErrors,
  };
}

/** The region whose answer was kept: the trail's home, else the first that showed it. */
function regionSeen(observation: AccountObservation, trail: DescribedTrail): string {
  const seen = observation.regions.flatMap((r) =>
    r.state === 'SCANNED' && r.trailArns.includes(trail.trailArn) ? [r.region] : [],
  );
  return seen.includes(trail.homeRegion) ? trail.homeRegion : (seen[0] ?? trail.homeRegion);
}

/** One member speaks for all where the owner cannot: one that answered, without a delivery error of its own, lowest id first. */
function reportsBetter(a: TrailReport, b: TrailReport): boolean {
  const rank = (s: TrailReport) => (s.status?.ok ? (deliveryError(s.status.value) ? 1 : 0) : 2);
  return rank(a) !== rank(b) ? rank(a) < rank(b) : a.accountId < b.accountId;
}

/** The destination's error code, or null. AWS leaves it empty for time-outs, so its absence proves nothing. */
export const deliveryError = (status: TrailStatus): string | null => status.latestDeliveryError || null;

/** What a trail's selectors take; UNKNOWN where they could not be read. */
export function eventsTaken(facts: Pick<TrailFacts, 'selectors'>): ManagementEvents {
  return facts.selectors?.ok ? managementEvents(facts.selectors.value) : 'UNKNOWN';
}
