import { FAILURE_KINDS, type FailureKind } from '../../model/reading.ts';
import { type Cause, type CauseOf, type Reason, type Subject, unverified } from './reason.ts';

export const RESUME = 'Run `trailseal scan --resume` for this run: the answer failed, nothing was refused.';

/** How a call failed, in a clause. */
export const FAILED: Record<FailureKind, string> = {
  DENIED: 'access denied',
  DENIED_BY_SCP: 'denied by a service control policy',
  THROTTLED: 'throttled until all retries were used',
  NOT_FOUND: 'not found',
  NOT_PERMITTED: 'AWS does not let the account use it',
  UNAVAILABLE: 'not available in the Region',
  CREDENTIALS: 'credentials invalid or expired',
  ERROR: 'the call failed',
};

/** What makes it known, by how the call failed: only what was refused lacks a permission. */
const fixOf = (kind: FailureKind, action: string, where: string): string => {
  switch (kind) {
    case 'DENIED':
      return `Give the audit role the read that is missing (${action}), in ${where}.`;
    case 'DENIED_BY_SCP':
      return `Exempt the audit role from the service control policy that denies ${action}.`;
    case 'NOT_FOUND':
      return 'Look whether the resource still exists: AWS found none of that name.';
    case 'NOT_PERMITTED':
      return 'Complete the sign-up of the account, or ask AWS Support: no permission changes this.';
    case 'UNAVAILABLE':
      return `Nothing to permit: AWS offers no ${action} there. Check the setting in the console.`;
    case 'THROTTLED':
    case 'CREDENTIALS':
    case 'ERROR':
      return RESUME;
  }
};

/** What the cause is, without its words and its fix. */
export type Filing = Pick<Cause, 'kind' | 'severity' | 'of'>;
/** A trail's missing answers are filed under its key, where it has one. */
export const OF_TRAIL: Filing = { kind: 'UNKNOWN_STATE', severity: 'MEDIUM', of: 'key' };

/** The reasons of a read that gave no answer, a code for each way in which a call fails: `STATUS_DENIED`, … */
export function unread<P extends string>(
  prefix: P,
  read: {
    /** What could not be read, in a sentence. */
    what: (on: Subject) => string;
    /** The same without a subject. */
    words: string;
    /** The IAM action. */
    action: string;
    filing: Filing;
    /** Where the audit role lacks it. */
    where?: string;
    /** Why no script repairs it, by how the call failed and what makes it known. */
    noScript?: (failed: string, fix: string) => string;
    /** What the cause is instead where the subject knows better. */
    unless?: (cause: Cause) => CauseOf;
  },
): Record<`${P}_${FailureKind}`, Reason & { status: 'UNVERIFIED' }> {
  const reasons = FAILURE_KINDS.map((kind) => {
    const fix = fixOf(kind, read.action, read.where ?? 'the account that owns the resource');
    const cause: Cause = { ...read.filing, title: (on) => `Cannot read ${read.what(on)} (${FAILED[kind]})`, fix };
    const words = `Cannot read ${read.words}: ${FAILED[kind]}`;
    return [`${prefix}_${kind}`, unverified(words, read.unless?.(cause) ?? cause, read.noScript?.(FAILED[kind], fix))];
  });
  return Object.fromEntries(reasons) as Record<`${P}_${FailureKind}`, Reason & { status: 'UNVERIFIED' }>;
}
