import {
  AS_OF_COLUMN,
  columnsOf,
  hiveType,
  PARTITION_COLUMN,
  STALE_COLUMN,
  TABLE_NAMES,
  type TableName,
  trinoType,
} from '../tables/columns.ts';

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

const VIEW_KINDS = ['latest', 'current'] as const;
export type ViewName = `${(typeof VIEW_KINDS)[number]}_${TableName}`;
export const VIEW_NAMES: readonly ViewName[] = VIEW_KINDS.flatMap((kind) =>
  TABLE_NAMES.map((table): ViewName => `${kind}_${table}`),
);

export interface ViewColumn extends GlueColumn {
  trinoType: string;
}

/** A view's columns: the table's, then the partition's; `current_*` says as of when as well. */
export const viewColumns = (view: ViewName): ViewColumn[] => {
  const { kind, table } = partsOf(view);
  return [
    ...columnsOf(table).map(({ name, type, description }) => ({
      name,
      type: hiveType(type),
      trinoType: trinoType(type),
      comment: description,
    })),
    { ...gluePartition, trinoType: trinoType('string') },
    ...(kind === 'current' ? [AS_OF, STALE] : []),
  ];
};

const AS_OF: ViewColumn = {
  name: AS_OF_COLUMN,
  type: hiveType('timestamp'),
  trinoType: trinoType('timestamp'),
  comment: 'Start of the run that the row is of: what it says was seen after it',
};

const STALE: ViewColumn = {
  name: STALE_COLUMN,
  type: hiveType('timestamp'),
  trinoType: trinoType('timestamp'),
  comment:
    'When an organization trail, or its key or bucket, was changed after `as_of`: how the account is recorded may be otherwise since then; null where nothing was',
};

function partsOf(view: ViewName): { kind: (typeof VIEW_KINDS)[number]; table: TableName } {
  const [kind, table] = view.split('_');
  return { kind: kind as (typeof VIEW_KINDS)[number], table: table as TableName };
}

/** A run once a year is still found; without a bound each query would list every day since the first. */
const WINDOW_DAYS = 400;

/**
 * The SELECT of a view, in Trino's dialect (DuckDB runs it too), over the finished runs of the last `windowDays`.
 * `latest_*`: the rows of the newest run of the widest scope that no change started. `current_*`: the same, but of an
 * account that a change has had scanned again since, the rows of the newest such run. A run that has no row in `runs` is
 * not seen.
 */
export function viewSql(view: ViewName, { windowDays = WINDOW_DAYS }: { windowDays?: number } = {}): string {
  const { kind, table } = partsOf(view);
  const first = `CAST(CAST(current_date - INTERVAL '${windowDays}' DAY AS date) AS varchar)`;
  // Run ids are ULIDs of one length, so text order is time order; a wider scope goes before any time.
  const rank = `CASE scope WHEN 'ORGANIZATION' THEN '1' ELSE '0' END || run_id`;
  const newest = `newest AS (
  SELECT max_by(run_id, ${rank}) AS run_id,
         max_by(${PARTITION_COLUMN}, ${rank}) AS ${PARTITION_COLUMN},
         max_by(started_at, ${rank}) AS ${AS_OF_COLUMN}
  FROM runs
  WHERE ${PARTITION_COLUMN} >= ${first} AND because_events IS NULL
)`;
  const columns = [...columnsOf(table).map(({ name }) => name), PARTITION_COLUMN];
  const select = (run: string) =>
    `SELECT
${columns.map((name) => `  t."${name}"`).join(',\n')}${kind === 'current' ? timesOf(run) : ''}
FROM ${table} AS t
INNER JOIN`;
  const timesOf = (run: string) => `,
  ${run}.${AS_OF_COLUMN},
  CASE WHEN e.changed_at > ${run}.${AS_OF_COLUMN} THEN e.changed_at END AS ${STALE_COLUMN}`;
  const bounded = `WHERE t.${PARTITION_COLUMN} >= ${first}`;
  const whole = `${select('n')} newest AS n ON t.${PARTITION_COLUMN} = n.${PARTITION_COLUMN} AND t.run_id = n.run_id`;
  if (kind === 'latest') return `WITH ${newest}\n${whole}\n${bounded}`;
  const changed = `changed AS (
  SELECT a.account_id,
         max(r.run_id) AS run_id,
         max_by(r.${PARTITION_COLUMN}, r.run_id) AS ${PARTITION_COLUMN},
         max_by(r.started_at, r.run_id) AS ${AS_OF_COLUMN}
  FROM runs AS r
  CROSS JOIN UNNEST(r.because_accounts) AS a (account_id)
  WHERE r.${PARTITION_COLUMN} >= ${first}
    AND r.run_id > COALESCE((SELECT run_id FROM newest), '')
  GROUP BY a.account_id
)`;
  const everywhere = `everywhere AS (
  SELECT max(everywhere_changed_at) AS changed_at
  FROM runs
  WHERE ${PARTITION_COLUMN} >= ${first}
    AND run_id > COALESCE((SELECT run_id FROM newest), '')
)`;
  const ofRun = `t.${PARTITION_COLUMN} = c.${PARTITION_COLUMN} AND t.run_id = c.run_id`;
  if (table === 'runs')
    return `WITH ${newest},
${changed},
${everywhere}
${whole}
CROSS JOIN everywhere AS e
${bounded}
UNION ALL
${select('c')} (SELECT DISTINCT run_id, ${PARTITION_COLUMN}, ${AS_OF_COLUMN} FROM changed) AS c ON ${ofRun}
CROSS JOIN everywhere AS e
${bounded}`;
  return `WITH ${newest},
${changed},
${everywhere}
${whole}
CROSS JOIN everywhere AS e
LEFT JOIN changed AS c ON t.account_id = c.account_id
${bounded} AND c.account_id IS NULL
UNION ALL
${select('c')} changed AS c ON ${ofRun} AND t.account_id = c.account_id
CROSS JOIN everywhere AS e
${bounded}`;
}

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
