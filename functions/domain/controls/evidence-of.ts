import type { KeyFacts } from '../judge/key-facts.ts';
import type { BucketFacts, ResolvedTrail } from '../judge/resources.ts';
import { BUCKET_SETTING_NAMES, BUCKET_SETTINGS, type BucketSetting, type LogObject } from '../model/account-access.ts';
import { parseArn } from '../model/arn.ts';
import { evidenceRef } from '../model/evidence.ts';
import type { Reading } from '../model/reading.ts';

/**
 * The record that a reading comes from: the call's own, or the refused AssumeRole where the role could not be
 * assumed and the call was never made. None where nothing was asked.
 */
export function answerOf(
  reading: Reading<unknown> | null | undefined,
  call: { accountId: string; region: string; operation: string; subject?: string },
): string[] {
  if (!reading) return [];
  if (reading.ok || reading.failure.operation !== 'AssumeRole') return [evidenceRef(call)];
  return [evidenceRef({ accountId: call.accountId, region: '*', operation: 'AssumeRole' })];
}

/** The DescribeTrails answer that showed the trail. */
export const describedBy = ({ facts }: ResolvedTrail): string =>
  evidenceRef({ ...facts.seenIn, operation: 'DescribeTrails' });

/** The GetTrailStatus answer its status comes from. */
export function statusBy({ facts }: ResolvedTrail): string[] {
  if (!facts.statusFrom) return [];
  const { homeRegion, trailArn } = facts.trail;
  const call = { accountId: facts.statusFrom, region: homeRegion, operation: 'GetTrailStatus', subject: trailArn };
  return answerOf(facts.status, call);
}

/** The GetEventSelectors answer its selectors come from. */
export function selectorsBy({ facts }: ResolvedTrail): string[] {
  if (!facts.selectorsFrom) return [];
  const { homeRegion, trailArn } = facts.trail;
  const call = {
    accountId: facts.selectorsFrom,
    region: homeRegion,
    operation: 'GetEventSelectors',
    subject: trailArn,
  };
  return answerOf(facts.selectors, call);
}

/** The answer of one KMS operation about a key, where somebody was asked. */
export function keyBy(
  key: KeyFacts | null,
  operation: 'DescribeKey' | 'GetKeyRotationStatus' | 'GetKeyPolicy',
): string[] {
  if (!key?.arn || !key.inspection || !key.askedIn) return [];
  const { description, rotation, policy } = key.inspection;
  const reading = { DescribeKey: description, GetKeyRotationStatus: rotation, GetKeyPolicy: policy }[operation];
  return answerOf(reading, { accountId: key.askedIn, region: key.arn.region, operation, subject: key.keyId });
}

/** The list that shows who owns a bucket, and where. */
export function bucketOwnerBy(bucket: BucketFacts | null): string[] {
  const { accountId, region } = bucket?.inspection ?? {};
  if (!bucket || !accountId || !region) return [];
  return [evidenceRef({ accountId, region: '*', operation: 'ListBuckets', subject: bucket.bucket })];
}

/** The answer of one S3 operation about a bucket, where its owner is known. */
export function bucketBy(
  bucket: BucketFacts | null,
  operation: (typeof BUCKET_SETTINGS)[BucketSetting]['operation'],
): string[] {
  const { accountId, region } = bucket?.inspection ?? {};
  if (!bucket || !accountId || !region) return [];
  const setting = BUCKET_SETTING_NAMES.find((name) => BUCKET_SETTINGS[name].operation === operation);
  return answerOf(setting && bucket.inspection?.[setting], { accountId, region, operation, subject: bucket.bucket });
}

/** The answers about public access to a bucket: its own setting, and its account's where that was asked for. */
export function publicAccessBy(bucket: BucketFacts): string[] {
  const { accountId, accountPublicAccessBlock } = bucket.inspection ?? {};
  const own = bucketBy(bucket, 'GetPublicAccessBlock');
  if (!accountId) return own;
  const call = { accountId, region: '*', operation: 'GetAccountPublicAccessBlock' };
  return [...own, ...answerOf(accountPublicAccessBlock, call)];
}

/** The DescribeLogGroups answer about a log group. */
export function logGroupBy(logGroupArn: string, reading: Reading<unknown> | null | undefined): string[] {
  const arn = parseArn(logGroupArn);
  if (!arn) return [];
  const { accountId, region } = arn;
  return answerOf(reading, { accountId, region, operation: 'DescribeLogGroups', subject: logGroupArn });
}

/** The listings that found a trail's newest and oldest log objects, and the heads of them. */
export const sampleBy = ({ bucket, sample, oldest }: ResolvedTrail): string[] => [
  ...new Set([...logObjectBy(bucket, sample), ...logObjectBy(bucket, oldest)]),
];

/** The listing that found a log object in a bucket, and the head of it. */
export function logObjectBy(bucket: BucketFacts | null, reading: Reading<LogObject | null> | null): string[] {
  const { accountId, region } = bucket?.inspection ?? {};
  if (!bucket || !accountId || !region || !reading) return [];
  // A sample of one account's logs is taken apart from the bucket's inspection, and may not have found its way there.
  if (!reading.ok && ['AssumeRole', 'ListBuckets'].includes(reading.failure.operation)) return [];
  const at = { accountId, region };
  const listed = evidenceRef({ ...at, operation: 'ListObjectsV2', subject: bucket.bucket });
  if (!reading.ok || !reading.value) return [listed];
  return [listed, evidenceRef({ ...at, operation: 'HeadObject', subject: `${bucket.bucket}/${reading.value.key}` })];
}

/** `KEY (TIME): aws:kms with KEY-ARN`. */
export const logObjectWords = ({ key, lastModified, encryption, kmsKeyId }: LogObject): string =>
  `${key} (${lastModified}): ${encryption ?? 'no encryption header'}${kmsKeyId ? ` with ${kmsKeyId}` : ''}`;

/** What is known of the oldest log object of a trail, in a sentence. */
export const oldestWords = (reading: Reading<LogObject | null>): string => {
  if (!reading.ok) return `The oldest log object could not be read: ${reading.failure.message}.`;
  if (reading.value === null) return 'No log object is there.';
  if (reading.value.ofOther) return 'The oldest log objects are of another trail with the same prefix.';
  return `The oldest log object that is there is ${logObjectWords(reading.value)}.`;
};
