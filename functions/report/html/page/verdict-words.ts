import { TRAIL_WORDS, VERDICT_WORDS, type VerdictWords } from '../words.ts';

/** By whatever text a table holds: one that is not in the list is shown as it is. */
export const COVERAGE_WORDS: Record<string, VerdictWords | undefined> = VERDICT_WORDS;
export const TRAIL_VERDICT_WORDS: Record<string, VerdictWords | undefined> = TRAIL_WORDS;
/** Worst first. */
export const VERDICTS: readonly string[] = Object.keys(VERDICT_WORDS);
