import type { ManagementEvents } from '../model/account-access.ts';
import type { AccountObservation } from '../model/observation.ts';
import { type CoverageVerdict, VERDICT_OF_TRAIL } from '../model/vocabulary.ts';
import { unionOfManagementEvents } from './event-selectors.ts';
import type { LedgerEntry, LedgerReason } from './ledger.ts';
import {
  type JudgedDelivery,
  type JudgedVerdict,
  memberDelivery,
  memberVerdict,
  recordedVerdict,
  type TrailFault,
} from './verdict.ts';

/** A trail with everything decided that does not depend on the account that looks at it. */
export interface JudgedTrail {
  trailArn: string;
  owner: string;
  homeRegion: string;
  isMultiRegion: boolean;
  isOrganization: boolean;
  /** null where the status is unknown. */
  isLogging: boolean | null;
  managementEvents: ManagementEvents;
  verdict: JudgedVerdict;
  delivery: JudgedDelivery;
  /** The cause that all of this trail's trouble is filed under, or null where it has none. */
  rootCause: string | null;
}

/** Why no trail records a target that answered, or that was denied. */
export type AbsenceReason =
  | 'TRAIL_STOPPED'
  | 'DATA_EVENTS_ONLY'
  | 'HOME_REGION_DISABLED'
  | 'LAKE_ONLY'
  | 'OTHER_REGION_ONLY'
  | 'NO_TRAIL_SEEN'
  | 'REGION_DENIED_NO_MULTI_REGION_TRAIL';

/** One target judged: its ledger entry, and what the trails make of it. */
export interface CoverageDecision {
  entry: LedgerEntry;
  verdict: CoverageVerdict;
  basis: 'OBSERVED' | 'INFERRED' | 'NONE';
  reason: LedgerReason | AbsenceReason | TrailFault | 'ENCRYPTED_AND_DELIVERING' | null;
  recording: RecordingTrail[];
  /** The union of what the recording trails take; null where none records. */
  events: ManagementEvents | null;
}

export interface RecordingTrail {
  trail: JudgedTrail;
  /** The trail's verdict for this account: a member's own delivery error makes it BROKEN here only. */
  effective: JudgedVerdict;
  /** Whether this account's events arrive by it; UNKNOWN too where it may not take them. */
  delivery: JudgedDelivery;
}

