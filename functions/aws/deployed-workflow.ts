import { setTimeout as delay } from 'node:timers/promises';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  DescribeMapRunCommand,
  GetExecutionHistoryCommand,
  type GetExecutionHistoryCommandOutput,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { TrailSealError } from '../domain/model/errors.ts';
import type { RunProgress } from '../domain/run/run-progress.ts';
import { pages } from '../reads/paging.ts';
import type { AwsAccess } from './calls/clients.ts';
import { abortError, failureOf, isAbort } from './calls/failure.ts';

/** What the outputs of the scanner's stack say. */
export interface DeployedWorkflow {
  stateMachineArn: string;
  /** `s3://bucket` or `s3://bucket/prefix`. */
  reportRoot: string;
}

/** How an execution ended; `output` is what its last state returned. */
export type ExecutionEnd =
  | { status: 'SUCCEEDED'; output: unknown }
  | { status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; error: string; cause: string };

/** Of DescribeExecution and GetExecutionHistory an account may make 15 and 5 a second at least (Step Functions quotas). */
const POLL_MS = 2_000;

/** @throws TrailSealError NOT_DEPLOYED where the stack is not there or is another, AWS where CloudFormation does not answer */
export async function deployedWorkflow(access: AwsAccess, stack: string): Promise<DeployedWorkflow> {
  const place = `in ${access.region}`;
  const described = access.own(CloudFormationClient).send(new DescribeStacksCommand({ StackName: stack }));
  const { Stacks: [found] = [] } = await described.catch((error: unknown) => {
    const { code, message } = failureOf('DescribeStacks', error);
    if (code === 'ValidationError' && /does not exist/.test(message))
      throw new TrailSealError(
        'NOT_DEPLOYED',
        `There is no stack ${stack} ${place} of this account: name the stack with --stack, or where it is with --region and --profile.`,
      );
    throw refused('DescribeStacks', error);
  });
  const output = (name: string) => found?.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue;
  const [stateMachineArn, reportRoot] = [output('StateMachineArn'), output('ReportRoot')];
  if (stateMachineArn === undefined || reportRoot === undefined)
    throw new TrailSealError(
      'NOT_DEPLOYED',
      `The stack ${stack} ${place} is not the scanner's, or not deployed to its end (${found?.StackStatus ?? 'no status'}): it has no output ${stateMachineArn === undefined ? 'StateMachineArn' : 'ReportRoot'}.`,
    );
  return { stateMachineArn, reportRoot };
}

/** The ARN of an execution of that machine by its name. */
export const executionArn = (stateMachineArn: string, name: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** @returns the execution's ARN @throws TrailSealError AWS with what Step Functions said */
export async function startExecution(request: {
  access: AwsAccess;
  stateMachineArn: string;
  name: string;
  input: object;
}): Promise<string> {
  const { access, stateMachineArn, name, input } = request;
  const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
  try {
    return (await access.own(SFNClient).send(command)).executionArn ?? '';
  } catch (error) {
    throw refused('StartExecution', error);
  }
}

/**
 * Follows an execution to its end: each state that it enters and leaves, and how many children of a map have ended.
 * It only looks: the execution goes on when the signal aborts.
 * @throws TrailSealError AWS with what Step Functions said; an AbortError where the signal aborts
 */
export async function followExecution(request: {
  access: AwsAccess;
  executionArn: string;
  onEvent(event: RunProgress): void;
  signal: AbortSignal;
  /** Waits so many milliseconds, or rejects as the signal aborts; tests pass their own. */
  wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}): Promise<ExecutionEnd> {
  const { executionArn, onEvent, signal } = request;
  const client = request.access.own(SFNClient);
  const wait = request.wait ?? ((ms, abortSignal) => delay(ms, undefined, { signal: abortSignal }));
  const seen = { event: 0, state: '', mapRunArn: null as string | null };
  for (;;) {
    const execution = await asked('DescribeExecution', signal, () =>
      client.send(new DescribeExecutionCommand({ executionArn }), { abortSignal: signal }),
    );
    // After its status: what an execution that has ended did is then there to be read as a whole.
    for (const event of await newEvents(client, { executionArn, after: seen.event, signal })) {
      seen.event = event.id ?? seen.event;
      const entered = event.stateEnteredEventDetails?.name;
      if (entered !== undefined) {
        Object.assign(seen, { state: entered, mapRunArn: null });
        onEvent({ type: 'state-entered', state: entered });
      }
      seen.mapRunArn =
        event.mapRunStartedEventDetails?.mapRunArn ?? event.mapRunRedrivenEventDetails?.mapRunArn ?? seen.mapRunArn;
      const left = event.stateExitedEventDetails;
      if (left?.name === undefined) continue;
      // Progress that was shown is brought to its end before the next state is.
      if (seen.mapRunArn !== null) await showMap(client, { ...seen, mapRunArn: seen.mapRunArn, onEvent, signal });
      seen.mapRunArn = null;
      onEvent({ type: 'state-exited', state: left.name, output: parsed(left.output) });
    }
    if (seen.mapRunArn !== null) await showMap(client, { ...seen, mapRunArn: seen.mapRunArn, onEvent, signal });
    const end = endOf(execution);
    if (end !== null) return end;
    await wait(POLL_MS, signal);
  }
}

const endOf = ({ status, output, error, cause }: DescribeExecutionCommandOutput): ExecutionEnd | null => {
  if (status === 'SUCCEEDED') return { status, output: parsed(output) };
  if (status === 'FAILED' || status === 'TIMED_OUT' || status === 'ABORTED')
    return { status, error: error ?? '', cause: cause ?? '' };
  // RUNNING, or PENDING_REDRIVE: it will go on.
  return null;
};

/** Children have histories of their own: the run's is some fifty events long. */
async function newEvents(
  client: SFNClient,
  { executionArn, after, signal }: { executionArn: string; after: number; signal: AbortSignal },
): Promise<HistoryEvent[]> {
  const operation = 'GetExecutionHistory';
  const page = (nextToken: string | undefined): Promise<GetExecutionHistoryCommandOutput> =>
    asked(operation, signal, () =>
      client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, ...(nextToken && { nextToken }) }), {
        abortSignal: signal,
      }),
    );
  const events: HistoryEvent[] = [];
  for await (const { events: some = [] } of pages(operation, page, ({ nextToken }) => nextToken))
    events.push(...some.filter(({ id = 0 }) => id > after));
  return events;
}

async function showMap(
  client: SFNClient,
  request: { mapRunArn: string; state: string; onEvent(event: RunProgress): void; signal: AbortSignal },
): Promise<void> {
  const { mapRunArn, state: map, onEvent, signal } = request;
  const { itemCounts } = await asked('DescribeMapRun', signal, () =>
    client.send(new DescribeMapRunCommand({ mapRunArn }), { abortSignal: signal }),
  );
  const { succeeded = 0, failed = 0, timedOut = 0, aborted = 0 } = itemCounts ?? {};
  const lost = failed + timedOut + aborted;
  // Which children went on after a failure that was recorded, only the report says.
  onEvent({ type: 'map-progress', map, done: succeeded + lost, recorded: 0, failed: lost });
}

async function asked<T>(operation: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (signal.aborted || isAbort(error)) throw abortError(signal);
    throw refused(operation, error);
  }
}

const refused = (operation: string, cause: unknown): TrailSealError => {
  if (cause instanceof TrailSealError) return cause;
  const { code, message } = failureOf(operation, cause);
  return new TrailSealError('AWS', `${operation}: ${code}: ${message}`, { cause });
};

const parsed = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    // Step Functions cuts what is too long for the history.
    return null;
  }
};
