import type { Json, JsonObject, State, TaskState } from './definition.ts';
import type { TaskOverrides } from './engine.ts';
import type { HandlerName, Handlers, Invoker } from './invoker.ts';
import { dataLimitExceeded, PAYLOAD_LIMIT } from './states-error.ts';

/**
 * Task states as the engine runs them here: the override gets the payload and, beside it, the state's whole input,
 * because the engine does not look at sizes and AWS does.
 */
export function localStates(states: Record<string, State>): Record<string, State> {
  return Object.fromEntries(
    Object.entries(states).map(([name, state]) => [
      name,
      state.Type === 'Task' ? localTask(state as TaskState) : state,
    ]),
  );
}

function localTask(state: TaskState): TaskState {
  return { ...state, Parameters: { task: state.Parameters ?? {}, 'state.$': '$' } };
}

/** Gets what happens to the tasks of one child or of the execution itself. */
export interface TaskObserver {
  failed(task: string, error: Error): void;
  succeeded(task: string): void;
}

/** For every Task among `states`, the function that invokes its handler. `FunctionName` is the handler's name here. */
export function lambdaTasks(request: {
  states: Record<string, State>;
  handlers: Handlers;
  invoker: Invoker;
  observer?: TaskObserver;
}): TaskOverrides {
  const { handlers, invoker, observer } = request;
  const overrides: TaskOverrides = {};
  for (const [name, state] of Object.entries(request.states)) {
    if (state.Type !== 'Task') continue;
    const { Resource, TimeoutSeconds, Catch } = state as TaskState;
    if (!Resource.endsWith(':states:::lambda:invoke')) throw new Error(`state ${name} is not a Lambda invocation`);
    if (TimeoutSeconds === undefined) throw new Error(`state ${name} has no TimeoutSeconds`);
    const catchesDataLimit = (Catch ?? []).some(({ ErrorEquals }) => ErrorEquals.includes('States.DataLimitExceeded'));
    overrides[name] = async (input) => {
      const { task, state: whole } = input as unknown as { task: LambdaParameters; state: Json };
      const bytes = Buffer.byteLength(JSON.stringify(whole));
      try {
        if (bytes > PAYLOAD_LIMIT) throw dataLimitExceeded(`the input of state ${name}`, bytes, catchesDataLimit);
        const payload = await invoker.invoke({
          handler: handlers[task.FunctionName],
          payload: task.Payload ?? {},
          ...{ timeoutMs: TimeoutSeconds * 1_000, state: name, catchesDataLimit },
        });
        observer?.succeeded(name);
        return { ExecutedVersion: '$LATEST', Payload: payload, StatusCode: 200 } satisfies JsonObject;
      } catch (error) {
        observer?.failed(name, error as Error);
        throw error;
      }
    };
  }
  return overrides;
}

interface LambdaParameters {
  FunctionName: HandlerName;
  Payload?: Json;
}
