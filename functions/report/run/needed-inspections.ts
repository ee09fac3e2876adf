import type { Inspection } from '../../domain/model/inspection.ts';
import { runKeys } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { isAnswered } from '../../domain/run/is-complete.ts';
import { orRefuse } from '../../domain/run/parsed.ts';
import { parseItemIds } from '../../domain/run/run-files.ts';
import type { RunFolder } from '../../domain/run/run-folder.ts';
import { MapEffort } from './state-efforts.ts';

/** The inspections that the run needs, as Gather last wrote them down; those of an earlier execution no longer count. */
export async function neededInspections(run: RunFolder, store: ReportStore) {
  const bytes = await store.read(runKeys(run.plan.runId).inspectPlan);
  const needed = bytes ? orRefuse(parseItemIds(bytes), runKeys(run.plan.runId).inspectPlan) : [];
  const wanted = new Set(needed);
  const found: Inspection[] = [];
  for await (const inspection of run.inspections()) if (wanted.has(inspection.itemId)) found.push(inspection);
  const effort = new MapEffort();
  for (const inspection of found) effort.add(inspection);
  const answered = new Set(found.flatMap((i) => (isAnswered(i) ? [i.itemId] : [])));
  return {
    found,
    open: needed.filter((id) => !answered.has(id)).length,
    effort,
  };
}
