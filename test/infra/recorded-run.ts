import { AsyncLocalStorage } from 'node:async_hooks';
import { createAwsAccess } from '../../functions/aws/calls/clients.ts';
import type { RequestHandler } from '../../functions/aws/calls/request-handler.ts';
import { type Cloud, reportStore } from '../../functions/handlers/lambda/cloud.ts';
import { HANDLER_NAMES, type HandlerName } from '../../functions/handlers/lambda/environment.ts';
import type { Handler } from '../../functions/handlers/ports.ts';
import { runStateMachine } from '../../functions/local/state-machine/run.ts';
import type { Reply, WireResponse } from '../../functions/simulator/apis/wire.ts';
import type { CallRecord } from '../../functions/simulator/server/call-log.ts';
import type { SdkRequest } from '../../functions/simulator/server/request-handler.ts';
import { createSimulation, type Simulation } from '../../functions/simulator/simulation.ts';
import type { InterceptedCall, SimulationSpec } from '../../functions/simulator/simulation-spec.ts';
import { deployedHandler } from '../handlers/lambda/factories.ts';
import { arnsOf, type Deployment } from './resolved.ts';
import { type UnsimulatedCall, unsimulated } from './unsimulated.ts';

/** Whose role a call needs: a function's, or the workflow's own, which reads and writes the files of its maps. */
export type Caller = HandlerName | 'workflow';

/** One AWS call of a run: by whom, in whose name, what it needed permission for. */
export interface RecordedCall {
  caller: Caller;
  /** ARN of the audit role's session where a role was assumed; null where the function's own role signed. */
  session: string | null;
  action: string;
  resource: string;
  /** Account that the resource is in, as far as permissions go. */
  accountId: string;
  /** Condition keys that the policies look at. */
  context: Record<string, string>;
}

export interface RecordedRun {
  calls: RecordedCall[];
  simulation: Simulation;
  deployment: Deployment;
  status: string[];
}

/**
 * Runs the workflow twice against a simulated organization with the functions that Lambda runs, under the environment
 * that the template gives them, and records every call. One account's scan is made to fail, so that it is recorded and
 * the second execution resumes the run; an upload is made to break.
 */
export const recordRun = async (options: {
  spec: SimulationSpec;
  environment: (handler: HandlerName, deployment: Deployment) => Record<string, string>;
  /** Written to the bucket before the run, by key. */
  files?: Record<string, string>;
}): Promise<RecordedRun> => {
  const calls: RecordedCall[] = [];
  const callers = new AsyncLocalStorage<Caller>();
  let deployment: Deployment | undefined;
  const simulation: Simulation = createSimulation(options.spec, {
    intercept: (call) => withoutRegion(call, () => simulation.answer(call.request)),
    onCall: (call) => {
      const caller = callers.getStore();
      if (caller !== undefined && deployment) calls.push(...recorded(caller, call, deployment));
    },
  });
  deployment = {
    partition: simulation.partition,
    region: 'us-east-1',
    accountId: simulation.callerAccountId,
    organizationId: 'o-a1b2c3d4e5',
    reports: simulation.reportBucket,
  };
  const at = deployment;

  const cloudOf = (caller: Caller): Cloud => ({
    region: at.region,
    now: () => simulation.now(),
    access: createAwsAccess({
      region: at.region,
      credentials: simulation.credentials,
      requestHandler: watched(simulation.requestHandler() as never, {
        run: (work) => callers.run(caller, work),
        record: (call) => calls.push({ caller, session: null, accountId: at.accountId, ...call }),
        deployment: at,
      }),
      version: '0.0.0',
    }),
  });
  const handlers = Object.fromEntries(
    HANDLER_NAMES.map((name) => [name, deployedHandler(name, options.environment(name, at), cloudOf(name))]),
  ) as Record<HandlerName, Handler>;
  const setup = reportStore(
    { REPORT_BUCKET: at.reports, REPORT_BUCKET_OWNER: at.accountId, REPORT_PREFIX: '' },
    cloudOf('workflow'),
  );
  for (const [key, text] of Object.entries(options.files ?? {})) await setup.write(key, text);
  calls.length = 0;

  const victim = simulation.accountAt(3).id;
  const failing: Handler = (payload, context) => {
    if (JSON.stringify(payload).includes(`"accountId":"${victim}"`)) throw new Error('out of memory');
    return handlers.scan(payload, context);
  };
  const execute = (executionName: string, input: Record<string, unknown>, scanHandler: Handler) =>
    runStateMachine({
      input,
      handlers: { ...handlers, scan: scanHandler },
      store: setup,
      executionName,
      concurrency: 4,
    });
  for (const [caller, key] of Object.entries(STREAMED)) await breakAnUpload(cloudOf(caller as Caller), at, key);
  const first = await execute('01KBQ2Z3WJ8Y6V5T4S3R2Q1P0N', {}, failing);
  const resumed = await execute(
    '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0P',
    { resume: (first as { output?: { run_id?: string } }).output?.run_id },
    handlers.scan,
  );
  const status = [first, resumed].map((result) => {
    if (result.status === 'FAILED') return `${result.error}: ${result.cause}`;
    return result.status === 'SUCCEEDED' ? String((result.output as { status?: string }).status) : result.status;
  });
  return { calls, simulation, deployment, status };
};

