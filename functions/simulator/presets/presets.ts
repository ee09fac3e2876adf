import type { Preset, SimulationSpec } from '../simulation-spec.ts';
import { accountIds } from '../world/account-ids.ts';
import type { Blueprint } from '../world/blueprint.ts';
import type { HoldingSpecs } from '../world/holdings.ts';
import { type Partition, regionsOf } from '../world/regions.ts';
import { unitOf } from '../world/seed.ts';
import { controlTower } from './control-tower.ts';
import { grown } from './grown.ts';
import { hostile } from './hostile.ts';
import { type PresetContext, type PresetWorld, presetContext } from './preset-context.ts';
import { showcase } from './showcase.ts';
import { tidy } from './tidy.ts';

const MAKERS: Readonly<Record<Preset, (context: PresetContext) => PresetWorld>> = {
  showcase,
  'control-tower': controlTower({ kms: true }),
  'control-tower-no-kms': controlTower({ kms: false }),
  grown,
  tidy,
};

/** The blueprint of a preset: everything about an account is computed from (seed, index) when asked for. */
export const presetBlueprint = (spec: SimulationSpec & { seed: number; partition: Partition }): Blueprint => {
  const { seed, partition } = spec;
  const all = regionsOf(partition);
  const accounts = spec.accounts ?? 60;
  const ids = accountIds({ seed, count: accounts });
  const context = presetContext({ seed, partition, accounts, regions: all.slice(0, spec.regions ?? 20), ids });
  const world = MAKERS[spec.preset ?? 'showcase'](context);
  const denied = spec.deniedRoles ?? 0;
  const { outsiders = new Map(), sharedBuckets = new Map() } = world;
  const blueprint: Blueprint = {
    partition,
    regions: context.regions,
    organization: spec.caller !== 'alone',
    management: 0,
    delegatedAdministrators: accounts > 1 ? [context.auditId] : [],
    accountCount: spec.caller === 'alone' ? 1 : accounts,
    idAt: ids.idAt,
    indexOf: ids.indexOf,
    account: (index) => ({
      id: ids.idAt(index),
      optedIn: context.optedIn(index),
      ...(world.core[index]?.account ?? world.account(index)),
      ...(index > 0 && unitOf(seed, `denied:${index}`) < denied ? { role: false } : {}),
    }),
    holdings: (index) => world.holdings(index, coreHoldings(world, index, accounts)),
    outsiders,
    organizationalUnits: world.organizationalUnits,
    ownerOfBucket: (name) => {
      const shared = sharedBuckets.get(name);
      if (shared !== undefined) return shared;
      // Names say whose they are, as most names in the field do.
      const id = /(?:^|-)(\d{12})(?:-|$)/.exec(name)?.[1];
      return id !== undefined && (ids.indexOf(id) >= 0 || outsiders.has(id)) ? id : null;
    },
    isShared: (name) => sharedBuckets.has(name),
    denials: world.denials ?? [],
    regionDeny: world.regionDeny ?? null,
  };
  return spec.hostile === true ? hostile(blueprint, seed) : blueprint;
};

/** What a core account owns; the last of an organization with fewer accounts holds what those beyond it would. */
const coreHoldings = ({ core }: PresetWorld, index: number, accounts: number): HoldingSpecs | undefined => {
  if (index < accounts - 1 || index >= core.length) return core[index]?.holdings;
  const held = core.slice(index).map(({ holdings }) => holdings);
  return {
    trails: held.flatMap(({ trails = [] }) => trails),
    keys: held.flatMap(({ keys = [] }) => keys),
    buckets: held.flatMap(({ buckets = [] }) => buckets),
    stores: held.flatMap(({ stores = [] }) => stores),
    logGroups: held.flatMap(({ logGroups = [] }) => logGroups),
  };
};
