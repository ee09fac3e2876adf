// Assembles the page's script and style (page/) into page-assets.ts, as strings: one way to load them from the
// sources, from dist/ and from a Lambda bundle. Run `npm run page` after a change in page/; a test sees to it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The text of page-assets.ts. */
async function pageAssets() {
  const bundle = (entry, options) =>
    build({
      entryPoints: [at(entry)],
      bundle: true,
      minify: true,
      write: false,
      charset: 'utf8',
      legalComments: 'none',
      target: 'es2022',
      ...options,
    });
  const [script, style] = await Promise.all([bundle('page/main.ts', { format: 'iife' }), bundle('page/page.css', {})]);
  const text = ({ outputFiles }) => JSON.stringify(outputFiles[0].text.trimEnd());
  return `// Made by assemble-page.mjs from page/: do not edit.\nexport const PAGE_SCRIPT =\n  ${text(script)};\nexport const PAGE_STYLE =\n  ${text(style)};\n`;
}

const target = at('page-assets.ts');
const assets = await pageAssets();
const current = existsSync(target) ? readFileSync(target, 'utf8') : '';
if (process.argv.includes('--check')) {
  if (current !== assets) {
    console.error('page-assets.ts is not what page/ makes: run `npm run page`');
    process.exitCode = 1;
  }
} else if (current !== assets) writeFileSync(target, assets);