/** Judges every target of one account (CONTRACT section 4, "What records a target" and "Inference"). */
export function accountCoverage(request: {
  ledger: readonly LedgerEntry[];
  observation: AccountObservation | null;
  trailByArn: (arn: string) => JudgedTrail | undefined;
  /** Whether an event data store records this account and region (never counts as recording). */
  lakeIn?: (region: string) => boolean;
}): CoverageDecision[] {
  const { ledger, observation } = request;
  const disabled = new Set(ledger.filter((e) => e.state === 'REGION_DISABLED').map((e) => e.region));
  const statuses = new Map(observation?.statuses.map((s) => [s.trailArn, s.reading]) ?? []);
  const effective = new Map<string, Relation>();
  const answering = ledger.filter((e) => e.state === 'SCANNED');
  let last: Recorded | null = null;
  return ledger.map(decide);

  function decide(entry: LedgerEntry): CoverageDecision {
    if (entry.state === 'SCANNED') return scanned(entry);
    if (entry.state === 'REGION_DENIED') return inferred(entry);
    const verdict =
      entry.state === 'REGION_DISABLED' || entry.state === 'ACCOUNT_INACTIVE' ? 'NOT_APPLICABLE' : 'UNVERIFIED';
    return { entry, verdict, basis: 'NONE', reason: entry.reason, recording: [], events: null };
  }

  function scanned(entry: LedgerEntry): CoverageDecision {
    const relations = entry.trailArns.map((arn) => relation(arn, entry.region));
    const recording = relations.filter((r) => r.kind === 'records');
    if (recording.length > 0) return judged(entry, recording, 'OBSERVED');
    const stopped = relations.some((r) => r.kind === 'stopped');
    return {
      entry,
      verdict: stopped ? 'NOT_LOGGING' : 'NO_TRAIL',
      basis: 'OBSERVED',
      reason: stopped ? 'TRAIL_STOPPED' : absence(relations, entry.region),
      recording: [],
      events: null,
    };
  }

  /** A denied region takes its verdict from a multi-region trail that records the account where it did answer. */
  function inferred(entry: LedgerEntry): CoverageDecision {
    const elsewhere = new Map<string, RecordingTrail>();
    for (const other of answering) {
      for (const arn of other.trailArns) {
        const found = relation(arn, other.region);
        if (found.kind === 'records' && found.trail.isMultiRegion) elsewhere.set(arn, found);
      }
    }
    const recording = [...elsewhere.values()].sort((a, b) => (a.trail.trailArn < b.trail.trailArn ? -1 : 1));
    if (recording.length > 0) return judged(entry, recording, 'INFERRED');
    return {
      entry,
      verdict: 'UNVERIFIED',
      basis: 'NONE',
      reason: 'REGION_DENIED_NO_MULTI_REGION_TRAIL',
      recording: [],
      events: null,
    };
  }

  function relation(arn: string, region: string): Relation {
    const trail = request.trailByArn(arn);
    if (!trail) return { kind: 'unknown' };
    if (!trail.isMultiRegion && trail.homeRegion !== region) return { kind: 'out of scope' };
    const known = effective.get(arn) ?? relationOf(trail);
    effective.set(arn, known);
    return known;
  }

  function relationOf(trail: JudgedTrail): Relation {
    const ownHere = observation?.accountId === trail.owner;
    const member = ownHere ? null : (statuses.get(trail.trailArn) ?? null);
    if (!ownHere && disabled.has(trail.homeRegion)) return { kind: 'home region disabled' };
    if (trail.isLogging === false || (member?.ok && !member.value.isLogging)) return { kind: 'stopped' };
    if (trail.managementEvents === 'NONE') return { kind: 'data events only' };
    const observedAt = observation?.observedAt ?? '';
    const verdict = ownHere ? trail.verdict : memberVerdict(trail.verdict, member, observedAt);
    const delivery = ownHere ? trail.delivery : memberDelivery(trail.delivery, member, observedAt);
    // Selectors nobody could read: it may record or not, so it can fail a target but never pass one.
    const taken = trail.managementEvents !== 'UNKNOWN';
    const sure = taken || verdict.verdict === 'UNSEALED' || verdict.verdict === 'FOREIGN_KEY';
    return {
      kind: 'records',
      trail,
      effective: sure ? verdict : { verdict: 'UNVERIFIED', reason: 'SELECTORS_NOT_READ' },
      delivery: taken || delivery.verdict === 'FAILS' ? delivery : { verdict: 'UNKNOWN', reason: 'SELECTORS_NOT_READ' },
    };
  }

  /** What the same trails record, in most accounts every Region, is one decision. */
  function judged(entry: LedgerEntry, trails: RecordingTrail[], basis: 'OBSERVED' | 'INFERRED'): CoverageDecision {
    const isLast =
      last?.basis === basis && last.trails.length === trails.length && last.trails.every((t, at) => t === trails[at]);
    if (!isLast) last = { trails, basis, decided: decidedBy(trails) };
    return { entry, basis, ...(last as Recorded).decided };
  }

  function absence(relations: Relation[], region: string): AbsenceReason {
    if (relations.some((r) => r.kind === 'data events only')) return 'DATA_EVENTS_ONLY';
    if (relations.some((r) => r.kind === 'home region disabled')) return 'HOME_REGION_DISABLED';
    if (request.lakeIn?.(region)) return 'LAKE_ONLY';
    return relations.some((r) => r.kind === 'out of scope') ? 'OTHER_REGION_ONLY' : 'NO_TRAIL_SEEN';
  }
}

type Decided = Pick<CoverageDecision, 'verdict' | 'reason' | 'recording' | 'events'>;
interface Recorded {
  trails: readonly RecordingTrail[];
  basis: 'OBSERVED' | 'INFERRED';
  decided: Decided;
}

function decidedBy(trails: readonly RecordingTrail[]): Decided {
  const verdict = recordedVerdict(trails.map((r) => r.effective.verdict)) ?? 'UNVERIFIED';
  const decisive = trails.find((r) => VERDICT_OF_TRAIL[r.effective.verdict] === verdict);
  return {
    verdict,
    reason: decisive?.effective.reason ?? null,
    recording: trails.map(({ trail, effective, delivery }) => ({ trail, effective, delivery })),
    events: unionOfManagementEvents(trails.map((r) => r.trail.managementEvents)),
  };
}

type Relation =
  | ({ kind: 'records' } & RecordingTrail)
  | { kind: 'stopped' | 'data events only' | 'home region disabled' | 'out of scope' | 'unknown' };
