import { createGathering } from '../../domain/judge/trail-facts.ts';
import { isLive } from '../../domain/model/organization.ts';
import { openQuestions } from '../../domain/run/is-complete.ts';
import type { CorruptFile, RunFolder } from '../../domain/run/run-folder.ts';
import type { Accounts } from './population.ts';

/** The first pass over the observations: who sees which trails; whether any account that should have answered did not. */
export async function gatheredTrails(run: RunFolder, accounts: Accounts) {
  const gathering = createGathering();
  const corrupt: CorruptFile[] = [];
  const answered = new Set<string>();
  let open = 0;
  for await (const found of run.observations()) {
    if ('corrupt' in found) corrupt.push(found.corrupt);
    else {
      gathering.add(found.observation);
      open += openQuestions(found.observation);
      if (!found.observation.refused) answered.add(found.observation.accountId);
    }
  }
  const unreached = [...accounts].some(([id, a]) => isLive(a.accountState) && a.excluded === null && !answered.has(id));
  return { gathering, corrupt, unreached, open };
}
