import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** What is wrong with a statement, one line a problem; empty where the grammar accepts it. */
type Grammar = (sql: string) => string[];

interface Parser {
  validate(sql: string): { startLine: number; startColumn: number; message: string }[];
}

/**
 * The grammars of Athena's two languages, Trino (queries, views) and Hive (tables), from dt-sql-parser.
 * Its ESM imports directories, which Node does not: so the two parsers are bundled first.
 */
export async function grammars(): Promise<{ trino: Grammar; hive: Grammar }> {
  const folder = mkdtempSync(join(tmpdir(), 'trailseal-grammars-'));
  try {
    const outfile = join(folder, 'parsers.mjs');
    await build({
      stdin: {
        contents: `export { TrinoSQL } from 'dt-sql-parser/dist/parser/trino';
                   export { HiveSQL } from 'dt-sql-parser/dist/parser/hive';`,
        resolveDir: fileURLToPath(new URL('.', import.meta.url)),
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile,
      logLevel: 'error',
    });
    const { TrinoSQL, HiveSQL } = await import(pathToFileURL(outfile).href);
    const grammar = (parser: Parser): Grammar => {
      return (sql) => parser.validate(sql).map((at) => `${at.startLine}:${at.startColumn} ${at.message}`);
    };
    return { trino: grammar(new TrinoSQL()), hive: grammar(new HiveSQL()) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
