import type { BucketInspection, Inspection, KeyInspection } from '../../domain/model/inspection.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { openRun } from '../../domain/run/run-folder.ts';
import type { RunRow } from '../tables/columns.ts';

export interface Kept {
  keys: Map<string, KeyInspection>;
  buckets: Map<string, BucketInspection>;
  stores: Map<string, Inspection['eventDataStores'][number]>;
}

/** Policies and stores as they were read; `runs/` may have expired, and then the fix starts from what the tables know. */
export async function keptInspections(store: ReportStore, runId: string): Promise<Kept> {
  const kept: Kept = { keys: new Map(), buckets: new Map(), stores: new Map() };
  const run = await openRun(store, runId).catch(() => null);
  if (!run) return kept;
  for await (const inspection of run.inspections()) {
    for (const key of inspection.keys) kept.keys.set(key.keyArn, key);
    for (const bucket of inspection.buckets) kept.buckets.set(bucket.bucket, bucket);
    for (const each of inspection.eventDataStores) kept.stores.set(each.arn, each);
  }
  return kept;
}

export interface Management {
  /** Where a new trail is made: the management account, or the lone account that was scanned. */
  accountId: string;
  /** null where the account is in no organization that the scan saw. */
  managementAccountId: string | null;
  homeRegion: string;
}

export async function managementAccount(store: ReportStore, run: RunRow): Promise<Management | null> {
  const folder = await openRun(store, run.run_id).catch(() => null);
  if (!folder) return null;
  const { managementAccountId, callerAccountId, settings } = folder.plan;
  return { accountId: managementAccountId ?? callerAccountId, managementAccountId, homeRegion: settings.homeRegion };
}
