import { deliveryOf } from './delivery.ts';
import type { SimAccount, Trail } from './model.ts';
import { hexOf } from './seed.ts';
import type { World } from './world.ts';

/** A log file that a trail has delivered. */
export interface LogObject {
  key: string;
  /** Epoch milliseconds. */
  lastModified: number;
  /** The KMS key it was written with, or null: SSE-S3, which CloudTrail asks for itself where the trail has none. */
  kmsKey: string | null;
}

const DAY = 86_400_000;
/** Days of logs that a bucket shows, and hours between two files. */
const DAYS = 3;
const EVERY = 6 * 3_600_000;

/** The folder of one account's logs, with the trails that write there: those of one prefix share it. */
interface Folder {
  path: string;
  accountId: string;
  trails: Trail[];
}

/** The logs in the buckets that trails write to: computed from the trails, folder by folder, when listed. */
export interface LogObjects {
  /** Keys and common prefixes after `after`, ascending, at most `limit` of both together. */
  list(request: { bucket: string; prefix: string; delimiter: string; after: string; limit: number }): Entry[];
  find(bucket: string, key: string): LogObject | undefined;
}

export type Entry = { prefix: string } | { prefix?: never; object: LogObject };

export const createLogObjects = (world: World): LogObjects => {
  const known = new Map<string, Folder[]>();
  const foldersOf = (bucket: string): Folder[] => {
    let folders = known.get(bucket);
    if (!folders) {
      const byPath = new Map<string, Folder>();
      for (const { accountId, trails } of world.writersTo(bucket)) {
        const account = world.account(accountId);
        for (const trail of account ? trails : []) {
          const path = account ? folderOf(world, trail, account) : '';
          const folder = byPath.get(path) ?? { path, accountId, trails: [] };
          folder.trails.push(trail);
          byPath.set(path, folder);
        }
      }
      folders = [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
      if (known.size >= 8) known.clear();
      known.set(bucket, folders);
    }
    return folders;
  };
  return {
    list: ({ bucket, prefix, delimiter, after, limit }) => {
      const entries: Entry[] = [];
      let last = '';
      const add = (key: string, object: () => LogObject): boolean => {
        const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
        if (cut < 0) {
          if (key > after) entries.push({ object: object() });
        } else {
          const common = key.slice(0, cut + delimiter.length);
          // What the client has seen of a common prefix, it has seen all of.
          const seen = common === last || common === after || (key <= after && !after.startsWith(common));
          if (!seen) entries.push({ prefix: common });
          last = common;
        }
        return entries.length < limit;
      };
      for (const folder of foldersOf(bucket)) {
        const inside = prefix.startsWith(folder.path);
        if (!inside && !folder.path.startsWith(prefix)) continue;
        const cut = delimiter === '' ? -1 : folder.path.indexOf(delimiter, prefix.length);
        if (!inside && cut >= 0) {
          // The whole folder lies under one common prefix.
          const common = folder.path.slice(0, cut + delimiter.length);
          if (common === last) continue;
          if (!add(folder.path, never)) return entries;
          continue;
        }
        for (const object of objectsIn(world, folder)) {
          if (object.key.startsWith(prefix) && !add(object.key, () => object)) return entries;
        }
      }
      return entries;
    },
    find: (bucket, key) => {
      const folder = foldersOf(bucket).find(({ path }) => key.startsWith(path));
      return folder && objectsIn(world, folder).find((object) => object.key === key);
    },
  };
};

const never = (): LogObject => {
  throw new Error('a folder is no object');
};

const folderOf = (world: World, trail: Trail, account: SimAccount): string => {
  const organization = trail.organization && world.organization ? `${world.organization.id}/` : '';
  return `${trail.prefix === null ? '' : `${trail.prefix}/`}AWSLogs/${organization}${account.id}/`;
};

const objectsIn = (world: World, { path, accountId, trails }: Folder): LogObject[] => {
  const account = world.account(accountId);
  if (!account) return [];
  return trails.flatMap((trail) => objectsOf(world, { path, account, trail })).sort((a, b) => (a.key < b.key ? -1 : 1));
};

function objectsOf(
  world: World,
  { path, account, trail }: { path: string; account: SimAccount; trail: Trail },
): LogObject[] {
  const { deliveredAt, digestAt } = deliveryOf(world, trail, account);
  const regions = trail.multiRegion
    ? world.regions.map(({ name }) => name).filter((name) => world.isEnabled(account, name))
    : [trail.home];
  const own = trail.memberDeliveredWith[account.id];
  const kmsKey = own === undefined ? trail.deliveredWith : own;
  const objects: LogObject[] = [];
  const put = (kind: string, newest: number | null, extension: string): void => {
    if (newest === null) return;
    for (const region of regions) {
      for (let at = newest; at > newest - DAYS * DAY; at -= EVERY) {
        const time = new Date(at).toISOString();
        const stamp = `${time.slice(0, 10).replaceAll('-', '')}T${time.slice(11, 13)}${time.slice(14, 16)}Z`;
        const name = `${account.id}_${kind}_${region}_${stamp}_${hexOf(world.seed, `${trail.arn}${region}${stamp}`, 16)}`;
        objects.push({
          key: `${path}${kind}/${region}/${time.slice(0, 10).replaceAll('-', '/')}/${name}.${extension}`,
          lastModified: at,
          kmsKey,
        });
      }
    }
  };
  put('CloudTrail', deliveredAt, 'json.gz');
  put('CloudTrail-Digest', digestAt, 'json.gz');
  return objects;
}
