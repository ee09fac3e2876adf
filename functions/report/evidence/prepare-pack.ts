import type { Framework } from '../../domain/frameworks/framework.ts';
import { TrailSealError } from '../../domain/model/errors.ts';
import { runKeys } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { isWhole, type Subset, type SubsetRequest, subsetsOf } from '../scope/subset.ts';
import { TABLE_NAMES, type TableName } from '../tables/columns.ts';
import type { FinishedRun } from '../tables/tables.ts';
import type { FailedRun, Period } from './period.ts';
import { type RunFacts, runFacts } from './run-facts.ts';

/** What a pack is to be of. */
export interface PackChoice {
  store: ReportStore;
  framework: Framework;
  /** Oldest first; at least one, unless a period is given. */
  runs: readonly FinishedRun[];
  /** Of the period, where there is one. */
  failed: readonly FailedRun[];
  period: Period | null;
  /** The first run after the period: it knows which was the last one of it. */
  next: FinishedRun | null;
  subset: SubsetRequest;
  accountDataInScope: boolean;
  signal?: AbortSignal;
}

/** What is known of a pack before its first byte is written. */
export interface PreparedPack {
  /** Those whose tables are all there. */
  runs: readonly FinishedRun[];
  failed: readonly FailedRun[];
  /** By run id; none where the pack shows the whole. */
  parts: ReadonlyMap<string, Subset>;
  facts: readonly RunFacts[];
  /** PARTIAL where a run did not see all of what the pack shows, or there is none. */
  status: 'COMPLETE' | 'PARTIAL';
  /** What the pack will be called: the folder in the zip, and so part of what is signed. */
  name: string;
  problems: readonly string[];
}

/**
 * Reads what a pack will say: what can be wrong with the request is found here.
 * @throws TrailSealError USAGE, NO_RUN, TABLE, STORE
 */
export async function preparePack(choice: PackChoice): Promise<PreparedPack> {
  requireRuns(choice);
  const { store, framework, accountDataInScope } = choice;
  const problems: string[] = [];
  const { runs, failed } = await readableRuns(choice, problems);
  const parts = isWhole(choice.subset) ? new Map<string, Subset>() : await subsetsOf(store, runs, choice.subset);
  const facts: RunFacts[] = [];
  for (const run of runs) {
    choice.signal?.throwIfAborted();
    const subset = parts.get(run.row.run_id) ?? null;
    facts.push(await runFacts({ store, run, subset, framework, accountDataInScope }));
  }
  const isPartial = facts.length === 0 || facts.some((run) => run.status === 'PARTIAL');
  const status = isPartial ? 'PARTIAL' : 'COMPLETE';
  return { runs, failed, parts, facts, status, name: packName({ ...choice, runs }, status), problems };
}

function packName({ framework, runs, period, subset }: PackChoice, status: PreparedPack['status']): string {
  const what = period ? `${period.from}-to-${period.to}` : (runs[0]?.row.run_id ?? '');
  const part = isWhole(subset) ? '' : `-${subset.scope?.name ?? 'part'}`;
  return `trailseal-${framework.id}-${what}${part}${status === 'PARTIAL' ? '-PARTIAL' : ''}`;
}

/** No pack without anything in it. */
function requireRuns({ runs, failed, period, store }: PackChoice): void {
  if (runs.length > 0 || (period !== null && failed.length > 0)) return;
  const when = period ? ` from ${period.from} to ${period.to}` : '';
  throw new TrailSealError('NO_RUN', `There is no run${when} in ${store.root}: nothing to make a pack of.`);
}

/** One run that lost a table must not keep the others of its period from being shown: it is named, and left out. */
async function readableRuns(
  { store, runs, failed, period }: PackChoice,
  problems: string[],
): Promise<Pick<PackChoice, 'runs' | 'failed'>> {
  if (period === null) return { runs, failed };
  const readable: FinishedRun[] = [];
  const lost: FailedRun[] = [];
  for (const run of runs) {
    const { run_id: runId } = run.row;
    const table = await missingTable(store, run);
    if (table === null) {
      readable.push(run);
      continue;
    }
    lost.push({ runId, runDate: run.runDate });
    problems.push(`Run ${runId} has no table ${table} any more, and is left out.`);
  }
  return { runs: readable, failed: [...failed, ...lost] };
}

async function missingTable(store: ReportStore, { row, runDate }: FinishedRun): Promise<TableName | null> {
  for (const table of TABLE_NAMES) {
    const key = runKeys(row.run_id).table(table, runDate);
    let there = false;
    for await (const found of store.list(key)) there ||= found === key;
    if (!there) return table;
  }
  return null;
}
