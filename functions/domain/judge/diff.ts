import { isUnmet } from '../model/vocabulary.ts';

/** The columns of `findings` that a comparison needs. */
export interface ComparedFinding {
  finding_id: string;
  status: string;
  /** null where the owner is unknown. */
  account_id: string | null;
  region: string | null;
  /** `trail`, `key`, `bucket`, `log-group`, `event-data-store` or `target`. */
  resource_type: string;
  /** ISO 8601 UTC; null where met. */
  first_seen_at: string | null;
}

/** The columns of `coverage` that a comparison needs. */
export interface ComparedTarget {
  account_id: string;
  region: string;
  /** A coverage state of the contract. */
  state: string;
}

/** One run's rows: `coverage` sorted by account_id, region; `findings` by finding_id (code units, as SQL's binary order). */
export interface ComparedRun<F extends ComparedFinding> {
  coverage: AsyncIterable<ComparedTarget>;
  findings: AsyncIterable<F>;
}

/** The change of a finding from one run to the next. What was not seen is never called fixed. */
export type FindingChange<F extends ComparedFinding> =
  | { kind: 'NEWLY_FAILING'; because: NewsCause; before: F | null; after: F }
  | { kind: 'NEWLY_UNVERIFIED'; because: NewsCause; before: F | null; after: F }
  /** `since`: first_seen_at, since when it has been unmet without a break; null where the table does not say. */
  | { kind: 'STILL_FAILING' | 'STILL_UNVERIFIED'; since: string | null; before: F; after: F }
  /** FAIL before, UNVERIFIED now: not fixed, only no longer known. */
  | { kind: 'NO_LONGER_VERIFIED'; since: string | null; before: F; after: F }
  | { kind: 'WAIVED_SINCE'; before: F | null; after: F }
  | { kind: 'STILL_WAIVED'; before: F; after: F }
  /** FAIL or WAIVED before, PASS now. */
  | { kind: 'FIXED'; before: F; after: F }
  /** UNVERIFIED before, PASS now: perhaps it always did. */
  | { kind: 'FOUND_MET'; before: F; after: F }
  | { kind: 'NO_LONGER_APPLICABLE'; before: F; after: F }
  /** Unmet before, no row now, although everything it could be seen from answered: the resource is gone. Not fixed. */
  | { kind: 'GONE'; before: F; after: null }
  /** Unmet before, no row now, for what it would be seen from was left out of, or is no longer in, the later run. */
  | { kind: 'NOT_IN_SCOPE'; before: F; after: null }
  /** Unmet before, no row now, for what it would be seen from did not answer. */
  | { kind: 'NOT_SEEN'; before: F; after: null };

/**
 * Why something unmet is new: it was met before (`REGRESSED`), it is a new resource or control (`NEW`), its account
 * and region were not looked at or did not answer before (`NEW_IN_SIGHT`), its waiver ended (`WAIVER_ENDED`), or it was
 * UNVERIFIED and is known now (`NOW_VERIFIED`).
 */
export type NewsCause = 'REGRESSED' | 'NEW' | 'NEW_IN_SIGHT' | 'WAIVER_ENDED' | 'NOW_VERIFIED';

/** The change of an account and region. `before` and `after` are coverage states; null where the run has no such row. */
export interface TargetChange {
  kind: 'NEWLY_UNREACHABLE' | 'REACHABLE_AGAIN' | 'LEFT_SCOPE' | 'ENTERED_SCOPE';
  account_id: string;
  region: string;
  before: string | null;
  after: string | null;
}

export type RunChange<F extends ComparedFinding> = FindingChange<F> | TargetChange;

/** The order in which changes are worth reading. */
export const CHANGE_KINDS = [
  'NEWLY_FAILING',
  'NEWLY_UNREACHABLE',
  'NEWLY_UNVERIFIED',
  'NO_LONGER_VERIFIED',
  'STILL_FAILING',
  'STILL_UNVERIFIED',
  'WAIVED_SINCE',
  'STILL_WAIVED',
  'FIXED',
  'FOUND_MET',
  'NO_LONGER_APPLICABLE',
  'GONE',
  'NOT_SEEN',
  'NOT_IN_SCOPE',
  'LEFT_SCOPE',
  'REACHABLE_AGAIN',
  'ENTERED_SCOPE',
] as const satisfies readonly RunChange<ComparedFinding>['kind'][];

/**
 * Since when a finding has been unmet: the observation at which its present row of FAIL, UNVERIFIED or WAIVED began,
 * carried from run to run and ended by the first PASS or NOT_APPLICABLE. null where it is met now.
 * A run that has no row of it (not in scope, not seen, gone) ends it too, for nothing is known of the time between.
 * @param previous its row in the newest earlier run of the same scope, or null
 */
