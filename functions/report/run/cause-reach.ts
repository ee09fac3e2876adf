import { plural } from '../html/words.ts';
import { ACCOUNTS_NAMED, type RootCauseTally } from './run-report.ts';

/** How far a cause reaches, in words: its findings with the names of a few accounts, and what it affects. */
export function causeReach(cause: RootCauseTally): string[] {
  const { findings, accounts, targets } = cause;
  const affected = `affects ${plural(targets, 'Region')} in ${plural(accounts, 'account')}`;
  return [`${plural(findings, 'finding')}${named(cause)}`, ...(targets > 0 ? [affected] : [])];
}

/** ` (payments, 123456789012, …)`, or nothing. */
function named({ where = [] }: RootCauseTally): string {
  if (where.length === 0) return '';
  const names = where.slice(0, ACCOUNTS_NAMED - 1).map((at) => at.account_name || at.account_id);
  return ` (${[...names, ...(where.length >= ACCOUNTS_NAMED ? ['…'] : [])].join(', ')})`;
}