let isAnswering = false;
/** Where ListBuckets does not name a bucket's region, as not every partition's does, it has to be asked for. */
const withoutRegion = ({ operation }: InterceptedCall, answer: () => Reply): WireResponse | undefined => {
  if (operation !== 'ListBuckets' || isAnswering) return undefined;
  isAnswering = true;
  try {
    const reply = answer();
    if (reply.kind !== 'response') return undefined;
    const body = String(reply.response.body).replaceAll(/<BucketRegion>[^<]*<\/BucketRegion>/g, '');
    return { ...reply.response, body };
  } finally {
    isAnswering = false;
  }
};

/** Functions that write streams of any length, and where: an upload in parts may break in each of them. */
const STREAMED: Partial<Record<Caller, string>> = {
  plan: 'runs/01KBQ2Z3WJ8Y6V5T4S3R2Q1P0A/accounts.ndjson',
  scan: 'evidence/01KBQ2Z3WJ8Y6V5T4S3R2Q1P0A/111122223333.ndjson.gz',
  gather: 'runs/01KBQ2Z3WJ8Y6V5T4S3R2Q1P0A/inspect-items.json',
  inspect: 'evidence/01KBQ2Z3WJ8Y6V5T4S3R2Q1P0A/inspect-111122223333-1.ndjson.gz',
  report: 'tables/findings/run_date=2026-11-02/01KBQ2Z3WJ8Y6V5T4S3R2Q1P0A.parquet',
};

/** More than one part, and then nothing: S3 is told to forget the parts. */
const breakAnUpload = async (cloud: Cloud, { reports, accountId }: Deployment, key: string): Promise<void> => {
  const store = reportStore({ REPORT_BUCKET: reports, REPORT_BUCKET_OWNER: accountId, REPORT_PREFIX: '' }, cloud);
  async function* broken() {
    for (let part = 0; part < 3; part++) yield new Uint8Array(5 * 2 ** 20);
    throw new Error('the rows ended early');
  }
  await store.write(key, broken()).then(
    () => Promise.reject(new Error('the upload should have broken')),
    () => {},
  );
};

/** A call of the simulated organization, and the key use that S3 makes of it in the caller's name. */
const recorded = (caller: Caller, call: CallRecord, deployment: Deployment): RecordedCall[] => {
  if (call.action === null || call.accountId === null) return [];
  const own = call.accountId === deployment.accountId;
  const made: RecordedCall = {
    caller,
    session: own ? null : call.principalArn,
    action: call.action,
    // DescribeLogGroups names a group but knows no permission for one.
    resource: call.action === 'logs:DescribeLogGroups' ? '*' : call.resource,
    accountId: call.resource.split(':')[4] || call.accountId,
    context: {},
  };
  // S3 says that an object is not there only to those who may list; to others it says that they may not.
  if (own && call.outcome === 'NoSuchKey') {
    return [made, { ...made, action: 's3:ListBucket', resource: arnsOf(deployment).reports }];
  }
  const inReports = own && call.resource.startsWith(`arn:${deployment.partition}:s3:::${deployment.reports}/`);
  const keyAction = { 's3:GetObject': 'kms:Decrypt', 's3:PutObject': 'kms:GenerateDataKey' }[call.action];
  if (!inReports || keyAction === undefined) return [made];
  return [made, { ...made, action: keyAction, resource: arnsOf(deployment).key, accountId: deployment.accountId }];
};

interface Watch {
  run<T>(work: () => Promise<T>): Promise<T>;
  record(call: UnsimulatedCall): void;
  deployment: Deployment;
}

/** Names the function to the simulation, and answers for the services that it has not. */
const watched = (inner: RequestHandler, { run, record, deployment }: Watch): RequestHandler => ({
  ...inner,
  handle: async (request, options) => {
    const { headers, body } = request as unknown as SdkRequest;
    const answer = unsimulated({ headers, text: () => textOf(body) }, deployment);
    if (answer === null) return run(() => inner.handle(request, options));
    for (const call of answer.calls) record(call);
    return { response: { statusCode: 200, headers: { 'content-type': answer.type }, body: Buffer.from(answer.body) } };
  },
});

/** The SDK hands over bytes that also pretend to be text, and warns where that is believed. */
const textOf = (body: unknown): string => {
  if (typeof body === 'string') return body;
  const { buffer, byteOffset, byteLength } = body as Uint8Array;
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString();
};
