import type { SchemaElement } from 'hyparquet';
import { type Column, columnsOf, type TableName } from '../columns.ts';

/** A table's Parquet schema, depth first: Athena reads timestamps only in milliseconds, and lists only in three levels. */
export function parquetSchema(table: TableName): SchemaElement[] {
  const columns = columnsOf(table);
  return [{ name: table, num_children: columns.length }, ...columns.flatMap(columnElements)];
}

/** The column's own elements, the one that holds the values last. */
function columnElements({ name, type, nullable }: Column): SchemaElement[] {
  const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED';
  switch (type) {
    case 'string':
      return [{ name, repetition_type, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }];
    case 'bigint':
      return [{ name, repetition_type, type: 'INT64' }];
    case 'boolean':
      return [{ name, repetition_type, type: 'BOOLEAN' }];
    case 'timestamp':
      return [
        {
          name,
          repetition_type,
          type: 'INT64',
          converted_type: 'TIMESTAMP_MILLIS',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
        },
      ];
    case 'array<string>':
      return [
        { name, repetition_type, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        {
          name: 'element',
          repetition_type: 'REQUIRED',
          type: 'BYTE_ARRAY',
          converted_type: 'UTF8',
          logical_type: { type: 'STRING' },
        },
      ];
  }
}
