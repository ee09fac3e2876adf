import type { BucketFacts } from '../../judge/resources.ts';
import { type Cause, unverified } from './reason.ts';
import type { Filing } from './unread.ts';

export const OF_BUCKET: Filing = { kind: 'BUCKET_SETTINGS', severity: 'HIGH' };

/** Without the owner none of its settings can be read: one cause for all controls of the bucket. */
export const OWNER_UNKNOWN = {
  OWNER_UNKNOWN: unverified('The owner of the log bucket is not known', {
    ...OF_BUCKET,
    fix: 'Name the owner in logArchiveAccounts, or let the audit role into it.',
  }),
};

export const SETTINGS_UNKNOWN: Cause = {
  ...OF_BUCKET,
  title: ({ words }) => `Whether the log bucket is protected is not known: ${words}`,
  fix: "Let the audit role read the bucket's settings and its account's public access block.",
};

/** Why nobody knows who owns the bucket; null where the owner is known. */
export function ownerUnknown({ inspection }: BucketFacts): { detail: string } | null {
  if (inspection?.accountId) return null;
  const failure = inspection?.ownerFailure;
  return { detail: failure ? `${failure.code}: ${failure.message}` : 'Nobody could be asked who owns the bucket.' };
}
