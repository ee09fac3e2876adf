import type { EventDataStore, EventSelectors, KeyDescription, LogObject } from './account-access.ts';
import type { WrittenFile } from './observation.ts';
import type { PublicAccessBlock } from './public-access.ts';
import type { CallFailure, Reading } from './reading.ts';

/** One item of the Inspect map: what is to be read in one owner's account, so that its role is assumed once. */
export interface InspectItem {
  /** `<owner>-<hash of the content>`. */
  itemId: string;
  owner: string;
  keys: string[];
  buckets: BucketTask[];
  logGroups: string[];
  eventDataStores: string[];
  /** Organization trails whose owner's role could not be assumed: selectors are read here, by ARN. */
  trails: { trailArn: string; homeRegion: string }[];
  /** Only with `--sample-logs`. */
  samples: SampleTask[];
  /** The buckets of `samples` that another item inspects: here no more than their owner is looked for. */
  sampledBuckets: BucketSearch[];
}

/** An item that names nothing yet. Ids are hashes of what an item holds, so the order of its fields is part of them. */
export const emptyItem = (owner: string): InspectItem => ({
  itemId: '',
  owner,
  keys: [],
  buckets: [],
  logGroups: [],
  eventDataStores: [],
  trails: [],
  samples: [],
  sampledBuckets: [],
});

/** Where one trail's newest log object is to be looked for, the newest day first. */
export interface SampleTask {
  trailArn: string;
  /** Whose logs, where they are a member's of an organization trail; null: the trail's own, of its owner. */
  accountId: string | null;
  bucket: string;
  prefixes: string[];
}

export interface BucketSearch {
  bucket: string;
  /** Accounts to try in order where `owner` does not own the bucket; after them every live account in turn. */
  candidates: string[];
}

export interface BucketTask extends BucketSearch {
  /** The folders the trails write their logs into, for the expiry rules; `*` stands for one name of any text. */
  logFolders: string[];
}

/** `runs/<run_id>/inspections/<item_id>.json`. */
export interface Inspection {
  version: 1;
  runId: string;
  itemId: string;
  owner: string;
  observedAt: string;
  refused: CallFailure | null;
  keys: KeyInspection[];
  buckets: BucketInspection[];
  logGroups: { logGroupArn: string; reading: Reading<{ kmsKeyArn: string | null; retentionDays: number | null }> }[];
  eventDataStores: { arn: string; reading: Reading<EventDataStore>; key: KeyInspection | null }[];
  trails: { trailArn: string; selectors: Reading<EventSelectors> }[];
  samples: { trailArn: string; accountId: string | null; reading: Reading<LogObject | null> }[];
  apiCalls: number;
  durationMs: number;
  /** The raw answers it rests on, written before it; null where there were none. */
  evidence: WrittenFile | null;
}

export interface KeyInspection {
  keyArn: string;
  description: Reading<KeyDescription>;
  /** null where the call makes no sense (asymmetric, imported, custom store) or the description failed. */
  rotation: Reading<{ enabled: boolean; periodDays: number | null }> | null;
  policy: Reading<string> | null;
}

export interface BucketInspection {
  bucket: string;
  /** The account that turned out to own it, or null. */
  accountId: string | null;
  region: string | null;
  /** Why the owner is unknown, where it is. */
  ownerFailure: CallFailure | null;
  publicAccessBlock: Reading<PublicAccessBlock> | null;
  /** Its account's; null where the bucket's own decides alone, and in files of versions that did not ask. */
  accountPublicAccessBlock: Reading<PublicAccessBlock> | null;
  policy: Reading<string | null> | null;
  versioning: Reading<'Enabled' | 'Suspended' | 'Disabled'> | null;
  encryption: Reading<{ algorithm: string | null; kmsKeyId: string | null }> | null;
  objectLock: Reading<{ mode: string | null; days: number | null }> | null;
  expiryDays: Reading<number | null> | null;
}
