import type { HoldingSpecs } from './holdings.ts';
import type { Partition, Region } from './regions.ts';
import type { AccountSpec, DenialSpec, RegionDenySpec } from './world-spec.ts';

/**
 * What a world is made from, account by account, on demand: a preset computes it from (seed, index), a hand-written
 * world looks it up. Either way the simulator asks again rather than keeping the answer.
 */
export interface Blueprint {
  partition: Partition;
  regions: readonly Region[];
  /** False: the first account stands alone. */
  organization: boolean;
  /** Index of the management account. */
  management: number;
  /** Ids. */
  delegatedAdministrators: readonly string[];
  accountCount: number;
  idAt(index: number): string;
  indexOf(accountId: string): number;
  account(index: number): AccountSpec;
  /** What the account owns; names in it are final. */
  holdings(index: number): HoldingSpecs;
  /** Accounts outside the organization, by id. */
  outsiders: ReadonlyMap<string, HoldingSpecs>;
  /** OU paths that exist even where no account is in them. */
  organizationalUnits: readonly string[];
  /** Which account might own a bucket of this name, or null; the world looks whether it does. */
  ownerOfBucket(name: string): string | null;
  /** Whether trails of other accounts than the owner's may write to it. */
  isShared(bucket: string): boolean;
  denials: readonly DenialSpec[];
  regionDeny: RegionDenySpec | null;
}
