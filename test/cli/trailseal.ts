import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a command came to, as a shell would see it. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

const root = join(import.meta.dirname, '..', '..');

/** Runs `trailseal` from the source in a process of its own; no AWS setting of this machine reaches it. */
export function trailseal(
  words: readonly string[],
  options: {
    env?: Record<string, string>;
    cwd?: string;
    onErr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
  } = {},
): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env;
  const env = {
    PATH,
    HOME,
    // A signing key made in a test is none of this machine's.
    TRAILSEAL_HOME: join(tmpdir(), `trailseal-tests-${process.getuid?.() ?? 0}`),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    ...options.env,
  };
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), join(root, 'functions/cli/main.ts'), ...words],
    {
      env,
      cwd: options.cwd ?? root,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
    options.onErr?.(err, (signal) => child.kill(signal));
  });
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, out, err })));
}
