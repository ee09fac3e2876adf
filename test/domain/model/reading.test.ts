import { describe, expect, test } from '@jest/globals';
import { answered, answeredIn, type CallFailure, failed, failuresIn } from '../../../functions/domain/model/reading.ts';

const failure = (kind: CallFailure['kind']): CallFailure => ({
  kind,
  operation: 'GetBucketTagging',
  code: kind,
  message: '',
});

describe('the answered readings in a stored answer', () => {
  test('are counted in readings of any name and depth, each once whatever it holds', () => {
    const stored = {
      statuses: [{ reading: answered({ ok: true, isLogging: true }) }, { reading: failed(failure('DENIED')) }],
      buckets: [{ soonToBeRead: answered(null), policy: null }],
    };
    expect(answeredIn(stored)).toBe(2);
    expect(answeredIn([null, 'ok', 7])).toBe(0);
  });
});

describe('the failures in a stored answer', () => {
  test('are found in readings of any name and depth, and beside readings', () => {
    const stored = {
      refused: failure('DENIED'),
      buckets: [{ ownerFailure: null, soonToBeRead: failed(failure('THROTTLED')), policy: answered('{}') }],
      eventDataStores: [{ key: { policy: failed(failure('ERROR')) } }],
    };
    expect(failuresIn(stored).map(({ kind }) => kind)).toEqual(['DENIED', 'THROTTLED', 'ERROR']);
  });

  test('are none where everything was answered, nothing was asked, or a value only looks alike', () => {
    expect(failuresIn({ a: null, b: answered({ kind: 'ERROR', code: 'x' }), c: [1, 'ERROR', undefined] })).toEqual([]);
  });
});
