import type { AccountState } from '../../domain/model/organization.ts';

/**
 * A world written by hand: everything has a sensible default, so that a test states only what it is about.
 * Accounts are named by id, or by name where the name is unique. Times are hours before the simulation's present.
 *
 * @example
 * const world: WorldSpec = {
 *   accounts: [{ name: 'management' }, { name: 'payments', ou: 'Workloads/Prod' }],
 *   trails: [{ name: 'org', organization: true, key: 'logs' }],
 *   keys: [{ name: 'logs', state: 'PendingDeletion' }],
 * };
 */
export interface WorldSpec {
  /** The first is the management account unless `management` says otherwise. */
  accounts: AccountSpec[];
  /** Names of regions; opt-in regions are known by name. Default us-east-1 and eu-west-1. The first is the default home. */
  regions?: string[];
  /** Default the first account; null: no organization, the first account stands alone. */
  management?: string | null;
  /** Accounts other than the management account that may list the organization. */
  delegatedAdministrators?: string[];
  /** OU paths below the root that exist even where no account is in them. */
  organizationalUnits?: string[];
  trails?: TrailSpec[];
  keys?: KeySpec[];
  buckets?: BucketSpec[];
  eventDataStores?: StoreSpec[];
  logGroups?: LogGroupSpec[];
  denials?: DenialSpec[];
  regionDeny?: RegionDenySpec;
}

export interface AccountSpec {
  /** 12 digits; default derived from the seed. */
  id?: string;
  /** Default `account-<n>`. Names may repeat. */
  name?: string;
  /** Path below the root, e.g. `Workloads/Prod`; default the root itself. */
  ou?: string;
  /** Tags of AWS Organizations. Default none. */
  tags?: Record<string, string>;
  /** Default ACTIVE. */
  state?: AccountState;
  /** Default some years ago. */
  joinedHoursAgo?: number;
  /** Opt-in regions this account has turned on. Default none. */
  optedIn?: string[];
  /** False: the audit role cannot be assumed here. */
  role?: boolean;
  /** False: the copies of the organization's trails have not been made here (an account that has just joined). */
  organizationTrails?: boolean;
  /** For all buckets of the account. Default false. */
  accountPublicAccessBlock?: BlockedAccess;
  /** True: not a member of the organization, though it may own keys and buckets. */
  outside?: boolean;
}

/** All four public access blocks; `partly`: those about ACLs; `policies`: those about policies; false: never set. */
export type BlockedAccess = boolean | 'partly' | 'policies';

/** What management events a trail takes; `data-only`: data events alone. */
export type TrailEvents = 'all' | 'read' | 'write' | 'data-only' | 'no-kms' | 'no-rds-data' | 'network-only';

export interface TrailSpec {
  name: string;
  /** Default the management account. */
  owner?: string;
  home?: string;
  /** Default true. */
  multiRegion?: boolean;
  /** Default false. */
  organization?: boolean;
  /**
   * A key's name: declared in `keys`, or made as a usable customer key in the owner's account and the bucket's region.
   * Text with `:` or `/` is taken as it stands (an ARN, an alias, something malformed). Default none.
   */
  key?: string | null;
  /** What log files really carry, where that is not `key`: a key's name or ARN, or null for SSE-S3. */
  deliveredWith?: string | null;
  /** Organization trails: the same for single members' log files, by account. */
  memberDeliveredWith?: Record<string, string | null>;
  /** A bucket's name: declared in `buckets`, or made with good settings in the owner's account and the home region. */
  bucket?: string;
  prefix?: string | null;
  /**
   * A log group's name in the owner's account and home region; made where it is not declared, without a key. Default, in a
   * world that is written out, one of its own with a key; null: it feeds none.
   */
  logGroup?: string | null;
  /** Default that of the logs; null: nothing ever reached the group. */
  logGroupDeliveredHoursAgo?: number | null;
  logGroupError?: string | null;
  /** Default true. */
  logging?: boolean;
  /** Default `all`. */
  events?: TrailEvents;
  /** True: said with advanced event selectors instead of basic ones. */
  advanced?: boolean;
  /** GetEventSelectors' answer verbatim, instead of `events`. */
  selectors?: { EventSelectors?: unknown[]; AdvancedEventSelectors?: unknown[] };
  /** Log file validation. Default true. */
  validation?: boolean;
  /** Default: true for multi-region trails. */
  globalEvents?: boolean;
  /** Default 0.1; null: none delivered yet. */
  deliveredHoursAgo?: number | null;
  /** Default 0.6 with validation, else null. */
  digestHoursAgo?: number | null;
  deliveryError?: string | null;
  digestError?: string | null;
  /** Default 9,000 (a good year). */
  startedHoursAgo?: number;
  /** Default 72 where the trail is not logging. */
  stoppedHoursAgo?: number | null;
  /** Organization trails: the delivery error that a member's copy reports. */
  memberErrors?: Record<string, string>;
}

