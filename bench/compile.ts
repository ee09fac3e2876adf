import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
/** Written again by every run, ignored by git. */
export const OUT = join(REPOSITORY, 'bench', 'out');
export const BUILD = join(OUT, 'build');

const RELATIVE_IMPORT = /(\bfrom\s*|\bimport\s*\(?\s*)(["'])(\.{1,2}\/[^"']+)\.ts\2/g;

/**
 * Compiles functions/ and the workers to JavaScript, file by file, as `npm run build` does for what is published: a
 * measurement must not include a compiler in the measured process.
 */
export function compile(): void {
  rmSync(BUILD, { recursive: true, force: true });
  for (const folder of ['functions', 'bench/workers']) compileFolder(folder);
  cpSync(join(REPOSITORY, 'statemachine'), join(BUILD, 'statemachine'), { recursive: true });
  cpSync(join(REPOSITORY, 'package.json'), join(BUILD, 'package.json'));
}

function compileFolder(folder: string): void {
  for (const file of readdirSync(join(REPOSITORY, folder), { recursive: true }) as string[]) {
    const source = join(REPOSITORY, folder, file);
    const target = join(BUILD, folder, file);
    if (file.endsWith('.ts')) {
      const { code } = transformSync(readFileSync(source, 'utf8'), { loader: 'ts', target: 'node20', format: 'esm' });
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target.replace(/\.ts$/, '.js'), code.replace(RELATIVE_IMPORT, '$1$2$3.js$2'));
    } else if (file.endsWith('.sql')) {
      mkdirSync(dirname(target), { recursive: true });
      cpSync(source, target);
    }
  }
}
