import type { Outcome } from '../../domain/frameworks/results.ts';
import type { CoverageState } from '../../domain/judge/ledger.ts';
import type { CoverageVerdict, TrailVerdict } from '../../domain/judge/verdict.ts';

/** A verdict in the words and the sign that stand for it wherever colour may not be seen. */
export interface VerdictWords {
  label: string;
  sign: string;
  means: string;
}

/** Worst first, as accounts are filed. */
export const VERDICT_WORDS: Record<CoverageVerdict, VerdictWords> = {
  UNENCRYPTED: { label: 'Unsealed', sign: '✕', means: 'recorded by a trail without a KMS key' },
  NO_TRAIL: { label: 'No trail', sign: '∅', means: 'no trail records them' },
  NOT_LOGGING: { label: 'Stopped', sign: '■', means: 'their trail is stopped' },
  BROKEN: { label: 'Broken', sign: '!', means: 'the key is dead or delivery fails' },
  FOREIGN_KEY: { label: 'Foreign key', sign: 'F', means: 'the key is not ours' },
  UNVERIFIED: { label: 'Unknown', sign: '?', means: 'could not be determined' },
  ENCRYPTED: { label: 'Sealed', sign: '✓', means: 'sealed with a key that works and that we own' },
  NOT_APPLICABLE: { label: 'Not applicable', sign: '–', means: 'closed accounts, disabled regions' },
};

export const TRAIL_WORDS: Record<TrailVerdict, VerdictWords> = {
  UNSEALED: { label: 'Unsealed', sign: '✕', means: 'no KMS key' },
  BROKEN: { label: 'Broken', sign: '!', means: 'dead key or failing delivery' },
  STOPPED: { label: 'Stopped', sign: '■', means: 'not logging' },
  FOREIGN_KEY: { label: 'Foreign key', sign: 'F', means: 'the key is not ours' },
  UNVERIFIED: { label: 'Unknown', sign: '?', means: 'could not be determined' },
  SEALED: { label: 'Sealed', sign: '✓', means: 'encrypted, delivering, key alive and ours' },
};

export const STATE_WORDS: Record<CoverageState, string> = {
  SCANNED: 'DescribeTrails answered',
  REGION_DISABLED: 'the region is not opted in',
  REGION_DENIED: 'a service control policy closes the region',
  ACCOUNT_INACTIVE: 'the account is closed, suspended or not active yet',
  EXCLUDED: 'left out by a filter or by settings',
  ACCESS_DENIED: 'refused',
  THROTTLED: 'throttled until retries were exhausted',
  ERROR: 'failed for another reason',
  NOT_SCANNED: 'no answer was ever recorded',
};

export const OUTCOME_WORDS: Record<Outcome, string> = {
  SUPPORTED: 'Supported',
  NOT_SUPPORTED: 'Not supported',
  INCONCLUSIVE: 'Inconclusive',
  WAIVED: 'Waived',
  NO_EVIDENCE: 'No evidence',
  OUT_OF_SCOPE: 'Out of scope',
};

export const number = (value: number): string => value.toLocaleString('en-US');
export const plural = (value: number, word: string, words = `${word}s`): string =>
  `${number(value)} ${value === 1 ? word : words}`;
/** `2026-11-23 21:56 UTC` */
export const minute = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