export const carryFirstSeen = (
  previous: { status: string; first_seen_at: string | null; observed_at: string | null } | null,
  current: { status: string; observed_at: string },
): string | null => {
  if (!isUnmet(current.status)) return null;
  if (!previous || !isUnmet(previous.status)) return current.observed_at;
  return previous.first_seen_at ?? previous.observed_at ?? current.observed_at;
};

/**
 * Compares two runs, the earlier first: changes of targets, then of findings, each in the order of their rows.
 * Findings stream through; of coverage a set of what was out of sight is kept. What stayed met, or stayed out of
 * sight, is not news and is left out, and so are met findings whose row is gone.
 * @throws where rows are not sorted or come twice
 */
export async function* diffRuns<F extends ComparedFinding>({
  before,
  after,
}: {
  before: ComparedRun<F>;
  after: ComparedRun<F>;
}): AsyncGenerator<RunChange<F>> {
  const sight: Sight = { before: new View(), after: new View(), lost: null };
  for await (const [one, other] of merged(before.coverage, after.coverage, targetKey)) {
    if (one) sight.before.add(one);
    if (other) sight.after.add(other);
    const change = targetChange(one, other);
    // A key, bucket or log group is seen through the trails that name it, wherever those are.
    if (change?.kind === 'LEFT_SCOPE' && (other === null || other.state === 'EXCLUDED')) sight.lost ??= 'NOT_IN_SCOPE';
    if (change?.kind === 'NEWLY_UNREACHABLE') sight.lost = 'NOT_SEEN';
    if (change) yield change;
  }
  for await (const [one, other] of merged(before.findings, after.findings, ({ finding_id }) => finding_id)) {
    const change = findingChange({
      before: one && lookedAt(one, sight.before),
      after: other && lookedAt(other, sight.after),
      sight,
    });
    if (change) yield change;
  }
}

type Standing = 'SEEN' | 'UNREACHABLE' | 'OUT_OF_SCOPE';

const standingOf = (state: string | undefined): Standing => {
  if (state === undefined || state === 'EXCLUDED' || state === 'ACCOUNT_INACTIVE' || state === 'REGION_DISABLED') {
    return 'OUT_OF_SCOPE';
  }
  return state === 'SCANNED' ? 'SEEN' : 'UNREACHABLE';
};

const targetKey = ({ account_id, region }: ComparedTarget): string => `${account_id}/${region}`;

const targetChange = (before: ComparedTarget | null, after: ComparedTarget | null): TargetChange | null => {
  const from = standingOf(before?.state);
  const to = standingOf(after?.state);
  const target = after ?? before;
  if (!target || from === to) return null;
  const { account_id, region } = target;
  let kind: TargetChange['kind'] = from === 'OUT_OF_SCOPE' ? 'ENTERED_SCOPE' : 'REACHABLE_AGAIN';
  if (to === 'UNREACHABLE') kind = 'NEWLY_UNREACHABLE';
  if (to === 'OUT_OF_SCOPE') kind = 'LEFT_SCOPE';
  return { kind, account_id, region, before: before?.state ?? null, after: after?.state ?? null };
};

/** Which accounts and regions a run saw: per account only the regions that it did not. */
class View {
  readonly #accounts = new Map<string, { seen: number; missing: Map<string, Standing> | null }>();
  readonly #regions = new Set<string>();

  add({ account_id, region, state }: ComparedTarget): void {
    this.#regions.add(region);
    const account = this.#accounts.get(account_id) ?? { seen: 0, missing: null };
    this.#accounts.set(account_id, account);
    const standing = standingOf(state);
    if (standing === 'SEEN') {
      account.seen += 1;
      return;
    }
    account.missing ??= new Map();
    account.missing.set(region, standing);
  }

  has(accountId: string): boolean {
    return this.#accounts.has(accountId);
  }

