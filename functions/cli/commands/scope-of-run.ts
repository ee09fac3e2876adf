import type { ReportStore } from '../../domain/model/store.ts';
import { readScope } from '../../local/scopes-file.ts';
import { plural } from '../../report/html/words.ts';
import { type Subset, type SubsetRequest, subsetsOf } from '../../report/scope/subset.ts';
import { type FinishedRun, selectRun } from '../../report/tables/tables.ts';
import type { Terminal } from '../terminal.ts';

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

/** Says which runs may lack accounts of the scope, since its tags or unit ids cannot be looked up there. */
export function sayUnknown(runs: ReadonlySet<string>, { err }: Pick<Terminal, 'err'>): void {
  if (runs.size === 0) return;
  const named = [...runs].sort().reverse().slice(0, 3).join(', ');
  err.write(
    `Of ${plural(runs.size, 'older run')} (${named}${runs.size > 3 ? ', …' : ''}) accounts of the scope may be missing: its tags or unit ids cannot be looked up there.\n`,
  );
}
