import type { ReportStore } from '../../domain/model/store.ts';
import type { MapProgress } from '../../domain/run/run-progress.ts';
import { arrayItems } from './array-items.ts';
import type { Json, JsonObject, MapState } from './definition.ts';
import { buildMachine, type EngineMachine, type EngineRun, failureOf, type TaskOverrides } from './engine.ts';
import { type EndedChild, type MapResults, openMapResults } from './map-results.ts';
import { sideBySide } from './side-by-side.ts';
import { PAYLOAD_LIMIT, StatesError } from './states-error.ts';

export interface MapContext {
  store: ReportStore;
  bucket: string;
  keyOf: (objectKey: string) => string;
  execution: JsonObject;
  /** Upper bound for the concurrency that the state asks for. */
  concurrency: number;
  concurrencyAtFirst?: number | undefined;
  /** The handlers of a child's tasks; `failing` gets the tasks that ended in an error and were not repeated. */
  tasks: (failing: Set<string>) => TaskOverrides;
  onProgress: (progress: MapProgress) => void;
  onChildFailed: (failure: { map: string; error: string; cause: string }) => void;
}

export interface DistributedMap {
  /** Runs a child for every item and returns where the results are. */
  run(input: Json): Promise<Json>;
  /** Dispatches no more children and ends those under way. */
  stop(error: StatesError): void;
}

/** What AWS runs where MaxConcurrency is 0. */
const UNBOUNDED = 10_000;

/**
 * The distributed mode of a Map, which the engine lacks: items from the store as a stream, a child execution for each,
 * results to the store. Child machines are built once. Nothing is kept of a child that has ended but its count.
 * A failure percentage other than 0 and 100 is judged when all children have ended.
 * @throws Error when the state uses a feature of distributed maps that is not run here
 */
export function distributedMap(name: string, state: MapState, context: MapContext): DistributedMap {
  refuseUnsupported(name, state);
  const { StartAt, States } = state.ItemProcessor;
  const machines = {
    fields: buildMachine(parametersOnly(fieldsOf(state))),
    selector: state.ItemSelector ? buildMachine(parametersOnly(state.ItemSelector)) : null,
    child: buildMachine({ StartAt, States }),
  };
  let current: MapRun | null = null;
  let stopped: StatesError | null = null;
  return {
    async run(input) {
      if (stopped) throw stopped;
      current = new MapRun({ name, state, context, machines, input });
      return current.run();
    },
    stop(error) {
      stopped = error;
      current?.halt(error);
    },
  };
}

interface Machines {
  fields: EngineMachine;
  selector: EngineMachine | null;
  child: EngineMachine;
}

/** One time through the items. */
class MapRun {
  readonly #name: string;
  readonly #state: MapState;
  readonly #context: MapContext;
  readonly #machines: Machines;
  readonly #input: Json;
  readonly #running = new Set<EngineRun>();
  readonly #progress: MapProgress;
  #halted: Error | null = null;

  constructor(request: { name: string; state: MapState; context: MapContext; machines: Machines; input: Json }) {
    this.#name = request.name;
    this.#state = request.state;
    this.#context = request.context;
    this.#machines = request.machines;
    this.#input = request.input;
    this.#progress = { map: request.name, done: 0, recorded: 0, failed: 0 };
  }

