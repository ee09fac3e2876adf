import type { AccountState } from '../../domain/model/organization.ts';
import type { BlockedAccess, KeyState } from './world-spec.ts';

/** What a simulated account is and holds, with every default filled in. Times are epoch milliseconds. */
export interface SimAccount {
  /** Its place in the organization's listing; -1 outside the organization. */
  index: number;
  id: string;
  name: string;
  email: string;
  state: AccountState;
  /** Index into the organization's units; 0 is the root. */
  unit: number;
  tags: Readonly<Record<string, string>>;
  joinedAt: number;
  joinedMethod: 'CREATED' | 'INVITED';
  optedIn: readonly string[];
  /** Whether the audit role can be assumed. */
  role: boolean;
  /** Whether the organization's trails have been copied here. */
  organizationTrails: boolean;
  /** By the account's setting, for all its buckets. */
  publicBlocked: BlockedAccess;
}

export interface Holdings {
  trails: Trail[];
  keys: Key[];
  buckets: Bucket[];
  stores: Store[];
  logGroups: LogGroup[];
}

export interface Trail {
  arn: string;
  name: string;
  owner: string;
  home: string;
  multiRegion: boolean;
  organization: boolean;
  globalEvents: boolean;
  validation: boolean;
  key: string | null;
  /** The key that its log files really carry, or null: SSE-S3. */
  deliveredWith: string | null;
  /** By account id, where a member's log files carry another. */
  memberDeliveredWith: Readonly<Record<string, string | null>>;
  bucket: string;
  prefix: string | null;
  logGroupArn: string | null;
  /** When the group was last reached; undefined: as the bucket. */
  logGroupDeliveredAt: number | null | undefined;
  logGroupError: string | null;
  logging: boolean;
  selectors: { EventSelectors?: unknown[]; AdvancedEventSelectors?: unknown[] };
  startedAt: number;
  stoppedAt: number | null;
  deliveredAt: number | null;
  digestAt: number | null;
  deliveryError: string | null;
  digestError: string | null;
  /** By account id. */
  memberErrors: Readonly<Record<string, string>>;
}

export interface Key {
  arn: string;
  id: string;
  owner: string;
  region: string;
  /** The primary's region and the replicas', for a multi-region key. */
  primaryRegion: string;
  replicaRegions: readonly string[];
  state: KeyState;
  manager: 'AWS' | 'CUSTOMER';
  origin: 'AWS_KMS' | 'EXTERNAL' | 'AWS_CLOUDHSM' | 'EXTERNAL_KEY_STORE';
  spec: string;
  usage: string;
  multiRegion: boolean;
  rotation: boolean;
  rotationDays: number;
  createdAt: number;
  deletionAt: number | null;
  /** Since when CloudTrail cannot use it, or null where it can. */
  unusableSince: number | null;
  /** `alias/<name>`. */
  alias: string;
  description: string;
  policy: string;
  sharedWith: readonly string[];
}

export interface Bucket {
  name: string;
  owner: string;
  region: string;
  createdAt: number;
  /** By the bucket's own setting. */
  publicBlocked: BlockedAccess;
  policy: string | null;
  versioning: 'Enabled' | 'Suspended' | null;
  objectLock: { mode: string; days: number } | null;
  expiryDays: number | null;
  accessLogsTo: string | null;
  /** `AES256` or a key's ARN. */
  encryption: string;
  readers: readonly string[];
  writable: boolean;
}

export interface Store {
  arn: string;
  name: string;
  owner: string;
  region: string;
  key: string | null;
  organization: boolean;
  multiRegion: boolean;
  status: string;
  retentionDays: number;
  createdAt: number;
}

export interface LogGroup {
  arn: string;
  name: string;
  owner: string;
  region: string;
  key: string | null;
  retentionDays: number | null;
  createdAt: number;
}
