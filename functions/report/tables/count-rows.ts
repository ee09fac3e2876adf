import type { RootCause } from '../../domain/judge/root-cause.ts';
import type { CoverageRow, FindingRow, Row, TableName } from './columns.ts';
import { Tally } from './tally.ts';

/** A cause's kind and resource, which the tables have not. */
export type KnownCause = Pick<RootCause, 'id' | 'kind' | 'resource'>;

export interface RowCounts {
  tally: Tally;
  /** Waived findings, by waiver. */
  waived: ReadonlyMap<string, number>;
}

type CauseColumns = Pick<FindingRow, 'root_cause_id' | 'root_cause' | 'root_cause_fix' | 'root_cause_severity'>;

/** Counts rows as a run is counted, from the tables alone. */
export async function countRows(request: {
  rows<T extends TableName>(table: T): AsyncIterable<Row<T>>;
  known?: readonly KnownCause[];
  /** Is handed each finding. */
  finding?(row: FindingRow): void;
}): Promise<RowCounts> {
  const known = new Map((request.known ?? []).map((cause) => [cause.id, cause]));
  const causes = new Map<string, RootCause>();
  const tally = new Tally();
  const waived = new Map<string, number>();
  for await (const finding of request.rows('findings')) {
    const cause = causeOf(finding, known);
    if (cause) causes.set(cause.id, cause);
    tally.finding(finding, cause);
    request.finding?.(finding);
    if (finding.waiver_id !== null) waived.set(finding.waiver_id, (waived.get(finding.waiver_id) ?? 0) + 1);
  }
  for await (const account of accountsOf(request.rows('coverage')))
    tally.account(
      account[0],
      account.map((target) => ({
        target: { verdict: target.verdict, basis: target.basis, entry: target },
        cause: causes.get(target.root_cause_id ?? '') ?? shownAlone(target, known),
      })),
    );
  for await (const trail of request.rows('trails')) tally.trails[trail.verdict] += 1;
  return { tally, waived };
}

function causeOf(
  { root_cause_id: id, root_cause: title, root_cause_fix: fix, ...row }: CauseColumns & Pick<FindingRow, 'severity'>,
  known: ReadonlyMap<string, KnownCause>,
): RootCause | null {
  if (id === null) return null;
  const { kind, resource } = known.get(id) ?? { kind: 'CONTROL_NOT_MET' as const, resource: null };
  const severity = row.root_cause_severity ?? row.severity;
  return { id, kind, severity, title: title ?? '', fix: fix ?? '', resource };
}

/** A cause that no finding has; null too where a run of before it was kept names it by its id alone. */
const shownAlone = (target: CoverageRow, known: ReadonlyMap<string, KnownCause>): RootCause | null =>
  target.root_cause === null ? null : causeOf({ ...target, severity: 'MEDIUM' }, known);

/** The rows of one account after the other: in the table they stand together. */
async function* accountsOf(rows: AsyncIterable<CoverageRow>): AsyncGenerator<[CoverageRow, ...CoverageRow[]]> {
  let account: CoverageRow[] = [];
  for await (const row of rows) {
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
