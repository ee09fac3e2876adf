import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSigningKey } from '../../functions/local/signing-key.ts';

/** What a command came to, as a shell would see it. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

const root = join(import.meta.dirname, '..', '..');

let home: Promise<string> | undefined;

/** A home of one's own, with a signing key: whichever command comes first, none tells that it made one. */
async function newHome(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trailseal-home-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await openSigningKey(folder);
  return folder;
}

/** Runs `trailseal` from the source in a process of its own; no AWS setting of this machine reaches it. */
export async function trailseal(
  words: readonly string[],
  options: {
    env?: Record<string, string>;
    cwd?: string;
    onErr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
  } = {},
): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env;
  home ??= newHome();
  const env = {
    PATH,
    HOME,
    TRAILSEAL_HOME: await home,
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
