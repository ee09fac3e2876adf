import pLimit from 'p-limit';
import { LIMITS } from '../limits/limits.ts';
import {
  type AccountSession,
  type AccountSessions,
  BUCKET_SETTING_NAMES,
  BUCKET_SETTINGS,
  type BucketAt,
  type LogObject,
} from '../model/account-access.ts';
import { parseKeyArn } from '../model/arn.ts';
import type { EvidenceRecord } from '../model/evidence.ts';
import {
  type BucketInspection,
  type BucketSearch,
  type BucketTask,
  bucketSettingsNotAsked,
  type InspectItem,
  type Inspection,
  type KeyInspection,
  type SampleTask,
} from '../model/inspection.ts';
import type { ScanPlan } from '../model/plan.ts';
import { blocksAll, type PublicAccessBlock } from '../model/public-access.ts';
import type { Delays } from '../model/reading.ts';
import { type CallFailure, failed, mayPass, type Reading } from '../model/reading.ts';

/** Of one item, in all accounts: as many as its resources have settings. Each account has a gate of its own, too. */
const CALLS_AT_ONCE = 128;
/** The first accounts searched side by side; then twice as many each time: a bucket is found soon, or nowhere. */
const FIRST_SEARCHED_AT_ONCE = 16;

/**
 * Inspects what one item names in its owner's account: at most 3 calls a key, 7 a bucket (6 where it is not
 * versioned: a bucket without versioning cannot have Object Lock, so that call is not made), 1 an account with a
 * bucket that does not block public access by itself, 1 a log group, 1 an event data store, 2 or 3 a sample and 5 its oldest object (20 more of
 * each where trails with other keys share a prefix). Every
 * failure is data; only an abort throws.
 */
