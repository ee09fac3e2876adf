import { encodeTime } from 'ulid';
import { LIMITS } from '../../domain/limits/limits.ts';
import { usageError } from '../../domain/model/errors.ts';
import { isRunId, runDate } from '../../domain/model/run-id.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { type FinishedRun, finishedRuns } from '../tables/tables.ts';

/** UTC dates, YYYY-MM-DD, both included. */
export interface Period {
  from: string;
  to: string;
}

/** A run that began and never came to a report. */
export interface FailedRun {
  runId: string;
  runDate: string;
}

export interface Day {
  date: string;
  /**
   * The best that is known of the day: COMPLETE, else PARTIAL, else FILTERED (only runs that were narrowed),
   * else FAILED, else MISSING: nobody looked.
   */
  state: 'COMPLETE' | 'PARTIAL' | 'FILTERED' | 'FAILED' | 'MISSING';
  runs: number;
}

const DAY_MS = 86_400_000;

/** @throws TrailSealError USAGE for what is no period, or is in the future */
export function periodOf(from: string, to: string | undefined, today: string): Period {
  const end = to ?? today;
  for (const [option, text] of [
    ['--from', from],
    ['--to', end],
  ] as const) {
    const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text)
      throw usageError(`"${text.slice(0, 40)}" (${option}) is no date: write it like 2026-01-31.`);
  }
  if (end < from) throw usageError(`--to ${end} lies before --from ${from}.`);
  if (end > today) throw usageError(`--to ${end} is in the future: today is ${today} (UTC).`);
  if (Date.parse(end) - Date.parse(from) > LIMITS.packDays.most * DAY_MS)
    throw usageError('A pack covers ten years at most.');
  return { from, to: end };
}

export interface RunsOfPeriod {
  /** Finished, oldest first. */
  runs: FinishedRun[];
  /** The first one after the period: it knows which was the last one of it. */
  next: FinishedRun | null;
}

export async function runsIn(store: ReportStore, { from, to }: Period): Promise<RunsOfPeriod> {
  const runs: FinishedRun[] = [];
  let next: FinishedRun | null = null;
  for await (const run of finishedRuns(store)) {
    if (run.runDate < from) break;
    if (run.runDate <= to) runs.push(run);
    else next = run;
  }
  return { runs: runs.reverse(), next };
}

/** Runs of the period that left working files or evidence, and no report. */
export async function failedIn(
  store: ReportStore,
  { from, to }: Period,
  finished: readonly FinishedRun[],
): Promise<FailedRun[]> {
  const done = new Set(finished.map(({ row }) => row.run_id));
  const failed = new Map<string, FailedRun>();
  const shared = sharedPrefix(from, to);
  for (const folder of ['runs/', 'evidence/']) {
    for await (const key of store.list(`${folder}${shared}`)) {
      const [, runId, inside] = key.split('/');
      // An execution that resumed another run has the results of its maps under its own name, and nothing else.
      if (inside === 'map' && folder === 'runs/') continue;
      if (runId === undefined || done.has(runId) || failed.has(runId) || !isRunId(runId)) continue;
      const date = runDate(runId);
      if (date >= from && date <= to) failed.set(runId, { runId, runDate: date });
    }
  }
  return [...failed.values()].sort((a, b) => (a.runId < b.runId ? -1 : 1));
}

/** Run ids begin with their time: of what they share in a period only that much need be listed. */
function sharedPrefix(from: string, to: string): string {
  const first = encodeTime(Date.parse(from));
  const last = encodeTime(Date.parse(to) + DAY_MS - 1);
  let length = 0;
  while (length < first.length && first[length] === last[length]) length += 1;
  return first.slice(0, length);
}

/** A finished run, by how much of what is shown it saw. */
export interface SeenRun {
  run: Pick<FinishedRun, 'runDate'>;
  status: 'COMPLETE' | 'PARTIAL';
  /** Nothing of it was left out by a filter. */
  unfiltered: boolean;
}

/** Every day of a period, and what is known of it. */
export function daysOf({ from, to }: Period, finished: readonly SeenRun[], failed: readonly FailedRun[]): Day[] {
  const days: Day[] = [];
  for (let time = Date.parse(from); time <= Date.parse(to); time += DAY_MS) {
    const date = new Date(time).toISOString().slice(0, 10);
    const runs = finished.filter(({ run }) => run.runDate === date);
    const whole = runs.filter(({ unfiltered }) => unfiltered);
    const failures = failed.filter((run) => run.runDate === date).length;
    const state = whole.some(({ status }) => status === 'COMPLETE')
      ? 'COMPLETE'
      : whole.length > 0
        ? 'PARTIAL'
        : runs.length > 0
          ? 'FILTERED'
          : failures > 0
            ? 'FAILED'
            : 'MISSING';
    days.push({ date, state, runs: runs.length + failures });
  }
  return days;
}
