import type { ReportStore } from '../../domain/model/store.ts';
import type { RunProgress } from '../../domain/run/run-progress.ts';
import type { Definition, Json, JsonObject, MapState, State } from './definition.ts';
import { readTemplate, substitute } from './definition.ts';
import { type DistributedMap, distributedMap } from './distributed-map.ts';
import { buildMachine, type EngineEvent, failureOf, type TaskOverrides } from './engine.ts';
import { createInvoker, type HandlerName, type Handlers, stoppedError } from './invoker.ts';
import { lambdaTasks, localStates } from './local-tasks.ts';
import { dataLimitExceeded, PAYLOAD_LIMIT, StatesError } from './states-error.ts';

export type StateMachineEvent =
  | RunProgress
  | { type: 'state-failed'; state: string; error: string; cause: string }
  | { type: 'state-retried'; state: string; attempt: number }
  /** An attempt of a task within a map's child failed; it may be repeated, and its failure may be caught. */
  | { type: 'attempt-failed'; map: string; state: string; error: string; cause: string }
  /** A child execution failed as a whole. */
  | { type: 'child-failed'; map: string; error: string; cause: string };

export interface RunStateMachineOptions {
  /** The execution's input: `{ resume?, …overrides }`. */
  input: Record<string, unknown>;
  handlers: Handlers;
  store: ReportStore;
  /** Unique among the executions of this root: the maps' results lie under `runs/<executionName>/map/`. */
  executionName: string;
  /** Default `LOCAL`. */
  executionArn?: string;
  /** Children at once, at most; the plan may ask for fewer. Default 10,000, as in AWS. */
  concurrency?: number;
  /** Children at once at first: more are begun while this process waits for answers. Default: as many as at most. */
  concurrencyAtFirst?: number;
  /** Ctrl-C: no more children, handlers aborted, status ABORTED. */
  signal?: AbortSignal;
  onEvent?: (event: StateMachineEvent) => void;
  /** The text of the state machine; default `statemachine/scan.asl.json`. */
  template?: string;
  /** Factor on every time-out and back-off, so that a test need not wait for them. Default 1. */
  timeScale?: number;
}

export type StateMachineResult =
  | { status: 'SUCCEEDED'; output: Json }
  /** `thrown` is what the handler threw, where a handler did. */
  | { status: 'FAILED'; error: string; cause: string; thrown: unknown }
  | { status: 'TIMED_OUT' }
  | { status: 'ABORTED' };

/** How long handlers that were aborted may take to finish what they write. */
const GRACE_MS = 5_000;
/** The engine's timer overflows above this; a Map has no time-out of its own. */
const LONGEST_SECONDS = 2_147_483;
/** The name of the report root's bucket in the definition; here it is the store, whatever that is. */
const BUCKET = 'report-root';

/**
 * Runs the workflow on this machine: the file that Step Functions runs in the cloud, with the handlers called in
 * process. Never rejects for what a handler does; rejects when the definition itself cannot be run.
 */
export async function runStateMachine(options: RunStateMachineOptions): Promise<StateMachineResult> {
  const { handlers, signal } = options;
  const onEvent = options.onEvent ?? (() => {});
  const definition = await localDefinition(options);
  if (signal?.aborted) return { status: 'ABORTED' };
  const invoker = createInvoker();
  const execution: JsonObject = { Id: options.executionArn ?? 'LOCAL', Name: options.executionName };

  const maps = mapsOf(definition).map(([name, map]): [string, DistributedMap] => {
    const tasks = (failing: Set<string>) =>
      lambdaTasks({
        ...{ states: map.ItemProcessor.States, handlers, invoker },
        observer: {
          succeeded: (task) => failing.delete(task),
          failed: (task, { name: error, message: cause }) => {
            failing.add(task);
            onEvent({ type: 'attempt-failed', map: name, state: task, error, cause });
          },
        },
      });
    const state = { ...map, ItemProcessor: { ...map.ItemProcessor, States: localStates(map.ItemProcessor.States) } };
    const run = distributedMap(name, state, {
      ...{ store: options.store, bucket: BUCKET, execution, tasks },
      keyOf: storeKeys(options.store),
      concurrency: options.concurrency ?? Number.POSITIVE_INFINITY,
      concurrencyAtFirst: options.concurrencyAtFirst,
      onProgress: (progress) => onEvent({ type: 'map-progress', ...progress }),
      onChildFailed: (failure) => onEvent({ type: 'child-failed', ...failure }),
    });
    return [name, run];
  });

  const tasks: TaskOverrides = {
    ...lambdaTasks({ states: definition.States, handlers, invoker }),
    ...Object.fromEntries(maps.map(([name, map]) => [name, map.run])),
  };
  const machine = buildMachine({ ...definition, States: mapsAsTasks(localStates(definition.States)) });
  const run = machine.run(options.input as Json, { tasks, context: { Execution: execution } });
  const stop = () => {
    for (const [, map] of maps) map.stop(stoppedError());
    invoker.stop();
    run.abort();
  };
  signal?.addEventListener('abort', stop, { once: true });
  const reported = report(run.events, onEvent);
  const result = await resultOf(run.result, signal);
  signal?.removeEventListener('abort', stop);
  stop();
  await reported;
  if (result.status === 'ABORTED' || result.status === 'TIMED_OUT') await invoker.settled(GRACE_MS);
  return result;
}

