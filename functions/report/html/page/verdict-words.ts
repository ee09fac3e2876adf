import * as vocabulary from '../../../domain/model/vocabulary.ts';

type Known<T> = Record<string, T | undefined>;
/** By whatever text a table holds: one that is not in the list is shown as it is. */
export const COVERAGE_WORDS: Known<vocabulary.Words> = vocabulary.SHOWN_WORDS;
export const TRAIL_WORDS: Known<vocabulary.Words> = vocabulary.TRAIL_WORDS;
export const STATUSES: Known<vocabulary.Words> = vocabulary.STATUS_WORDS;
/** A trail's verdict has the colour of the targets that it records. */
export const TRAIL_CLASS: Known<string> = vocabulary.VERDICT_OF_TRAIL;
/** Worst first; what the run left out last. */
export const VERDICTS: readonly string[] = vocabulary.SHOWN_VERDICTS;
