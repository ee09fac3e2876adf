import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

export interface ToolRun {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  timeoutMs: number;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) endGroup(child);
});

/** Runs a program to its end: its exit code (null: it took too long) and all that it printed. */
export function runTool({
  command,
  args,
  env,
  cwd,
  timeoutMs,
}: ToolRun): Promise<{ code: number | null; log: string }> {
  return new Promise((resolve, reject) => {
    // A group of its own: a tool's workers end with it.
    const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    running.add(child);
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => {
        log += chunk;
      });
    }
    const timer = setTimeout(() => endGroup(child), timeoutMs);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, log });
    });
  });
}

const endGroup = (child: ChildProcess): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
};

/** The program that `variable` names, or the first of that name on the PATH; links followed. */
export function programOf(variable: string, name: string): string | null {
  const named = process.env[variable];
  if (named) {
    if (!existsSync(named)) throw new Error(`${variable} names ${named}, which does not exist.`);
    return realpathSync(named);
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  return found === undefined ? null : realpathSync(found);
}

/** The version of a Python package, asked of the interpreter beside one of its programs. */
export function pythonVersion(program: string, distribution: string): string {
  const code = `from importlib.metadata import version; print(version(${JSON.stringify(distribution)}))`;
  const { stdout } = spawnSync(join(dirname(program), 'python'), ['-c', code], { encoding: 'utf8' });
  return stdout?.trim() || 'of unknown version';
}
