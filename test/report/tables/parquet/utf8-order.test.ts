import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { utf8Order } from '../../../../functions/report/tables/parquet/utf8-order.ts';

test('orders any two texts as their bytes are ordered', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('a', '\ud83d', '\ude80', '\ue000') }),
  );
  fc.assert(
    fc.property(text, text, (a, b) => {
      const byBytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      // Halves of pairs are all written as U+FFFD: texts that differ in them alone are the same bytes.
      if (byBytes !== 0) expect(Math.sign(utf8Order(a, b))).toBe(byBytes);
    }),
    { numRuns: 2_000 },
  );
});

test('what lies beyond the basic plane comes last', () => {
  expect(utf8Order('\u{10000}', '\uffff')).toBeGreaterThan(0);
  expect(utf8Order('a', 'ab')).toBeLessThan(0);
  expect(utf8Order('ab', 'ab')).toBe(0);
});
