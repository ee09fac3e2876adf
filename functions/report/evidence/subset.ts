import { TrailSealError } from '../../domain/errors.ts';
import { runKeys } from '../../domain/plan.ts';
import type { ReportStore } from '../../domain/store.ts';
import type { CoverageRow, FindingRow, TrailRow } from '../columns.ts';
import type { FinishedRun } from '../tables.ts';
import { readTable } from '../tables.ts';
import { jsonLinesOf } from './population.ts';

/** What a pack is narrowed to: accounts by id, organizational units by path or id. Empty lists mean all. */
export interface SubsetRequest {
  accounts: readonly string[];
  ous: readonly string[];
}

export const isWhole = ({ accounts, ous }: SubsetRequest): boolean => accounts.length === 0 && ous.length === 0;

/**
 * The rows of one run that concern some accounts: their own, and the trails that record them with their keys, buckets
 * and log groups, wherever those are. An organization trail is owned by none of the accounts that it protects.
 */
export interface Subset {
  accounts: ReadonlySet<string>;
  account(accountId: string | null): boolean;
  finding(row: Pick<FindingRow, 'account_id' | 'resource_arn'>): boolean;
  trail(row: Pick<TrailRow, 'trail_arn' | 'account_id'>): boolean;
  key(row: { key_arn: string; account_id: string }): boolean;
  bucket(row: { bucket: string; account_id: string | null }): boolean;
}

/** @throws TrailSealError USAGE for an account or unit that the run does not have */
export async function subsetOf(store: ReportStore, run: FinishedRun, request: SubsetRequest): Promise<Subset> {
  const { run_id: runId } = run.row;
  const at = { store, runId, runDate: run.runDate };
  const known = new Map<string, string>();
  const trails = new Set<string>();
  const byUnit = await accountsOfUnitIds(store, runId, request.ous);
  const wanted = (row: Pick<CoverageRow, 'account_id' | 'ou_path'>): boolean =>
    request.accounts.includes(row.account_id) ||
    byUnit.has(row.account_id) ||
    request.ous.some((ou) => row.ou_path === ou || row.ou_path.startsWith(`${ou}/`));
  const accounts = new Set<string>();
  for await (const row of readTable({ ...at, table: 'coverage' })) {
    known.set(row.account_id, row.ou_path);
    if (!wanted(row)) continue;
    accounts.add(row.account_id);
    for (const arn of [...row.recording_trail_arns, ...row.trail_arns]) trails.add(arn);
  }
  for (const id of request.accounts) {
    if (!known.has(id))
      throw new TrailSealError('USAGE', `Account ${id.slice(0, 40)} (--accounts) is not in run ${runId}.`);
  }
  if (accounts.size === 0)
    throw new TrailSealError(
      'USAGE',
      `No account of run ${runId} is in ${request.ous.map((ou) => ou.slice(0, 60)).join(', ')} (--ou): give a path such as Root/Security.`,
    );
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
    account,
    finding: (row) =>
      account(row.account_id) || related.has(row.resource_arn) || buckets.has(row.resource_arn.replace(/^.*:::/, '')),
    trail: (row) => account(row.account_id) || related.has(row.trail_arn),
    key: (row) => account(row.account_id) || related.has(row.key_arn),
    bucket: (row) => account(row.account_id) || buckets.has(row.bucket),
  };
}

/** The tables have paths only; ids of units are in the run's working files, as long as those are kept. */
async function accountsOfUnitIds(store: ReportStore, runId: string, ous: readonly string[]): Promise<Set<string>> {
  const ids = ous.filter((ou) => /^(ou|r)-[0-9a-z]{4,32}/.test(ou));
  const found = new Set<string>();
  if (ids.length === 0) return found;
  for await (const value of jsonLinesOf(store, runKeys(runId).accounts)) {
    const { accountId, ouIds } = value as { accountId?: unknown; ouIds?: unknown };
    if (typeof accountId !== 'string' || typeof ouIds !== 'string') continue;
    if (ids.some((id) => ouIds.split('/').includes(id))) found.add(accountId);
  }
  if (found.size === 0)
    throw new TrailSealError(
      'USAGE',
      `${ids.join(', ')} (--ou) cannot be looked up: run ${runId} has no such unit, or its working files are gone. Give the path, such as Root/Security.`,
    );
  return found;
}
