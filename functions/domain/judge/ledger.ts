import type { AccountObservation, FailureRecord } from '../model/observation.ts';
import { type InactiveState, isLive } from '../model/organization.ts';
import type { Exclusion, PlannedAccount, ScanPlan } from '../model/plan.ts';
import { type CallFailure, type FailureKind, stateOf } from '../model/reading.ts';
import type { CoverageState } from '../model/vocabulary.ts';

/** One target's place in the ledger: whether one region of one account answered, and if not, why. */
export interface LedgerEntry {
  region: string;
  state: CoverageState;
  reason: LedgerReason | null;
  errorCode: string | null;
  errorMessage: string | null;
  trailArns: string[];
  apiCalls: number;
  durationMs: number;
  observedAt: string | null;
}

/** Why a target has no trails to show: a stable code. */
export type LedgerReason =
  | InactiveState
  | Exclusion
  | 'REGION_FILTER'
  | 'NOT_OPTED_IN'
  | 'CHILD_FAILED'
  | 'CORRUPT_OBSERVATION'
  | 'MAP_FAILED'
  | 'NO_ANSWER'
  | 'REGION_MISSING'
  | 'ASSUMEROLE_REFUSED'
  | 'DESCRIBEREGIONS_REFUSED'
  | FailureKind;

/** Why a map failed as a whole, as Step Functions puts it. */
export interface MapFailure {
  error: string;
  cause: string;
}

/** What is known of one account when the report is made: its observation, or why there is none. */
export type AccountRecord =
  | { kind: 'observed'; observation: AccountObservation }
  | { kind: 'failed'; failure: Pick<FailureRecord, 'error' | 'cause'> }
  | { kind: 'corrupt'; file: string; why: string }
  /** No answer was ever recorded; `cause` where the map as a whole failed. */
  | { kind: 'none'; cause: MapFailure | null };

/**
 * The ledger of one account: exactly one entry per region of the partition, in the plan's order.
 * Plan − observations − recorded failures; a complete observation beats a failure record.
 */
export function accountLedger(request: {
  account: PlannedAccount;
  record: AccountRecord;
  plan: ScanPlan;
}): LedgerEntry[] {
  const { account, record, plan } = request;
  const left = leftOutRegions(plan);
  const byRegion = new Map(
    record.kind === 'observed' ? record.observation.regions.map((r) => [r.region, r] as const) : [],
  );
  return plan.regions.map((region): LedgerEntry => {
    if (!isLive(account.accountState)) return entry(region, 'ACCOUNT_INACTIVE', { reason: account.accountState });
    if (account.excluded !== null) return entry(region, 'EXCLUDED', { reason: account.excluded });
    if (left.has(region)) return entry(region, 'EXCLUDED', { reason: 'REGION_FILTER' });
    if (record.kind === 'failed') {
      return entry(region, 'ERROR', {
        errorCode: record.failure.error,
        errorMessage: record.failure.cause,
        reason: 'CHILD_FAILED',
      });
    }
    if (record.kind === 'corrupt') {
      return entry(region, 'NOT_SCANNED', {
        reason: 'CORRUPT_OBSERVATION',
        errorMessage: `${record.file}: ${record.why}`,
      });
    }
    if (record.kind === 'none') {
      const { cause } = record;
      const why = cause
        ? ({ reason: 'MAP_FAILED', errorCode: cause.error, errorMessage: cause.cause } as const)
        : ({ reason: 'NO_ANSWER' } as const);
      return entry(region, 'NOT_SCANNED', why);
    }
    const { observation } = record;
    if (observation.refused) {
      return { ...refusal(region, observation.refused), observedAt: observation.observedAt };
    }
    const seen = byRegion.get(region);
    if (!seen) return entry(region, 'NOT_SCANNED', { reason: 'REGION_MISSING', observedAt: observation.observedAt });
    const cost = { apiCalls: seen.apiCalls, durationMs: seen.durationMs, observedAt: seen.observedAt };
    if (seen.state === 'SCANNED') return entry(region, 'SCANNED', { ...cost, trailArns: seen.trailArns });
    if (seen.state === 'REGION_DISABLED') return entry(region, 'REGION_DISABLED', { ...cost, reason: 'NOT_OPTED_IN' });
    return entry(region, seen.state, {
      ...cost,
      reason: seen.failure.kind,
      errorCode: seen.failure.code,
      errorMessage: seen.failure.message,
    });
  });
}

/** Regions that `--regions` or the settings leave out of an account's scan. */
export function leftOutRegions(plan: Pick<ScanPlan, 'regions' | 'settings'>): Set<string> {
  const { onlyRegions, excludeRegions } = plan.settings;
  return new Set(plan.regions.filter((r) => (onlyRegions && !onlyRegions.includes(r)) || excludeRegions.includes(r)));
}

function refusal(region: string, failure: CallFailure): LedgerEntry {
  return entry(region, stateOf(failure), {
    reason: failure.operation === 'DescribeRegions' ? 'DESCRIBEREGIONS_REFUSED' : 'ASSUMEROLE_REFUSED',
    errorCode: failure.code,
    errorMessage: failure.message,
  });
}

function entry(region: string, state: CoverageState, more: Partial<LedgerEntry>): LedgerEntry {
  return {
    region,
    state,
    reason: null,
    errorCode: null,
    errorMessage: null,
    trailArns: [],
    apiCalls: 0,
    durationMs: 0,
    observedAt: null,
    ...more,
  };
}