  /** The first reason counts. */
  halt(error: Error): void {
    this.#halted ??= error;
    for (const run of this.#running) run.abort();
  }

  async run(): Promise<Json> {
    const { store, bucket, keyOf, execution } = this.#context;
    const fields = (await evaluate(this.#machines.fields, this.#input, { Execution: execution })) as unknown as Fields;
    const { reader, writer } = fields;
    if (reader.Bucket !== bucket || writer.Bucket !== bucket) {
      throw unreadable(`bucket ${reader.Bucket} is not the report root`);
    }
    const results = guarded(
      openMapResults({
        ...{ store, bucket, keyOf, label: String(this.#state.Label ?? this.#name) },
        ...{ executionArn: String(execution.Id), prefix: writer.Prefix },
      }),
    );
    try {
      const items = numbered(await openItems(store, keyOf(reader.Key)));
      const most = Math.max(1, Math.min(fields.concurrency || UNBOUNDED, this.#context.concurrency));
      const { concurrencyAtFirst: first = most } = this.#context;
      await sideBySide(items, { most, first }, (item) => this.#runItem(item, results));
      judge(this.#state, this.#progress, true);
      return (await results.close()) as unknown as Json;
    } catch (error) {
      results.discard();
      if (!(error instanceof ResultsError)) throw error;
      throw new StatesError('States.ResultWriterFailed', error.message, { thrown: error.cause });
    }
  }

  async #runItem(item: NumberedItem, results: MapResults): Promise<void> {
    if (this.#halted) throw this.#halted;
    try {
      const child = await this.#runChild(item);
      if (this.#halted) throw this.#halted;
      if (child.outcome.status === 'FAILED') {
        const { error, cause } = child.outcome;
        this.#progress.failed += 1;
        this.#context.onChildFailed({ map: this.#name, error, cause });
      } else if (child.recorded) this.#progress.recorded += 1;
      await results.add(child);
      this.#progress.done += 1;
      this.#context.onProgress({ ...this.#progress });
      judge(this.#state, this.#progress, false);
    } catch (error) {
      this.halt(error as Error);
      throw error;
    }
  }

  /** Resolves however the child ends. */
  async #runChild({ index, item }: NumberedItem): Promise<EndedChild & { recorded: boolean }> {
    const { execution, tasks } = this.#context;
    const { selector, child } = this.#machines;
    const name = `${this.#name}-${index}`;
    const startedAt = new Date();
    const failing = new Set<string>();
    let input = item;
    try {
      const mapItem = { Map: { Item: { Index: index, Value: item } } };
      if (selector) input = await evaluate(selector, this.#input, { Execution: execution, ...mapItem });
      checkSize(`the input of child ${index}`, input);
      const own = { Execution: { Id: `${execution.Id}:${name}`, Name: name } };
      const run = child.run(input, { tasks: tasks(failing), context: own });
      this.#running.add(run);
      const output = await run.result.finally(() => this.#running.delete(run));
      checkSize(`the output of child ${index}`, output);
      return { name, input, startedAt, outcome: { status: 'SUCCEEDED', output }, recorded: failing.size > 0 };
    } catch (thrown) {
      const { error, cause } = failureOf(thrown);
      return { name, input, startedAt, outcome: { status: 'FAILED', error, cause }, recorded: false };
    }
  }
}

interface NumberedItem {
  index: number;
  item: Json;
}

interface Fields {
  reader: { Bucket: string; Key: string };
  writer: { Bucket: string; Prefix: string };
  concurrency: number;
}

/** The fields of the Map that hold paths, to be evaluated by the engine itself in a Pass state. */
function fieldsOf(state: MapState): JsonObject {
  return {
    reader: state.ItemReader.Parameters,
    writer: state.ResultWriter.Parameters,
    ...(state.MaxConcurrencyPath
      ? { 'concurrency.$': state.MaxConcurrencyPath }
      : { concurrency: state.MaxConcurrency ?? 0 }),
  };
}

const parametersOnly = (Parameters: JsonObject) => ({
  StartAt: 'Evaluate',
  States: { Evaluate: { Type: 'Pass' as const, Parameters, End: true } },
});

const evaluate = (machine: EngineMachine, input: Json, context: Record<string, unknown>): Promise<Json> =>
  machine.run(input, { tasks: {}, context }).result;

function refuseUnsupported(name: string, state: MapState): void {
  const refuse = (what: string) => {
    throw new Error(`the local state machine does not run ${what}, which Map ${name} uses`);
  };
  for (const field of ['ItemBatcher', 'ItemsPath', 'ToleratedFailurePercentagePath', 'ToleratedFailureCountPath']) {
    if (state[field] !== undefined) refuse(field);
  }
  if (state.ItemProcessor.ProcessorConfig?.Mode !== 'DISTRIBUTED') refuse('a Map whose mode is not DISTRIBUTED');
  if (!state.ItemReader?.Resource.endsWith(':states:::s3:getObject')) refuse('an ItemReader other than s3:getObject');
  const { InputType, MaxItems } = state.ItemReader.ReaderConfig ?? {};
  if (InputType !== 'JSON') refuse('an InputType other than JSON');
  if (MaxItems !== undefined) refuse('MaxItems');
  if (!state.ResultWriter?.Resource.endsWith(':states:::s3:putObject'))
    refuse('a ResultWriter other than s3:putObject');
}

const unreadable = (cause: string, thrown?: unknown) => new StatesError('States.ItemReaderFailed', cause, { thrown });

async function openItems(store: ReportStore, key: string): Promise<AsyncIterable<Json>> {
  const chunks = await store.open(key).catch((error: Error) => {
    throw unreadable(error.message, error);
  });
  if (chunks === null) throw unreadable(`there is no file ${key}`);
  return arrayItems(chunks);
}

async function* numbered(items: AsyncIterable<Json>): AsyncGenerator<NumberedItem> {
  let index = 0;
  try {
    for await (const item of items) yield { index: index++, item };
  } catch (error) {
    throw unreadable((error as Error).message, error);
  }
}

function judge(state: MapState, { done, failed }: MapProgress, ended: boolean): void {
  const { ToleratedFailureCount: count, ToleratedFailurePercentage: percentage } = state;
  const overCount = failed > (count ?? (percentage ? Number.POSITIVE_INFINITY : 0));
  const overPercentage = ended && percentage !== undefined && failed > 0 && (failed / done) * 100 > percentage;
  if (!overCount && !overPercentage) return;
  throw new StatesError('States.ExceedToleratedFailureThreshold', `${failed} of ${done} children failed`);
}

function checkSize(what: string, value: Json): void {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (bytes <= PAYLOAD_LIMIT) return;
  throw new StatesError('States.DataLimitExceeded', `${what} has ${bytes} bytes, more than ${PAYLOAD_LIMIT}`);
}

/** A result could not be written: this fails the map, not the child. */
class ResultsError extends Error {}

function guarded(results: MapResults): MapResults {
  const guard =
    <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      write(...args).catch((cause: Error) => {
        throw new ResultsError(cause.message, { cause });
      });
  return { add: guard(results.add), close: guard(results.close), discard: results.discard };
}
