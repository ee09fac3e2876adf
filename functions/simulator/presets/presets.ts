import type { Preset, SimulationSpec } from '../simulation-spec.ts';
import { accountIds } from '../world/account-ids.ts';
import type { Blueprint } from '../world/blueprint.ts';
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
  const blueprint: Blueprint = {
    partition,
    regions: context.regions,
    organization: spec.caller !== 'alone',
    management: 0,
    delegatedAdministrators: accounts > 1 ? [context.auditId] : [],
    accountCount: spec.caller === 'alone' ? 1 : accounts,
    idAt: ids.idAt,
    indexOf: ids.indexOf,
    account: (index) => {
      const account = world.account(index);
      return index > 0 && denied > 0 && unitOf(seed, `denied:${index}`) < denied
        ? { ...account, role: false }
        : account;
    },
    holdings: world.holdings,
    outsiders: world.outsiders,
    organizationalUnits: world.organizationalUnits,
    ownerOfBucket: (name) => {
      const shared = world.sharedBuckets?.get(name);
      if (shared !== undefined) return shared;
      // Names say whose they are, as most names in the field do.
      const id = /(?:^|-)(\d{12})(?:-|$)/.exec(name)?.[1];
      return id !== undefined && (ids.indexOf(id) >= 0 || world.outsiders.has(id)) ? id : null;
    },
    isShared: (name) => world.sharedBuckets?.has(name) ?? false,
    denials: world.denials,
    regionDeny: world.regionDeny,
  };
  return spec.hostile === true ? hostile(blueprint, seed) : blueprint;
};
