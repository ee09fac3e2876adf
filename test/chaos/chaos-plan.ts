import type { SimulationSpec } from '../../functions/simulator/simulation.ts';
import type { RootForm } from './chaos-root.ts';
import { HANDLER_FAULTS, type HandlerFault } from './faulty-handlers.ts';
import { random } from './random.ts';

/** All that one chaotic run will suffer, decided by its seed alone. */
export interface ChaosPlan {
  seed: number;
  world: SimulationSpec;
  faults: SimulationSpec;
  /** Attempts per AWS call, so that some faults get through to the scanner. */
  maxAttempts: number;
  handlerFaults: number;
  /** One that surely hits every second run, each in its turn. */
  handlerFault: HandlerFault | null;
  storeFaults: number;
  /** Accounts that close or move to another unit while the run is under way. */
  changes: ('close' | 'move')[];
  concurrency: number;
  /** Where the run is kept. */
  root: RootForm;
}

const PRESETS = ['showcase', 'showcase', 'grown', 'control-tower', 'control-tower-no-kms', 'tidy'] as const;

export function chaosPlan(seed: number): ChaosPlan {
  const r = random(seed);
  const world: SimulationSpec = {
    seed: 1 + r.whole(0, 9_999),
    preset: r.pick(PRESETS),
    accounts: r.whole(6, 12),
    regions: r.whole(3, 5),
    ...(r.chance(0.25) && { hostile: true }),
    ...(r.chance(0.2) && { deniedRoles: 0.2 }),
    ...(r.chance(0.2) && { legacyStatus: true }),
    ...(r.chance(0.2) && { namePolicies: true }),
  };
  const rate = (most: number) => (r.chance(0.5) ? r.unit() * most : 0);
  const faults: SimulationSpec = {
    throttle: rate(0.3),
    error: rate(0.15),
    reset: rate(0.1),
    lost: rate(0.1),
    stall: rate(0.03),
    truncated: rate(0.08),
    garbled: rate(0.08),
    html: rate(0.08),
    emptyPages: rate(0.3),
    repeatedPages: rate(0.3),
    shortPages: rate(0.5),
    pageSize: r.whole(1, 20),
    ...(r.chance(0.3) && { clockSkewMs: r.whole(-600_000, 600_000) }),
    ...(r.chance(0.2) && { sessionCalls: r.whole(3, 25) }),
    ...(r.chance(0.1) && { sessionMs: r.whole(5, 80) }),
    ...(r.chance(0.1) && { callerCalls: r.whole(20, 200) }),
  };
  return {
    seed,
    world,
    faults,
    maxAttempts: r.pick([1, 2, 3, 10]),
    handlerFaults: rate(0.25),
    handlerFault: (seed % 2 === 0 && HANDLER_FAULTS[(seed / 2) % HANDLER_FAULTS.length]) || null,
    storeFaults: rate(0.12),
    changes: r.chance(0.3) ? Array.from({ length: r.whole(1, 2) }, () => r.pick(['close', 'move'] as const)) : [],
    concurrency: r.whole(1, 12),
    root: r.pick(['memory', 'memory', 's3', 'directory']),
  };
}
