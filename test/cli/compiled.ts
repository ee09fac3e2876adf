import { spawnSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { onceInRun } from '../once.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');

/** `trailseal` as npm packs it, built once in a run: from the sources, a command takes seconds only to be compiled. */
export async function compiledMain(): Promise<string> {
  const folder = await onceInRun('compiled', async (path) => {
    const builder = join(REPOSITORY, 'functions', 'build.mjs');
    const { status, stderr } = spawnSync(process.execPath, [builder, join(path, 'dist')], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    for (const beside of ['statemachine', 'package.json'])
      cpSync(join(REPOSITORY, beside), join(path, beside), { recursive: true });
    symlinkSync(join(REPOSITORY, 'node_modules'), join(path, 'node_modules'), 'dir');
  });
  return join(folder, 'dist', 'cli', 'main.js');
}
