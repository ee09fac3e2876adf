import * as z from 'zod';
import type { Inspection } from '../../domain/model/inspection.ts';
import type { AccountObservation } from '../../domain/model/observation.ts';
import type { ScanPlan } from '../../domain/model/plan.ts';
import { type Effort, effortSchema } from '../../domain/model/reading.ts';

/** The states that take time, in their order. */
const STATES = ['Plan', 'Scan', 'Gather', 'Inspect', 'Report'] as const;

/** What a state does, for people. */
export const RUN_STATE_WORDS: Record<(typeof STATES)[number], string> = {
  Plan: 'Listing the organization',
  Scan: 'Scanning accounts',
  Gather: 'Gathering trails',
  Inspect: 'Inspecting keys and buckets',
  Report: 'Writing the report',
};

/** Where the time of a run went. Report: until its tables were written, its page left out. */
export const stateEffortSchema = z.object({
  state: z.enum(STATES),
  /** Milliseconds by the clock in which the state was at work; pauses until a run was resumed are left out. */
  wall_ms: z.number().nonnegative(),
  calls: effortSchema.shape.calls,
  /** Attempts that AWS throttled; each was made again. */
  throttled: effortSchema.shape.throttled,
  /** Milliseconds that calls waited for a quota or for their next attempt, added up over calls that wait side by side. */
  waited_ms: effortSchema.shape.waitedMs,
});
export type StateEffort = z.infer<typeof stateEffortSchema>;

type Child = Pick<AccountObservation | Inspection, 'observedAt' | 'durationMs' | 'apiCalls' | 'delays'>;

/** Adds up the children of a map: two numbers are kept of each. */
export class MapEffort {
  readonly #times: [from: number, to: number][] = [];
  readonly effort: Effort = { calls: 0, throttled: 0, waitedMs: 0 };

  add({ observedAt, durationMs, apiCalls, delays }: Child): void {
    const end = Date.parse(observedAt);
    if (Number.isFinite(end)) this.#times.push([end - durationMs, end]);
    this.effort.calls += apiCalls;
    this.effort.throttled += delays?.throttled ?? 0;
    this.effort.waitedMs += delays?.waitedMs ?? 0;
  }

  /** Milliseconds in which at least one child was at work, and the first and last instant; null where none was. */
  wall(): { ms: number; from: number; to: number } | null {
    const [first] = this.#times.sort(([a], [b]) => a - b);
    if (!first) return null;
    let [, to] = first;
    let ms = to - first[0];
    for (const [from, end] of this.#times) {
      ms += Math.max(0, end - Math.max(from, to));
      to = Math.max(to, end);
    }
    return { ms, from: first[0], to };
  }
}

/** Seconds to a tenth, as people read them. */
export const secondsOf = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const NOTHING: Effort = { calls: 0, throttled: 0, waitedMs: 0 };

/** What each state came to, from what the run has kept of it. `reporting` is the time that Report took, in milliseconds. */
export function stateEfforts(request: {
  plan: Pick<ScanPlan, 'startedAt' | 'populationAt' | 'listing'>;
  scan: MapEffort;
  inspect: MapEffort;
  reporting: number;
}): StateEffort[] {
  const { plan, scan, inspect, reporting } = request;
  const scanned = scan.wall();
  const inspected = inspect.wall();
  const gathering = scanned && inspected ? Math.max(0, inspected.from - scanned.to) : 0;
  const row = (state: StateEffort['state'], ms: number, { calls, throttled, waitedMs }: Effort): StateEffort => ({
    ...{ state, wall_ms: Math.round(ms), calls, throttled, waited_ms: Math.round(waitedMs) },
  });
  return [
    row('Plan', Math.max(0, Date.parse(plan.populationAt) - Date.parse(plan.startedAt)), plan.listing ?? NOTHING),
    row('Scan', scanned?.ms ?? 0, scan.effort),
    row('Gather', gathering, NOTHING),
    row('Inspect', inspected?.ms ?? 0, inspect.effort),
    row('Report', reporting, NOTHING),
  ];
}
