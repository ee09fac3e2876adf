import type { BucketNeeds } from './plan.ts';
import type { TrailSubject } from './subject.ts';

interface OfBucket {
  bucket: string;
  partition: string;
  /** null where unknown. */
  accountId: string | null;
  region: string | null;
  /** The trails that deliver to it. */
  trailArns: readonly string[];
  rootCauseId: string | null;
}

/** What is to be fixed: the failing resource with what is known of it. */
export type Problem =
  /** The trail's verdict is not SEALED, or its log file validation is off. */
  | { problem: 'trail'; trail: TrailSubject }
  | { problem: 'log-validation-off'; trail: TrailSubject }
  /** It names no log group. */
  | { problem: 'trail-unmonitored'; trail: TrailSubject }
  | {
      problem: 'key-rotation-off';
      keyArn: string;
      /** KMS KeyState, or null where unknown. */
      keyState: string | null;
      /** The trails that use the key. */
      trailArns: readonly string[];
      rootCauseId: string | null;
    }
  | {
      problem: 'key-policy';
      keyArn: string;
      /** The trails that use the key. */
      trails: readonly TrailSubject[];
      /** The key policy as it is, or null where it was not read. */
      policy: string | null;
      /** `o-…`, or null. */
      organizationId: string | null;
      /** AWS supports no `aws:SourceArn` in the statement that an event data store needs. */
      usedByEventDataStore: boolean;
      rootCauseId: string | null;
    }
  | ({
      problem: 'bucket-unprotected';
      /** The bucket policy as it is, '' where there is none, null where it was not read. */
      policy: string | null;
      needs: BucketNeeds;
      /** Whether the policy refuses requests without TLS already. */
      tlsOnly: boolean;
    } & OfBucket)
  | ({
      problem: 'bucket-retention';
      /** Where the trails write, `*` for one name of any text. */
      folders: readonly string[];
    } & OfBucket)
  | ({
      problem: 'bucket-access-unlogged';
      /** Every bucket that a trail delivers to: no place for access logs. */
      logBuckets: readonly string[];
    } & OfBucket)
  | { problem: 'log-group-unencrypted'; logGroupArn: string; trailArns: readonly string[]; rootCauseId: string | null }
  | {
      problem: 'event-data-store-unencrypted';
      storeArn: string;
      storeName: string;
      /** The key that the store has, or null. */
      key: { arn: string; state: string | null; deletionDate: string | null } | null;
      /** The finding's reason. */
      reason: string;
      rootCauseId: string | null;
    }
  | {
      problem: 'no-trail';
      partition: string;
      /** Where the trail is to live: the management account, or the account that records nothing. */
      accountId: string;
      /** `o-…` makes it an organization trail; null a trail of that account alone. */
      organizationId: string | null;
      homeRegion: string;
      /** A bucket that is there for it, or null to have one made. */
      bucket: { name: string; region: string | null; accountId: string | null } | null;
      accountsCovered: readonly string[];
      rootCauseId: string | null;
    }
  /** A root cause for which no fix is written, and why. */
  | { problem: 'no-fix'; why: string; trailArns: readonly string[]; rootCauseId: string | null };

export interface RemediationOptions {
  /** Where the key is wanted; refused where it is not the bucket's region. */
  keyRegion?: string;
  /** `alias/…`; the default is made of the trail's name. */
  alias?: string;
  /** A key to use instead of a new one: a key ARN in the bucket's region. */
  useKeyArn?: string;
  /** More accounts whose principals may decrypt; the key's and the bucket's account always may. */
  readerAccountIds?: readonly string[];
  /** A bucket for server access logs, in the account and Region of the bucket whose accesses are logged. */
  accessLogBucket?: string;
  /** The scanner's role in the accounts, with its path where it has one. */
  auditRoleName?: string;
}

/** The root cause that a fix of the problem repairs. */
export const causeOf = (problem: Problem): string | null =>
  'trail' in problem ? problem.trail.rootCauseId : problem.rootCauseId;

/** ARNs of the trails that a problem is about. */
export function trailsOf(problem: Problem): readonly string[] {
  if ('trail' in problem) return [problem.trail.trailArn];
  if ('trails' in problem) return problem.trails.map((t) => t.trailArn);
  return 'trailArns' in problem ? problem.trailArns : [];
}
