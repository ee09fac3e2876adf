import type { LifecycleRule } from '@aws-sdk/client-s3';

const DAY_MS = 86_400_000;

/**
 * Days after which a log in one of the folders expires: the shortest enabled rule that may touch it; null where none
 * does. In a folder `*` is one name of any text. A rule by tag is passed over, since CloudTrail tags nothing; a
 * rule by size counts, since logs come in all sizes.
 */
export const shortestExpiry = ({
  rules,
  folders,
  now,
}: {
  rules: LifecycleRule[];
  folders: readonly string[];
  now: Date;
}): number | null => {
  const touches = (rule: LifecycleRule): boolean => folders.some((folder) => mayTouch(prefixOf(rule), folder));
  const days = rules
    .filter((rule) => rule.Status === 'Enabled' && !isByTag(rule) && touches(rule))
    .map((rule) => expiryDays(rule, now))
    .filter((value) => value !== null);
  return days.length === 0 ? null : Math.min(...days);
};

const prefixOf = (rule: LifecycleRule): string =>
  rule.Filter?.Prefix ??
  rule.Filter?.And?.Prefix ??
  ('Prefix' in rule && typeof rule.Prefix === 'string' ? rule.Prefix : '');

const isByTag = ({ Filter }: LifecycleRule): boolean => Boolean(Filter?.Tag || Filter?.And?.Tags?.length);

/** Whether some key below the folder begins with the prefix: name by name, the prefix's last one a part of a name. */
const mayTouch = (prefix: string, folder: string): boolean => {
  const names = prefix.split('/');
  return folder.split('/').every((name, at) => {
    const wanted = names[at];
    if (wanted === undefined || name === '*') return true;
    return at === names.length - 1 ? name.startsWith(wanted) : name === wanted;
  });
};

/** A rule by date goes on deleting whatever is written after that date. */
const expiryDays = ({ Expiration }: LifecycleRule, now: Date): number | null => {
  if (Expiration?.Days !== undefined) return Expiration.Days;
  if (Expiration?.Date === undefined) return null;
  return Math.max(0, Math.ceil((Expiration.Date.getTime() - now.getTime()) / DAY_MS));
};
