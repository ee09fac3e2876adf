import { ACCOUNT_ID } from '../../domain/model/arn.ts';
import { numberOf } from './seed.ts';

/** The largest prime below 899,000,000,000: ids are 100,000,000,000 + (i × step + start) modulo it, so none repeats. */
const MODULUS = 898_999_999_991;
const FIRST = 100_000_000_000;

/** 12-digit account ids that look random, are distinct, and lead back to their index without a table. */
export interface AccountIds {
  idAt(index: number): string;
  /** The index of an id, or -1 where it is none of the first `count`. */
  indexOf(accountId: string): number;
}

export const accountIds = (options: { seed: number; count: number }): AccountIds => {
  // i × step stays below 2^53 for 50,000 accounts: no rounding.
  const step = 20_000_000_000 + numberOf(options.seed, 'account-step', 150_000_000_000);
  const start = numberOf(options.seed, 'account-start', MODULUS);
  const inverse = inverseOf(BigInt(step), BigInt(MODULUS));
  return {
    idAt: (index) => String(FIRST + ((index * step + start) % MODULUS)),
    indexOf: (accountId) => {
      if (!ACCOUNT_ID.test(accountId)) return -1;
      const offset = Number(accountId) - FIRST;
      if (offset < 0 || offset >= MODULUS) return -1;
      const distance = BigInt(offset < start ? offset - start + MODULUS : offset - start);
      const index = Number((distance * inverse) % BigInt(MODULUS));
      return index < options.count ? index : -1;
    },
  };
};

const inverseOf = (value: bigint, modulus: bigint): bigint => {
  let [previous, current] = [modulus, value % modulus];
  let [previousFactor, factor] = [0n, 1n];
  while (current !== 0n) {
    const quotient = previous / current;
    [previous, current] = [current, previous - quotient * current];
    [previousFactor, factor] = [factor, previousFactor - quotient * factor];
  }
  return ((previousFactor % modulus) + modulus) % modulus;
};
