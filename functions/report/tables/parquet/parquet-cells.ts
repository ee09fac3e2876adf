import type { Column } from '../columns.ts';

/** A cell as Parquet stores it: a timestamp is its milliseconds since 1970; lists stay lists. */
export type Cell = string | number | boolean | readonly string[];

/** What is wrong with a value, in words. */
export class Problem {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Checks a column's values, whatever their origin, so that a bad one is refused where it appears. Null is the caller's. */
export function cellReader(column: Column): (value: unknown) => Cell | Problem {
  switch (column.type) {
    case 'string':
      return stringReader(column);
    case 'bigint':
      return (value) => (Number.isSafeInteger(value) ? (value as number) : wrong(value, 'a whole number'));
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
function milliseconds(value: unknown): number | null {
  if (typeof value !== 'string' || !ISO_UTC.test(value)) return null;
  const ms = Date.parse(value);
  // V8 rolls 31 February over into March: a day that may not exist must print as it was written.
  const lateInMonth = value.charCodeAt(8) >= 50 && (value.charCodeAt(8) > 50 || value.charCodeAt(9) === 57);
  if (Number.isNaN(ms)) return null;
  if ((lateInMonth || value.startsWith('24', 11)) && !new Date(ms).toISOString().startsWith(value.slice(0, 19)))
    return null;
  return ms;
}

function wrong(value: unknown, expected: string): Problem {
  const shown = JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? typeof value;
  return new Problem(`expected ${expected}, got ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}`);
}
