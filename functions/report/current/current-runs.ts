import type { ReportStore } from '../../domain/model/store.ts';
import type { RunRow } from '../tables/columns.ts';
import { type FinishedRun, finishedRuns, startedByChange } from '../tables/tables.ts';

/** The runs whose rows together are the present. */
export interface CurrentRuns {
  /** The newest run of the widest scope that no change started; null where there is none. */
  whole: FinishedRun | null;
  /** By account, the newest run after it that a change in the account started. */
  byAccount: ReadonlyMap<string, FinishedRun>;
  /** The newest change since the whole run after which every account may be recorded otherwise; null for none. */
  everywhereChangedAt: string | null;
}

/**
 * The newest whole run and what changes started since: the same that the views `current_*` show.
 * @param before only runs before this id
 */
export async function currentRuns(store: ReportStore, { before }: { before?: string } = {}): Promise<CurrentRuns> {
  const byAccount = new Map<string, FinishedRun>();
  const everywhere: [runId: string, at: string][] = [];
  let whole: FinishedRun | null = null;
  for await (const run of finishedRuns(store)) {
    const { row } = run;
    if (before !== undefined && row.run_id >= before) continue;
    for (const account of row.because_accounts) if (!byAccount.has(account)) byAccount.set(account, run);
    if (row.everywhere_changed_at !== null) everywhere.push([row.run_id, row.everywhere_changed_at]);
    if (startedByChange(row)) continue;
    if (row.scope === 'ORGANIZATION') {
      whole = run;
      break;
    }
    whole ??= run;
  }
  const since = whole?.row.run_id ?? '';
  const times = everywhere.flatMap(([runId, at]) => (runId > since ? at : []));
  return {
    whole,
    byAccount: new Map([...byAccount].filter(([, { row }]) => row.run_id > since)),
    everywhereChangedAt: times.sort().at(-1) ?? null,
  };
}

/** The same with a run that a change started and that is not finished yet, where nothing newer has looked at its accounts. */
export function withRun({ whole, byAccount, everywhereChangedAt: before }: CurrentRuns, run: FinishedRun): CurrentRuns {
  const { run_id: id, because_accounts: accounts, everywhere_changed_at: at } = run.row;
  const newer = new Map(byAccount);
  if (id > (whole?.row.run_id ?? ''))
    for (const account of accounts) if ((newer.get(account)?.row.run_id ?? '') < id) newer.set(account, run);
  return { whole, byAccount: newer, everywhereChangedAt: at !== null && at > (before ?? '') ? at : before };
}

/** Since when the rows of a run no longer say how its accounts are recorded; null where they do. */
export const staleSince = (
  { everywhereChangedAt: at }: Pick<CurrentRuns, 'everywhereChangedAt'>,
  run: Pick<RunRow, 'started_at'>,
): string | null => (at !== null && at > run.started_at ? at : null);

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
