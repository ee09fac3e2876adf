import { unitOf } from '../world/seed.ts';
import type { ApiError } from './wire.ts';

/** How a page may come otherwise than asked: empty with a token, the same again, or cut short. */
export type PageOddity = 'empty' | 'repeated' | 'short';

/** The settings of a simulation that a page obeys. */
export interface PageRules {
  seed: number;
  /** How often a page comes empty with a token, comes again, or comes short: shares of 1. */
  pages: Readonly<Record<PageOddity, number>>;
  /** Called for every page that was given oddly. */
  onOddPage(oddity: PageOddity): void;
}

export interface Page {
  /** Indexes [from, to) of what is on the page. */
  from: number;
  to: number;
  nextToken: string | null;
}

/**
 * One page of a list of `count` things, as AWS may give it: empty with a token, the same again, or shorter than asked.
 * Tokens are opaque; one that was never given is refused with `invalid`.
 */
export const pageOf = (options: {
  count: number;
  token: unknown;
  size: number;
  /** Names the list, so that oddities are drawn for it. */
  list: string;
  rules: PageRules;
  invalid: ApiError;
}): Page => {
  const { count, token, size, list, rules } = options;
  let from = 0;
  // Which oddities this place of the list has already shown.
  let shown = '';
  if (token !== undefined && token !== null && token !== '') {
    const [offset, marks, check] = Buffer.from(String(token), 'base64url').toString().split('.');
    from = Number(offset);
    shown = marks ?? '';
    if (check !== checkOf(rules.seed, list, from, shown) || !Number.isInteger(from) || from < 0) throw options.invalid;
  }
  const tokenOf = (offset: number, marks: string): string =>
    Buffer.from(`${offset}.${marks}.${checkOf(rules.seed, list, offset, marks)}`).toString('base64url');
  const odd = (oddity: PageOddity, possible: boolean): boolean => {
    const drawn =
      possible &&
      !shown.includes(oddity.charAt(0)) &&
      rules.pages[oddity] > 0 &&
      unitOf(rules.seed, `${oddity}:${list}:${from}`) < rules.pages[oddity];
    if (drawn) rules.onOddPage(oddity);
    return drawn;
  };
  if (odd('empty', from < count)) return { from, to: from, nextToken: tokenOf(from, `${shown}e`) };
  const whole = Math.min(count, from + size);
  const to = odd('short', whole - from > 1) ? from + Math.ceil((whole - from) / 2) : whole;
  if (odd('repeated', to > from)) return { from, to, nextToken: tokenOf(from, `${shown}r`) };
  return { from, to, nextToken: to < count ? tokenOf(to, '') : null };
};

const checkOf = (seed: number, list: string, offset: number, marks: string): string =>
  Math.floor(unitOf(seed, `page:${list}:${offset}:${marks}`) * 1e9).toString(36);
