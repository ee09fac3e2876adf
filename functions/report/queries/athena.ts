import { columnsOf, hiveType, PARTITION_COLUMN, TABLE_NAMES, type TableName, trinoType } from '../tables/columns.ts';

export interface GlueColumn {
  name: string;
  /** Hive type. */
  type: string;
  comment: string;
}

/** A table's columns as Glue declares them; the partition column is not among them. */
export const glueColumns = (table: TableName): GlueColumn[] =>
  columnsOf(table).map(({ name, type, description }) => ({ name, type: hiveType(type), comment: description }));

export const gluePartition: GlueColumn = {
  name: PARTITION_COLUMN,
  type: hiveType('string'),
  comment: 'UTC date of the run, YYYY-MM-DD',
};

/** How Athena reads the Parquet files. */
export const PARQUET_STORAGE = {
  serde: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
} as const;

export interface TableLocation {
  table: TableName;
  /** The report root, `s3://bucket/prefix` with or without a slash at its end. */
  root: string;
}

/** Where a table's partitions lie; ends with a slash. */
export const tableLocation = ({ table, root }: TableLocation): string => `${root.replace(/\/+$/, '')}/tables/${table}/`;

/** The first day that partition projection knows: no run is older than the tool. */
const FIRST_DAY = '2026-01-01';

/** Table properties: partitions are computed from the date, so none has to be registered after a run. */
export const projectionParameters = (location: TableLocation): Record<string, string> => ({
  EXTERNAL: 'TRUE',
  classification: 'parquet',
  'projection.enabled': 'true',
  [`projection.${PARTITION_COLUMN}.type`]: 'date',
  [`projection.${PARTITION_COLUMN}.format`]: 'yyyy-MM-dd',
  [`projection.${PARTITION_COLUMN}.range`]: `${FIRST_DAY},NOW`,
  [`projection.${PARTITION_COLUMN}.interval`]: '1',
  [`projection.${PARTITION_COLUMN}.interval.unit`]: 'DAYS',
  'storage.location.template': `${tableLocation(location)}${PARTITION_COLUMN}=\${${PARTITION_COLUMN}}/`,
});

/** CREATE EXTERNAL TABLE for Athena, for those who do without the deployed catalogue. */
export function createTableSql(location: TableLocation): string {
  const { table } = location;
  const column = ({ name, type, comment }: GlueColumn): string => `  \`${name}\` ${type} COMMENT ${quoted(comment)}`;
  // EXTERNAL is said by the statement itself.
  const { EXTERNAL: _, ...properties } = projectionParameters(location);
  return `CREATE EXTERNAL TABLE IF NOT EXISTS \`${table}\` (
${glueColumns(table).map(column).join(',\n')}
)
PARTITIONED BY (
${column(gluePartition)}
)
ROW FORMAT SERDE ${quoted(PARQUET_STORAGE.serde)}
STORED AS INPUTFORMAT ${quoted(PARQUET_STORAGE.inputFormat)}
OUTPUTFORMAT ${quoted(PARQUET_STORAGE.outputFormat)}
LOCATION ${quoted(tableLocation(location))}
TBLPROPERTIES (
${Object.entries(properties)
  .map(([name, value]) => `  ${quoted(name)} = ${quoted(value)}`)
  .join(',\n')}
)`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;

export type ViewName = `latest_${TableName}`;
export const VIEW_NAMES: readonly ViewName[] = TABLE_NAMES.map((table) => `latest_${table}` as const);

export interface ViewColumn extends GlueColumn {
  trinoType: string;
}

/** A view's columns: the table's, then the partition's. */
export const viewColumns = (view: ViewName): ViewColumn[] => [
  ...columnsOf(tableOf(view)).map(({ name, type, description }) => ({
    name,
    type: hiveType(type),
    trinoType: trinoType(type),
    comment: description,
  })),
  { ...gluePartition, trinoType: trinoType('string') },
];

const tableOf = (view: ViewName): TableName => view.slice('latest_'.length) as TableName;

/** A run once a year is still found; without a bound each query would list every day since the first. */
const WINDOW_DAYS = 400;

/**
 * The SELECT of a `latest_*` view, in Trino's dialect (DuckDB runs it too): the newest run of the widest scope among
 * the finished runs of the last `windowDays`, and that run's rows alone. A run that has no row in `runs` is not seen.
 */
export function viewSql(view: ViewName, { windowDays = WINDOW_DAYS }: { windowDays?: number } = {}): string {
  const first = `CAST(CAST(current_date - INTERVAL '${windowDays}' DAY AS date) AS varchar)`;
  // Run ids are ULIDs of one length, so text order is time order; a wider scope goes before any time.
  const rank = `CASE scope WHEN 'ORGANIZATION' THEN '1' ELSE '0' END || run_id`;
  return `WITH newest AS (
  SELECT max_by(run_id, ${rank}) AS run_id,
         max_by(${PARTITION_COLUMN}, ${rank}) AS ${PARTITION_COLUMN}
  FROM runs
  WHERE ${PARTITION_COLUMN} >= ${first}
)
SELECT
${viewColumns(view)
  .map(({ name }) => `  t."${name}"`)
  .join(',\n')}
FROM ${tableOf(view)} AS t
INNER JOIN newest AS n ON t.${PARTITION_COLUMN} = n.${PARTITION_COLUMN} AND t.run_id = n.run_id
WHERE t.${PARTITION_COLUMN} >= ${first}`;
}

/** CREATE VIEW for Athena, for those who do without the deployed catalogue. */
export const createViewSql = (view: ViewName): string => `CREATE OR REPLACE VIEW ${view} AS\n${viewSql(view)}`;

/** `ViewOriginalText` of a Glue VIRTUAL_VIEW, as Athena itself writes it (with the parameter `presto_view=true`). */
export function glueViewText(view: ViewName, database: string): string {
  const definition = {
    originalSql: viewSql(view),
    catalog: 'awsdatacatalog',
    schema: database,
    columns: viewColumns(view).map(({ name, trinoType: type }) => ({ name, type })),
  };
  return `/* Presto View: ${Buffer.from(JSON.stringify(definition)).toString('base64')} */`;
}
