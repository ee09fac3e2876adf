import { createHash } from 'node:crypto';
import { TrailSealError } from '../model/errors.ts';
import type { Account } from '../model/organization.ts';
import type { Exclusion, PlannedAccount, RunSettings } from '../model/plan.ts';
import { type Scope, scopeOfEntries } from '../scopes/scope.ts';

/**
 * The accounts with why each is left out, or null.
 * @throws TrailSealError UNKNOWN_ACCOUNT, UNKNOWN_OU, UNKNOWN_TAG for a filter that fits none
 */
export function withExclusions(accounts: readonly Account[], settings: RunSettings): PlannedAccount[] {
  const only = settings.onlyAccounts && new Set(settings.onlyAccounts);
  const except = new Set(settings.excludeAccounts);
  const known = new Set(accounts.map((a) => a.accountId));
  for (const id of [...(only ?? []), ...except]) {
    if (!known.has(id)) {
      throw new TrailSealError(
        'UNKNOWN_ACCOUNT',
        settings.listedAccounts
          ? `Account ${id.slice(0, 40)} (--exclude-accounts) is not in the file of --accounts-file.`
          : `Account ${id.slice(0, 40)} is not in this organization: check --accounts and --exclude-accounts.`,
      );
    }
  }
  const inOus = settings.onlyOus?.flatMap((ou) => ouFilters(accounts, ou)) ?? null;
  const tagged = settings.onlyAccountTags && tagFilter(accounts, settings.onlyAccountTags);
  const inScope = settings.onlyScope && scopeMembers(accounts, scopeOfEntries(settings.onlyScope));
  return accounts.map((account) => ({ ...account, excluded: exclusion(account) }));

  function exclusion(account: Account): Exclusion | null {
    if (only && !only.has(account.accountId)) return 'ACCOUNT_FILTER';
    if (except.has(account.accountId)) return 'EXCLUDED_ACCOUNT';
    if (inOus && !inOus.some((inOu) => inOu(account))) return 'OU_FILTER';
    if (tagged && !tagged(account)) return 'TAG_FILTER';
    if (inScope && !inScope(account)) return 'SCOPE_FILTER';
    return null;
  }
}

/**
 * Values of one key widen, further keys narrow: as AWS's own tag filters.
 * @throws TrailSealError UNKNOWN_TAG for a tag that no account has: a misspelled one would scan nothing
 */
function tagFilter(
  accounts: readonly Account[],
  tags: readonly string[],
  from = '--account-tag',
): (account: Account) => boolean {
  const wanted = new Map<string, Set<string>>();
  for (const tag of tags) {
    const at = tag.indexOf('=');
    const [key, value] = [tag.slice(0, at), tag.slice(at + 1)];
    if (!accounts.some((account) => account.tags?.[key] === value))
      throw new TrailSealError('UNKNOWN_TAG', `No account has the tag ${tag.slice(0, 120)} (${from}).`);
    wanted.set(key, (wanted.get(key) ?? new Set()).add(value));
  }
  return ({ tags: own = {} }) => [...wanted].every(([key, values]) => values.has(own[key] ?? '\0'));
}

/** Accounts that any list of a scope names. @throws TrailSealError UNKNOWN_ACCOUNT, UNKNOWN_OU, UNKNOWN_TAG */
function scopeMembers(
  accounts: readonly Account[],
  { name, accounts: ids, ous, tags }: Omit<Scope, 'holds'>,
): (account: Account) => boolean {
  const unknown = ids.find((id) => !accounts.some(({ accountId }) => accountId === id));
  if (unknown !== undefined)
    throw new TrailSealError('UNKNOWN_ACCOUNT', `Account ${unknown} of scope ${name} is not in this organization.`);
  const tests = [
    ({ accountId }: Account) => ids.includes(accountId),
    ...ous.flatMap((ou) => ouFilters(accounts, ou)),
    ...tags.map((tag) => tagFilter(accounts, [tag], `scope ${name}`)),
  ];
  return (account) => tests.some((test) => test(account));
}

