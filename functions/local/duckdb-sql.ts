import { type CurrentRuns, staleSince } from '../report/current/current-runs.ts';
import {
  AS_OF_COLUMN,
  type Column,
  columnsOf,
  duckdbType,
  PARTITION_COLUMN,
  STALE_COLUMN,
  TABLE_NAMES,
  type TableName,
} from '../report/tables/columns.ts';

/** A table over all finished runs, `latest_<table>` over the selected one, `current_<table>` over what makes up the present. */
export interface View {
  name: string;
  table: TableName;
  shows: 'all' | 'latest' | 'current';
}

export const VIEWS: readonly View[] = TABLE_NAMES.flatMap((table) => [
  { name: table, table, shows: 'all' },
  { name: `latest_${table}`, table, shows: 'latest' },
  { name: `current_${table}`, table, shows: 'current' },
]);

const CATALOG = /\b(?:show|information_schema|duckdb_\w+|pragma_\w+|sqlite_master|pg_\w+)\b/i;

/** Whether a statement may list the views without naming them. */
export const listsViews = (sql: string): boolean => CATALOG.test(sql);

/** The view whose absence this error of DuckDB's reports, or null. */
export function absentView(message: string): View | null {
  const [, name] = /^Catalog Error: Table with name (\w+) does not exist/.exec(message) ?? [];
  return VIEWS.find((view) => view.name === name?.toLowerCase()) ?? null;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Functions that Athena's engine has and DuckDB has not, or has under another name. */
export const TRINO_MACROS: readonly string[] = [
  'cardinality(list) AS len(list)',
  // A list of nulls alone joins to nothing, not to null.
  `array_join(list, separator) AS if(list IS NULL, NULL, coalesce(array_to_string(list, separator), '')),
   (list, separator, absent) AS array_to_string(list_transform(list, lambda item: coalesce(item, absent)), separator)`,
  'element_at(list, n) AS list_extract(list, n)',
  'array_max(list) AS list_max(list)',
  'array_min(list) AS list_min(list)',
  'array_remove(list, item) AS list_filter(list, lambda x: x IS DISTINCT FROM item)',
  'slice(list, first, n) AS list_slice(list, first, first + n - 1)',
  // DuckDB's own counts the boundaries crossed, Trino's the whole units between.
  'date_diff(part, earlier, later) AS date_sub(part, earlier, later)',
  'from_unixtime(seconds) AS make_timestamp((seconds * 1000000)::BIGINT)',
  'to_unixtime(moment) AS epoch(moment)',
  `from_iso8601_timestamp(text) AS text::TIMESTAMPTZ`,
  'approx_distinct(x) AS approx_count_distinct(x)',
  'approx_percentile(x, fraction) AS approx_quantile(x, fraction)',
  'regexp_like(text, pattern) AS regexp_matches(text, pattern)',
  'every(x) AS bool_and(x)',
];

/** The same question gives the same answer on Athena: UTC, and whole numbers divide to whole numbers. */
const CONFIGURATION = {
  TimeZone: 'UTC',
  integer_division: true,
} as const;

/** Settings and macros, after which nothing outside `directories` can be opened and no setting can be changed. */
export function preparation(directories: readonly string[], spill: string): string[] {
  return [
    ...Object.entries(CONFIGURATION).map(
      ([name, value]) => `SET GLOBAL ${name} = ${typeof value === 'string' ? literal(value) : value}`,
    ),
    `SET temp_directory = ${literal(spill)}`,
    ...TRINO_MACROS.map((macro) => `CREATE MACRO ${macro}`),
    `SET allowed_directories = [${directories.map((path) => literal(`${path}/`)).join(', ')}]`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ];
}

/** The rows of one root, and whose they are; null where the root is of an account without an organization. */
export interface RootRows {
  rows: string;
  organization: string | null;
}

/** A view over the rows of a root; over those of several, with the organization as its last column. */
export function viewStatement({ name }: View, roots: readonly RootRows[]): string {
  const [only, another] = roots;
  if (only && !another) return `CREATE VIEW ${name} AS ${only.rows}`;
  const marked = roots.map(({ rows, organization }) => {
    const value = organization === null ? 'NULL::VARCHAR' : literal(organization);
    return `SELECT *, ${value} AS ${ORGANIZATION_COLUMN} FROM (${rows})`;
  });
  return `CREATE VIEW ${name} AS ${marked.join('\n UNION ALL BY NAME ')}`;
}

/** Whose a row is, where several roots are asked. */
const ORGANIZATION_COLUMN = 'organization';

/**
 * The rows of `current_<table>`, from the files of the runs that make up the present: the same that the view of Athena shows
 * (report/queries/athena.ts), but decided before, so that no other file is fetched.
 */
export function currentRows({ table }: View, files: readonly string[], current: CurrentRuns): string {
  const moment = (at: string | null | undefined) =>
    at ? `TIMESTAMP ${literal(at.replace('Z', ''))}` : 'NULL::TIMESTAMP';
  const whole = current.whole?.row;
  const newer = [...current.byAccount].map(
    ([account, { row }]) =>
      `(${[literal(row.run_id), literal(account), moment(row.started_at), moment(staleSince(current, row))].join(', ')})`,
  );
  const values =
    newer.length > 0
      ? `VALUES ${newer.join(', ')}`
      : 'SELECT NULL::VARCHAR, NULL::VARCHAR, NULL::TIMESTAMP, NULL::TIMESTAMP WHERE false';
  // Of `runs` each row counts, of the others those of the account.
  const ofAccount = table === 'runs' ? '' : ' AND t.account_id = c.account_id';
  const notSince =
    table === 'runs' ? '' : ' AND (t.account_id IS NULL OR t.account_id NOT IN (SELECT account_id FROM changed))';
  const times = `${AS_OF_COLUMN}, ${STALE_COLUMN}`;
  return `WITH changed(run_id, account_id, ${times}) AS (${values}),
    t AS (${rowsOf(table, files)})
    SELECT t.*, ${moment(whole?.started_at)} AS ${AS_OF_COLUMN}, ${moment(whole && staleSince(current, whole))} AS ${STALE_COLUMN}
    FROM t WHERE t.run_id = ${literal(whole?.run_id ?? '')}${notSince}
    UNION ALL
    SELECT t.*, c.${AS_OF_COLUMN}, c.${STALE_COLUMN}
    FROM t JOIN (SELECT DISTINCT ${table === 'runs' ? `run_id, ${times}` : '*'} FROM changed) AS c ON t.run_id = c.run_id${ofAccount}`;
}

/** Rows of Parquet files; a column that the files are too old to have is null. */
export function rowsOf(table: TableName, files: readonly string[]): string {
  const columns = columnsOf(table);
  const empty = columns.map((column) => `NULL::${fileType(column)} AS ${column.name}`).join(', ');
  const shown = columns.map((column) =>
    column.type === 'timestamp' ? `${column.name} AT TIME ZONE 'UTC' AS ${column.name}` : column.name,
  );
  const source = `read_parquet([${files.map(literal).join(', ')}],
      hive_partitioning = true, hive_types = {'${PARTITION_COLUMN}': VARCHAR}, union_by_name = true)`;
  return `SELECT ${[...shown, PARTITION_COLUMN].join(', ')} FROM (
      SELECT ${empty}, NULL::VARCHAR AS ${PARTITION_COLUMN} WHERE false
      UNION ALL BY NAME
      SELECT * FROM ${source})`;
}

/** In the file a timestamp is a moment; the view shows it without a zone, in UTC, as Athena does. */
const fileType = ({ type }: Column): string => (type === 'timestamp' ? 'TIMESTAMPTZ' : duckdbType(type));

const LEADING = /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;
const READS = /^(?:select|with|from|values|table|describe|desc|show|summarize|pivot|unpivot)\b|^\(/i;

/** The first word of a statement that does anything but read, or null where it reads. */
export function writingWord(sql: string): string | null {
  const statement = sql.replace(LEADING, '');
  if (READS.test(statement)) return null;
  return /^\w+/.exec(statement)?.[0].toUpperCase() ?? '';
}
