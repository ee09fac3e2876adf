import type { CoverageDecision } from '../judge/coverage.ts';
import type { BucketFacts, LogGroupFacts, ResolvedTrail, StoreFacts, UsedKey } from '../judge/resources.ts';
import type { DecidedStatus, Severity } from '../model/vocabulary.ts';
import type { Reason, Reasons } from './reasons/reason.ts';

/** What a control says of one resource. */
export interface Decision<Code extends string = string> {
  status: DecidedStatus;
  /** One of the control's reasons. */
  reason: Code;
  /** Other reasons that hold too: their words and fixes are in the root cause. */
  also?: Code[];
  /** What was found, in words; null where nothing could be read. */
  observed: string | null;
  /** What else to know; null where there is nothing. */
  detail?: string | null;
  /** The AWS answers it rests on (see `evidenceRef`). */
  evidence?: string[];
}

/** What every control tells of itself: printed by `trailseal controls` and in docs/reference/controls.md. */
export interface ControlText {
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
  /** Why `trailseal remediate` writes no script for a reason that does not say it itself; no full stop. */
  noScript?: string;
  /** How an auditor looks at one resource without TrailSeal; what is in capitals is to be replaced by its name. */
  audit: {
    /** Where the AWS Management Console shows it. */
    console: string;
    /** AWS CLI commands that only read. */
    commands: readonly string[];
    /** What they print where it passes. */
    expected: string;
  };
  /** The page of AWS's documentation that explains what it asks. */
  page: string;
  /** Where the rule comes from. */
  sources: readonly string[];
}

/** What a control of each kind of resource is given. */
export interface FactsOf {
  trail: ResolvedTrail;
  key: UsedKey;
  bucket: BucketFacts;
  'log-group': LogGroupFacts;
  'event-data-store': StoreFacts;
  target: CoverageDecision;
}
export type ResourceType = keyof FactsOf;

export interface ControlOf<R extends ResourceType, Id extends string = string, Code extends string = string>
  extends ControlText {
  id: Id;
  resource: R;
  /** All it may say, by code. */
  reasons: Readonly<Record<Code, Reason>>;
  /** Pure: facts in, decision out. */
  decide(facts: FactsOf[R]): Decision<Code>;
}
export type Control = { [R in ResourceType]: ControlOf<R> }[ResourceType];

/** Decides by naming a reason, whose status is declared with it. */
export type Say<Code extends string> = (
  reason: Code,
  observed: string | null,
  more?: Pick<Decision<Code>, 'also' | 'detail' | 'evidence'>,
) => Decision<Code>;

/**
 * Declares a control with all its reasons. `decide` can say only what is declared, and what does not pass has its root
 * cause: anything else does not compile.
 */
export function control<
  const R extends ResourceType,
  const Id extends string,
  const Declared extends Reasons,
  Code extends string = keyof Declared & string,
>(
  declared: ControlText & {
    id: Id;
    resource: R;
    reasons: Declared;
    decide(facts: FactsOf[R], say: Say<Code>): Decision<Code>;
  },
): ControlOf<R, Id, Code> {
  const reasons: Readonly<Record<string, Reason>> = declared.reasons;
  const say: Say<Code> = (reason, observed, more = {}) => {
    const known = reasons[reason];
    if (!known) throw new Error(`Control ${declared.id} has no reason ${reason}.`);
    return { status: known.status, reason, observed, ...more };
  };
  return { ...declared, reasons, decide: (facts) => declared.decide(facts, say) };
}
