import { CLOUDTRAIL_READS } from './cloudtrail.ts';
import { GRANTS, type Grant, type ReadBy } from './grants.ts';
import { KMS_READS } from './kms.ts';
import { LOG_GROUP_READS } from './log-groups.ts';
import { LOG_OBJECT_READS } from './log-objects.ts';
import type { Read } from './read.ts';
import { REGION_READS } from './regions.ts';
import { BUCKET_READS } from './s3.ts';
import { ACCOUNT_S3_READS } from './s3-control.ts';

/** Every read that is made in an account. Taking this list takes none of the clients that make the calls. */
export const READS: readonly Read[] = [
  REGION_READS,
  CLOUDTRAIL_READS,
  KMS_READS,
  BUCKET_READS,
  ACCOUNT_S3_READS,
  LOG_GROUP_READS,
  LOG_OBJECT_READS,
].flatMap((reads): Read[] => Object.values(reads));

/** A statement of the audit role: what its reads need, on what. */
export interface GrantedReads {
  sid: Grant;
  actions: string[];
  /** After `arn:<partition>:`, or `*`. */
  on: string;
}

/** The statements that some function needs, in the order of `GRANTS`. */
export const grantsFor = (...by: ReadBy[]): GrantedReads[] =>
  (Object.keys(GRANTS) as Grant[])
    .filter((sid) => by.includes(GRANTS[sid].by))
    .map((sid) => ({
      sid,
      actions: [...new Set(READS.filter((read) => read.grant === sid).flatMap((read) => read.actions))],
      on: GRANTS[sid].on,
    }));
