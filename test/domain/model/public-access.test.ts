import { describe, expect, it } from '@jest/globals';
import type { Inspection } from '../../../functions/domain/model/inspection.ts';
import { ALL_BLOCKED, NOTHING_BLOCKED, publicAccessBlocked } from '../../../functions/domain/model/public-access.ts';
import { answered } from '../../../functions/domain/model/reading.ts';
import { parseInspection } from '../../../functions/domain/run/run-files.ts';
import { bucketInspection, refused } from '../judge/sample-facts.ts';

/** Every combination of the four settings. */
const BLOCKS = Array.from({ length: 16 }, (_, bits) => ({
  blockPublicAcls: (bits & 1) > 0,
  ignorePublicAcls: (bits & 2) > 0,
  blockPublicPolicy: (bits & 4) > 0,
  restrictPublicBuckets: (bits & 8) > 0,
}));

describe('whether public access to a bucket is blocked', () => {
  it('goes by the stricter of bucket and account, each setting by itself', () => {
    for (const [own, block] of BLOCKS.entries()) {
      for (const [ofAccount, accountBlock] of BLOCKS.entries()) {
        const readings = { publicAccessBlock: answered(block), accountPublicAccessBlock: answered(accountBlock) };
        expect([own, ofAccount, publicAccessBlocked(readings)]).toEqual([own, ofAccount, (own | ofAccount) === 15]);
      }
    }
  });

  it('is known from one of them only where that one has all four on', () => {
    for (const block of BLOCKS) {
      const expected = Object.values(block).every(Boolean) ? true : null;
      for (const other of [null, refused()]) {
        const [own, ofAccount] = [
          { publicAccessBlock: answered(block), accountPublicAccessBlock: other },
          { publicAccessBlock: other, accountPublicAccessBlock: answered(block) },
        ];
        expect([publicAccessBlocked(own), publicAccessBlocked(ofAccount)]).toEqual([expected, expected]);
      }
    }
    expect(publicAccessBlocked(null)).toBeNull();
  });
});

describe('the file of an inspection', () => {
  const inspection: Inspection = {
    version: 1,
    runId: 'r',
    itemId: 'i',
    owner: '111122223333',
    observedAt: '2026-11-02T10:00:00.000Z',
    refused: null,
    keys: [],
    buckets: [],
    logGroups: [],
    eventDataStores: [],
    trails: [],
    samples: [],
    apiCalls: 0,
    durationMs: 0,
    evidence: null,
  };
  const read = (...buckets: object[]) => {
    const parsed = parseInspection(JSON.stringify({ ...inspection, buckets }));
    if (!parsed.ok) throw new Error(parsed.why);
    return parsed.value.buckets;
  };

  it('keeps both readings', () => {
    const bucket = bucketInspection({
      publicAccessBlock: answered({ ...NOTHING_BLOCKED, blockPublicAcls: true }),
      accountPublicAccessBlock: refused('DENIED', 'GetAccountPublicAccessBlock'),
    });
    expect(read(bucket)).toEqual([bucket]);
  });

  it('of an earlier version says whether all four were on, and nothing of the account', () => {
    const { accountPublicAccessBlock: _, ...earlier } = bucketInspection();
    const [blocked, open] = read(
      { ...earlier, publicAccessBlock: answered({ allBlocked: true }) },
      { ...earlier, publicAccessBlock: answered({ allBlocked: false }) },
    );
    expect(blocked).toEqual(bucketInspection({ publicAccessBlock: answered(ALL_BLOCKED) }));
    expect([publicAccessBlocked(blocked ?? null), publicAccessBlocked(open ?? null)]).toEqual([true, null]);
  });
});