  /** Of a region, or of the account as a whole where that is not known: then one region out of reach is enough. */
  standing(accountId: string, region: string | null): Standing {
    const account = this.#accounts.get(accountId);
    if (!account || (region !== null && !this.#regions.has(region))) return 'OUT_OF_SCOPE';
    const missing = account.missing ?? new Map<string, Standing>();
    if (region !== null) return missing.get(region) ?? 'SEEN';
    const standings = new Set(missing.values());
    if (standings.has('UNREACHABLE')) return 'UNREACHABLE';
    return account.seen > 0 ? 'SEEN' : 'OUT_OF_SCOPE';
  }
}

/** Of a target that a filter left out the row says no more than that: as good as none. */
const lookedAt = <F extends ComparedFinding>(finding: F, view: View): F | null => {
  const { resource_type, status, account_id, region } = finding;
  if (resource_type !== 'target' || !isUnmet(status) || account_id === null) return finding;
  return view.standing(account_id, region) === 'OUT_OF_SCOPE' ? null : finding;
};

interface Sight {
  before: View;
  after: View;
  /** Whether the later run sees less than the earlier one, and why. */
  lost: 'NOT_IN_SCOPE' | 'NOT_SEEN' | null;
}

const findingChange = <F extends ComparedFinding>({
  before,
  after,
  sight,
}: {
  before: F | null;
  after: F | null;
  sight: Sight;
}): FindingChange<F> | null => {
  if (!after) return before && isUnmet(before.status) ? { kind: whyMissing(before, sight), before, after } : null;
  const was = before?.status ?? null;
  const since = after.first_seen_at ?? before?.first_seen_at ?? null;
  if (after.status === 'FAIL') {
    if (before && was === 'FAIL') return { kind: 'STILL_FAILING', since, before, after };
    return { kind: 'NEWLY_FAILING', because: whyNew(before, after, sight), before, after };
  }
  if (after.status === 'UNVERIFIED') {
    if (before && was === 'FAIL') return { kind: 'NO_LONGER_VERIFIED', since, before, after };
    if (before && was === 'UNVERIFIED') return { kind: 'STILL_UNVERIFIED', since, before, after };
    return { kind: 'NEWLY_UNVERIFIED', because: whyNew(before, after, sight), before, after };
  }
  if (after.status === 'WAIVED') {
    return before && was === 'WAIVED'
      ? { kind: 'STILL_WAIVED', before, after }
      : { kind: 'WAIVED_SINCE', before, after };
  }
  if (!before || !isUnmet(before.status)) return null;
  if (after.status !== 'PASS') return { kind: 'NO_LONGER_APPLICABLE', before, after };
  return { kind: was === 'UNVERIFIED' ? 'FOUND_MET' : 'FIXED', before, after };
};

const whyNew = (before: ComparedFinding | null, after: ComparedFinding, sight: Sight): NewsCause => {
  if (before?.status === 'WAIVED') return 'WAIVER_ENDED';
  if (before?.status === 'UNVERIFIED') return 'NOW_VERIFIED';
  if (before) return 'REGRESSED';
  const { account_id, region } = after;
  if (account_id === null || !sight.after.has(account_id)) return 'NEW';
  return sight.before.standing(account_id, region) === 'SEEN' ? 'NEW' : 'NEW_IN_SIGHT';
};

/** Trails, stores and targets are seen where they are; the rest wherever a trail names them. */
const SEEN_IN_PLACE = new Set(['trail', 'event-data-store', 'target']);

const whyMissing = (before: ComparedFinding, sight: Sight): 'GONE' | 'NOT_IN_SCOPE' | 'NOT_SEEN' => {
  const { account_id, region, resource_type } = before;
  if (account_id !== null && sight.before.has(account_id)) {
    const standing = sight.after.standing(account_id, region);
    if (standing === 'UNREACHABLE') return 'NOT_SEEN';
    if (standing === 'OUT_OF_SCOPE') return 'NOT_IN_SCOPE';
    if (SEEN_IN_PLACE.has(resource_type)) return 'GONE';
  }
  return sight.lost ?? 'GONE';
};

/** Two sorted streams side by side, by key; the one that lacks a key is null. Both are closed, also when left early. */
async function* merged<T>(
  before: AsyncIterable<T>,
  after: AsyncIterable<T>,
  keyOf: (row: T) => string,
): AsyncGenerator<[T | null, T | null]> {
  const left = before[Symbol.asyncIterator]();
  const right = after[Symbol.asyncIterator]();
  try {
    let one = await nextRow({ rows: left, keyOf, last: null, which: 'earlier' });
    let other = await nextRow({ rows: right, keyOf, last: null, which: 'later' });
    while (one || other) {
      const takesLeft = one !== null && (other === null || one.key <= other.key);
      const takesRight = other !== null && (one === null || other.key <= one.key);
      yield [takesLeft && one ? one.row : null, takesRight && other ? other.row : null];
      if (takesLeft && one) one = await nextRow({ rows: left, keyOf, last: one.key, which: 'earlier' });
      if (takesRight && other) other = await nextRow({ rows: right, keyOf, last: other.key, which: 'later' });
    }
  } finally {
    await Promise.all([left.return?.(), right.return?.()]);
  }
}

const nextRow = async <T>({
  rows,
  keyOf,
  last,
  which,
}: {
  rows: AsyncIterator<T>;
  keyOf: (row: T) => string;
  last: string | null;
  which: string;
}): Promise<{ row: T; key: string } | null> => {
  const { done, value } = await rows.next();
  if (done) return null;
  const key = keyOf(value);
  if (last !== null && key <= last) throw new Error(`rows of the ${which} run are not sorted: ${key} after ${last}`);
  return { row: value, key };
};
