import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSigningKey } from '../../functions/local/signing-key.ts';
import { compiledMain } from './compiled.ts';
import { type Ended, inThisProcess } from './in-process.ts';

export type { Ended };

const root = join(import.meta.dirname, '..', '..');

/**
 * Runs `trailseal` as a shell would; no AWS setting of this machine reaches it. Its home is its own and has a signing key already, so that whichever command comes first, none tells that it made one.
 */
export async function trailseal(
  words: readonly string[],
  options: {
    env?: Record<string, string>;
    cwd?: string;
    /** Where a process is the point: other commands are called in the process of the test. */
    ownProcess?: boolean;
    /** Sends SIGINT, as Ctrl-C does, as soon as this is so. */
    interruptOnce?: () => boolean;
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
  const folder = options.cwd ?? root;
  if (!options.onErr && !options.interruptOnce && !options.ownProcess) {
    const ended = await inThisProcess(words, { env, cwd: folder });
    await rm(home, { recursive: true, force: true });
    return ended;
  }
  const child = spawn(process.execPath, [await compiledMain(), ...words], {
    env,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { interruptOnce } = options;
  const asking =
    interruptOnce &&
    setInterval(() => {
      if (!interruptOnce()) return;
      clearInterval(asking);
      child.kill('SIGINT');
    }, 10);
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
  clearInterval(asking);
  await rm(home, { recursive: true, force: true });
  return ended;
}
