import { usageError } from '../../domain/model/errors.ts';
import { plannedAccountSchema, runKeys } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { COVERAGE_STATES, isUnreached, type RunStatus } from '../../domain/model/vocabulary.ts';
import type { Scope } from '../../domain/scopes/scope.ts';
import { jsonLinesOf } from '../evidence/population.ts';
import type { CoverageRow, FindingRow, Row, TableName, TrailRow } from '../tables/columns.ts';
import type { FinishedRun } from '../tables/tables.ts';
import { readTable } from '../tables/tables.ts';

/** What is shown of a run: accounts by id, organizational units by path or id, tags of accounts. Empty lists mean all. */
export interface SubsetRequest {
  accounts: readonly string[];
  ous: readonly string[];
  /** `key=value`. */
  tags?: readonly string[];
  /** By what name it is asked for. */
  scope?: Pick<Scope, 'name' | 'holds'> | null;
}

export const isWhole = ({ accounts, ous, tags = [] }: SubsetRequest): boolean =>
  accounts.length + ous.length + tags.length === 0;

/**
 * The rows of one run that concern some accounts: their own, and the trails that record them with their keys, buckets
 * and log groups, wherever those are. An organization trail is owned by none of the accounts that it protects.
 */
export interface Subset {
  accounts: ReadonlySet<string>;
  /** What was asked for that the run does not have: the account had not joined yet, or has left. */
  absent: readonly string[];
  /** Why some of what was asked for could not be looked up, so that accounts may be left out; null where all could. */
  unknown: string | null;
  account(accountId: string | null): boolean;
  finding(row: Pick<FindingRow, 'account_id' | 'resource_arn'>): boolean;
  trail(row: Pick<TrailRow, 'trail_arn' | 'account_id'>): boolean;
  key(row: { key_arn: string; account_id: string }): boolean;
  bucket(row: { bucket: string; account_id: string | null }): boolean;
}

/** Whether a subset has a row of a table. The row of the run itself is everybody's. */
export function rowFilter(table: TableName, subset: Subset): (row: Row<TableName>) => boolean {
  const rows: Record<TableName, (row: never) => boolean> = {
    coverage: ({ account_id }: Row<'coverage'>) => subset.account(account_id),
    findings: (row: Row<'findings'>) => subset.finding(row),
    trails: (row: Row<'trails'>) => subset.trail(row),
    keys: (row: Row<'keys'>) => subset.key(row),
    buckets: (row: Row<'buckets'>) => subset.bucket(row),
    runs: () => true,
  };
  return rows[table] as (row: Row<TableName>) => boolean;
}

/**
 * A part is judged by its own completeness. Where the run is PARTIAL, what could not be verified in the part may be what
 * the run still lacks: only a part without any is COMPLETE.
 */
export const statusOfPart = (
  { states, unverifiedFindings }: { states: Readonly<Record<string, number>>; unverifiedFindings: number },
  runStatus: RunStatus,
): RunStatus =>
  runStatus === 'COMPLETE' ||
  (COVERAGE_STATES.every((state) => !isUnreached(state) || !states[state]) && unverifiedFindings === 0)
    ? 'COMPLETE'
    : 'PARTIAL';

/**
 * The subset of each run, by run id. An account may have joined during a period: it must be in one run.
 * @throws TrailSealError USAGE for an account or unit that no run has, and for a unit's id or a tag that cannot be looked up
 */
export async function subsetsOf(
  store: ReportStore,
  runs: readonly FinishedRun[],
  request: SubsetRequest,
): Promise<Map<string, Subset>> {
  const subsets = new Map<string, Subset>();
  for (const run of runs) {
    const subset = await subsetOf(store, run, request);
    if (subset.unknown !== null) throw usageError(subset.unknown);
    subsets.set(run.row.run_id, subset);
  }
  const all = [...subsets.values()];
  // A unit's name may have commas in it; where no unit is called so, there are several with commas between.
  const lists = request.ous.filter((ou) => ou.includes(',') && all.every(({ absent }) => absent.includes(ou)));
  if (lists.length > 0 && runs.length > 0) {
    const names = (ou: string) => ou.split(',').flatMap((part) => part.trim() || []);
    return subsetsOf(store, runs, {
      ...request,
      ous: request.ous.flatMap((ou) => (lists.includes(ou) ? names(ou) : [ou])),
    });
  }
  const where = runs.length === 1 ? `run ${runs[0]?.row.run_id}` : `any of the ${runs.length} runs`;
  for (const wanted of allOf(request)) {
    if (runs.length === 0 || !all.every(({ absent }) => absent.includes(wanted))) continue;
    throw usageError(notThere(wanted, request, where));
  }
  return subsets;
}

