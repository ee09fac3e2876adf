import {
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import type { AccountSession, BucketAt, LogObject } from '../domain/model/account-access.ts';
import { malformed } from './call-error.ts';
import { pages } from './paging.ts';
import type { Read, ReadCalls } from './read.ts';

const service = 's3';

const changedBy = { unwatched: 'What CloudTrail delivers is no management event; the key that it uses is watched.' };

/** Both are parts of one method, `newestLogObject`. */
export const LOG_OBJECT_READS = {
  list: { service, operation: 'ListObjectsV2', actions: ['s3:ListBucket'], grant: 'FindNewestLogObject', changedBy },
  head: { service, operation: 'HeadObject', actions: ['s3:GetObject'], grant: 'ReadLogObjectHeader', changedBy },
} as const satisfies Record<string, Read>;

/** Branches (accounts, regions) followed where a prefix holds several; a sample needs one newest log, not all. */
const MAX_BRANCHES = 40;

type Found = { key: string; lastModified: Date };

export const logObjectReads = (calls: ReadCalls): Pick<AccountSession, 'newestLogObject'> => ({
  newestLogObject: (at) =>
    calls.read(LOG_OBJECT_READS.list.operation, async () => {
      const newest = await newestUnder(calls, at);
      return newest && describe(calls, at, newest);
    }),
});

/**
 * Logs lie under `…/CloudTrail/<region>/<yyyy>/<mm>/<dd>/`: going down by folder, and by the latest of dates,
 * finds the newest in a few calls where a flat listing would read every object there is.
 */
const newestUnder = async (calls: ReadCalls, at: BucketAt & { prefix: string }): Promise<Found | null> => {
  const open = [at.prefix];
  let newest: Found | null = null;
  for (let visited = 0; open.length > 0 && visited < MAX_BRANCHES * 4; visited++) {
    const prefix = open.pop() as string;
    const { objects, folders } = await list(calls, at, prefix);
    for (const object of objects) {
      if (!newest || object.lastModified > newest.lastModified) newest = object;
    }
    open.push(...descend(folders).slice(-MAX_BRANCHES));
  }
  return newest;
};

/** The newest of date folders; all of any other kind but digests, which are not logs. */
const descend = (folders: string[]): string[] => {
  const last = (folder: string) => folder.split('/').at(-2) ?? '';
  const dates = folders.filter((folder) => /^\d{2}(\d{2})?$/.test(last(folder))).sort();
  if (dates.length > 0) return dates.slice(-1);
  return folders.filter((folder) => !/^CloudTrail-(Digest|Insight)$/.test(last(folder)));
};

const list = async (calls: ReadCalls, at: BucketAt, prefix: string) => {
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
