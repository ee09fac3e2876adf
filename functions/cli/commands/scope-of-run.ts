import type { ReportStore } from '../../domain/model/store.ts';
import { readScope } from '../../local/scopes-file.ts';
import { type Subset, type SubsetRequest, subsetsOf } from '../../report/scope/subset.ts';
import { type FinishedRun, selectRun } from '../../report/tables/tables.ts';

/** A scope of scopes.yaml (`--scope NAME` or FILE:NAME) as what is shown of a run. @throws TrailSealError USAGE, SCOPES */
export function askedScope(name: string): SubsetRequest {
  const scope = readScope(name);
  return { accounts: scope.accounts, ous: scope.ous, tags: scope.tags, scope };
}

/**
 * The run that a command reads, and the part of it that a scope names.
 * @throws TrailSealError USAGE where the run has not all of the scope, SCOPES, NO_RUN
 */
export async function scopeOfRun(
  store: ReportStore,
  options: { scope: string; run?: string | undefined },
): Promise<{ run: FinishedRun; asked: SubsetRequest; subset: Subset }> {
  const asked = askedScope(options.scope);
  const run = await selectRun(store, options.run);
  const subset = (await subsetsOf(store, [run], asked)).get(run.row.run_id);
  if (!subset) throw new Error('the subset of a run was not made');
  return { run, asked, subset };
}
