import { dirname } from 'node:path';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import type { RequestHandler } from '../../../functions/aws/calls/request-handler.ts';
import { reportStore } from '../../../functions/handlers/lambda/cloud.ts';
import { HANDLER_NAMES, type HandlerName } from '../../../functions/handlers/lambda/environment.ts';
import type { Handler } from '../../../functions/handlers/ports.ts';
import { runStateMachine, type StateMachineResult } from '../../../functions/local/state-machine/run.ts';
import type { Reply, WireRequest } from '../../../functions/simulator/apis/wire.ts';
import { createSimulation, startSimulatedServer } from '../../../functions/simulator/simulation.ts';
import { type Deployment, resolved } from '../resolved.ts';
import { SMALL_WORLD } from '../small-world.ts';
import { type UnsimulatedCall, unsimulated } from '../unsimulated.ts';
import { type BundledFunction, startBundledFunction } from './bundled-function.ts';

/** A function's properties in the synthesized template. */
export interface FunctionProperties {
  FunctionName: string;
  MemorySize: number;
  Timeout: number;
  Environment: { Variables: Record<string, unknown> };
}

export interface BundledRun {
  result: StateMachineResult;
  /** Calls to SNS, EventBridge and the signing key. */
  told: UnsimulatedCall[];
  logs: Record<HandlerName, { log: string[]; errors: string }>;
  read(key: string): Promise<string | null>;
  stop(): Promise<void>;
}

/**
 * One run of the workflow by the bundles that would be deployed, each in a process of its own with the environment that
 * the template gives it, against the simulated organization over loopback. One call at a time, as Lambda does.
 */
export const runBundles = async (options: {
  bundleOf(handler: HandlerName): string;
  propertiesOf(handler: HandlerName): FunctionProperties;
}): Promise<BundledRun> => {
  const simulation = createSimulation({ world: SMALL_WORLD, caller: 'delegated' });
  const deployment: Deployment = {
    partition: simulation.partition,
    region: 'us-east-1',
    accountId: simulation.callerAccountId,
    organizationId: 'o-a1b2c3d4e5',
    reports: simulation.reportBucket,
  };
  const told: UnsimulatedCall[] = [];
  const answer = (request: WireRequest): Reply => {
    const text = () => Buffer.from(request.body as Uint8Array).toString();
    const beyond = unsimulated({ headers: request.headers, text }, deployment);
    if (beyond === null) return simulation.answer(request);
    told.push(...beyond.calls);
    return {
      kind: 'response',
      response: { status: 200, headers: { 'content-type': beyond.type }, body: beyond.body },
    };
  };
  const server = await startSimulatedServer({ simulation: { ...simulation, answer } });

  const start = (name: HandlerName): BundledFunction => {
    const { FunctionName, MemorySize, Timeout, Environment } = options.propertiesOf(name);
    return startBundledFunction({
      bundle: options.bundleOf(name),
      seconds: Timeout,
      environment: {
        ...(resolved(Environment.Variables, deployment) as Record<string, string>),
        // What Lambda itself sets.
        ...server.environment,
        AWS_REGION: deployment.region,
        AWS_LAMBDA_FUNCTION_NAME: FunctionName,
        TRAILSEAL_FUNCTION_ARN: `arn:aws:lambda:${deployment.region}:${deployment.accountId}:function:${FunctionName}`,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize),
        LAMBDA_TASK_ROOT: `${dirname(options.bundleOf(name))}/`,
      },
    });
  };
  const functions = Object.fromEntries(HANDLER_NAMES.map((name) => [name, start(name)])) as Record<
    HandlerName,
    BundledFunction
  >;
  const access = createAwsAccess({
    region: deployment.region,
    credentials: simulation.credentials,
    requestHandler: simulation.requestHandler() as unknown as RequestHandler,
  });
  const store = reportStore(
    { REPORT_BUCKET: deployment.reports, REPORT_BUCKET_OWNER: deployment.accountId, REPORT_PREFIX: '' },
    { access, region: deployment.region, now: Date.now },
  );

  const result = await runStateMachine({
    input: {},
    handlers: Object.fromEntries(HANDLER_NAMES.map((name) => [name, functions[name].handler])) as Record<
      HandlerName,
      Handler
    >,
    store,
    executionName: '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0N',
    concurrency: 1,
    timeScale: 10,
  });
  const logs = Object.fromEntries(
    await Promise.all(HANDLER_NAMES.map(async (name) => [name, await functions[name].stop()])),
  ) as BundledRun['logs'];
  return {
    result,
    told,
    logs,
    read: async (key) => {
      const bytes = await store.read(key);
      return bytes && new TextDecoder().decode(bytes);
    },
    stop: async () => {
      access.close();
      await server.close();
    },
  };
};
