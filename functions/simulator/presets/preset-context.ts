import type { AccountIds } from '../world/account-ids.ts';
import type { Blueprint } from '../world/blueprint.ts';
import { type HoldingSpecs, keyArnOf } from '../world/holdings.ts';
import type { Partition, Region } from '../world/regions.ts';
import { unitOf } from '../world/seed.ts';
import type { AccountSpec } from '../world/world-spec.ts';

/** What a preset is built from. Accounts 0, 1 and 2 are management, Log Archive and Audit where there are as many. */
export interface PresetContext {
  seed: number;
  partition: Partition;
  accounts: number;
  regions: readonly Region[];
  ids: AccountIds;
  /** The busiest region: where organization trails are homed. */
  home: string;
  /** A second region, or the only one. */
  second: string;
  managementId: string;
  logArchiveId: string;
  auditId: string;
  /** The opt-in regions that this account has turned on. */
  optedIn(index: number): string[];
  /** The ARN of an account's key by its name. */
  keyArn(key: { owner: string; name: string; region?: string; multiRegion?: boolean }): string;
}

/** What makes the organization of a preset what it is. */
export type PresetWorld = Pick<Blueprint, 'organizationalUnits'> &
  Partial<Pick<Blueprint, 'denials' | 'regionDeny' | 'outsiders'>> & {
    /** The first accounts. */
    core: readonly { account: AccountSpec; holdings: HoldingSpecs }[];
    /** An account beyond those; its id and its Regions are added. */
    account(index: number): AccountSpec;
    /** What an account owns; `core`, where it is one of the first. */
    holdings(index: number, core?: HoldingSpecs): HoldingSpecs;
    /** Owners of buckets whose names do not tell. */
    sharedBuckets?: ReadonlyMap<string, string>;
  };

export const presetContext = (options: {
  seed: number;
  partition: Partition;
  accounts: number;
  regions: readonly Region[];
  ids: AccountIds;
}): PresetContext => {
  const { seed, partition, regions, ids, accounts } = options;
  const home = regions[0]?.name ?? 'us-east-1';
  const idOf = (place: number): string => ids.idAt(Math.min(place, accounts - 1));
  return {
    ...options,
    home,
    second: regions[1]?.name ?? home,
    managementId: idOf(0),
    logArchiveId: idOf(1),
    auditId: idOf(2),
    optedIn: (index) =>
      regions
        .filter(({ name, optIn }) => optIn && unitOf(seed, `opt-in:${index}:${name}`) < 0.25)
        .map(({ name }) => name),
    keyArn: (key) => keyArnOf({ seed, partition, region: home, ...key }),
  };
};