export async function inspectOwner(request: {
  item: InspectItem;
  plan: ScanPlan;
  sessions: AccountSessions;
  now: () => number;
  /** Live accounts in order of likelihood, asked for only where a bucket's owner is still unknown. */
  otherAccounts: () => AsyncIterable<string>;
  signal?: AbortSignal;
}): Promise<{ inspection: Inspection; evidence: EvidenceRecord[] }> {
  const { item, plan, sessions, now } = request;
  const began = now();
  const limit = pLimit(CALLS_AT_ONCE);
  let searched = 0;
  const searchedMost = (item.buckets.length > 0 ? LIMITS.bucketSearch : LIMITS.sampleSearch).most;
  const opened = new Map<string, Promise<Reading<AccountSession>>>();
  const refusals: EvidenceRecord[] = [];
  const open = (accountId: string) => {
    const session =
      opened.get(accountId) ??
      sessions.open({
        accountId,
        runId: plan.runId,
        keepRefusal: (records) => refusals.push(...records),
        ...(request.signal && { signal: request.signal }),
      });
    opened.set(accountId, session);
    return session;
  };
  const owner = await open(item.owner);
  const inOwner = async <T>(call: (account: AccountSession) => Promise<Reading<T>>): Promise<Reading<T>> =>
    owner.ok ? limit(() => call(owner.value)) : failed(owner.failure);

  const accountBlocks = new Map<string, Promise<Reading<PublicAccessBlock>>>();
  const bucketOwners = new Map<string, Promise<{ inspection: BucketInspection; account: AccountSession | null }>>(
    item.buckets.map((task) => [task.bucket, bucketWithOwner(task)]),
  );
  const homes = new Map<string, Promise<BucketHome>>();
  const [keys, buckets, logGroups, eventDataStores, trails, samples] = await Promise.all([
    Promise.all(item.keys.map(inspectKey)),
    Promise.all([...bucketOwners.values()].map(async (b) => (await b).inspection)),
    Promise.all(
      item.logGroups.map(async (logGroupArn) => ({
        logGroupArn,
        reading: await inOwner((a) => a.logGroup(regionOf(logGroupArn), logGroupArn)),
      })),
    ),
    Promise.all(item.eventDataStores.map(inspectStore)),
    Promise.all(
      item.trails.map(async ({ trailArn, homeRegion }) => ({
        trailArn,
        selectors: await inOwner((a) => a.eventSelectors(homeRegion, trailArn)),
      })),
    ),
    Promise.all(item.samples.map(sample)),
  ]);

  const accounts: AccountSession[] = [];
  for (const session of opened.values()) {
    const reading = await session;
    if (reading.ok) accounts.push(reading.value);
  }
  return {
    inspection: {
      version: 1,
      runId: plan.runId,
      itemId: item.itemId,
      owner: item.owner,
      observedAt: new Date(now()).toISOString(),
      refused: owner.ok ? null : owner.failure,
      keys,
      buckets,
      logGroups,
      eventDataStores,
      trails,
      samples,
      apiCalls: accounts.reduce((sum, a) => sum + a.calls(), 0) + (opened.size - accounts.length),
      delays: delaysOf(accounts),
      durationMs: now() - began,
      evidence: null,
    },
    evidence: [...refusals, ...accounts.flatMap((a) => a.takeEvidence())],
  };

  async function inspectKey(keyArn: string): Promise<KeyInspection> {
    const description = await inOwner((a) => a.key(keyArn));
    // Rotation and policy say something only of a customer key; rotation only where KMS makes the key material.
    if (!description.ok || description.value.manager !== 'CUSTOMER') {
      return { keyArn, description, rotation: null, policy: null };
    }
    const { origin, spec } = description.value;
    const rotates = origin === 'AWS_KMS' && spec === 'SYMMETRIC_DEFAULT';
    const [rotation, policy] = await Promise.all([
      rotates ? inOwner((a) => a.keyRotation(keyArn)) : null,
      inOwner((a) => a.keyPolicy(keyArn)),
    ]);
    return { keyArn, description, rotation, policy };
  }

  async function inspectStore(arn: string): Promise<Inspection['eventDataStores'][number]> {
    const reading = await inOwner((a) => a.eventDataStore(regionOf(arn), arn));
    const keyId = reading.ok ? reading.value.kmsKeyId : null;
    const known = item.keys.includes(keyId ?? '');
    const key = keyId && parseKeyArn(keyId) && !known ? await inspectKey(keyId) : null;
    return { arn, reading, key };
  }

  async function bucketWithOwner(task: BucketTask) {
    const { account, region, failure } = await findOwner(task);
    if (!account || !region) return { inspection: unknownBucket(task.bucket, failure), account: null };
    const at = { bucket: task.bucket, region };
    const [publicAccess, settings] = await Promise.all([
      publicAccessOf(account, at),
      settingsOf(account, { ...at, folders: task.logFolders }),
    ]);
    const { versioning } = settings;
    const lockable = !versioning?.ok || versioning.value === 'Enabled';
    const objectLock: BucketInspection['objectLock'] = lockable
      ? await limit(() => account.bucketObjectLock(at))
      : { ok: true, value: { mode: null, days: null } };
    const inspection: BucketInspection = {
      bucket: task.bucket,
      accountId: account.accountId,
      region,
      ownerFailure: null,
      ...settings,
      ...publicAccess,
      objectLock,
    };
    return { inspection, account };
  }

  /** Every setting but the two that are asked for by what others answer. */
  async function settingsOf(account: AccountSession, at: BucketAt & { folders: readonly string[] }) {
    const asked = BUCKET_SETTING_NAMES.filter((name) => name !== 'publicAccessBlock' && name !== 'objectLock');
    const answers = asked.map(async (name) => {
      const { method } = BUCKET_SETTINGS[name];
      return [name, await limit<[], Reading<unknown>>(() => account[method](at))] as const;
    });
    return { ...bucketSettingsNotAsked(), ...Object.fromEntries(await Promise.all(answers)) } as ReturnType<
      typeof bucketSettingsNotAsked
    >;
  }

  /** The account's setting is asked for once, and only where a bucket's own leaves something to it. */
  async function publicAccessOf(account: AccountSession, at: BucketAt) {
    const publicAccessBlock = await limit(() => account.bucketPublicAccessBlock(at));
    if (publicAccessBlock.ok && blocksAll(publicAccessBlock.value)) {
      return { publicAccessBlock, accountPublicAccessBlock: null };
    }
    const ofAccount = accountBlocks.get(account.accountId) ?? limit(() => account.accountPublicAccessBlock());
    accountBlocks.set(account.accountId, ofAccount);
    return { publicAccessBlock, accountPublicAccessBlock: await ofAccount };
  }

  /** The trail's owner first, then the log archives, then every live account's own list of buckets, some side by side. */
  async function findOwner(task: BucketSearch): Promise<BucketHome> {
    const tried = new Set<string>();
    let failure: CallFailure | null = null;
    for await (const wave of waves(task)) {
      const fresh = wave.filter((id) => !tried.has(id)).slice(0, searchedMost - searched);
      if (searched >= searchedMost) break;
      searched += fresh.length;
      for (const id of fresh) tried.add(id);
      for (const found of await Promise.all(fresh.map((id) => ownedBy(id, task.bucket)))) {
        if ('region' in found) return { ...found, failure: null };
        if (found.failure.kind === 'NOT_FOUND') continue;
        // A search that was disturbed has not ended, whatever else was refused: resuming it must be worth while.
        if (failure === null || (mayPass(found.failure) && !mayPass(failure))) failure = found.failure;
      }
    }
    return { account: null, region: null, failure };
  }

  async function ownedBy(
    accountId: string,
    bucket: string,
  ): Promise<{ account: AccountSession; region: string } | { failure: CallFailure }> {
    const session = await open(accountId);
    if (!session.ok) return { failure: session.failure };
    const found = await limit(() => session.value.ownBucket(bucket));
    return found.ok ? { account: session.value, region: found.value.region } : { failure: found.failure };
  }

  async function* waves(task: BucketSearch): AsyncIterable<string[]> {
    yield [item.owner];
    yield* task.candidates.map((id) => [id]);
    let wave: string[] = [];
    let width = FIRST_SEARCHED_AT_ONCE;
    for await (const id of request.otherAccounts()) {
      wave.push(id);
      if (wave.length < width) continue;
      yield wave;
      wave = [];
      width = Math.min(width * 2, CALLS_AT_ONCE);
    }
    yield wave;
  }

  /** Looked for only where a sample asks: a search that nobody waits for would fail unseen. */
  function homeOf(bucket: string): Promise<BucketHome> {
    const home = homes.get(bucket) ?? findHome(bucket);
    homes.set(bucket, home);
    return home;
  }

  async function findHome(bucket: string): Promise<BucketHome> {
    const search = item.sampledBuckets.find((sampled) => sampled.bucket === bucket);
    const inspected = await bucketOwners.get(bucket);
    if (inspected) {
      const { account, inspection } = inspected;
      return { account, region: inspection.region, failure: inspection.ownerFailure };
    }
    return search ? findOwner(search) : { account: null, region: null, failure: null };
  }

  async function sample(task: SampleTask): Promise<Inspection['samples'][number]> {
    const { trailArn, accountId } = task;
    const { account, region, failure } = await homeOf(task.bucket);
    if (!account || !region) return { trailArn, accountId, reading: failed(failure ?? ownerNotAsked), oldest: null };
    const at = { bucket: task.bucket, region, ...(task.others && { others: task.others }) };
    let reading: Reading<LogObject | null> = { ok: true, value: null };
    for (const prefix of task.prefixes) {
      reading = await limit(() => account.newestLogObject({ ...at, prefix }));
      if (!reading.ok || reading.value) break;
    }
    // How far back the logs go is a matter of the trail; a bucket that may not be listed need not be asked again.
    const [day] = task.prefixes;
    const folder = day?.replace(/\d{4}\/\d\d\/\d\d\/$/, '');
    const oldest =
      accountId === null && reading.ok && folder !== undefined
        ? await limit(() => account.oldestLogObject({ ...at, prefix: folder }))
        : null;
    return { trailArn, accountId, reading, oldest };
  }
}

