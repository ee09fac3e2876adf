import type {
  AccountSpec,
  BlockedAccess,
  BucketSpec,
  KeySpec,
  LogGroupSpec,
  StoreSpec,
  TrailSpec,
} from './world-spec.ts';

/** What was specified, with every default filled in. */
type Filled<Spec, Fields extends keyof Spec = keyof Spec> = {
  readonly [Field in Fields]-?: Exclude<Spec[Field], undefined>;
};

/** What a simulated account is and holds. Times are epoch milliseconds. */
export interface SimAccount
  extends Filled<AccountSpec, 'id' | 'name' | 'state' | 'optedIn' | 'role' | 'organizationTrails' | 'tags'> {
  /** Its place in the organization's listing; -1 outside the organization. */
  index: number;
  email: string;
  /** Index into the organization's units; 0 is the root. */
  unit: number;
  joinedAt: number;
  joinedMethod: 'CREATED' | 'INVITED';
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

/** Members' errors and keys are by account id. */
export interface Trail
  extends Filled<
    TrailSpec,
    | ('name' | 'owner' | 'home' | 'multiRegion' | 'organization' | 'globalEvents' | 'validation' | 'logging')
    | ('key' | 'deliveredWith' | 'memberDeliveredWith' | 'bucket' | 'prefix' | 'selectors')
    | ('logGroupError' | 'deliveryError' | 'digestError' | 'memberErrors')
  > {
  arn: string;
  logGroupArn: string | null;
  /** When the group was last reached; undefined: as the bucket. */
  logGroupDeliveredAt: number | null | undefined;
  startedAt: number;
  stoppedAt: number | null;
  deliveredAt: number | null;
  digestAt: number | null;
}

export interface Key
  extends Filled<
    KeySpec,
    | ('owner' | 'region' | 'state' | 'manager' | 'origin' | 'spec' | 'usage' | 'multiRegion')
    | ('rotation' | 'rotationDays' | 'description' | 'sharedWith')
  > {
  arn: string;
  id: string;
  /** The primary's region and the replicas', for a multi-region key. */
  primaryRegion: string;
  replicaRegions: readonly string[];
  createdAt: number;
  deletionAt: number | null;
  /** Since when CloudTrail cannot use it, or null where it can. */
  unusableSince: number | null;
  /** `alias/<name>`. */
  alias: string;
  policy: string;
}

export interface Bucket extends Filled<BucketSpec, Exclude<keyof BucketSpec, 'missing' | 'policy' | 'policyText'>> {
  createdAt: number;
  policy: string | null;
}

export interface Store extends Filled<StoreSpec> {
  arn: string;
  createdAt: number;
}

export interface LogGroup extends Filled<LogGroupSpec> {
  arn: string;
  createdAt: number;
}
