import { it } from '@jest/globals';

/**
 * How far the tests go. `npm test` is what a contributor waits for: every rule, contract and command, with few cases of
 * what is only a matter of more. `npm run test:all` goes the whole way. A suite that imports this file has both forms;
 * suites that only `test:all` runs are in `test/moto` or named `*.deep.test.ts` or `*.browser.test.ts`.
 */
export const isDeep = process.env.TRAILSEAL_TESTS !== undefined;

/** A count, a size or a list: the small one for `npm test`, the whole one for `npm run test:all`. */
export const atDepth = <T>(form: { quick: T; deep: T }): T => (isDeep ? form.deep : form.quick);

/** Declares tests that `npm test` leaves out. */
export const onlyDeep = (declare: () => void): void => {
  if (isDeep) declare();
};

/** A test that `npm test` leaves out. */
export const inDepth: typeof it = ((...given: Parameters<typeof it>) => onlyDeep(() => it(...given))) as typeof it;
