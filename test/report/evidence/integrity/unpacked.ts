import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A pack unpacked with `unzip`, as an assessor would. @returns its folder */
export async function unpacked(file: string, into: string, name: string): Promise<string> {
  await mkdir(into);
  execFileSync('unzip', ['-q', file, '-d', into]);
  return join(into, name);
}

/** The indented lines of a guide. */
export const commandsOf = (guide: string): string[] =>
  guide.split('\n').flatMap((line) => (line.startsWith('    ') ? [line.slice(4)] : []));

/** Runs one line as it stands. OpenSSL says some of its results on stderr. */
export function inShell(cwd: string, command: string): { code: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8' });
  return { code: status, out: command.startsWith('openssl ts') ? `${stdout}${stderr}` : stdout };
}
