import { parse } from 'csv-parse/sync';
import type { Files } from '../zip-surgery.ts';

export type CsvRow = Record<string, string>;

/** With ids as they are: `="123456789012"` is how a spreadsheet is kept from making a number of one. */
export function csvRows(body: Buffer = Buffer.alloc(0)): CsvRow[] {
  const known = parsed.get(body);
  if (known) return known;
  const rows = parse(body, {
    bom: true,
    columns: true,
    cast: (cell) => /^="(.*)"$/.exec(cell)?.[1] ?? cell,
  }) as CsvRow[];
  parsed.set(body, rows);
  return rows;
}
const parsed = new WeakMap<Buffer, CsvRow[]>();

/** A figure of the cover with what it says that it counts. */
export interface Figure {
  value: number;
  words: string;
  href: string;
}

export const figuresOf = (cover: string): Figure[] =>
  [...cover.matchAll(/<a class="figure" href="([^"]+)" title="([^"]+)">([\d,]+)[^<]*<\/a>/g)].map(
    ([, href = '', words = '', value = '']) => ({ href, words, value: Number(value.replaceAll(',', '')) }),
  );

/** Counts as the words of a figure say, in the CSV files of the pack alone. */
export function counted(files: Files, root: string, words: string): number {
  const [, file = '', count = '', where = ''] = /^(\S+\.csv): (.+?)(?: where (.+))?$/.exec(words) ?? [];
  const found = files.find(({ path }) => path === `${root}/${file}`);
  if (!found) throw new Error(`there is no file ${file || words}`);
  const rows = csvRows(found.bytes).filter(
    (row) => where === '' || where.split(' and ').every((one) => holds(row, one)),
  );
  const column = (name: string): string[] =>
    rows.map((row) => {
      const value = row[name];
      if (value === undefined) throw new Error(`${file} has no column ${name}`);
      return value;
    });
  const [, once] = /^(\w+), each once$/.exec(count) ?? [];
  const [, summed] = /^sum of (\w+)$/.exec(count) ?? [];
  const [, of, less] = /^value of (\w+)(?: less (\w+))?$/.exec(count) ?? [];
  if (once) return new Set(column(once)).size;
  if (summed) return column(summed).reduce((sum, value) => sum + Number(value), 0);
  if (of) {
    if (rows.length !== 1) throw new Error(`${file} has ${rows.length} rows`);
    return Number(column(of)[0]) - (less ? Number(column(less)[0]) : 0);
  }
  if (count !== 'rows') throw new Error(`nobody can count ${count}`);
  return rows.length;
}

function holds(row: CsvRow, condition: string): boolean {
  const [, name = '', is = '', value = ''] =
    /^(\w+) (= |is one of |is empty|is not empty|is not )(.*)$/.exec(condition) ?? [];
  const cell = row[name];
  if (cell === undefined) throw new Error(`there is no column for "${condition}"`);
  if (is === 'is empty') return cell === '';
  if (is === 'is not empty') return cell !== '';
  if (is === 'is not ') return cell !== value;
  return is === '= ' ? cell === value : value.split(', ').includes(cell);
}

/** What is left of a cover once figures, and what is no figure, are taken out: text with digits there is a figure that leads nowhere. */
export const untraced = (cover: string): string =>
  cover
    .replace(/<head>[\s\S]*?<\/head>/, '')
    .replace(/<h1>[\s\S]*?<\/h1>/, '')
    .replace(/<h2>Run [\s\S]*?<\/h2>/g, '')
    .replace(/<a class="(figure|summary)"[\s\S]*?<\/a>/g, '')
    .replace(/<(code|bdi)>[\s\S]*?<\/\1>/g, '')
    .replace(/<(td|span) class="(id|words|word)">[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll(/\d{4}-\d\d-\d\d(T[\d:.]+Z| \d\d:\d\d)?/g, '')
    .replaceAll(/RFC 3161|SHA-256/g, '');

/** A cover without the links around its figures. */
export const withoutLinks = (cover: string): string => cover.replaceAll(/<a class="[^>]*>|<\/a>/g, '');
