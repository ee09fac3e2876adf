import { number, plural } from '../html/words.ts';
import type { RunReport } from './run-report.ts';

/** What the run was for, in a sentence without its full stop: how many accounts of its scope are encrypted. */
export function answer({ accounts }: Pick<RunReport, 'accounts'>): string {
  const { total, excluded = 0, by_verdict: counts } = accounts;
  const live = total - excluded - counts.NOT_APPLICABLE;
  if (live === 0) return `This run has no ${total === 0 ? 'accounts' : 'active accounts in its scope'}`;
  const have = live === 1 ? 'has' : 'have';
  return `${number(counts.ENCRYPTED)} of ${plural(live, 'account')} ${have} KMS-encrypted CloudTrail logs`;
}