const allOf = ({ accounts, ous, tags = [] }: SubsetRequest): string[] => [...accounts, ...ous, ...tags];

function notThere(wanted: string, { accounts, tags = [] }: SubsetRequest, where: string): string {
  if (accounts.includes(wanted)) return `Account ${wanted.slice(0, 40)} (--accounts) is not in ${where}.`;
  if (tags.includes(wanted)) return `No account of ${where} has the tag ${wanted.slice(0, 120)}.`;
  return `No account of ${where} is in ${wanted.slice(0, 60)} (--ou): give a path such as Root/Security.`;
}

/** The subset of one run; what it does not have is `absent`, what cannot be looked up in it `unknown`. */
export async function subsetOf(store: ReportStore, run: FinishedRun, request: SubsetRequest): Promise<Subset> {
  const { run_id: runId } = run.row;
  const at = { store, runId, runDate: run.runDate };
  const found = new Set<string>();
  const trails = new Set<string>();
  const { found: planned, unknown } = await plannedAccounts(store, runId, request);
  const asked = new Set(request.accounts);
  /** What of the request asks for this account. */
  const askers = ({ account_id, ou_path }: Pick<CoverageRow, 'account_id' | 'ou_path'>): string[] => [
    ...(asked.has(account_id) ? [account_id] : []),
    ...(planned.get(account_id) ?? []),
    ...request.ous.filter((ou) => ou_path === ou || ou_path.startsWith(`${ou}/`)),
  ];
  const accounts = new Set<string>();
  const columns = ['account_id', 'ou_path', 'recording_trail_arns', 'trail_arns'] as const;
  for await (const row of readTable({ ...at, table: 'coverage', columns })) {
    const by = askers(row);
    if (by.length === 0) continue;
    for (const asker of by) found.add(asker);
    accounts.add(row.account_id);
    for (const arn of [...row.recording_trail_arns, ...row.trail_arns]) trails.add(arn);
  }
  const related = new Set<string>(trails);
  const buckets = new Set<string>();
  for await (const row of readTable({ ...at, table: 'trails' })) {
    if (!trails.has(row.trail_arn) && !accounts.has(row.account_id)) continue;
    for (const arn of [row.trail_arn, row.kms_key_arn, row.log_group_arn]) if (arn !== null) related.add(arn);
    if (row.bucket !== null) buckets.add(row.bucket);
  }
  const account = (id: string | null): boolean => id !== null && accounts.has(id);
  return {
    accounts,
    unknown,
    absent: allOf(request).filter((wanted) => !found.has(wanted)),
    account,
    finding: (row) =>
      account(row.account_id) || related.has(row.resource_arn) || buckets.has(row.resource_arn.replace(/^.*:::/, '')),
    trail: (row) => account(row.account_id) || related.has(row.trail_arn),
    key: (row) => account(row.account_id) || related.has(row.key_arn),
    bucket: (row) => account(row.account_id) || buckets.has(row.bucket),
  };
}

/**
 * Of accounts, the units asked for by id, and the tags. The tables have neither; both are in the working files, while
 * those are kept, and tags only where the scan read them.
 */
async function plannedAccounts(
  store: ReportStore,
  runId: string,
  { ous, tags = [] }: SubsetRequest,
): Promise<{ found: Map<string, string[]>; unknown: string | null }> {
  const ids = ous.filter((ou) => /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/.test(ou));
  const found = new Map<string, string[]>();
  if (ids.length === 0 && tags.length === 0) return { found, unknown: null };
  const seen = { units: false, tags: false };
  for await (const value of jsonLinesOf(store, runKeys(runId).accounts)) {
    const account = plannedAccountSchema.safeParse(value).data;
    if (!account) continue;
    const { accountId, ouIds, tags: own } = account;
    const units = ids.filter((id) => ouIds.split('/').includes(id));
    const tagged = tags.filter((tag) => {
      const at = tag.indexOf('=');
      return own?.[tag.slice(0, at)] === tag.slice(at + 1);
    });
    seen.units ||= units.length > 0;
    seen.tags ||= own !== undefined;
    if (units.length + tagged.length > 0) found.set(accountId, [...units, ...tagged]);
  }
  const unknown = [
    ...(ids.length > 0 && !seen.units
      ? [
          `${ids.join(', ')} (--ou) cannot be looked up: run ${runId} has no such unit, or its working files are gone. Give the path, such as Root/Security.`,
        ]
      : []),
    ...(tags.length > 0 && !seen.tags
      ? [
          `The tag ${tags[0]?.slice(0, 120)} cannot be looked up: run ${runId} did not read the tags of accounts, or its working files are gone. Scan with --scope or --account-tag, or name accounts and units.`,
        ]
      : []),
  ];
  return { found, unknown: unknown.length > 0 ? unknown.join(' ') : null };
}