/** The account that turned out to own a bucket, or why none did. */
interface BucketHome {
  account: AccountSession | null;
  region: string | null;
  failure: CallFailure | null;
}

const ownerUnknown: CallFailure = {
  kind: 'NOT_FOUND',
  operation: 'ListBuckets',
  code: 'OWNER_UNKNOWN',
  message: 'no account whose role could be assumed owns this bucket',
};

/** The search for samples is short: what it has not found may well be there. */
const ownerNotAsked: CallFailure = {
  ...ownerUnknown,
  message: 'none of the accounts asked owns this bucket: name its account in logArchiveAccounts',
};

const unknownBucket = (bucket: string, failure: CallFailure | null): BucketInspection => ({
  bucket,
  accountId: null,
  region: null,
  ownerFailure: failure ?? ownerUnknown,
  accountPublicAccessBlock: null,
  ...bucketSettingsNotAsked(),
});

const delaysOf = (accounts: readonly AccountSession[]): Delays =>
  accounts.reduce<Delays>(
    (sum, account) => {
      const { throttled = 0, waitedMs = 0 } = account.delays?.() ?? {};
      return { throttled: sum.throttled + throttled, waitedMs: sum.waitedMs + waitedMs };
    },
    { throttled: 0, waitedMs: 0 },
  );

/** The region in an ARN; the caller has already checked that it is one. */
const regionOf = (arn: string): string => arn.split(':')[3] ?? '';
