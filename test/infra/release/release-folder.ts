import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { release } from '../../../infra/release/release.ts';
import { parseSettings } from '../../../infra/settings/settings.ts';
import { onceInRun } from '../../once.ts';

/** What `npm run release` makes, once for all suites that look at it. Nobody writes into it. */
export const releaseFolder = (): Promise<string> =>
  onceInRun('release', (folder) => release({ out: folder, settings: parseSettings({}) }));

/** What a machine has that has the AWS CLI and no Node, no CDK and no Python of ours. */
const COMMANDS = [
  'awk',
  'basename',
  'bash',
  'cat',
  'cut',
  'date',
  'dirname',
  'env',
  'grep',
  'head',
  'mktemp',
  'rm',
  'sed',
  'sha256sum',
  'sort',
  'tail',
  'tr',
  'wc',
];

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Runs a release's deploy.sh with nothing on the PATH but those and the AWS CLI. */
export const deployer = (folder: string, env: Record<string, string>) => {
  const bin = mkdtempSync(join(env.HOME ?? '/tmp', 'bin-'));
  const found = (command: string) => spawnSync('which', [command], { encoding: 'utf8' }).stdout.trim();
  for (const command of COMMANDS) symlinkSync(found(command), join(bin, command));
  // Its own Python is found by the PATH of this process.
  writeFileSync(join(bin, 'aws'), `#!/bin/bash\nPATH='${process.env.PATH}' exec '${found('aws')}' "$@"\n`);
  // An emulator has made a stack in no time.
  writeFileSync(join(bin, 'sleep'), `#!/bin/bash\nexec '${found('sleep')}' 0.2\n`);
  for (const command of ['aws', 'sleep']) chmodSync(join(bin, command), 0o755);
  return (...words: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const child = spawn(join(folder, 'deploy.sh'), words, { cwd: '/', env: { PATH: bin, ...env } });
      const said = { out: '', err: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
      child.once('close', (code) => resolve({ code, ...said }));
    });
};
