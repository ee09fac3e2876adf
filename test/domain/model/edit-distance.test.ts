import { describe, expect, test } from '@jest/globals';
import { editDistance, likelyName, nearestName } from '../../../functions/domain/model/edit-distance.ts';

describe('spelling', () => {
  test.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['same', 'same', 0],
  ])('from %j to %j in %d edits', (a, b, edits) => expect(editDistance(a, b)).toBe(edits));

  test('a likely name is near or begun alike, a nearest name always is', () => {
    const names = ['accounts', 'expires_on', 'id'] as const;
    expect(likelyName('acount', names)).toBe('accounts');
    expect(likelyName('exp', names)).toBe('expires_on');
    expect(likelyName('expiry', names)).toBeNull();
    expect(nearestName('expiry', names)).toBe('expires_on');
    expect(nearestName('', names)).toBe('accounts');
    expect(nearestName('ID', names)).toBe('id');
  });
});
