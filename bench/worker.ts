import { fork } from 'node:child_process';
import { join } from 'node:path';
import { BUILD } from './compile.ts';

/** What a worker measured, and the greatest memory of its process (resident set, MB of 2^20 bytes). */
export interface Measured<O> {
  output: O;
  peakRssMb: number;
}

/**
 * Runs one measurement in a process of its own, so that no figure carries another's memory or compiled code.
 * @throws Error where the worker fails or does not answer in time: a broken scenario
 */
export function runWorker<O>(
  name: string,
  input: object,
  options: { timeoutMs?: number; nodeOptions?: string[]; env?: Record<string, string> } = {},
): Promise<Measured<O>> {
  const { timeoutMs = 600_000, nodeOptions = [], env = {} } = options;
  const child = fork(join(BUILD, 'bench', 'workers', `${name}.js`), [JSON.stringify(input)], {
    execArgv: ['--enable-source-maps', ...nodeOptions],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...ownEnvironment(), ...env },
  });
  let noise = '';
  child.stdout?.on('data', (chunk) => {
    noise += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    noise += chunk;
  });
  return new Promise((resolve, reject) => {
    let answer: Measured<O> | undefined;
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`worker ${name} did not end within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    child.on('message', (message) => {
      answer = message as Measured<O>;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (code === 0 && answer) resolve(answer);
      else reject(new Error(`worker ${name} ended with ${signal ?? code}: ${noise.trim().slice(-2_000)}`));
    });
  });
}

/** Without what would send a measurement to a real account or another endpoint. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_') && name !== 'NODE_OPTIONS');
  return { ...Object.fromEntries(kept), AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
}
