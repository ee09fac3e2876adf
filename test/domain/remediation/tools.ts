import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, describe } from '@jest/globals';
import type { RemediationFile } from '../../../functions/domain/remediation/formats/file.ts';
import { onlyDeep } from '../../depth.ts';

const isInstalled = (tool: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** A `describe` that is skipped, and says why, where a tool is not installed; in CI that is a failure. */
export const describeIfTools = (tools: readonly string[], name: string, tests: () => void): void => {
  const missing = tools.filter((tool) => !isInstalled(tool));
  onlyDeep(() => {
    if (missing.length === 0 || process.env.TRAILSEAL_CI === '1') describe(name, tests);
    else describe.skip(`${name} (skipped: ${missing.join(', ')} not installed)`, tests);
  });
};

/** Folders of their own, gone after the file's tests. */
export function folders(): () => string {
  const made: string[] = [];
  afterAll(() => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'trailseal-remediation-'));
    made.push(folder);
    return folder;
  };
}

export function writeFiles(folder: string, files: readonly RemediationFile[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(folder, file.name)), { recursive: true });
    writeFileSync(join(folder, file.name), file.content, { mode: file.content.startsWith('#!') ? 0o755 : 0o644 });
  }
}

/** What makes a script run to its end without a person, and without a delivery. */
export const answers = (file: RemediationFile | undefined): string[] => [
  '--yes',
  ...(file?.content.includes('--no-wait') ? ['--no-wait'] : []),
];

export const run = (
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
): SpawnSyncReturns<string> =>
  spawnSync(command, [...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    input: options.input ?? '',
    maxBuffer: 64 * 1024 * 1024,
  });
