// Builds the program as npm packs it: the commands and all that they import as a few files of JavaScript, since to load a
// thousand modules takes three times as long as to scan a small organization; and beside them what is read at run time.
//   node functions/build.mjs [--unless-current] [FOLDER]        FOLDER is dist/ unless given
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const functions = import.meta.dirname;
const words = process.argv.slice(2);
const dist = words.find((word) => !word.startsWith('--')) ?? join(functions, '..', 'dist');
const main = join(dist, 'cli', 'main.js');
/** Read by path: everything else is in the bundle. */
const ASSETS = ['report/queries/sql'];

/**
 * The SDK's descriptions of shapes write their keys as `[_xN]:`, and a bundler cannot know that reading `_xN` does nothing: of EC2's
 * 700 calls all would be kept for one. With the key itself in its place those go that are not made, a tenth of what is loaded.
 */
const namedKeys = {
  name: 'named-keys',
  setup({ onLoad }) {
    onLoad({ filter: /client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const constants = new Map(
        Array.from(source.matchAll(/^const (\w+) = ("[^"\n]*");$/gm), ([, name, text]) => [name, text]),
      );
      return {
        contents: source.replace(/\[(_\w+)\]:/g, (key, name) =>
          constants.has(name) ? `${constants.get(name)}:` : key,
        ),
      };
    });
  },
};

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
  await build({
    entryPoints: ['cli/main.ts', 'cli/start.ts', 'program-folder.ts'].map((file) => join(functions, file)),
    outbase: functions,
    outdir: dist,
    bundle: true,
    // Commands load what they need: DuckDB, the page and the simulator are files of their own.
    splitting: true,
    chunkNames: '[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Its native part is a package for each platform.
    external: ['@duckdb/node-bindings'],
    // Packages as modules where they come so: what nobody calls is left out.
    mainFields: ['module', 'main'],
    plugins: [namedKeys],
    // Packages in CommonJS ask for `require`.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    legalComments: 'linked',
    logLevel: 'warning',
  });
  for (const folder of ASSETS) cpSync(join(functions, folder), join(dist, folder), { recursive: true });
  chmodSync(main, 0o755);
}
