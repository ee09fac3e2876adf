import { describe, expect, it } from '@jest/globals';
import { decidedBy, readableTimes, reasonWords } from '../../functions/domain/judge/finding-words.ts';

describe('a finding in one line', () => {
  it.each([
    ['BUCKET_REGION_UNKNOWN', 'Bucket Region unknown'],
    ['ASSUMEROLE_REFUSED', 'AssumeRole refused'],
    ['KMS_KEY_NOT_FOUND', 'KMS key not found'],
    ['NoSuchBucket', 'NoSuchBucket'],
    ['', ''],
  ])('reads %s as "%s"', (reason, words) => expect(reasonWords(reason)).toBe(words));

  it('says first what decides: of what could not be determined that is what is missing', () => {
    const key = { reason: 'BUCKET_REGION_UNKNOWN', observed: 'The key is Enabled' };
    expect(decidedBy({ ...key, status: 'UNVERIFIED' })).toBe('Bucket Region unknown. Seen: The key is Enabled');
    expect(decidedBy({ ...key, status: 'UNVERIFIED', observed: null })).toBe('Bucket Region unknown');
    expect(decidedBy({ ...key, status: 'PASS' })).toBe('The key is Enabled');
    expect(decidedBy({ ...key, status: 'FAIL', observed: null })).toBe('Bucket Region unknown');
    expect(decidedBy({ status: 'UNVERIFIED', reason: null, observed: 'x' })).toBe('Not known why. Seen: x');
  });

  it('shows times without milliseconds', () => {
    expect(readableTimes('Stopped since 2026-11-26T06:00:00.000Z, was 2026-11-25T06:00:01Z')).toBe(
      'Stopped since 2026-11-26 06:00:00 UTC, was 2026-11-25 06:00:01 UTC',
    );
  });
});
