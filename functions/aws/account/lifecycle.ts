import type { LifecycleRule } from '@aws-sdk/client-s3';

const DAY_MS = 86_400_000;

/**
 * Days after which a log under `prefix` expires: the shortest enabled rule that may touch it; null where none does.
 * A rule by tag is passed over, since CloudTrail tags nothing; a rule by size counts, since logs come in all sizes.
 */
export const shortestExpiry = ({
  rules,
  prefix,
  now,
}: {
  rules: LifecycleRule[];
  prefix: string;
  now: Date;
}): number | null => {
  const days = rules
    .filter((rule) => rule.Status === 'Enabled' && !isByTag(rule) && overlaps(prefixOf(rule), prefix))
    .map((rule) => expiryDays(rule, now))
    .filter((value) => value !== null);
  return days.length === 0 ? null : Math.min(...days);
};

const prefixOf = (rule: LifecycleRule): string =>
  rule.Filter?.Prefix ??
  rule.Filter?.And?.Prefix ??
  ('Prefix' in rule && typeof rule.Prefix === 'string' ? rule.Prefix : '');

const isByTag = ({ Filter }: LifecycleRule): boolean => Boolean(Filter?.Tag || Filter?.And?.Tags?.length);

const overlaps = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);

/** A rule by date goes on deleting whatever is written after that date. */
const expiryDays = ({ Expiration }: LifecycleRule, now: Date): number | null => {
  if (Expiration?.Days !== undefined) return Expiration.Days;
  if (Expiration?.Date === undefined) return null;
  return Math.max(0, Math.ceil((Expiration.Date.getTime() - now.getTime()) / DAY_MS));
};
