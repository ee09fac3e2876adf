import {
  DuckDBArrayValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { QueryValue } from '../report/queries/query-result.ts';

/**
 * A DuckDB value as JSON can carry it: times as ISO 8601 UTC with milliseconds, whole numbers as numbers while exact
 * and as text beyond, lists as arrays, anything rarer as DuckDB prints it.
 */
export function queryValue(value: DuckDBValue): QueryValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  // JSON has no NaN and no infinities.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  if (value instanceof DuckDBDateValue) return String(value);
  const ms = milliseconds(value);
  if (ms !== null) return new Date(ms).toISOString();
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(queryValue);
  if (value instanceof DuckDBStructValue) return fromEntries(Object.entries(value.entries));
  if (value instanceof DuckDBMapValue) {
    return fromEntries(value.entries.map(({ key, value: held }) => [String(queryValue(key)), held]));
  }
  return String(value);
}

const fromEntries = (entries: [string, DuckDBValue][]): QueryValue =>
  Object.fromEntries(entries.map(([name, held]) => [name, queryValue(held)]));

/** The furthest moment a Date can hold, either way. */
const DATE_LIMIT = 8.64e15;

function milliseconds(value: DuckDBValue): number | null {
  let ms: number;
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    ms = Number(value.micros / 1000n);
  else if (value instanceof DuckDBTimestampMillisecondsValue) ms = Number(value.millis);
  else if (value instanceof DuckDBTimestampSecondsValue) ms = Number(value.seconds) * 1000;
  else if (value instanceof DuckDBTimestampNanosecondsValue) ms = Number(value.nanos / 1_000_000n);
  else return null;
  return Math.abs(ms) <= DATE_LIMIT ? ms : null;
}
