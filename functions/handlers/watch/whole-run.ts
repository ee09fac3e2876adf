import type { ReportStore } from '../../domain/model/store.ts';
import { finishedRuns } from '../../report/tables/tables.ts';
import { endOf, isWholeRun } from './windows.ts';

export interface WholeRunPorts {
  store: ReportStore;
  /** Milliseconds since 1970. */
  now(): number;
  windowSeconds: number;
  /** Hours between two whole runs that changes start. */
  wholeRunHours: number;
}

/**
 * Whether a whole run is to follow the changes of a window: not where one has looked at everything since, and later where
 * one is under way or was started by changes less than some hours ago.
 * @param name of the execution that would be started
 * @param running names of executions under way
 */
export async function needsWholeRun(
  { store, now, windowSeconds, wholeRunHours }: WholeRunPorts,
  name: string,
  running: readonly string[],
): Promise<'NOW' | 'LATER' | 'NO'> {
  if (running.some(isWholeRun)) return 'LATER';
  const changed = endOf(name, windowSeconds);
  const free = now() - wholeRunHours * HOUR_MS;
  let waits = false;
  for await (const { row } of finishedRuns(store)) {
    const started = Date.parse(row.started_at);
    if (started < Math.min(changed, free)) break;
    const byChange = isWholeRun(row.execution_arn.split(':').at(-1) ?? '');
    if (row.scope !== 'ORGANIZATION' && !byChange) continue;
    if (started >= changed) return 'NO';
    if (byChange && started >= free) waits = true;
  }
  return waits ? 'LATER' : 'NOW';
}

const HOUR_MS = 3_600_000;
