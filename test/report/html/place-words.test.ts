import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { withSigns, withWords } from '../../../functions/report/html/place-words.ts';

const nasty = fc.string({
  unit: fc.constantFrom(
    'a',
    '1',
    '-',
    ':',
    '/',
    '$&',
    '\u0001',
    '\u0002',
    '\u0003',
    '\u0004',
    'us-east-1',
    '111122223333',
    'é',
    '💥',
  ),
});
const word = fc.option(nasty);

describe('place words', () => {
  test('whatever text and words are, the text comes back', () => {
    fc.assert(
      fc.property(nasty, word, word, word, (text, account, region, arn) => {
        const words = { account, region, arn };
        expect(withWords(withSigns(text, words), words)).toBe(text);
      }),
    );
  });

  test('texts alike but for their place become one', () => {
    const of = (account: string, region: string) =>
      withSigns(`arn:aws:cloudtrail:${region}:${account}:trail/main`, { account, region, arn: null });
    expect(of('111122223333', 'us-east-1')).toBe(of('444455556666', 'eu-west-1'));
  });
});
