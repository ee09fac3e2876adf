import {
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  ListRootsCommand,
} from '@aws-sdk/client-organizations';
import pLimit from 'p-limit';
import { malformed } from '../../reads/call-error.ts';
import type { OrganizationCalls } from './organization-calls.ts';

/** Where an account is in the organization: ids and names from the root down, joined with `/`. */
export interface OuPlace {
  ids: string;
  names: string;
}

/** The root and every organizational unit, by its own id. */
export type OuTree = Map<string, OuPlace>;

export const NOWHERE: OuPlace = { ids: '', names: '' };

/** Units asked for at once. The rate limit sets the pace; this only hides the latency. */
const WALKERS = 8;

/** Every organizational unit with its place, by a walk from the root down. */
export const walkOus = async (calls: OrganizationCalls): Promise<OuTree> => {
  const tree: OuTree = new Map();
  let level: string[] = [];
  const roots = calls.list({
    operation: 'ListRoots',
    input: {},
    send: (client, input) => client.send(new ListRootsCommand(input)),
    items: (output) => output.Roots,
  });
  for await (const { Id, Name } of roots) {
    if (!Id) throw malformed('ListRoots', 'Id');
    tree.set(Id, { ids: Id, names: Name ?? Id });
    level.push(Id);
  }
  while (level.length > 0) level = (await eachOf(level, (parent) => walkChildren(calls, tree, parent))).flat();
  return tree;
};

/** Account id → its place, for endpoints that do not send an account's paths. */
export const walkMembers = async (calls: OrganizationCalls, tree: OuTree): Promise<Map<string, OuPlace>> => {
  const places = new Map<string, OuPlace>();
  await eachOf(tree, async ([ParentId, place]) => {
    const members = calls.list({
      operation: 'ListAccountsForParent',
      input: { ParentId },
      send: (client, input) => client.send(new ListAccountsForParentCommand({ ...input, ParentId })),
      items: (output) => output.Accounts,
      subject: ParentId,
    });
    for await (const { Id } of members) if (Id) places.set(Id, place);
  });
  return places;
};

/** `o-…/r-…/ou-…/ou-…/<account>/` → its place. The names are '' where the walk did not see the unit. */
export const placeOfPath = (path: string, tree: OuTree): OuPlace => {
  const ids = path.split('/').filter((segment) => /^(?:r|ou)-/.test(segment));
  return { ids: ids.join('/'), names: tree.get(ids.at(-1) ?? '')?.names ?? '' };
};

const walkChildren = async (calls: OrganizationCalls, tree: OuTree, ParentId: string): Promise<string[]> => {
  const operation = 'ListOrganizationalUnitsForParent';
  const parent = tree.get(ParentId) ?? NOWHERE;
  const children: string[] = [];
  const units = calls.list({
    operation,
    input: { ParentId },
    send: (client, input) => client.send(new ListOrganizationalUnitsForParentCommand({ ...input, ParentId })),
    items: (output) => output.OrganizationalUnits,
    subject: ParentId,
  });
  for await (const { Id, Name } of units) {
    // A unit seen before would send the walk in a circle.
    if (!Id || tree.has(Id)) continue;
    tree.set(Id, { ids: `${parent.ids}/${Id}`, names: `${parent.names}/${Name ?? Id}` });
    children.push(Id);
  }
  return children;
};

/** Several at once; the rate limit sets the pace. */
export const eachOf = <T, R>(items: Iterable<T>, work: (item: T) => Promise<R>): Promise<R[]> => {
  const limit = pLimit(WALKERS);
  return Promise.all(Array.from(items, (item) => limit(() => work(item))));
};
