/**
 * `node --import tsx bench/markdown.ts [bench/out/full.json]`: the tables of a run of `npm run bench`, as docs/contributors/scale.md has
 * them, on stdout. With `--into FILE` they replace what stands between the file's two bench marks.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type BenchResult, markdownOf, placed } from './result.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { into: { type: 'string' } } });
const source = positionals[0] ?? 'bench/out/full.json';
const text = markdownOf(JSON.parse(readFileSync(source, 'utf8')) as BenchResult);
if (values.into === undefined) process.stdout.write(text);
else writeFileSync(values.into, placed(text, readFileSync(values.into, 'utf8'), values.into));
