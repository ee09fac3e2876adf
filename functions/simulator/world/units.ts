import { slugOf } from './seed.ts';

/** A node of the organization's tree; number 0 is the root. */
export interface Unit {
  index: number;
  /** `r-…` or `ou-…`. */
  id: string;
  name: string;
  /** -1 for the root. */
  parent: number;
  /** Path below the root, '' for the root. */
  path: string;
  /** As `Account.Paths` has it: `o-…/r-…/ou-…/`. */
  ids: string;
}

/** AWS Organizations nests OUs at most five deep under the root. */
export const MAX_DEPTH = 5;

export interface Units {
  all: readonly Unit[];
  /** The unit of a path below the root, parents made as needed; '' is the root. */
  at(path: string): Unit;
  byId(id: string): Unit | undefined;
  childrenOf(index: number): Unit[];
}

export const createUnits = (options: { seed: number; organizationId: string; paths: readonly string[] }): Units => {
  const { seed, organizationId } = options;
  const suffix = slugOf(seed, 'root', 4);
  const root: Unit = {
    index: 0,
    id: `r-${suffix}`,
    name: 'Root',
    parent: -1,
    path: '',
    ids: `${organizationId}/r-${suffix}/`,
  };
  const all: Unit[] = [root];
  const byPath = new Map<string, Unit>([['', root]]);
  const byId = new Map<string, Unit>([[root.id, root]]);
  const at = (path: string): Unit => {
    const known = byPath.get(path);
    if (known) return known;
    const cut = path.lastIndexOf('/');
    const parent = at(cut === -1 ? '' : path.slice(0, cut));
    const id = `ou-${suffix}-${slugOf(seed, `ou:${path}`, 8)}`;
    const unit: Unit = {
      index: all.length,
      id,
      name: path.slice(cut + 1),
      parent: parent.index,
      path,
      ids: `${parent.ids}${id}/`,
    };
    all.push(unit);
    byPath.set(path, unit);
    byId.set(id, unit);
    return unit;
  };
  for (const path of options.paths) at(path);
  return {
    all,
    at,
    byId: (id) => byId.get(id),
    childrenOf: (index) => all.filter((unit) => unit.parent === index),
  };
};
