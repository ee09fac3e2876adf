import { createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { createOrganizationReader } from '../../functions/aws/organization/organization-reader.ts';
import { runKeys } from '../../functions/domain/model/plan.ts';
import { newRunId } from '../../functions/domain/model/run-id.ts';
import { createHandlers } from '../../functions/handlers/handlers.ts';
import type { Handler } from '../../functions/handlers/ports.ts';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { runStateMachine } from '../../functions/local/state-machine/run.ts';
import { createQuotas } from '../../functions/simulator/server/quotas.ts';
import { createSimulation, type SimulationSpec } from '../../functions/simulator/simulation.ts';
import { serve } from './serve.ts';
import { PRESENT, quietPorts, settingsOf, VERSION } from './world.ts';

/** The workflow under AWS's request rates, every child with gates of its own, as in a Lambda of its own. */
export interface QuotasInput {
  spec: SimulationSpec;
  /** MaxConcurrency of the maps. */
  concurrency: number;
  /** Functions at once in the account; what is beyond it is refused as Lambda refuses it. */
  lambdaConcurrency: number;
  /** How many of them Lambda tells Plan that it leaves: others may take them afterwards. */
  unreserved: number;
  /** What others leave of the STS quota, a second; absent: all of it. */
  stsPerSecond?: number;
  out: string;
}

export interface QuotasOutput {
  accounts: number;
  targets: number;
  states: Record<string, number>;
  /** Seconds by state of the workflow. */
  seconds: Record<string, number>;
  /** Functions that ran at once, at most, and invocations refused because of the limit. */
  atOnce: number;
  refusedInvocations: number;
  rates: Record<string, Rate>;
}

/** How an operation was called, answers that were throttled apart. */
export interface Rate {
  answered: number;
  throttled: number;
  /** Most answered in one second of one quota: account and region. */
  peak: number;
  /** Seconds from its first call to its last. */
  seconds: number;
}

const THROTTLED =
  '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>0</RequestId></ErrorResponse>';

await serve(
  async ({
    spec,
    concurrency,
    lambdaConcurrency,
    unreserved,
    stsPerSecond,
    out,
  }: QuotasInput): Promise<QuotasOutput> => {
    const tally = createTally();
    const neighbours = createQuotas();
    const simulation = createSimulation(
      { now: PRESENT, ...spec, quotas: true },
      {
        onCall: ({ operation, accountId, region, outcome }) =>
          tally.add(operation, `${accountId}/${region}`, /throttl|toomany|slowdown|intercepted/i.test(outcome)),
        intercept: ({ operation }) =>
          operation === 'AssumeRole' &&
          stsPerSecond !== undefined &&
          !neighbours.draw('sts', { rate: stsPerSecond, burst: stsPerSecond }, performance.now())
            ? { status: 400, headers: { 'content-type': 'text/xml' }, body: THROTTLED }
            : undefined,
      },
    );
    const region = 'us-east-1';
    // Clients are shared for the sake of the one CPU here; they keep no count of what was throttled. Doors and gates do.
    const access = createAwsAccess({
      region,
      credentials: simulation.credentials,
      requestHandler: simulation.requestHandler() as never,
      version: VERSION,
    });
    const store = createDirectoryStore(out);
    const runId = newRunId(simulation.now());
    const ports = quietPorts({
      access,
      store,
      organization: createOrganizationReader({ access }),
      settings: { ...settingsOf({ region, concurrency }), lake: false },
      now: () => simulation.now(),
      lambdaRoom: async () => ({ ok: true, value: unreserved }),
    });
    const lambda = createLambda(lambdaConcurrency);
    // Created for each invocation, as if each had a function of its own: no gate is shared between children.
    const fresh =
      (name: 'scan' | 'inspect' | 'record'): Handler =>
      (payload, context) =>
        lambda.invoke(() => createHandlers(ports)[name](payload, context));
    const seconds: Record<string, number> = {};
    let entered: { state: string; at: number } | null = null;
    const enter = (state: string | null) => {
      const now = performance.now();
      if (entered) seconds[entered.state] = (now - entered.at) / 1_000;
      entered = state === null ? null : { state, at: now };
    };
    const result = await runStateMachine({
      input: {},
      handlers: { ...createHandlers(ports), scan: fresh('scan'), inspect: fresh('inspect'), record: fresh('record') },
      store,
      executionName: runId,
      concurrency,
      onEvent: (event) => {
        if (event.type === 'state-entered') enter(event.state);
      },
    });
    enter(null);
    if (result.status !== 'SUCCEEDED') throw new Error(`the run ended ${JSON.stringify(result)}`);
    const bytes = await store.read(runKeys(runId).report('report.json'));
    const report = JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array()));
    return {
      accounts: report.accounts.total,
      targets: report.targets.total,
      states: report.targets.by_state,
      seconds,
      atOnce: lambda.most(),
      refusedInvocations: lambda.refused(),
      rates: tally.rates(),
    };
  },
);

/** An account's concurrent executions: Step Functions retries an invocation that is refused. */
function createLambda(limit: number) {
  let running = 0;
  let most = 0;
  let refused = 0;
  return {
    invoke: async <T>(work: () => Promise<T>): Promise<T> => {
      if (running >= limit) {
        refused++;
        throw Object.assign(new Error('Rate Exceeded.'), { name: 'Lambda.TooManyRequestsException' });
      }
      running++;
      most = Math.max(most, running);
      try {
        return await work();
      } finally {
        running--;
      }
    },
    most: () => most,
    refused: () => refused,
  };
}

/** Counts calls by operation, and by the second within each account and region. */
function createTally() {
  const kept = new Map<
    string,
    Rate & { first: number; last: number; second: Map<string, { at: number; count: number }> }
  >();
  return {
    add: (operation: string, quota: string, throttled: boolean) => {
      const now = performance.now();
      const entry = kept.get(operation) ?? {
        answered: 0,
        throttled: 0,
        peak: 0,
        seconds: 0,
        first: now,
        last: now,
        second: new Map(),
      };
      kept.set(operation, entry);
      entry.last = now;
      if (throttled) {
        entry.throttled++;
        return;
      }
      entry.answered++;
      const at = Math.floor(now / 1_000);
      const window = entry.second.get(quota);
      const count = window?.at === at ? window.count + 1 : 1;
      entry.second.set(quota, { at, count });
      entry.peak = Math.max(entry.peak, count);
    },
    rates: (): Record<string, Rate> =>
      Object.fromEntries(
        [...kept].map(([operation, { answered, throttled, peak, first, last }]) => [
          operation,
          { answered, throttled, peak, seconds: (last - first) / 1_000 },
        ]),
      ),
  };
}
