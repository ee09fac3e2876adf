import { sanitize, sanitizeJson } from '../../domain/model/sanitize.ts';
import { csvText } from '../exports/csv.ts';
import type { QueryColumn, QueryResult, QueryRow, QueryValue } from './query-result.ts';
import { leastWidth, padText, textWidth, wrapText } from './text-width.ts';

export const RESULT_FORMATS = ['table', 'json', 'csv'] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

export interface FormatOptions {
  format: ResultFormat;
  /** Columns of the terminal that will show it; null where it goes elsewhere, and nothing is cut. */
  width: number | null;
}

/**
 * A query's answer as text, row by row: a table for people, one JSON array, or CSV (no byte order mark).
 * Nothing in it makes a terminal act; only CSV that does not go to a terminal keeps control characters as they are.
 */
export function formatResult(
  result: QueryResult,
  { format, width }: FormatOptions,
): AsyncGenerator<string, void, undefined> {
  switch (format) {
    case 'json':
      return json(result);
    case 'csv':
      return csv(result, width !== null);
    case 'table':
      return table(result, width ?? Number.POSITIVE_INFINITY);
  }
}

async function* json({ rows }: QueryResult): AsyncGenerator<string> {
  let before = '[\n';
  for await (const row of rows) {
    yield `${before}${sanitizeJson(JSON.stringify(row))}`;
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

async function* csv({ columns, rows }: QueryResult, terminal: boolean): AsyncGenerator<string> {
  const shown = (value: QueryValue): QueryValue => {
    if (!terminal || value === null || typeof value === 'number' || typeof value === 'boolean') return value;
    return sanitize(typeof value === 'string' ? value : cellText(value));
  };
  const cells = async function* (): AsyncGenerator<QueryValue[]> {
    for await (const row of rows) yield columns.map(({ name }) => shown(row[name] ?? null));
  };
  yield* csvText({ header: columns.map(({ name }) => (terminal ? sanitize(name) : name)), rows: cells(), bom: false });
}

/** Widths are measured on this many rows; the rest is wrapped to them where a terminal sets a limit. */
const MEASURED_ROWS = 1000;
const GAP = '  ';
/** A column is not made narrower than this to fit a terminal (account ids stay whole): each row becomes a block instead. */
const LEAST_WIDTH = 14;
/** A longer cell loses its middle in a terminal. */
const CELL_LINES = 8;
const BLOCK_LINES = 12;

async function* table({ columns, rows }: QueryResult, width: number): AsyncGenerator<string> {
  const iterator = rows[Symbol.asyncIterator]();
  try {
    const measured: string[][] = [];
    const numeric = columns.map(() => true);
    let next = await iterator.next();
    for (; !next.done && measured.length < MEASURED_ROWS; next = await iterator.next()) {
      const { value: row } = next;
      columns.forEach(({ name }, index) => {
        const value = row[name] ?? null;
        if (value !== null && typeof value !== 'number') numeric[index] = false;
      });
      measured.push(cellsOf(columns, row));
    }
    const names = columns.map(({ name }) => sanitize(name));
    const sizes = names.map((name, index) => {
      const widest = Math.max(0, ...measured.map((cells) => textWidth(cells[index] ?? '')));
      const least = Math.max(leastWidth(name, LEAST_WIDTH), Math.min(widest, LEAST_WIDTH));
      return { natural: Math.max(textWidth(name), widest), least };
    });
    const widths = fitWidths(sizes, width - GAP.length * (columns.length - 1));
    const draw = widths === null ? blockOf(names, width) : lineOf(widths, numeric, Number.isFinite(width));

    if (widths !== null) yield `${draw(names)}${line(widths.map((columnWidth) => '─'.repeat(columnWidth)))}`;
    let count = measured.length;
    for (const cells of measured) yield draw(cells);
    for (; !next.done; next = await iterator.next()) {
      count++;
      yield draw(cellsOf(columns, next.value));
    }
    yield `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}\n`;
  } finally {
    await iterator.return?.();
  }
}

const line = (cells: readonly string[]): string => `${cells.join(GAP).trimEnd()}\n`;

/** A row as padded cells side by side, on as many lines as its longest cell needs. */
const lineOf =
  (widths: readonly number[], numeric: readonly boolean[], limited: boolean) => (cells: readonly string[]) => {
    const wrapped = cells.map((cell, index) =>
      limited ? wrapText(cell, { width: widths[index] ?? 0, lines: CELL_LINES }) : [cell],
    );
    const height = Math.max(1, ...wrapped.map(({ length }) => length));
    return Array.from({ length: height }, (_, row) =>
      line(
        wrapped.map((parts, index) =>
          padText(parts[row] ?? '', widths[index] ?? 0, numeric[index] === true ? 'right' : 'left'),
        ),
      ),
    ).join('');
  };

/** A row as a block: a line or more to each column, and an empty line after. */
const blockOf = (names: readonly string[], width: number) => {
  const label = Math.max(...names.map(textWidth));
  const room = Math.max(width - label - GAP.length, LEAST_WIDTH);
  return (cells: readonly string[]): string => {
    const lines = cells.flatMap((cell, index) =>
      wrapText(cell, { width: room, lines: BLOCK_LINES }).map((part, n) =>
        line([padText(n === 0 ? (names[index] ?? '') : '', label, 'left'), part]),
      ),
    );
    return `${lines.join('')}\n`;
  };
};

/** Takes from the widest columns until all fit; null where they would become too narrow to read. */
function fitWidths(sizes: readonly { natural: number; least: number }[], total: number): number[] | null {
  const sum = (widths: readonly number[]): number => widths.reduce((all, width) => all + width, 0);
  const capped = (cap: number): number[] => sizes.map(({ natural, least }) => Math.max(least, Math.min(natural, cap)));
  if (sum(capped(0)) > total) return null;
  let cap = Math.max(0, ...sizes.map(({ natural }) => natural));
  while (sum(capped(cap)) > total) cap--;
  const widths = capped(cap);
  // What rounding left over goes to the columns that were narrowed, from the left.
  let spare = total - sum(widths);
  return widths.map((width, index) => {
    if (spare <= 0 || width >= (sizes[index]?.natural ?? 0)) return width;
    spare--;
    return width + 1;
  });
}

const cellsOf = (columns: readonly QueryColumn[], row: QueryRow): string[] =>
  columns.map(({ name }) => sanitize(cellText(row[name] ?? null)));

/** A value as people read it: nothing for null, lists with commas. */
function cellText(value: QueryValue): string {
  if (value === null) return '';
  if (typeof value === 'object') {
    return Array.isArray(value) ? value.map((item: QueryValue) => cellText(item)).join(', ') : JSON.stringify(value);
  }
  return String(value);
}
