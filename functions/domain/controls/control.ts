import type { CoverageDecision } from '../judge/coverage.ts';
import type { BucketFacts, LogGroupFacts, ResolvedTrail, StoreFacts, UsedKey } from '../judge/resources.ts';
import type { DecidedStatus, Severity } from '../model/vocabulary.ts';

/** What a control says of one resource. */
export interface Decision {
  status: DecidedStatus;
  /** A stable code. */
  reason: string;
  /** What was found, in words; null where nothing could be read. */
  observed: string | null;
  /** What to know besides; null where there is nothing. */
  detail?: string | null;
  /** The AWS answers it rests on (see `evidenceRef`). */
  evidence?: string[];
}

/** What one reason of a control means, and what repairs it: every finding with that reason on one resource shares it. */
export interface ReasonCause {
  severity: Severity;
  /** What is wrong, before the name of the resource. */
  words: string;
  fix: string;
}

/** What every control tells of itself: printed by `trailseal controls` and in docs/controls.md. */
export interface ControlText {
  id: string;
  title: string;
  severity: Severity;
  /** Why it matters, for a reader who does not know CloudTrail. */
  rationale: string;
  /** The API operations it reads. */
  reads: readonly string[];
  /** How it is decided, in words. */
  decision: string;
  /** What a passing resource looks like, for the `expected` column. */
  expected: string;
  remediation: string;
  /**
   * The cause behind a FAIL or UNVERIFIED, by its reason. A FAIL with a reason that neither this nor
   * `judge/root-cause.ts` names is filed under the control's own title, severity and remediation.
   */
  reasons?: Readonly<Record<string, ReasonCause>>;
  /** Where the rule comes from. */
  sources: readonly string[];
}

/** One control, pure: facts in, decision out. The `resource` says which facts. */
export type Control =
  | (ControlText & { resource: 'trail'; decide(trail: ResolvedTrail): Decision })
  | (ControlText & { resource: 'key'; decide(key: UsedKey): Decision })
  | (ControlText & { resource: 'bucket'; decide(bucket: BucketFacts): Decision })
  | (ControlText & { resource: 'log-group'; decide(group: LogGroupFacts): Decision })
  | (ControlText & { resource: 'event-data-store'; decide(store: StoreFacts): Decision })
  | (ControlText & { resource: 'target'; decide(target: CoverageDecision): Decision });

export type ResourceType = Control['resource'];

export const pass = (reason: string, observed: string, more: Extra = {}): Decision => ({
  status: 'PASS',
  reason,
  observed,
  ...more,
});
export const fail = (reason: string, observed: string, more: Extra = {}): Decision => ({
  status: 'FAIL',
  reason,
  observed,
  ...more,
});
export const unverified = (reason: string, observed: string | null, more: Extra = {}): Decision => ({
  status: 'UNVERIFIED',
  reason,
  observed,
  ...more,
});
export const notApplicable = (reason: string, observed: string): Decision => ({
  status: 'NOT_APPLICABLE',
  reason,
  observed,
});

type Extra = Pick<Decision, 'detail' | 'evidence'>;
