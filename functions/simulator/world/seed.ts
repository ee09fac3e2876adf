/**
 * Everything in a simulated organization is a function of (seed, name): no generator is advanced,
 * so an answer does not depend on what was asked before it.
 */

/** 53 bits of hash of `text` under `seed` (cyrb53, public domain). */
export const hashOf = (seed: number, text: string): number => {
  let low = 0xdeadbeef ^ seed;
  let high = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 2654435761);
    high = Math.imul(high ^ code, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return 4294967296 * (2097151 & high) + (low >>> 0);
};

/** A number in [0, 1). */
export const unitOf = (seed: number, text: string): number => hashOf(seed, text) / 2 ** 53;

/** A whole number in [0, below). */
export const numberOf = (seed: number, text: string, below: number): number => Math.floor(unitOf(seed, text) * below);

export const pickOf = <T>(seed: number, text: string, from: readonly [T, ...T[]]): T =>
  from[numberOf(seed, text, from.length)] ?? from[0];

const lettersOf = (seed: number, text: string, length: number, alphabet: string): string => {
  let letters = '';
  let round = 0;
  while (letters.length < length) {
    let rest = hashOf(seed, `${text}#${round++}`);
    for (let i = 0; i < 8 && letters.length < length; i++) {
      letters += alphabet[rest % alphabet.length];
      rest = Math.floor(rest / alphabet.length);
    }
  }
  return letters;
};

export const hexOf = (seed: number, text: string, length: number): string =>
  lettersOf(seed, text, length, '0123456789abcdef');

/** Lower-case letters and digits, as in organization and OU ids. */
export const slugOf = (seed: number, text: string, length: number): string =>
  lettersOf(seed, text, length, 'abcdefghijklmnopqrstuvwxyz0123456789');

export const uuidOf = (seed: number, text: string): string => {
  const hex = hexOf(seed, text, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
};
