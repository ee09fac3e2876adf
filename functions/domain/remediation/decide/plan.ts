import { oneLine } from '../formats/text.ts';
import type { PolicyStatement, Replacement } from '../policies/policy-statements.ts';
import type { TrailSubject } from './subject.ts';

/** A key that is to be made. */
export interface NewKey {
  accountId: string;
  region: string;
  partition: string;
  /** `alias/…` */
  alias: string;
  description: string;
  /** The whole key policy. */
  policy: { Version: '2012-10-17'; Statement: PolicyStatement[] };
}

/** The key a change uses: one that the plan makes, or one that exists. */
export type KeyUse = { made: NewKey } | { arn: string };

/** What a bucket lacks; null: nobody read it, so only a script, which looks first, can change it. */
export interface BucketNeeds {
  /** `import`: there is a configuration already, which Terraform takes over. */
  publicAccessBlock: 'nothing' | 'make' | 'import' | null;
  versioning: 'nothing' | 'make' | 'import' | null;
  /** Where there is none, there is nothing to take over. */
  defaultEncryption: 'nothing' | 'make' | null;
}

/** A trail that is to be made, where none records. */
export interface NewTrail {
  name: string;
  accountId: string;
  homeRegion: string;
  partition: string;
  isOrganization: boolean;
  organizationId: string | null;
  bucket: string;
  /** Made together with the trail, in its account. */
  makesBucket: boolean;
  s3KeyPrefix: string | null;
}

/**
 * One change in one account. What it does is decided in `decide.ts`; how it is written, by the renderer of each format.
 */
export type Change =
  | { do: 'create-key'; accountId: string; key: NewKey }
  | { do: 'set-trail-key'; accountId: string; trail: TrailSubject; key: KeyUse }
  | { do: 'start-logging'; accountId: string; trail: TrailSubject }
  /** Waits for a delivery without error, with the key that the trail has then; null: it has none. */
  | { do: 'check-delivery'; accountId: string; trail: TrailSubject; key: KeyUse | null }
  | { do: 'enable-validation'; accountId: string; trail: TrailSubject }
  | { do: 'enable-key'; accountId: string; region: string; keyArn: string }
  | { do: 'cancel-key-deletion'; accountId: string; region: string; keyArn: string }
  | { do: 'enable-rotation'; accountId: string; region: string; keyArn: string }
  | {
      do: 'merge-key-policy';
      accountId: string;
      region: string;
      keyArn: string;
      statements: PolicyStatement[];
      /** Statements that become others; everything else in the policy stays. */
      replace: readonly Replacement[];
      /** As it is now, or null where it was not read: then only the script can merge. */
      current: string | null;
    }
  | {
      do: 'merge-bucket-policy';
      /** null where the owner is unknown. */
      accountId: string | null;
      region: string | null;
      bucket: string;
      statements: PolicyStatement[];
      current: string | null;
    }
  | {
      do: 'protect-bucket';
      accountId: string | null;
      region: string | null;
      bucket: string;
      partition: string;
      needs: BucketNeeds;
    }
  /** Its lifecycle rules on the trails' folders expire nothing before `days`; everything else of them stays. */
  | {
      do: 'keep-logs';
      accountId: string;
      region: string;
      bucket: string;
      /** Where the trails write, `*` for one name of any text. */
      folders: readonly string[];
      days: number;
    }
  /** Server access logs of `bucket` go to `target`, which lets S3 write them. */
  | { do: 'log-access'; accountId: string; region: string; partition: string; bucket: string; target: string }
  /** CloudTrail's trusted access to the organization, which an organization trail needs. */
  | { do: 'enable-trusted-access'; accountId: string; region: string }
  /** Makes the log group, with the key, and the role where they are not there, and sets both on the trail. */
  | { do: 'feed-log-group'; accountId: string; trail: TrailSubject; logGroup: string; roleName: string; key: KeyUse }
  | { do: 'encrypt-log-group'; accountId: string; region: string; logGroupArn: string; key: KeyUse }
  | {
      do: 'encrypt-event-data-store';
      accountId: string;
      region: string;
      storeArn: string;
      storeName: string;
      key: KeyUse;
    }
  | { do: 'create-trail'; accountId: string; trail: NewTrail; key: KeyUse }
  | { do: 'set-landing-zone-key'; accountId: string; key: KeyUse; trail: TrailSubject }
  | {
      do: 'grant-read';
      accountId: string;
      partition: string;
      roleName: string;
      policyName: string;
      statements: PolicyStatement[];
    };

export interface Plan {
  /** One line for people, free of control characters. */
  title: string;
  rootCauseIds: readonly string[];
  accountsCovered: readonly string[];
  changes: Change[];
  /** What to know, each a sentence or two. */
  notes: string[];
}

/** Why nothing is written, and what to do instead. */
export interface Refused {
  ok: false;
  refusal: string;
}
export type Planned = { ok: true; plan: Plan } | Refused;

export const refuse = (refusal: string): Refused => ({ ok: false, refusal });

export const planned = (
  title: string,
  rootCauseIds: string | readonly string[] | null,
  accountsCovered: readonly string[],
  changes: Change[],
  notes: string[],
): Planned => ({
  ok: true,
  plan: {
    title: oneLine(title),
    rootCauseIds: [rootCauseIds ?? []].flat(),
    accountsCovered,
    changes,
    notes,
  },
});

/** What repairs trails: all that they cover, under all their causes. */
export const planOf = (trails: readonly TrailSubject[], title: string, changes: Change[], notes: string[]): Planned =>
  planned(
    title,
    [...new Set(trails.flatMap((t) => t.rootCauseId ?? []))],
    [...new Set(trails.flatMap((t) => t.accountsCovered))].sort(),
    changes,
    notes,
  );

export const words = (trails: readonly TrailSubject[]): string => {
  const [trail] = trails;
  if (trail === undefined) return 'no trail';
  if (trails.length > 1) return `${trails.length} trails named ${oneLine(trail.trailName)}`;
  return `${trail.isOrganization ? 'organization trail' : 'trail'} ${oneLine(trail.trailName)} of ${trail.ownerAccountId}`;
};
