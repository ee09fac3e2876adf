import * as vocabulary from '../../../domain/model/vocabulary.ts';

type Known<T> = Record<string, T | undefined>;
/** By whatever text a table holds: one that is not in the list is shown as it is. */
export const COVERAGE_WORDS: Known<vocabulary.Words> = vocabulary.COVERAGE_WORDS;
export const TRAIL_WORDS: Known<vocabulary.Words> = vocabulary.TRAIL_WORDS;
export const STATUSES: Known<vocabulary.Words> = vocabulary.STATUS_WORDS;
/** A trail's verdict has the colour of the targets that it records. */
export const TRAIL_CLASS: Known<string> = vocabulary.VERDICT_OF_TRAIL;
/** Worst first. */
export const VERDICTS: readonly string[] = vocabulary.COVERAGE_VERDICTS;
