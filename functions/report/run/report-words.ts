import { minute, number, plural } from '../html/words.ts';
import { ACCOUNTS_NAMED, type RootCauseTally, type RunReport } from './run-report.ts';

/** What the run was for, in a sentence without its full stop: how many accounts of its scope are encrypted. */
export function answer({ accounts }: Pick<RunReport, 'accounts'>): string {
  const { total, excluded = 0, by_verdict: counts } = accounts;
  const live = total - excluded - counts.NOT_APPLICABLE;
  if (live === 0) return `This run has no ${total === 0 ? 'accounts' : 'active accounts in its scope'}`;
  const have = live === 1 ? 'has' : 'have';
  return `${number(counts.ENCRYPTED)} of ${plural(live, 'account')} ${have} KMS-encrypted CloudTrail logs`;
}

/** As of when a report of the present is, in sentences without their full stops; none for the report of a run. */
export function presentWords({ present, accounts }: Pick<RunReport, 'present' | 'accounts'>): string[] {
  if (!present) return [];
  const { as_of: asOf, stale_since: stale, newer, because } = present;
  const since = newer.map(({ as_of: at }) => at).sort()[0];
  const staleNewer = newer.filter(({ stale_since: at }) => at !== null).length;
  const staleAccounts = accounts.total - newer.length + staleNewer;
  return [
    `As of ${minute(asOf)}${since ? `; ${plural(newer.length, 'account')} newer, since ${minute(since)}` : ''}`,
    ...(stale
      ? [
          `An organization trail, or its key or bucket, was changed at ${minute(stale)}: how ${plural(staleAccounts, 'account')} ${staleAccounts === 1 ? 'is' : 'are'} recorded may be otherwise since then, until a whole run`,
        ]
      : []),
    ...because.map((change) => `Newer after ${change}`),
  ];
}

/** How far a cause reaches, in words: its findings with the names of a few accounts, and what it affects. */
export function causeReach(cause: RootCauseTally): string[] {
  const { findings, accounts, targets } = cause;
  const affected = `affects ${plural(targets, 'Region')} in ${plural(accounts, 'account')}`;
  if (findings === 0) return [`${affected}${named(cause)}`];
  return [`${plural(findings, 'finding')}${named(cause)}`, ...(targets > 0 ? [affected] : [])];
}

/** ` (payments, 123456789012, …)`, or nothing. */
function named({ where = [] }: RootCauseTally): string {
  if (where.length === 0) return '';
  const names = where.slice(0, ACCOUNTS_NAMED - 1).map((at) => at.account_name || at.account_id);
  return ` (${[...names, ...(where.length >= ACCOUNTS_NAMED ? ['…'] : [])].join(', ')})`;
}
