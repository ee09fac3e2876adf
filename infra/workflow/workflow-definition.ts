import { readFileSync } from 'node:fs';
import type { HandlerName } from '../../functions/handlers/lambda/environment.ts';

const FILE = new URL('../../statemachine/scan.asl.json', import.meta.url);

/** The text of the workflow, a template with `${…}` substitutions: the same file that runs on a laptop. */
export const definitionText = (): string => readFileSync(FILE, 'utf8');

/** The substitution for a function's ARN, e.g. `PlanFunctionArn`. */
export const functionSubstitution = (handler: HandlerName): string =>
  `${handler[0]?.toUpperCase()}${handler.slice(1)}FunctionArn`;

/**
 * How long the workflow waits for one call of a function, in seconds, read from the tasks that call it.
 * A function that ran longer would only burn money: nobody waits for it any more.
 */
export const taskTimeout = (handler: HandlerName, text: string = definitionText()): number => {
  const timeouts = new Set(
    tasksIn(JSON.parse(text))
      .filter((task) => task.Parameters?.FunctionName === `\${${functionSubstitution(handler)}}`)
      .map((task) => task.TimeoutSeconds),
  );
  const [timeout, ...others] = timeouts;
  if (timeout === undefined || others.length > 0) {
    throw new Error(`the workflow must call the ${handler} function with one TimeoutSeconds, not ${timeouts.size}`);
  }
  return timeout;
};

interface TaskState {
  Type: 'Task';
  TimeoutSeconds: number;
  Parameters?: { FunctionName?: string };
}

const tasksIn = (node: unknown): TaskState[] => {
  if (typeof node !== 'object' || node === null) return [];
  if ((node as TaskState).Type === 'Task') return [node as TaskState];
  return Object.values(node).flatMap(tasksIn);
};