/** One organizational unit, whose name may have commas in it; where none is called so, several with commas between. */
function ouFilters(accounts: readonly Account[], text: string): ((account: Account) => boolean)[] {
  const isOne =
    !text.includes(',') ||
    accounts.some(({ ouPath }) => `${ouPath}/`.startsWith(`${text}/`) || pathsTo(ouPath, text).length > 0);
  const names = isOne ? [text] : text.split(',').map((part) => part.trim());
  return names.map((name) => ouFilter(accounts, name));
}

/**
 * Accounts below one organizational unit: by its id, by the path of names from the root, or by its name alone where no
 * other is called so.
 * @throws TrailSealError UNKNOWN_OU
 */
function ouFilter(accounts: readonly Account[], ou: string): (account: Account) => boolean {
  const byId = (account: Account) => account.ouIds.split('/').includes(ou);
  const byPath = ({ ouPath }: Account) => ouPath === ou || ouPath.startsWith(`${ou}/`);
  for (const filter of [byId, byPath]) if (accounts.some(filter)) return filter;
  const paths = new Set(accounts.flatMap(({ ouPath }) => pathsTo(ouPath, ou)));
  const [only, ...others] = [...paths].sort();
  if (only !== undefined && others.length === 0) {
    return ({ ouPath }) => ouPath === only || ouPath.startsWith(`${only}/`);
  }
  throw new TrailSealError(
    'UNKNOWN_OU',
    only === undefined
      ? `No account is in organizational unit ${ou.slice(0, 60)}: --ou takes an id (ou-… or r-…), a path such as Root/Security, or a name.`
      : `${paths.size} organizational units are called ${ou.slice(0, 60)}: give the path, such as ${only.slice(0, 120)}, or the id.`,
  );
}

/** The paths within one that end in an organizational unit of this name. */
function pathsTo(ouPath: string, name: string): string[] {
  const names = ouPath.split('/');
  return names.flatMap((other, i) => (other === name ? [names.slice(0, i + 1).join('/')] : []));
}

/** What narrows a run, readable; null where nothing does. */
export function scopeFilter(settings: RunSettings): string | null {
  const parts = [
    settings.onlyAccounts && `accounts ${settings.onlyAccounts.join(',')}`,
    settings.listedAccounts && `accounts of a file: ${idsOf(settings.listedAccounts)}`,
    settings.excludeAccounts.length > 0 && `without accounts ${settings.excludeAccounts.join(',')}`,
    settings.onlyOus && `ou ${settings.onlyOus.join(',')}`,
    settings.onlyAccountTags && `account tags ${settings.onlyAccountTags.join(',')}`,
    settings.onlyScope && scopeWords(scopeOfEntries(settings.onlyScope)),
    settings.onlyRegions && `regions ${settings.onlyRegions.join(',')}`,
    settings.excludeRegions.length > 0 && `without regions ${settings.excludeRegions.join(',')}`,
  ].filter((part): part is string => typeof part === 'string');
  return parts.length > 0 ? parts.join('; ') : null;
}

const scopeWords = ({ name, accounts, ous, tags }: Omit<Scope, 'holds'>): string =>
  `scope ${name}: ${[
    ...(accounts.length > 0 ? [`accounts ${idsOf(accounts)}`] : []),
    ...(ous.length > 0 ? [`ou ${ous.join(',')}`] : []),
    ...(tags.length > 0 ? [`account tags ${tags.join(',')}`] : []),
  ].join(' or ')}`;

/** Few accounts by name; of many their number, and a hash that tells one list from another. */
export function idsOf(listed: readonly string[]): string {
  const ids = listed.map((entry) => entry.slice(0, 12)).sort();
  if (ids.length <= 20) return ids.join(',');
  return `${ids.length}, SHA-256 ${createHash('sha256').update(ids.join()).digest('hex').slice(0, 12)}`;
}
