import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { onceInRun } from '../once.ts';

/** `trailseal` as JavaScript, made once in a run: from the source, a command takes a second only to be compiled. */
export async function compiledMain(): Promise<string> {
  const folder = await onceInRun('compiled', async (path) => {
    const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'compile.mjs'), path], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
  });
  return join(folder, 'functions', 'cli', 'main.js');
}
