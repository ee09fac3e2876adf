// Builds the program as npm packs it: the commands and all that they import as a few files of JavaScript, since to load a
// thousand modules takes three times as long as to scan a small organization; and beside them what is read at run time.
//   node functions/build.mjs [--unless-current] [FOLDER]        FOLDER is dist/ unless given
import { chmodSync, cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ASSETS, bundleOptions } from './bundle.mjs';

const functions = import.meta.dirname;
const words = process.argv.slice(2);
const dist = words.find((word) => !word.startsWith('--')) ?? join(functions, '..', 'dist');
const main = join(dist, 'cli', 'main.js');
const newest = (folder) =>
  Math.max(...readdirSync(folder, { recursive: true }).map((file) => statSync(join(folder, file)).mtimeMs));
const isCurrent = () =>
  existsSync(main) &&
  statSync(main).mtimeMs > Math.max(newest(functions), statSync(join(functions, '..', 'package-lock.json')).mtimeMs);

if (!(words.includes('--unless-current') && isCurrent())) {
  const esbuild = await import('esbuild').catch(() => null);
  if (esbuild !== null) await build(esbuild);
  else if (process.env.npm_lifecycle_event !== 'prepare') throw new Error('esbuild is not installed: run npm ci');
  // `npm ci --omit=dev` has no bundler: what is installed there runs what is built elsewhere.
  else {
    process.stderr.write(
      'trailseal: dist/ is not built, since development tools are left out (--omit=dev): install what npm pack made elsewhere.\n',
    );
  }
}

async function build({ build }) {
  rmSync(dist, { recursive: true, force: true });
  const entryPoints = ['cli/main.ts', 'cli/start.ts', 'program-folder.ts'].map((file) => join(functions, file));
  await build(bundleOptions({ entryPoints, outbase: functions, outdir: dist }));
  for (const folder of ASSETS) cpSync(join(functions, folder), join(dist, folder), { recursive: true });
  chmodSync(main, 0o755);
}
