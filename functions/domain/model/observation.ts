import type { DescribedTrail, EventSelectors, TrailStatus } from './account-access.ts';
import type { CallFailure, Reading } from './reading.ts';

/** `runs/<run_id>/observations/<account_id>.json`: all that Scan learnt in one account, written whole or not at all. */
export interface AccountObservation {
  version: 1;
  runId: string;
  accountId: string;
  /** ISO 8601 UTC, when the last answer arrived. */
  observedAt: string;
  /** Who looked: the assumed role's ARN, or null where it could not be assumed. */
  principalArn: string | null;
  /** Why there is no account session (AssumeRole or DescribeRegions refused), or null. */
  refused: CallFailure | null;
  /** One entry per planned region, sorted; empty where refused. */
  regions: RegionObservation[];
  /** Unique by ARN, sorted; as this account sees them. */
  trails: DescribedTrail[];
  /** Per trail ARN: read once for a trail this account owns, and once for an organization trail it can see. */
  statuses: { trailArn: string; region: string; reading: Reading<TrailStatus> }[];
  /** Per trail this account owns. */
  selectors: { trailArn: string; region: string; reading: Reading<EventSelectors> }[];
  eventDataStores: { arn: string; name: string; status: string | null; region: string }[];
  apiCalls: number;
  durationMs: number;
  /** The raw answers it rests on, written before it; null where there were none. */
  evidence: WrittenFile | null;
}

/** A file of the run and what it held when it was written. */
export interface WrittenFile {
  key: string;
  /** Hex. */
  sha256: string;
  bytes: number;
}

export type RegionObservation =
  | (RegionCost & { region: string; state: 'SCANNED'; trailArns: string[]; lakeFailure: CallFailure | null })
  | (RegionCost & { region: string; state: 'REGION_DISABLED' })
  | (RegionCost & { region: string; state: RegionFailureState; failure: CallFailure });

export type RegionFailureState = 'REGION_DENIED' | 'ACCESS_DENIED' | 'THROTTLED' | 'ERROR';

interface RegionCost {
  apiCalls: number;
  durationMs: number;
  observedAt: string;
}

/** `runs/<run_id>/failures/<map>/<item_id>.json`: written by the Record state when a child failed. */
export interface FailureRecord {
  version: 1;
  runId: string;
  map: 'scan' | 'inspect';
  itemId: string;
  error: string;
  cause: string;
  at: string;
}
