import fc from 'fast-check';

const SURROGATES = { from: 0xd800, count: 0x800 };

/**
 * Any character there is, for `fc.string({ unit: CODE_POINT })`: what fast-check calls `binary`, whose table of a million
 * entries takes a second to be made in every suite.
 */
export const CODE_POINT: fc.Arbitrary<string> = fc.nat(0x10ffff - SURROGATES.count).map(
  (number) => String.fromCodePoint(number < SURROGATES.from ? number : number + SURROGATES.count),
  (text) => {
    const code = typeof text === 'string' ? (text.codePointAt(0) ?? 0) : 0;
    if (typeof text !== 'string' || String.fromCodePoint(code) !== text || /\p{Cs}/u.test(text))
      throw new Error('not one character');
    return code < SURROGATES.from ? code : code - SURROGATES.count;
  },
);
