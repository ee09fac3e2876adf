import { type AccountState, isLive } from '../domain/model/organization.ts';
import type { PageOddity } from './apis/paging.ts';
import type { ServiceRules } from './apis/service.ts';
import type { Answering } from './apis/wire.ts';
import { presetBlueprint } from './presets/presets.ts';
import { type CallCounts, type CallRecord, createCallLog } from './server/call-log.ts';
import { createFaults, type Fault } from './server/faults.ts';
import { createGateway } from './server/gateway.ts';
import { createObjectStore, type ObjectStore } from './server/object-store.ts';
import { createRequestHandler, type SimulatedRequestHandler } from './server/request-handler.ts';
import { type Credentials, createSessions } from './server/sessions.ts';
import { type SimulationHooks, type SimulationSpec, validateSimulationSpec } from './simulation-spec.ts';
import { literalWorld } from './world/literal-world.ts';
import type { SimAccount } from './world/model.ts';
import { createWorld, reportBucketOf, type World } from './world/world.ts';

export type { CallCounts, CallRecord } from './server/call-log.ts';
export { FAULTS, type Fault } from './server/faults.ts';
export type { SimulatedRequestHandler } from './server/request-handler.ts';
export { type SimulatedServer, startSimulatedServer } from './server/server.ts';
export {
  type InterceptedCall,
  PRESETS,
  parseSimulationSpec,
  SIMULATE_KEYS,
  type SimulationHooks,
  type SimulationSpec,
} from './simulation-spec.ts';
export type * from './world/world-spec.ts';

/** A simulated organization that the SDK's own clients can call. Behaviour: simulated-organization.md beside this file. */
export interface Simulation extends Answering {
  readonly seed: number;
  readonly partition: string;
  /** Names of the regions, in the world's order. */
  readonly regions: readonly string[];
  /** The account whose credentials scan. */
  readonly callerAccountId: string;
  /** The scanner's own credentials: as `credentials` of an SDK client, or in the environment. */
  readonly credentials: Credentials;
  readonly roleName: string;
  /** A bucket of the caller's account that can be written to: a report root for tests. */
  readonly reportBucket: string;
  /** The instant to which all times in answers are relative, epoch milliseconds. */
  readonly present: number;
  /** The simulation's clock, epoch milliseconds: for the scanner, where the present was set. Runs at real speed. */
  now(): number;
  /** An SDK `requestHandler` that answers within the process. */
  requestHandler(options?: { requestTimeoutMs?: number }): SimulatedRequestHandler;
  calls(): CallCounts;
  /** The newest calls kept (see `keepCalls`), oldest first. */
  recent(): CallRecord[];
  resetCalls(): void;
  /** Faults injected so far. */
  faults(): Partial<Record<Fault, number>>;
  /** Pages given oddly so far. */
  oddPages(): Partial<Record<PageOddity, number>>;
  readonly accountCount: number;
  /** The account at a place of the organization's listing. */
  accountAt(index: number): Readonly<SimAccount>;
  /** Closes an account, moves it to another OU…, from now on. */
  change(accountId: string, change: { state?: AccountState; ou?: string }): void;
  /** Does something when so many calls have been made. */
  after(calls: number, act: () => void): void;
  /** What was put into writable buckets, e.g. the report bucket. */
  readonly objects: ObjectStore;
  /** What the services see: for tests that compare a scan with the truth. */
  readonly world: World;
}

const HOUR = 3_600_000;

/**
 * @example
 * const simulation = createSimulation({ accounts: 200, seed: 7 });
 * const client = new CloudTrailClient({ requestHandler: simulation.requestHandler(), credentials: simulation.credentials });
 * @throws TrailSealError `SIMULATION` with one sentence about what is wrong with the spec
 */
export const createSimulation = (spec: SimulationSpec = {}, hooks: SimulationHooks = {}): Simulation => {
  validateSimulationSpec(spec);
  const seed = spec.seed ?? 7;
  const partition = spec.partition ?? 'aws';
  const pinned = spec.now === undefined ? null : Date.parse(spec.now);
  const present = pinned ?? Math.floor(Date.now() / HOUR) * HOUR;
  const started = performance.now();
  const now = (): number => (pinned === null ? Date.now() : pinned + Math.floor(performance.now() - started));
  const blueprint = spec.world
    ? literalWorld(spec.world, { seed, partition })
    : presetBlueprint({ ...spec, seed, partition });
  const world = createWorld({ blueprint, seed, present });
  const caller = callerOf(world, spec);
  world.addReportBucket(caller.id);
  const sessions = createSessions({
    seed,
    partition,
    callerAccountId: caller.id,
    callerArn: `arn:${partition}:iam::${caller.id}:user/scanner`,
  });
  const oddPages: Partial<Record<PageOddity, number>> = {};
  const rules: ServiceRules = {
    roleName: spec.roleName ?? 'TrailSealAudit',
    externalId: spec.externalId ?? null,
    pageSize: spec.pageSize ?? 20,
    pages: { empty: spec.emptyPages ?? 0, repeated: spec.repeatedPages ?? 0, short: spec.shortPages ?? 0 },
    onOddPage: (oddity) => {
      oddPages[oddity] = (oddPages[oddity] ?? 0) + 1;
    },
    legacyStatus: spec.legacyStatus ?? false,
    sessionMs: spec.sessionMs ?? null,
    seed,
  };
  const faults = createFaults({ seed, rates: spec });
  const log = createCallLog({ keep: hooks.keepCalls ?? 0, ...(hooks.onCall ? { onCall: hooks.onCall } : {}) });
  const objects = createObjectStore();
  const gateway = createGateway({ world, sessions, spec, hooks, rules, faults, log, objects, now });
  const latency = spec.latency ?? 0;

  return {
    seed,
    partition,
    regions: world.regions.map((region) => region.name),
    callerAccountId: caller.id,
    credentials: sessions.callerCredentials,
    roleName: rules.roleName,
    reportBucket: reportBucketOf(caller.id),
    present,
    now,
    latency,
    requestHandler: (options) => createRequestHandler({ simulation: { answer: gateway.answer, latency }, ...options }),
    answer: gateway.answer,
    calls: () => log.counts(),
    recent: () => log.recent(),
    resetCalls: () => log.reset(),
    faults: () => faults.injected(),
    oddPages: () => ({ ...oddPages }),
    accountCount: world.accountCount,
    accountAt: (index) => world.accountAt(index),
    change: (accountId, change) => world.change(accountId, change),
    after: gateway.after,
    objects,
    world,
  };
};

const callerOf = (world: World, spec: SimulationSpec): SimAccount => {
  const management = world.organization ? world.account(world.organization.managementAccountId) : undefined;
  const first = management ?? world.accountAt(0);
  const delegates = world.delegatedAdministrators;
  if (spec.caller === 'delegated') return world.account(delegates[0] ?? '') ?? first;
  if (spec.caller === 'member') {
    for (let index = world.accountCount - 1; index >= 0; index--) {
      const account = world.accountAt(index);
      if (isLive(account.state) && account.id !== first.id && !delegates.includes(account.id)) return account;
    }
  }
  return first;
};
