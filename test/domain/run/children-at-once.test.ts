import { expect, test } from '@jest/globals';
import { answered, failed } from '../../../functions/domain/model/reading.ts';
import { childrenAtOnce } from '../../../functions/domain/run/children-at-once.ts';

test.each([
  [100, 10, 8],
  [100, 50, 45],
  [100, 1_000, 100],
  [1_000, 1_000, 900],
  [5, 10, 5],
  [100, 2, 1],
  [100, 0, 1],
])(
  'of %d asked for, where Lambda leaves %d, %d run at once; a sentence says so where they are fewer',
  (asked, room, width) => {
    const { concurrency, note } = childrenAtOnce(asked, answered(room));
    expect(concurrency).toBe(width);
    expect(note).toEqual(
      width === asked ? null : expect.stringContaining(`${width} at once, not ${asked}: Lambda leaves ${room} `),
    );
  },
);

test('where Lambda does not say, a new account is assumed; on a laptop nothing is', () => {
  const refused = failed({ kind: 'DENIED', operation: 'GetAccountSettings', code: 'AccessDenied', message: '' });
  expect(childrenAtOnce(100, refused)).toEqual({
    concurrency: 8,
    note: expect.stringMatching(/8 at once, not 100: Lambda did not say .*\(AccessDenied\).*lambda:GetAccountSettings/),
  });
  expect(childrenAtOnce(100, null)).toEqual({ concurrency: 100, note: null });
});
