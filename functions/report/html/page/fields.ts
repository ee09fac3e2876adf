import { type PackedValue, SIGNED_COLUMNS, SIGNED_TEXTS } from '../pack-format.ts';
import { type PlaceWords, withWords } from '../place-words.ts';
import { findingId } from './finding-id.ts';
import type { Column, Table } from './unpack.ts';

/** A column as readers know it: `get` gives the table's own value. */
export interface Field {
  name: string;
  get(row: number): PackedValue;
  /** Where the values repeat and are stored as they are: what may be compared by code. */
  column: Column | null;
}

export type ResourceTable = 'trails' | 'keys' | 'buckets';

/** The fields of the findings, in the order of the table. */
export function findingFields(table: Table, expected: (controlId: string) => string): Map<string, Field> {
  const place = placeOf(table, 'region');
  const arn = fieldOf(table, 'resource_arn', place);
  const words = (row: number) => ({ ...place(row), arn: String(arn.get(row)) });
  const control = table.column('control_id');
  const id = (row: number) => findingId(String(control.get(row)), String(arn.get(row)));
  return byName([
    { name: 'finding_id', get: id, column: null },
    ...table.names.flatMap((name): Field[] => {
      if (name === 'resource_arn')
        return [arn, { name: 'expected', get: (row) => expected(String(control.get(row))), column: null }];
      return [fieldOf(table, name, SIGNED_TEXTS.includes(name) ? words : null)];
    }),
  ]);
}

/** The fields of a small table. */
export function tableFields(source: ResourceTable, table: Table): Map<string, Field> {
  const place = placeOf(table, source === 'trails' ? 'home_region' : source === 'buckets' ? 'region' : null);
  return byName(table.names.map((name) => fieldOf(table, name, SIGNED_COLUMNS.includes(name) ? place : null)));
}

const byName = (fields: readonly Field[]): Map<string, Field> => new Map(fields.map((field) => [field.name, field]));

/** Of a row, what its texts were signed with; keys lie in no column. */
function placeOf(table: Table, regionColumn: string | null): (row: number) => PlaceWords {
  const account = table.column('account_id');
  const region = regionColumn === null ? null : table.column(regionColumn);
  return (row) => ({
    account: account.get(row) as string | null,
    region: (region?.get(row) ?? null) as string | null,
    arn: null,
  });
}

/** A column as it is, or with words put back into its texts. */
function fieldOf(table: Table, name: string, words: ((row: number) => PlaceWords) | null): Field {
  const column = table.column(name);
  if (words === null) return { name, get: column.get, column };
  const get = (row: number): PackedValue => {
    const value = column.get(row);
    if (Array.isArray(value)) return value.map((text) => withWords(String(text), words(row)));
    return value === null ? null : withWords(String(value), words(row));
  };
  return { name, get, column: null };
}
