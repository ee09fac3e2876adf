import { eventDataStoreEncrypted } from '../../domain/controls/event-data-store/event-data-store-encrypted.ts';
import { deliveredLogsEncrypted } from '../../domain/controls/trail/delivered-logs-encrypted.ts';
import type { CoverageRow, FindingRow, RunRow } from '../tables/columns.ts';
import { type ExportOptions, isExported } from './exported.ts';

/** Findings of the run before, by id: whether they were not met. */
export type Before = ReadonlyMap<string, boolean>;
export const NOTHING_BEFORE: Before = new Map();

type Rows<T> = AsyncIterable<T> | Iterable<T>;
type SeenTarget = Pick<CoverageRow, 'account_id' | 'region' | 'state'>;

/** A run and what it is compared with. */
export interface Since {
  run: RunRow;
  findings: Rows<FindingRow>;
  before?: Before;
  /** All findings of the run before; read only where some of them are gone. */
  earlier?: () => Rows<FindingRow>;
  /** Of this run. */
  coverage?: () => Rows<SeenTarget>;
  options?: ExportOptions | undefined;
}

/**
 * The findings that an export takes in; what was not met in the run before and is met now, targets too; and what was not
 * met then and has no resource any more, as one that does not apply (`gone`).
 */
export async function* findingsSince(request: Since): AsyncGenerator<{ finding: FindingRow; gone: boolean }> {
  const { run, before = NOTHING_BEFORE, earlier, coverage } = request;
  const open = new Set([...before].flatMap(([id, unmet]) => (unmet ? [id] : [])));
  const judged = new Set<string>();
  for await (const finding of request.findings) {
    judged.add(finding.control_id);
    const wasOpen = open.delete(finding.finding_id);
    if (wasOpen || isExported(finding, request.options)) yield { finding, gone: false };
  }
  if (open.size === 0 || !earlier || !coverage || !saysWhatIsGone(run)) return;
  const isGone = await goneFrom(coverage(), judged);
  for await (const finding of earlier()) {
    if (open.has(finding.finding_id) && isGone(finding)) yield { finding: withoutResource(finding, run), gone: true };
  }
}

/** Whether what a run did not find is gone: it looked everywhere. */
export const saysWhatIsGone = (run: Pick<RunRow, 'status' | 'scope'>): boolean =>
  run.status === 'COMPLETE' && run.scope === 'ORGANIZATION';

/** What a scan is asked for (`--sample-logs`) or may leave out (`--no-lake`): where a run has none, it may not have looked. */
const MAY_BE_LEFT_OUT: readonly string[] = [deliveredLogsEncrypted.id, eventDataStoreEncrypted.id];

/**
 * Whether a finding that a run did not find again is gone: its control was judged, and its account and Region were looked
 * at, or are no part of the organization any more.
 * @param judged ids of the controls that the run has findings of
 */
export async function goneFrom(
  coverage: Rows<SeenTarget>,
  judged: ReadonlySet<string>,
): Promise<(finding: Pick<FindingRow, 'control_id' | 'account_id' | 'region'>) => boolean> {
  const unseen = new Set<string>();
  const accounts = new Map<string, boolean>();
  for await (const { account_id: account, region, state } of coverage) {
    const isSeen = state === 'SCANNED' || state === 'REGION_DISABLED';
    if (!isSeen) unseen.add(`${account}/${region}`);
    accounts.set(account, isSeen || accounts.get(account) === true);
  }
  return ({ control_id: control, account_id: account, region }) => {
    if (MAY_BE_LEFT_OUT.includes(control) && !judged.has(control)) return false;
    if (account === null) return true;
    return region === null ? accounts.get(account) !== false : !unseen.has(`${account}/${region}`);
  };
}

const withoutResource = (finding: FindingRow, run: RunRow): FindingRow => ({
  ...finding,
  status: 'NOT_APPLICABLE',
  reason: null,
  observed: `Run ${run.run_id} looked at the whole organization and did not find the resource any more.`,
  detail: null,
  root_cause_id: null,
  root_cause: null,
  root_cause_fix: null,
  root_cause_severity: null,
  evidence_refs: [],
  waiver_id: null,
  waived_by: null,
  waived_until: null,
  observed_at: run.finished_at,
});
