import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ASSETS, bundleOptions } from '../functions/bundle.mjs';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
/** Written again by every run, ignored by git. */
export const OUT = join(REPOSITORY, 'bench', 'out');
export const BUILD = join(OUT, 'build', 'dist');
/** Finds files of its own beside it, and is not measured. */
const BROWSER = 'playwright-core';
const PROGRAM = ['functions/cli/main.ts', 'functions/program-folder.ts'];

/**
 * Builds the workers and the program as `npm run build` does for what is published: a measurement must not include a compiler
 * in the measured process, nor a thousand modules that the program does not load.
 */
export async function compile(): Promise<void> {
  rmSync(join(BUILD, '..'), { recursive: true, force: true });
  // The floors load the SDK's clients whole: apart, or what they need of those would be loaded by every worker.
  for (const folder of ['bench/workers', 'bench/workers/floors']) {
    const workers = readdirSync(join(REPOSITORY, folder))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file));
    const entryPoints = [...workers, ...PROGRAM].map((file) => join(REPOSITORY, file));
    const options = bundleOptions({ entryPoints, outbase: REPOSITORY, outdir: BUILD });
    await build({ ...options, external: [...(options.external ?? []), BROWSER] });
  }
  for (const folder of ASSETS) cpSync(join(REPOSITORY, 'functions', folder), join(BUILD, folder), { recursive: true });
  for (const beside of ['statemachine', 'package.json'])
    cpSync(join(REPOSITORY, beside), join(BUILD, '..', beside), { recursive: true });
}
