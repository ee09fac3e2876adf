// Builds dist/ (what npm packs): the TypeScript of functions/ as JavaScript, and the files it reads at run time.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, '..', 'dist');
const tsc = join(here, '..', 'node_modules', 'typescript', 'bin', 'tsc');
const ASSETS = new Set(['.sql', '.html', '.css', '.js', '.json', '.md']);

// `npm ci --omit=dev` has no compiler: what is installed there runs what is built elsewhere.
if (!existsSync(tsc) && process.env.npm_lifecycle_event === 'prepare') {
  process.stderr.write('trailseal: dist/ is not built, since TypeScript is left out (--omit=dev).\n');
  process.exit(0);
}

rmSync(dist, { recursive: true, force: true });
const built = spawnSync(process.execPath, [tsc, '-p', here], { stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);
for (const file of readdirSync(here, { recursive: true })) {
  if (ASSETS.has(extname(file)) && file !== 'tsconfig.json') cpSync(join(here, file), join(dist, file));
}
const main = join(dist, 'cli', 'main.js');
if (existsSync(main)) chmodSync(main, 0o755);
