/**
 * Untrusted text on one line of a comment, a title or a prompt: control, bidirectional and line-separating characters
 * become spaces, so that it can neither end the line nor rearrange what a person reads.
 */
export const oneLine = (text: string, length = 200): string => {
  const flat = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return flat.length > length ? `${flat.slice(0, length)}…` : flat;
};

/** For a person: `3 accounts: 111…, 222…, 333…`, at most ten named. */
export const accountList = (ids: readonly string[]): string => {
  const named = ids.slice(0, 10).join(', ');
  const more = ids.length > 10 ? ` and ${ids.length - 10} more` : '';
  return `${ids.length} account${ids.length === 1 ? '' : 's'}${ids.length === 0 ? '' : `: ${named}${more}`}`;
};

/** The part of an alias, a stack or a file name that a trail's name gives: letters, digits, `-` and `_`. */
export const slug = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 100) || 'trail';
