import type { Outcome } from '../../domain/frameworks/results.ts';

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
