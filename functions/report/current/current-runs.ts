import type { ReportStore } from '../../domain/model/store.ts';
import { type FinishedRun, finishedRuns, startedByChange } from '../tables/tables.ts';

/** The runs whose rows together are the present. */
export interface CurrentRuns {
  /** The newest run of the widest scope that no change started; null where there is none. */
  whole: FinishedRun | null;
  /** By account, the newest run after it that a change in the account started. */
  byAccount: ReadonlyMap<string, FinishedRun>;
}

/**
 * The newest whole run and what changes started since: the same that the views `current_*` show.
 * @param before only runs before this id
 */
export async function currentRuns(store: ReportStore, { before }: { before?: string } = {}): Promise<CurrentRuns> {
  const byAccount = new Map<string, FinishedRun>();
  let whole: FinishedRun | null = null;
  for await (const run of finishedRuns(store)) {
    const { row } = run;
    if (before !== undefined && row.run_id >= before) continue;
    for (const account of row.because_accounts) if (!byAccount.has(account)) byAccount.set(account, run);
    if (startedByChange(row)) continue;
    if (row.scope === 'ORGANIZATION') {
      whole = run;
      break;
    }
    whole ??= run;
  }
  const since = whole?.row.run_id ?? '';
  return { whole, byAccount: new Map([...byAccount].filter(([, { row }]) => row.run_id > since)) };
}

export interface CurrentPart {
  run: FinishedRun;
  /** Whether a row of an account is to be taken from this run. */
  shows(accountId: string | null): boolean;
}

/** Each of those runs. */
export function* currentParts({ whole, byAccount }: CurrentRuns): Generator<CurrentPart> {
  if (whole) yield { run: whole, shows: (accountId) => accountId === null || !byAccount.has(accountId) };
  for (const run of new Set(byAccount.values()))
    yield { run, shows: (accountId) => accountId !== null && byAccount.get(accountId) === run };
}
