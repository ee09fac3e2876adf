import type { KeyFacts } from '../../judge/key-facts.ts';
import type { CallFailure } from '../../model/reading.ts';
import type { CoverageState, Severity } from '../../model/vocabulary.ts';
import type { RootCauseKind } from './cause-kinds.ts';

/** What a finding is about, as its root cause names it. What is alike shares a name, and so a cause. */
export interface Subject {
  /** In a sentence: `organization trail org`. */
  words: string;
  /** In the id of the cause. */
  name: string;
  /** The ARN of the resource to change, or null where it is not one. */
  resource: string | null;
  /** The key of the trail or event data store, or the key itself. */
  key: KeyFacts | null;
  /** Of an account and region without an answer: how it ended. */
  state?: CoverageState;
  /** The call that failed, where the cause is one. */
  failure?: CallFailure;
}

/** The root cause behind a reason: what one fix repairs. */
export interface Cause {
  kind: RootCauseKind;
  severity: Severity;
  /** One sentence for people; left out, it is the reason's own words and the subject's. */
  title?: (on: Subject) => string;
  /** What to do, once. */
  fix: string;
  /** Filed under the subject's key, where it has one: one key, one cause. */
  of?: 'key';
  /** In the id, before the subject's name, where the kind alone does not tell causes apart. Never changed. */
  tag?: string;
}

/** Where it takes the subject to know the cause. */
export type CauseOf = Cause | ((on: Subject) => Cause);

/** A stable code of a control, as the control declares it: what it says of the resource and, where it does not pass, why. */
export type Reason =
  | { status: 'PASS' | 'NOT_APPLICABLE'; words: string }
  | {
      status: 'FAIL' | 'UNVERIFIED';
      words: string;
      cause: CauseOf;
      /** Where `trailseal remediate` repairs it by no script: why not, and what to do instead. */
      noScript?: string;
    };
export type Reasons = Readonly<Record<string, Reason>>;

export const pass = (words: string) => ({ status: 'PASS', words }) as const;
export const notApplicable = (words: string) => ({ status: 'NOT_APPLICABLE', words }) as const;
/** @param noScript Why `trailseal remediate` writes no script for it; left out where it writes one, or has only the general words. */
export const fail = (words: string, cause: CauseOf, noScript?: string) =>
  ({ status: 'FAIL', words, cause, ...(noScript !== undefined && { noScript }) }) as const;
/** As `fail`, of what could not be determined. */
export const unverified = (words: string, cause: CauseOf, noScript?: string) =>
  ({ status: 'UNVERIFIED', words, cause, ...(noScript !== undefined && { noScript }) }) as const;

export const causeOn = (cause: CauseOf, on: Subject): Cause => (typeof cause === 'function' ? cause(on) : cause);

/** A reason in words, for documents and the terminal. */
export interface ReasonText {
  code: string;
  status: Reason['status'];
  words: string;
  /** What repairs it; null where it passes or does not apply. */
  fix: string | null;
}

const ANY: Subject = { words: 'the resource', name: '', resource: null, key: null };

/** Every reason, what fails first. */
export const reasonTexts = (reasons: Reasons): ReasonText[] =>
  (['FAIL', 'UNVERIFIED', 'NOT_APPLICABLE', 'PASS'] as const).flatMap((status) =>
    Object.entries(reasons).flatMap(([code, reason]) => {
      if (reason.status !== status) return [];
      const fix = 'cause' in reason ? causeOn(reason.cause, ANY).fix : null;
      return [{ code, status, words: reason.words, fix }];
    }),
  );
