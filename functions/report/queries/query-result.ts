/** What SQL answers with, from DuckDB or from Athena. Times are ISO 8601 UTC; whole numbers too large to be exact are text. */
export type QueryValue =
  | string
  | number
  | boolean
  | null
  | readonly QueryValue[]
  | { readonly [name: string]: QueryValue };

export interface QueryColumn {
  /** Unique within a result. */
  name: string;
  /** As the engine names it, e.g. VARCHAR or BIGINT. */
  type: string;
}

/** One value to a column, under the column's name. */
export type QueryRow = Readonly<Record<string, QueryValue>>;

export interface QueryResult {
  columns: readonly QueryColumn[];
  /** Can be read once. */
  rows: AsyncIterable<QueryRow>;
}

/** All rows of a result that is known to be small. */
export async function allRows({ rows }: QueryResult): Promise<QueryRow[]> {
  const all: QueryRow[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
