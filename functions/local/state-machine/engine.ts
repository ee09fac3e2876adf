import { ExecutionError, type RunOptions, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import type { Definition, Json } from './definition.ts';

// The engine calls Promise.withResolvers, which Node has only since version 22.
const promise = Promise as unknown as { withResolvers?: () => unknown };
promise.withResolvers ??= function withResolvers() {
  let resolve: unknown;
  let reject: unknown;
  const made = new Promise((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise: made, resolve, reject };
};

export type TaskOverrides = Record<string, (input: Json) => Promise<Json>>;

export interface EngineRun {
  result: Promise<Json>;
  abort(): void;
  events: AsyncIterable<EngineEvent>;
}

export interface EngineEvent {
  type: string;
  state?: { name: string; type: string; output?: Json };
  Error?: string;
  Cause?: unknown;
  retry?: { attempt: number };
}

export interface EngineMachine {
  run(input: Json, options: { tasks: TaskOverrides; context: Record<string, unknown> }): EngineRun;
}

/** Builds a machine once; it can be run any number of times, also at once. The definition is not validated here. */
export function buildMachine(definition: Definition): EngineMachine {
  const machine = new StateMachine(definition as unknown as StateMachineDefinition, {
    validationOptions: { noValidate: true },
  });
  return {
    run: (input, { tasks, context }) => {
      const options: RunOptions = { context, overrides: { taskResourceLocalHandlers: tasks } };
      const { result, abort, eventLogs } = machine.run(input, options);
      return { result, abort, events: eventLogs as unknown as AsyncIterable<EngineEvent> };
    },
  };
}

/** The failure inside the engine's own wrapper. */
export function failureOf(error: unknown): { error: string; cause: string; thrown: unknown } {
  const inner = error instanceof ExecutionError ? error.cause : error;
  if (!(inner instanceof Error)) return { error: 'States.Runtime', cause: String(inner), thrown: inner };
  return { error: inner.name, cause: inner.message, thrown: inner.cause ?? inner };
}
