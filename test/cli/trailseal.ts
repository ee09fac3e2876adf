import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSigningKey } from '../../functions/local/signing-key.ts';
import { compiledMain } from './compiled.ts';

/** What a command came to, as a shell would see it. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

const root = join(import.meta.dirname, '..', '..');

/**
 * Runs `trailseal` as it is in the source, compiled, in a process of its own; no AWS setting of this machine reaches it. Its home is its
 * own and has a signing key already, so that whichever command comes first, none tells that it made one.
 */
export async function trailseal(
  words: readonly string[],
  options: {
    env?: Record<string, string>;
    cwd?: string;
    onErr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
  } = {},
): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env;
  const home = await mkdtemp(join(tmpdir(), 'trailseal-home-'));
  await openSigningKey(home);
  const env = {
    PATH,
    HOME,
    TRAILSEAL_HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    ...options.env,
  };
  const child = spawn(process.execPath, [await compiledMain(), ...words], {
    env,
    cwd: options.cwd ?? root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
    options.onErr?.(err, (signal) => child.kill(signal));
  });
  const ended = await new Promise<Ended>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, out, err })),
  );
  await rm(home, { recursive: true, force: true });
  return ended;
}
