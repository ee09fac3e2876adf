import type { RootCause } from '../../domain/judge/root-cause.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import type { History } from '../run/history.ts';
import type { CoverageRow, FindingRow, RunRow } from '../tables/columns.ts';
import { countsOf } from '../tables/run-row.ts';
import { type FinishedRun, readTable } from '../tables/tables.ts';
import { Tally } from '../tables/tally.ts';
import { type Subset, type SubsetRequest, statusOfPart } from './subset.ts';

/** A part of a run, counted from its rows as a run is counted. */
export interface NarrowedRun {
  row: RunRow;
  tally: Tally;
  /** Waived findings of the part, by waiver. */
  waived: ReadonlyMap<string, number>;
}

/**
 * Counts the part of a run that a subset is, from the tables alone, and judges it by its own completeness. A cause's kind
 * and resource are not in the tables: `known` has them.
 */
export async function narrowedRun(request: {
  store: ReportStore;
  run: FinishedRun;
  subset: Subset;
  asked: SubsetRequest;
  known?: readonly Pick<RootCause, 'id' | 'kind' | 'resource'>[];
  /** Gets each finding of the part. */
  history?: Pick<History, 'compare'>;
}): Promise<NarrowedRun> {
  const { store, run, subset } = request;
  const { row } = run;
  const at = { store, runId: row.run_id, runDate: run.runDate };
  const known = new Map((request.known ?? []).map((cause) => [cause.id, cause]));
  const causes = new Map<string, RootCause>();
  const tally = new Tally();
  const waived = new Map<string, number>();
  for await (const finding of readTable({ ...at, table: 'findings' })) {
    if (!subset.finding(finding)) continue;
    const cause = causeOf(finding, known);
    if (cause) causes.set(cause.id, cause);
    tally.finding(finding, cause);
    request.history?.compare(finding);
    if (finding.waiver_id !== null) waived.set(finding.waiver_id, (waived.get(finding.waiver_id) ?? 0) + 1);
  }
  for await (const account of accountsOf(readTable({ ...at, table: 'coverage' }), subset))
    tally.account(
      account[0].account_id,
      account.map((target) => ({
        target: { verdict: target.verdict, basis: target.basis, entry: target },
        cause: causes.get(target.root_cause_id ?? '') ?? null,
      })),
    );
  for await (const trail of readTable({ ...at, table: 'trails' }))
    if (subset.trail(trail)) tally.trails[trail.verdict] += 1;
  const judged = { states: tally.states, unverifiedFindings: tally.byStatus.UNVERIFIED };
  return {
    tally,
    waived,
    row: {
      ...row,
      ...countsOf(tally),
      status: tally.accountsTotal === 0 ? row.status : statusOfPart(judged, row.status),
      scope: 'FILTERED',
      scope_filter: [row.scope_filter, filterWords(request.asked)].filter((part) => part !== null).join('; '),
      accounts: tally.accountsTotal,
    },
  };
}

const filterWords = ({ scope, accounts, ous, tags = [] }: SubsetRequest): string =>
  scope ? `scope ${scope.name}` : [...accounts, ...ous, ...tags].join(', ');

function causeOf(
  { root_cause_id: id, root_cause: title, root_cause_fix: fix, ...finding }: FindingRow,
  known: ReadonlyMap<string, Pick<RootCause, 'kind' | 'resource'>>,
): RootCause | null {
  if (id === null) return null;
  const { kind, resource } = known.get(id) ?? { kind: 'CONTROL_NOT_MET' as const, resource: null };
  const severity = finding.root_cause_severity ?? finding.severity;
  return { id, kind, severity, title: title ?? '', fix: fix ?? '', resource };
}

/** The rows of one account after the other: in the table they stand together. */
async function* accountsOf(
  rows: AsyncIterable<CoverageRow>,
  subset: Subset,
): AsyncGenerator<[CoverageRow, ...CoverageRow[]]> {
  let account: CoverageRow[] = [];
  for await (const row of rows) {
    if (!subset.account(row.account_id)) continue;
    const [first, ...others] = account;
    if (first && first.account_id !== row.account_id) {
      yield [first, ...others];
      account = [];
    }
    account.push(row);
  }
  const [first, ...others] = account;
  if (first) yield [first, ...others];
}