async function localDefinition({ store, template, timeScale = 1 }: RunStateMachineOptions): Promise<Definition> {
  const functionName = (handler: HandlerName): HandlerName => handler;
  const text = substitute(template ?? (await readTemplate()), {
    Partition: 'aws',
    PlanFunctionArn: functionName('plan'),
    ScanFunctionArn: functionName('scan'),
    RecordFunctionArn: functionName('record'),
    GatherFunctionArn: functionName('gather'),
    InspectFunctionArn: functionName('inspect'),
    ReportFunctionArn: functionName('report'),
    NotifyFunctionArn: functionName('notify'),
    ReportBucket: BUCKET,
    ResultBucket: BUCKET,
    ReportPrefix: rootPrefix(store),
    ChildExecutionType: 'EXPRESS',
  });
  const durations = new Set(['TimeoutSeconds', 'IntervalSeconds', 'MaxDelaySeconds']);
  return JSON.parse(text, (key, value) => (durations.has(key) ? value * timeScale : value));
}

/** What stands before a store's key in its S3 object key: empty for a directory. */
const rootPrefix = (store: ReportStore): string => store.objectKey('x').slice(0, -1);

/** The definition names S3 objects, the store its own keys. */
function storeKeys(store: ReportStore): (objectKey: string) => string {
  const prefix = rootPrefix(store);
  return (objectKey) => {
    if (objectKey.startsWith(prefix)) return objectKey.slice(prefix.length);
    throw new StatesError('States.Runtime', `${objectKey} is not under the report root`, { catchable: false });
  };
}

const mapsOf = (definition: Definition): [string, MapState][] =>
  Object.entries(definition.States).filter((entry): entry is [string, MapState] => entry[1].Type === 'Map');

/** A Map as a Task of the same name, its Retry, Catch, result path and successor kept; its own fields go to the adapter. */
function mapsAsTasks(states: Record<string, State>): Record<string, State> {
  return Object.fromEntries(
    Object.entries(states).map(([name, state]) => {
      if (state.Type !== 'Map') return [name, state];
      const { Comment, InputPath, ResultSelector, ResultPath, OutputPath, Retry, Catch, Next, End } = state as MapState;
      const kept = { Comment, InputPath, ResultSelector, ResultPath, OutputPath, Retry, Catch, Next, End };
      const given = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
      return [name, { ...given, Type: 'Task', Resource: 'map', TimeoutSeconds: LONGEST_SECONDS }];
    }),
  );
}

async function resultOf(result: Promise<Json>, signal: AbortSignal | undefined): Promise<StateMachineResult> {
  try {
    const output = await result;
    const bytes = Buffer.byteLength(JSON.stringify(output) ?? '');
    if (bytes > PAYLOAD_LIMIT) throw dataLimitExceeded('the output of the execution', bytes, false);
    return { status: 'SUCCEEDED', output };
  } catch (error) {
    if (signal?.aborted) return { status: 'ABORTED' };
    if (error instanceof Error && error.name === 'ExecutionTimeoutError') return { status: 'TIMED_OUT' };
    return { status: 'FAILED', ...failureOf(error) };
  }
}

async function report(events: AsyncIterable<EngineEvent>, onEvent: (event: StateMachineEvent) => void): Promise<void> {
  for await (const { type, state, Error: error, Cause, retry } of events) {
    if (state === undefined) continue;
    if (type === 'StateEntered') onEvent({ type: 'state-entered', state: state.name });
    else if (type === 'StateExited') onEvent({ type: 'state-exited', state: state.name, output: state.output ?? null });
    else if (type === 'StateRetried')
      onEvent({ type: 'state-retried', state: state.name, attempt: retry?.attempt ?? 0 });
    else if (type === 'StateFailed')
      onEvent({ type: 'state-failed', state: state.name, error: error ?? '', cause: String(Cause ?? '') });
  }
}
