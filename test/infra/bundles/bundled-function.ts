import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Handler } from '../../../functions/handlers/ports.ts';

const RUNTIME = fileURLToPath(new URL('./lambda-runtime.mjs', import.meta.url));

/** The Node that Lambda runs where CI brings it, else the one that runs the tests. */
const NODE = process.env.TRAILSEAL_LAMBDA_NODE ?? process.execPath;

export interface BundledFunction {
  handler: Handler;
  /** Ends the process. What it wrote to its log, line by line, and what it complained of. */
  stop(): Promise<{ log: string[]; errors: string }>;
}

interface Answer {
  id: number;
  answer?: string;
  error?: { name: string; message: string };
}

/** Starts a function as Lambda would: its bundle, in a process of its own, with its environment and no other. */
export const startBundledFunction = (options: {
  bundle: string;
  environment: Readonly<Record<string, string>>;
  /** What the template gives a call. */
  seconds: number;
}): BundledFunction => {
  const { bundle, environment, seconds } = options;
  const child = fork(RUNTIME, [bundle], {
    execPath: NODE,
    execArgv: [],
    env: { ...environment, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const gone = once(child, 'close');
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  child.on('message', ({ id, answer, error }: Answer) => {
    const caller = waiting.get(id);
    waiting.delete(id);
    if (error) caller?.reject(Object.assign(new Error(error.message), { name: error.name }));
    else caller?.resolve(answer === undefined ? null : JSON.parse(answer));
  });
  gone.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`the function ended: ${output.stderr}`));
  });

  let calls = 0;
  return {
    handler: (payload) =>
      new Promise((resolve, reject) => {
        const id = ++calls;
        waiting.set(id, { resolve, reject });
        child.send({ id, payload, seconds });
      }),
    stop: async () => {
      child.kill();
      await gone;
      return { log: output.stdout.split('\n').filter(Boolean), errors: output.stderr };
    },
  };
};
