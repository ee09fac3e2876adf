// How the program is put together from its sources: as npm packs it (build.mjs), and as it is measured (bench/compile.ts).
import { readFileSync } from 'node:fs';

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

/** esbuild's options. */
export const bundleOptions = ({ entryPoints, outbase, outdir }) => ({
  entryPoints,
  outbase,
  outdir,
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

/** Read by path: everything else is in the bundle. */
export const ASSETS = ['report/queries/sql'];
