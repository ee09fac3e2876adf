import { TrailSealError } from '../domain/errors.ts';
import { type Column, columnsOf, type TableName } from './columns.ts';

/** What hyparquet-writer takes for one cell; lists stay arrays. */
export type Cell = string | bigint | boolean | readonly string[] | null;

export interface RowReader {
  /** The row's cells in column order. @throws TrailSealError naming table, row (from 1) and column. */
  cells(row: Readonly<Record<string, unknown>>): Cell[];
}

/** Checks rows of any origin against the table's columns, so that a bad value is refused where it appears. */
export function rowReader(table: TableName): RowReader {
  const columns = columnsOf(table);
  const readers = columns.map((column) => cellReader(column));
  const names = new Set(columns.map(({ name }) => name));
  let rowNumber = 0;
  const refuse = (column: string, problem: string): never => {
    throw new TrailSealError('TABLE', `table ${table}, row ${rowNumber}, column ${column}: ${problem}`);
  };
  return {
    cells(row) {
      rowNumber++;
      const cells = columns.map(({ name, nullable }, index) => {
        const value = row[name];
        if (value === null || value === undefined) {
          // Undefined is a column someone forgot, even where null would be an answer.
          if (value === undefined) refuse(name, 'missing');
          if (!nullable) refuse(name, 'is null, and may not be');
          return null;
        }
        const cell = readers[index]?.(value);
        return cell instanceof Problem ? refuse(name, cell.text) : (cell ?? null);
      });
      // Every column is there: a row with a name too many is the only one with a foreign name.
      const given = Object.keys(row);
      if (given.length !== columns.length)
        for (const name of given) if (!names.has(name)) refuse(name, 'no such column');
      return cells;
    },
  };
}

class Problem {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function cellReader(column: Column): (value: unknown) => Cell | Problem {
  switch (column.type) {
    case 'string':
      return stringReader(column);
    case 'bigint':
      return (value) => (Number.isSafeInteger(value) ? BigInt(value as number) : wrong(value, 'a whole number'));
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : wrong(value, 'true or false'));
    case 'timestamp':
      return (value) => milliseconds(value) ?? wrong(value, 'an ISO 8601 time in UTC');
    case 'array<string>':
      return (value) =>
        Array.isArray(value) && value.every((item) => typeof item === 'string')
          ? value
          : wrong(value, 'a list of strings');
  }
}

function stringReader({ values }: Column): (value: unknown) => Cell | Problem {
  if (values === undefined) return (value) => (typeof value === 'string' ? value : wrong(value, 'a string'));
  const allowed = new Set<unknown>(values);
  return (value) => (allowed.has(value) ? (value as string) : wrong(value, `one of ${values.join(', ')}`));
}

const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** Milliseconds since 1970, further digits dropped; null where it is no UTC time. */
function milliseconds(value: unknown): bigint | null {
  if (typeof value !== 'string' || !ISO_UTC.test(value)) return null;
  const ms = Date.parse(value);
  // V8 rolls 31 February over into March: a day that may not exist must print as it was written.
  const lateInMonth = value.charCodeAt(8) >= 50 && (value.charCodeAt(8) > 50 || value.charCodeAt(9) === 57);
  if (Number.isNaN(ms)) return null;
  if ((lateInMonth || value.startsWith('24', 11)) && !new Date(ms).toISOString().startsWith(value.slice(0, 19)))
    return null;
  return BigInt(ms);
}

function wrong(value: unknown, expected: string): Problem {
  const shown = JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? typeof value;
  return new Problem(`expected ${expected}, got ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}`);
}
