import { createHash } from 'node:crypto';
import { logFolders } from '../judge/log-folders.ts';
import type { ObservedStore, TrailFacts } from '../judge/trail-facts.ts';
import { ACCOUNT_ID, parseArn, parseKeyArn } from '../model/arn.ts';
import {
  type BucketSearch,
  type BucketTask,
  emptyItem,
  type InspectItem,
  type SampleTask,
} from '../model/inspection.ts';
import type { ScanPlan } from '../model/plan.ts';

/** Resources of one owner that one child inspects: few enough to end well inside an Express child's 5 minutes. */
const RESOURCES_PER_ITEM = 40;

/** What Gather must know of the organization to send each resource to its owner. */
export interface Directory {
  /** Whether the account is in the population and its role can be assumed. */
  isLive(accountId: string): boolean;
  /** Live accounts whose name says that they hold logs, lowest id first. */
  likelyLogArchives: string[];
}

/**
 * The Inspect map's items: every key, bucket, log group and event data store that the trails name, once,
 * under the account that owns it, in chunks so that a role is assumed once per chunk. Keys and buckets of
 * accounts outside the organization are left out: nobody there has given us a role.
 */
export function inspectItems(request: {
  trails: readonly TrailFacts[];
  eventDataStores: readonly ObservedStore[];
  directory: Directory;
  plan: ScanPlan;
  /** By trail ARN: the accounts whose own logs are to be sampled as well as the trail's. */
  accountLogs?: ReadonlyMap<string, readonly string[]>;
}): InspectItem[] {
  const { trails, directory, plan } = request;
  const owners = new Map<string, Resource[]>();
  /** Apart from `owners`: thousands of accounts come and go, and the items of everything else stay as they are. */
  const sampled = new Map<string, Resource[]>();
  const known = new Set<string>();
  const assign = (owner: string, name: string, resource: Resource) => {
    if (known.has(name)) return;
    known.add(name);
    const list = owners.get(owner) ?? [];
    list.push(resource);
    owners.set(owner, list);
  };

  for (const { trail } of trails) {
    const key = trail.kmsKeyId === null ? null : parseKeyArn(trail.kmsKeyId);
    if (key && trail.kmsKeyId && enterable(key.accountId))
      assign(key.accountId, trail.kmsKeyId, { key: trail.kmsKeyId });
    const logGroupOwner = trail.logGroupArn === null ? null : parseArn(trail.logGroupArn)?.accountId;
    if (trail.logGroupArn && logGroupOwner && enterable(logGroupOwner)) {
      assign(logGroupOwner, trail.logGroupArn, { logGroup: trail.logGroupArn });
    }
  }
  for (const [bucket, users] of byBucket(trails)) {
    const archives = [...new Set([...plan.settings.logArchiveAccounts, ...directory.likelyLogArchives])];
    // An organization trail's owner first: under a central bucket it is likelier than any of its members.
    const organization = users.filter((u) => u.trail.isOrganization).map((u) => u.owner);
    const local = [...new Set(users.map((u) => u.owner))].sort().slice(0, 3);
    const candidates = [...organization, ...local].filter(enterable);
    const [owner, ...others] = [...new Set([...candidates, ...archives])];
    if (!owner) continue;
    const task: BucketTask = {
      bucket,
      logFolders: logFolders(
        users.map(({ trail, owner }) => ({ ...trail, owner })),
        plan.organizationId ?? null,
      ),
      candidates: others,
    };
    const samples = plan.settings.sampleLogs ? users.map((u) => sampleTask(u, plan, { users })) : [];
    assign(owner, `bucket ${bucket}`, { bucket: task, samples });
    const search: BucketSearch = { bucket, candidates: others };
    for (const user of users) {
      for (const accountId of request.accountLogs?.get(user.trail.trailArn) ?? []) {
        const list = sampled.get(owner) ?? [];
        list.push({ sample: sampleTask(user, plan, { users, accountId }), search });
        sampled.set(owner, list);
      }
    }
  }
  for (const store of request.eventDataStores) {
    const owner = parseArn(store.arn)?.accountId;
    if (owner) assign(enterable(owner) ? owner : store.seenBy, store.arn, { eventDataStore: store.arn });
  }
  for (const facts of trails) {
    // The owner could not be asked: one member that sees the organization trail may read its selectors by ARN.
    if (facts.selectors?.ok || !facts.reportingMember || !facts.trail.isOrganization) continue;
    assign(facts.reportingMember, `selectors ${facts.trail.trailArn}`, {
      trail: { trailArn: facts.trail.trailArn, homeRegion: facts.trail.homeRegion },
    });
  }
  return [owners, sampled].flatMap((lists) =>
    [...lists.keys()].sort().flatMap((owner) => chunks(owner, lists.get(owner) ?? [])),
  );

  function enterable(accountId: string): boolean {
    return (
      directory.isLive(accountId) || plan.settings.trustedAccounts.includes(accountId) || unknownAccount(accountId)
    );
  }
  function unknownAccount(accountId: string): boolean {
    return !plan.populationComplete && ACCOUNT_ID.test(accountId);
  }
}

