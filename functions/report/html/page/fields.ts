import { type PackedValue, SIGNED_COLUMNS } from '../pack-format.ts';
import { withWords } from '../place-words.ts';
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

const FINDING_ORDER = [
  'finding_id',
  'control_id',
  'status',
  'reason',
  'severity',
  'account_id',
  'account_name',
  'ou_path',
  'region',
  'resource_type',
  'resource_arn',
  'expected',
  'observed',
  'detail',
  'root_cause_id',
  'evidence_refs',
  'first_seen_at',
  'waiver_id',
  'waived_by',
  'waived_until',
] as const;

/** The fields of the findings, in the order of the table. */
export function findingFields(table: Table, expected: (controlId: string) => string): Map<string, Field> {
  const account = table.column('account_id');
  const region = table.column('region');
  const control = table.column('control_id');
  const arnColumn = table.column('resource_arn');
  const place = (row: number) => ({
    account: account.get(row) as string | null,
    region: region.get(row) as string | null,
    arn: null,
  });
  const arn = (row: number) => withWords(String(arnColumn.get(row)), place(row));
  const words = (row: number) => ({ ...place(row), arn: arn(row) });
  const signed = (name: string) => {
    const column = table.column(name);
    return (row: number): PackedValue => {
      const value = column.get(row);
      if (Array.isArray(value)) return value.map((one) => withWords(String(one), words(row)));
      return value === null ? null : withWords(String(value), words(row));
    };
  };
  const special: Record<string, (row: number) => PackedValue> = {
    finding_id: (row) => findingId(String(control.get(row)), arn(row)),
    resource_arn: arn,
    expected: (row) => expected(String(control.get(row))),
    observed: signed('observed'),
    detail: signed('detail'),
    evidence_refs: signed('evidence_refs'),
  };
  return new Map(
    FINDING_ORDER.map((name): [string, Field] => {
      const get = special[name];
      if (get) return [name, { name, get, column: null }];
      const column = table.column(name);
      return [name, { name, get: column.get, column }];
    }),
  );
}

/** The fields of a small table. */
export function tableFields(source: ResourceTable, table: Table, names: readonly string[]): Map<string, Field> {
  const account = table.column('account_id');
  const region =
    source === 'trails' ? table.column('home_region') : source === 'buckets' ? table.column('region') : null;
  return new Map(
    names.map((name): [string, Field] => {
      const column = table.column(name);
      if (!SIGNED_COLUMNS.includes(name)) return [name, { name, get: column.get, column }];
      const get = (row: number): PackedValue => {
        const value = column.get(row);
        if (value === null) return null;
        return withWords(String(value), {
          account: account.get(row) as string | null,
          region: (region?.get(row) ?? null) as string | null,
          arn: null,
        });
      };
      return [name, { name, get, column: null }];
    }),
  );
}
