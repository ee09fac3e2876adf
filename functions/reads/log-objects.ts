import {
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import type { AccountSession, BucketAt, LogObject, LogsAt } from '../domain/model/account-access.ts';
import { malformed } from './call-error.ts';
import { pages } from './paging.ts';
import type { Read, ReadCalls } from './read.ts';

const service = 's3';

const changedBy = { unwatched: 'What CloudTrail delivers is no management event; the key that it uses is watched.' };

/** Both are parts of `newestLogObject` and `oldestLogObject`. */
export const LOG_OBJECT_READS = {
  list: { service, operation: 'ListObjectsV2', actions: ['s3:ListBucket'], grant: 'FindNewestLogObject', changedBy },
  head: { service, operation: 'HeadObject', actions: ['s3:GetObject'], grant: 'ReadLogObjectHeader', changedBy },
} as const satisfies Record<string, Read>;

/** Branches (accounts, regions) followed where a prefix holds several; a sample needs one newest log, not all. */
const MAX_BRANCHES = 40;
/** Objects whose header is read to find one that is not another trail's. */
const MAX_HEADS = 20;

type Found = { key: string; lastModified: Date };

export const logObjectReads = (calls: ReadCalls): Pick<AccountSession, 'newestLogObject' | 'oldestLogObject'> => ({
  newestLogObject: (at) =>
    calls.read(LOG_OBJECT_READS.list.operation, async () => ownOf(calls, at, await newestUnder(calls, at))),
  oldestLogObject: (at) =>
    calls.read(LOG_OBJECT_READS.list.operation, async () => ownOf(calls, at, await oldestUnder(calls, at))),
});

/** The first that does not carry the key of another trail under the prefix; where all do, the first of them, marked. */
const ownOf = async (calls: ReadCalls, at: LogsAt, found: readonly Found[]): Promise<LogObject | null> => {
  const others = at.others ?? [];
  let first: LogObject | null = null;
  for (const object of found.slice(0, others.length > 0 ? MAX_HEADS : 1)) {
    const described = await describe(calls, at, object);
    const { encryption, kmsKeyId } = described;
    const key = encryption?.startsWith('aws:kms') ? (kmsKeyId ?? undefined) : null;
    if (key === undefined || !others.includes(key)) return described;
    first ??= { ...described, ofOther: true };
  }
  return first;
};

/**
 * Logs lie under `…/CloudTrail/<region>/<yyyy>/<mm>/<dd>/`: going down by folder, and by the latest of dates,
 * finds the newest in a few calls where a flat listing would read every object there is.
 */
const newestUnder = async (calls: ReadCalls, at: LogsAt): Promise<Found[]> => {
  const open = [at.prefix];
  let newest: Found[] = [];
  for (let visited = 0; open.length > 0 && visited < MAX_BRANCHES * 4; visited++) {
    const prefix = open.pop() as string;
    const { objects, folders } = await list(calls, at, { prefix });
    newest = [...newest, ...objects]
      .sort((a, b) => b.lastModified.getTime() - a.lastModified.getTime())
      .slice(0, MAX_HEADS);
    open.push(...descend(folders).slice(-MAX_BRANCHES));
  }
  return newest;
};

/** Down the earliest of dates, in the folder of one account and Region; names begin with their time, so its first page is enough. */
const oldestUnder = async (calls: ReadCalls, at: LogsAt): Promise<Found[]> => {
  let prefix: string | undefined = at.prefix;
  for (let depth = 0; prefix !== undefined && depth <= DATE_PARTS; depth++) {
    const { objects, folders } = await list(calls, at, { prefix, onlyFirstPage: depth === DATE_PARTS });
    if (objects.length > 0) return objects.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, MAX_HEADS);
    prefix = folders.filter(isDate).sort()[0];
  }
  return [];
};

/** Year, month and day. */
const DATE_PARTS = 3;
const nameOf = (folder: string): string => folder.split('/').at(-2) ?? '';
const isDate = (folder: string): boolean => /^\d{2}(\d{2})?$/.test(nameOf(folder));

/** The newest of date folders; all of any other kind but digests, which are not logs. */
const descend = (folders: string[]): string[] => {
  const dates = folders.filter(isDate).sort();
  if (dates.length > 0) return dates.slice(-1);
  return folders.filter((folder) => !/^CloudTrail-(Digest|Insight)$/.test(nameOf(folder)));
};

const list = async (
  calls: ReadCalls,
  at: BucketAt,
  { prefix, onlyFirstPage = false }: { prefix: string; onlyFirstPage?: boolean },
) => {
  const { operation } = LOG_OBJECT_READS.list;
  const objects: Found[] = [];
  const folders: string[] = [];
  const ask = (token: string | undefined, page: number): Promise<ListObjectsV2CommandOutput> => {
    const input = {
      Bucket: at.bucket,
      Prefix: prefix,
      Delimiter: '/',
      ExpectedBucketOwner: calls.accountId,
      ...(token === undefined ? {} : { ContinuationToken: token }),
    };
    return calls.ask({
      ...LOG_OBJECT_READS.list,
      region: at.region,
      input,
      subject: at.bucket,
      page,
      send: () => calls.client(S3Client, at.region).send(new ListObjectsV2Command(input)),
    });
  };
  for await (const page of pages(operation, ask, (answer) => answer.NextContinuationToken)) {
    if (page.KeyCount === undefined && !page.Contents && !page.CommonPrefixes) throw malformed(operation, 'KeyCount');
    for (const { Key, LastModified } of page.Contents ?? []) {
      if (Key?.endsWith('.json.gz') && LastModified) objects.push({ key: Key, lastModified: LastModified });
    }
    for (const { Prefix } of page.CommonPrefixes ?? []) if (Prefix) folders.push(Prefix);
    if (onlyFirstPage) break;
  }
  return { objects, folders };
};

const describe = async (calls: ReadCalls, at: BucketAt, { key, lastModified }: Found): Promise<LogObject> => {
  const input = { Bucket: at.bucket, Key: key, ExpectedBucketOwner: calls.accountId };
  const head: HeadObjectCommandOutput = await calls.ask({
    ...LOG_OBJECT_READS.head,
    region: at.region,
    input,
    subject: `${at.bucket}/${key}`,
    send: () => calls.client(S3Client, at.region).send(new HeadObjectCommand(input)),
  });
  return {
    key,
    lastModified: lastModified.toISOString(),
    encryption: head.ServerSideEncryption ?? null,
    kmsKeyId: head.SSEKMSKeyId ?? null,
  };
};
