import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { AccountSession } from '../../../functions/domain/model/account-access.ts';
import { emptyItem } from '../../../functions/domain/model/inspection.ts';
import type { ScanPlan } from '../../../functions/domain/model/plan.ts';
import { answered } from '../../../functions/domain/model/reading.ts';
import { inspectOwner } from '../../../functions/domain/run/inspect-owner.ts';
import { SETTINGS } from '../../scan-world.ts';

const OWNER = '111111111111';
const BUCKET = { bucket: 'logs', logFolders: ['AWSLogs/*/CloudTrail'], candidates: [] };
const stopped = Object.assign(new Error('the scan was stopped'), { name: 'AbortError' });

/** An account in which every question ends because the scan does. */
const stopping = { accountId: OWNER, calls: () => 0, takeEvidence: () => [] } as unknown as AccountSession;
const account = new Proxy(stopping, {
  get: (known, name) => Reflect.get(known, name) ?? (async () => Promise.reject(stopped)),
});

describe('an inspection that is stopped', () => {
  const sample = { trailArn: 'arn', accountId: null, bucket: 'logs', prefixes: ['AWSLogs/'] };
  it.each([
    ['of a bucket', { buckets: [BUCKET] }],
    ['of a bucket and a sample of its logs', { buckets: [BUCKET], samples: [sample] }],
    ['of a sample alone', { samples: [sample], sampledBuckets: [{ bucket: 'logs', candidates: [] }] }],
    [
      'of a search for samples that nothing asks for',
      { sampledBuckets: [{ bucket: 'logs', candidates: [] }], keys: ['k'] },
    ],
  ])('%s ends once, and leaves no failure that nobody waits for', async (_, more) => {
    const unseen: unknown[] = [];
    const see = (reason: unknown) => unseen.push(reason);
    process.on('unhandledRejection', see);
    try {
      const inspection = inspectOwner({
        item: { ...emptyItem(OWNER), itemId: 'item', ...more },
        plan: { runId: 'RUN', settings: SETTINGS, partition: 'aws' } as unknown as ScanPlan,
        sessions: { open: async () => answered(account) },
        now: () => 0,
        otherAccounts: async function* () {},
      });
      await expect(inspection).rejects.toBe(stopped);
      await turn();
      await turn();
      expect(unseen).toEqual([]);
    } finally {
      process.off('unhandledRejection', see);
    }
  });
});