export type KeyState =
  | 'Creating'
  | 'Enabled'
  | 'Disabled'
  | 'PendingDeletion'
  | 'PendingImport'
  | 'PendingReplicaDeletion'
  | 'Unavailable'
  | 'Updating';

/**
 * - `cloudtrail`: as the CloudTrail guide has it, scoped to the trails that use it
 * - `unscoped`: CloudTrail may use it for anyone's trail
 * - `none`: CloudTrail is not mentioned
 * - `public`: anyone may decrypt under an encryption context
 * - `public-bounded`: `Principal: *`, bounded by `kms:CallerAccount`
 * - `denied`: scoped, and a Deny takes it back
 */
export type KeyPolicyKind = 'cloudtrail' | 'unscoped' | 'none' | 'public' | 'public-bounded' | 'denied';

export interface KeySpec {
  /** Names it within the world, and as `alias/<name>` in its account. */
  name: string;
  /** Default the management account. */
  owner?: string;
  /** Default the first region. */
  region?: string;
  /** True: trails may name it, but no such key exists. */
  missing?: boolean;
  state?: KeyState;
  /** Default CUSTOMER. */
  manager?: 'AWS' | 'CUSTOMER';
  origin?: 'AWS_KMS' | 'EXTERNAL' | 'AWS_CLOUDHSM' | 'EXTERNAL_KEY_STORE';
  /** Default SYMMETRIC_DEFAULT. */
  spec?: string;
  usage?: string;
  /** Default false; true gives an `mrk-` id. */
  multiRegion?: boolean;
  /** Other regions with a replica of it. */
  replicas?: string[];
  /** Default true. */
  rotation?: boolean;
  /** Default 365. */
  rotationDays?: number;
  /** Default 12 where the state is PendingDeletion. */
  deletionInDays?: number;
  /** Since when it is not usable, where it is not. Default 24. */
  unusableHoursAgo?: number;
  description?: string;
  policy?: KeyPolicyKind;
  /** The policy document verbatim, instead of `policy`. */
  policyText?: string;
  /** Accounts outside the owner's that may describe it. Default none. */
  sharedWith?: string[];
  /** ARNs of the trails its policy names; default those of the world that use it. */
  trailArns?: string[];
}

export interface BucketSpec {
  name: string;
  /** Default the management account. */
  owner?: string;
  /** Default the first region. */
  region?: string;
  /** True: trails may name it, but no such bucket exists. */
  missing?: boolean;
  /** The bucket's own. Default true. */
  publicBlocked?: BlockedAccess;
  /** Default `tls`: denies plain HTTP. */
  policy?: 'tls' | 'no-tls' | 'public' | 'none';
  policyText?: string;
  /** Default Enabled; null: never set. */
  versioning?: 'Enabled' | 'Suspended' | null;
  objectLock?: { mode: 'GOVERNANCE' | 'COMPLIANCE'; days: number } | null;
  /** Days after which current objects expire; default none. */
  expiryDays?: number | null;
  /** The bucket that its server access logs go to; default one of its account's, null: they are off. */
  accessLogsTo?: string | null;
  /** Default AES256; a key's name or ARN: SSE-KMS with it. */
  encryption?: string;
  /** Accounts outside the owner's that may list and read it. Default none. */
  readers?: string[];
  /** True: objects can be put into it (a report root). Default false. */
  writable?: boolean;
}

export interface StoreSpec {
  name: string;
  owner?: string;
  region?: string;
  key?: string | null;
  organization?: boolean;
  multiRegion?: boolean;
  status?:
    | 'CREATED'
    | 'ENABLED'
    | 'PENDING_DELETION'
    | 'STARTING_INGESTION'
    | 'STOPPING_INGESTION'
    | 'STOPPED_INGESTION';
  /** Default 2557. */
  retentionDays?: number;
}

export interface LogGroupSpec {
  name: string;
  owner?: string;
  region?: string;
  key?: string | null;
  /** Default none: never deleted. */
  retentionDays?: number | null;
}

/** Calls that are refused, by place. Every given part must match. */
export interface DenialSpec {
  accounts?: string[];
  /** OU paths below the root. */
  ous?: string[];
  regions?: string[];
  /** IAM actions with `*`, e.g. `cloudtrail:Describe*`. Default all. */
  actions?: string[];
  /** `scp` (default) spares the management account, as service control policies do. */
  by?: 'scp' | 'identity' | 'boundary';
}

/** Control Tower's region deny policy: only these regions, but for the actions it exempts. Spares the management account. */
export interface RegionDenySpec {
  allow: string[];
  /** Only under these OU paths; default the whole organization. */
  ous?: string[];
}
