import assert from 'node:assert/strict';
import { runKeys } from '../../functions/domain/model/plan.ts';
import { newRunId } from '../../functions/domain/model/run-id.ts';
import { createHandlers } from '../../functions/handlers/handlers.ts';
import { runStateMachine } from '../../functions/local/state-machine/run.ts';
import { createSimulation, type Simulation } from '../../functions/simulator/simulation.ts';
import { NOW, portsFor } from '../scan-world.ts';
import { type MemoryStore, memoryStore } from '../statemachine/memory-store.ts';
import { type ChaosPlan, chaosPlan } from './chaos-plan.ts';
import { type ChaosRoot, openChaosRoot, type RootForm } from './chaos-root.ts';
import { faultyHandlers } from './faulty-handlers.ts';
import { faultyStore } from './faulty-store.ts';
import { Injected } from './injected.ts';
import { arrivedAsInCalm, completeAgain, ledgerIsWhole, noOneLetIn, nothingHalfWritten } from './promises.ts';
import { random } from './random.ts';

export interface ChaosOutcome {
  injected: Injected;
  /** How the first execution ended. */
  ended: 'COMPLETE' | 'PARTIAL' | 'FAILED';
  root: RootForm;
  targets: number;
}

/** Time-outs of 70 s become 350 ms. */
const TIME_SCALE = 0.005;

/** What a calm run of the world leaves. */
export async function calmRun(plan: ChaosPlan): Promise<{ store: MemoryStore; runId: string }> {
  const store = memoryStore();
  const simulation = createSimulation({ now: NOW, ...plan.world });
  const runId = newRunId(simulation.now());
  const handlers = createHandlers(portsFor(simulation, store, { concurrency: plan.concurrency }));
  const result = await runStateMachine({ input: {}, handlers, store, executionName: runId });
  assert.equal(result.status, 'SUCCEEDED', JSON.stringify(result));
  return { store, runId };
}

/**
 * One run under faults, judged against a calm run of the same organization, then resumed without faults.
 * @throws AssertionError with the seed, which repeats it
 */
export async function chaosRun(seed: number): Promise<ChaosOutcome> {
  try {
    const plan = chaosPlan(seed);
    const root = await openChaosRoot(plan.root, { seed, rate: plan.storeFaults });
    try {
      return await judgedRun(plan, root);
    } finally {
      await root.close();
    }
  } catch (error) {
    if (error instanceof Error) error.message = `chaos seed ${seed}: ${error.message}`;
    throw error;
  }
}

async function judgedRun(plan: ChaosPlan, root: ChaosRoot): Promise<ChaosOutcome> {
  const calm = await calmRun(plan);
  const injected = new Injected();
  const late: Promise<unknown>[] = [];
  const store = faultyStore(root.store, { seed: plan.seed, rate: plan.storeFaults, injected });
  const simulation = createSimulation({ now: NOW, ...plan.world, ...plan.faults });
  const changed = changeLater(simulation, plan);
  const settings = { concurrency: plan.concurrency };
  const ports = {
    ...portsFor(simulation, store, settings, { maxAttempts: plan.maxAttempts, requestTimeoutMs: 5 }),
    // A run that cannot be planned proves little: listing has the attempts that the scanner really has.
    organization: portsFor(simulation, store, settings, { requestTimeoutMs: 5 }).organization,
  };
  const handlers = faultyHandlers(createHandlers(ports), {
    seed: plan.seed,
    rate: plan.handlerFaults,
    certain: plan.handlerFault,
    injected,
    late,
  });
  const runId = newRunId(simulation.now());
  const first = await runStateMachine({
    ...{ input: {}, handlers, store, executionName: runId, timeScale: TIME_SCALE },
  });
  await Promise.all(late);
  countFaults(injected, { simulation, root, plan, changed: changed() });

  const left = await root.seen();
  await nothingHalfWritten(left);
  let ended: ChaosOutcome['ended'] = 'FAILED';
  if (first.status === 'SUCCEEDED') {
    ended = await ledgerIsWhole(left, runId);
    await noOneLetIn({ calm, chaos: { store: left, runId }, changed: changed() });
  }
  const planned = left.files.has(runKeys(runId).plan);
  if (planned) arrivedAsInCalm({ calm, chaos: { store: left, runId }, changed: changed() });

  // The weather clears: the same organization as it is now, and the rest of the run.
  const clear = createSimulation({ now: NOW, ...plan.world });
  for (const [accountId, change] of changed()) clear.change(accountId, change);
  const again = newRunId(clear.now());
  const calmRoot = root.calm();
  const finished = await runStateMachine({
    input: planned ? { resume: runId } : {},
    handlers: createHandlers(portsFor(clear, calmRoot, { concurrency: plan.concurrency })),
    store: calmRoot,
    executionName: again,
  });
  assert.equal(finished.status, 'SUCCEEDED', JSON.stringify(finished));
  const finalId = planned ? runId : again;
  const whole = await root.seen();
  await nothingHalfWritten(whole);
  await ledgerIsWhole(whole, finalId);
  const targets = await completeAgain({ calm, chaos: { store: whole, runId: finalId }, changed: changed() });
  return { injected, ended, root: plan.root, targets };
}

/** Every fault of the run, by kind: what the simulated services did, and what was done around them. */
function countFaults(
  injected: Injected,
  world: { simulation: Simulation; root: ChaosRoot; plan: ChaosPlan; changed: ReadonlyMap<string, unknown> },
): void {
  const { simulation, root, plan } = world;
  for (const [fault, count] of Object.entries(simulation.faults())) injected.add(`call ${fault}`, count);
  for (const [oddity, count] of Object.entries(simulation.oddPages())) injected.add(`page ${oddity}`, count);
  for (const [fault, count] of Object.entries(root.faults())) injected.add(`report root: call ${fault}`, count);
  for (const [outcome, count] of Object.entries(simulation.calls().byOutcome))
    if (/^ExpiredToken/.test(outcome)) injected.add('token ended', count);
  if (plan.faults.clockSkewMs) injected.add('clock off', 1);
  for (const change of world.changed.values())
    injected.add((change as Change).state === undefined ? 'account moved mid-run' : 'account closed mid-run');
}

type Change = Parameters<Simulation['change']>[1];

/** Closes or moves ordinary members when so many calls have been made. @returns what was changed so far */
function changeLater(simulation: Simulation, plan: ChaosPlan): () => Map<string, Change> {
  const r = random(plan.seed ^ 0x5bd1e995);
  const done = new Map<string, Change>();
  for (const kind of plan.changes) {
    // The first three hold everybody's trails, keys and buckets.
    const account = simulation.accountAt(r.whole(3, simulation.accountCount - 1));
    const change: Change = kind === 'close' ? { state: 'SUSPENDED' } : { ou: '' };
    simulation.after(r.whole(5, 120), () => {
      if (done.has(account.id)) return;
      done.set(account.id, change);
      simulation.change(account.id, change);
    });
  }
  return () => done;
}