type Resource =
  | { key: string }
  | { bucket: BucketTask; samples: SampleTask[] }
  | { logGroup: string }
  | { eventDataStore: string }
  | { trail: { trailArn: string; homeRegion: string } }
  | { sample: SampleTask; search: BucketSearch };

function chunks(owner: string, resources: Resource[]): InspectItem[] {
  const items: InspectItem[] = [];
  for (let start = 0; start < resources.length; start += RESOURCES_PER_ITEM) {
    const item = emptyItem(owner);
    for (const resource of resources.slice(start, start + RESOURCES_PER_ITEM)) {
      if ('key' in resource) item.keys.push(resource.key);
      else if ('bucket' in resource) {
        item.buckets.push(resource.bucket);
        item.samples.push(...resource.samples);
      } else if ('logGroup' in resource) item.logGroups.push(resource.logGroup);
      else if ('eventDataStore' in resource) item.eventDataStores.push(resource.eventDataStore);
      else if ('trail' in resource) item.trails.push(resource.trail);
      else {
        item.samples.push(resource.sample);
        if (!item.sampledBuckets.includes(resource.search)) item.sampledBuckets.push(resource.search);
      }
    }
    // Named by its content, so that a resumed run knows what it has already inspected.
    const content = createHash('sha256').update(JSON.stringify(item)).digest('hex').slice(0, 12);
    items.push({ ...item, itemId: `${owner}-${content}` });
  }
  return items;
}

function byBucket(trails: readonly TrailFacts[]): Map<string, TrailFacts[]> {
  const buckets = new Map<string, TrailFacts[]>();
  for (const facts of trails) {
    const { bucket } = facts.trail;
    if (!bucket) continue;
    const users = buckets.get(bucket) ?? [];
    users.push(facts);
    buckets.set(bucket, users);
  }
  return buckets;
}

/** CloudTrail writes `[prefix/]AWSLogs/[o-id/]<account>/CloudTrail/<region>/YYYY/MM/DD/`: today first, then yesterday. */
function sampleTask(
  facts: TrailFacts,
  plan: ScanPlan,
  { users, accountId = null }: { users: readonly TrailFacts[]; accountId?: string | null },
): SampleTask {
  const { trail, owner } = facts;
  const organization = trail.isOrganization && plan.organizationId ? `${plan.organizationId}/` : '';
  const head = `${trail.s3KeyPrefix ? `${trail.s3KeyPrefix}/` : ''}AWSLogs/${organization}${accountId ?? owner}/CloudTrail/${trail.homeRegion}/`;
  const others = otherKeys(facts, users);
  const day = (back: number) => new Date(Date.parse(plan.startedAt) - back * 86_400_000).toISOString().slice(0, 10);
  return {
    trailArn: trail.trailArn,
    accountId,
    bucket: trail.bucket ?? '',
    prefixes: [0, 1].map((back) => `${head}${day(back).replaceAll('-', '/')}/`),
    ...(others.length > 0 && { others }),
  };
}

/** With what else than the trail's own key the others write that share its folder: of one owner, prefix and Region. */
function otherKeys({ trail, owner }: TrailFacts, users: readonly TrailFacts[]): (string | null)[] {
  const sharing = users.filter(
    (other) =>
      other.trail.trailArn !== trail.trailArn &&
      other.owner === owner &&
      other.trail.isOrganization === trail.isOrganization &&
      (other.trail.s3KeyPrefix ?? '') === (trail.s3KeyPrefix ?? '') &&
      (other.trail.isMultiRegion || other.trail.homeRegion === trail.homeRegion),
  );
  const keys = new Set(sharing.map((other) => other.trail.kmsKeyId));
  keys.delete(trail.kmsKeyId);
  return [...keys].sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1));
}
