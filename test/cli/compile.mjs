// `node compile.mjs FOLDER`: functions/ as JavaScript in the folder, so that a command starts without a compiler.
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const RELATIVE_IMPORT = /(\bfrom\s*|\bimport\s*\(?\s*)(["'])(\.{1,2}\/[^"']+)\.ts\2/g;
const ASSETS = /\.(sql|html|css|js|json|md)$/;

const [folder = ''] = process.argv.slice(2);
for (const file of readdirSync(join(REPOSITORY, 'functions'), { recursive: true })) {
  const source = join(REPOSITORY, 'functions', file);
  const target = join(folder, 'functions', file);
  if (file.endsWith('.ts')) {
    const { code } = transformSync(readFileSync(source, 'utf8'), { loader: 'ts', target: 'node20', format: 'esm' });
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target.replace(/\.ts$/, '.js'), code.replace(RELATIVE_IMPORT, '$1$2$3.js$2'));
  } else if (ASSETS.test(file)) {
    mkdirSync(dirname(target), { recursive: true });
    cpSync(source, target);
  }
}
for (const beside of ['statemachine', 'package.json'])
  cpSync(join(REPOSITORY, beside), join(folder, beside), { recursive: true });
symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'), 'dir');
