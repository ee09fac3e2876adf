import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api';
import { editDistance } from '../domain/model/edit-distance.ts';
import { TrailSealError, usageError } from '../domain/model/errors.ts';
import { runKeys } from '../domain/model/plan.ts';
import type { ReportStore } from '../domain/model/store.ts';
import { type CurrentRuns, currentRuns } from '../report/current/current-runs.ts';
import type { QueryColumn, QueryResult, QueryRow } from '../report/queries/query-result.ts';
import { unreadable } from '../report/tables/parquet/parquet-reader.ts';
import { type FinishedRun, requireTables, selectRun, tableFiles } from '../report/tables/tables.ts';
import { TableFolder } from './duckdb-files.ts';
import {
  absentView,
  currentRows,
  listsViews,
  preparation,
  type RootRows,
  rowsOf,
  VIEWS,
  type View,
  viewStatement,
  writingWord,
} from './duckdb-sql.ts';
import { queryValue } from './duckdb-values.ts';
import { queryProblem, READING } from './query-problem.ts';

export interface OpenTablesOptions {
  store: ReportStore;
  /** Roots of other organizations, asked together with it; every row then says whose it is. */
  moreStores?: readonly ReportStore[];
  /** The run that `latest_*` shows; without it the newest of the widest scope. */
  runId?: string | undefined;
  /** Where the private folder for links and copies is made; the system's place for temporary files by default. */
  scratch?: string;
}

export type QueryParameters = readonly QueryParameter[] | Readonly<Record<string, QueryParameter>>;
export type QueryParameter = string | number | boolean | null;

export interface Tables {
  /** The run that `latest_*` shows. */
  readonly run: FinishedRun;
  /**
   * Reads with one SQL statement; parameters stand at `?` or `$name`. Rows are fetched as they are asked for.
   * @throws TrailSealError QUERY (what is wrong with the SQL), TABLE (a table's file is gone or damaged)
   */
  query(sql: string, parameters?: QueryParameters): Promise<QueryResult>;
  /** Ends queries under way and removes the temporary folder. */
  close(): Promise<void>;
}

/**
 * A report root as SQL tables: `coverage`, `findings`, `trails`, `keys`, `buckets`, `runs` over all finished runs (with
 * `run_date`; a run whose file of a table has expired is absent from it), each as `latest_<table>` for one run, and as
 * `current_<table>` for the newest whole run with what changes have had scanned again since, `as_of` when.
 * DuckDB may read the root's tables and nothing else, and writes nothing.
 * @throws TrailSealError NO_RUN where there is no such run, TABLE where a file of `runs` is damaged, USAGE where two roots
 *   hold one organization
 */
export async function openTables(options: OpenTablesOptions): Promise<Tables> {
  const { store, moreStores = [], runId, scratch = tmpdir() } = options;
  const first = { store, run: await selectRun(store, runId) };
  const others = await Promise.all(moreStores.map(async (other) => ({ store: other, run: await selectRun(other) })));
  refuseOneTwice([first, ...others]);
  const roots: Root[] = [];
  try {
    for (const root of [first, ...others])
      roots.push({ ...root, folder: await TableFolder.create(root.store, scratch), current: null });
    const database = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await database.connect();
    const spill = join(roots[0]?.folder.path ?? scratch, 'spill');
    for (const statement of preparation(
      roots.flatMap(({ folder }) => folder.directories),
      spill,
    ))
      await connection.run(statement);
    return new DuckdbTables({ run: first.run, roots, database, connection });
  } catch (error) {
    await Promise.all(roots.map(({ folder }) => folder.remove()));
    throw error;
  }
}

/** A root holds one organization, and is asked once. */
function refuseOneTwice(roots: readonly { store: ReportStore; run: FinishedRun }[]): void {
  const seen = new Map<string, string>();
  for (const { store, run } of roots) {
    const { organization_id: organization } = run.row;
    const before = organization === null ? undefined : seen.get(organization);
    if (before !== undefined)
      throw usageError(
        `${before} and ${store.root} (--report) both hold organization ${organization}: name one root for each organization.`,
      );
    if (organization !== null) seen.set(organization, store.root);
  }
}

interface Root {
  store: ReportStore;
  run: FinishedRun;
  folder: TableFolder;
  /** What makes up the present, once it was asked for. */
  current: Promise<CurrentRuns> | null;
}

interface Opened {
  run: FinishedRun;
  roots: readonly Root[];
  database: DuckDBInstance;
  /** For the views; each query has a connection of its own. */
  connection: DuckDBConnection;
}

class DuckdbTables implements Tables {
  readonly run: FinishedRun;
  readonly #opened: Opened;
  readonly #views = new Map<string, Promise<void>>();
  readonly #querying = new Set<DuckDBConnection>();

  constructor(opened: Opened) {
    this.run = opened.run;
    this.#opened = opened;
  }

  async query(sql: string, parameters?: QueryParameters): Promise<QueryResult> {
    refuseUnlessReading(writingWord(sql));
    if (listsViews(sql)) await Promise.all(VIEWS.map((view) => this.#show(view)));
    const connection = await this.#opened.database.connect();
    this.#querying.add(connection);
    try {
      const statement = await this.#prepare(connection, sql);
      statement.bind(bound(parameters));
      const result = await statement.stream();
      const types = result.columnTypes();
      const columns = result.deduplicatedColumnNames().map((name, index) => ({ name, type: String(types[index]) }));
      return { columns, rows: this.#rows({ connection, columns, result, sql }) };
    } catch (error) {
      this.#end(connection);
      throw await this.#explained(error, sql);
    }
  }

  async close(): Promise<void> {
    for (const connection of this.#querying) {
      connection.interrupt();
      this.#end(connection);
    }
    this.#opened.connection.closeSync();
    this.#opened.database.closeSync();
    await Promise.all(this.#opened.roots.map(({ folder }) => folder.remove()));
  }

  async #prepare(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
    const statement = await this.#bind(connection, sql);
    // The words were checked first for a plain answer; DuckDB's own view of the statement is what counts.
    if (statement.statementType !== StatementType.SELECT)
      refuseUnlessReading(StatementType[statement.statementType] ?? '');
    return statement;
  }

  /** DuckDB itself says which view it misses: that one is fetched then, and no file that the statement does not need. */
  async #bind(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
    const shown = new Set<View>();
    for (;;) {
      const statements = await connection.extractStatements(sql);
      if (statements.count !== 1) throw new TrailSealError('QUERY', `one statement at a time, got ${statements.count}`);
      try {
        return await statements.prepare(0);
      } catch (error) {
        const view = absentView(messageOf(error));
        if (view === null || shown.has(view)) throw error;
        await this.#show(view);
        shown.add(view);
      }
    }
  }

  async *#rows({
    connection,
    columns,
    result,
    sql,
  }: {
    connection: DuckDBConnection;
    columns: readonly QueryColumn[];
    result: Awaited<ReturnType<DuckDBPreparedStatement['stream']>>;
    sql: string;
  }): AsyncGenerator<QueryRow, void, undefined> {
    try {
      for await (const rows of result.yieldRows()) {
        for (const row of rows) {
          yield Object.fromEntries(columns.map(({ name }, index) => [name, queryValue(row[index] ?? null)]));
        }
      }
    } catch (error) {
      throw await this.#explained(error, sql);
    } finally {
      this.#end(connection);
    }
  }

  #end(connection: DuckDBConnection): void {
    if (this.#querying.delete(connection)) connection.closeSync();
  }

  /** Fetches a view's files and creates it, once. */
  #show(view: View): Promise<void> {
    const shown = this.#views.get(view.name) ?? this.#create(view);
    this.#views.set(view.name, shown);
    // A download that failed may succeed when it is asked for again.
    shown.catch(() => this.#views.delete(view.name));
    return shown;
  }

  async #create(view: View): Promise<void> {
    const { roots, connection } = this.#opened;
    const parts = await Promise.all(
      roots.map(async (root): Promise<RootRows> => {
        const rows = await (view.shows === 'current' ? currentOf(view, root) : finishedOf(view, root));
        return { rows, organization: root.run.row.organization_id };
      }),
    );
    try {
      await connection.run(viewStatement(view, parts));
    } catch (error) {
      throw await this.#explained(error);
    }
  }

  async #explained(error: unknown, sql = ''): Promise<TrailSealError> {
    if (error instanceof TrailSealError) return error;
    const text = messageOf(error);
    for (const { folder, store } of this.#opened.roots) {
      const key = folder.keyIn(text) ?? (await this.#damagedKey(text, folder));
      if (key !== null) return unreadable(`${key} in ${store.root}`, error);
    }
    return new TrailSealError('QUERY', queryProblem(text, sql), { cause: error });
  }

  /** Some kinds of damage end in a low-level error that names no file: then each file is read through to find it. */
  async #damagedKey(text: string, folder: TableFolder): Promise<string | null> {
    if (!text.startsWith('Invalid Error')) return null;
    const { connection } = this.#opened;
    for (const { key, path } of await folder.staged()) {
      try {
        await connection.run('SELECT bit_xor(hash(t)) FROM read_parquet($path) AS t', { path });
      } catch {
        return key;
      }
    }
    return null;
  }
}

/** The rows of all finished runs of a root, or of the run that is shown. */
async function finishedOf({ table, shows }: View, { store, run, folder }: Root): Promise<string> {
  await requireTables(store, run, [table]);
  const visible = new Set((await tableFiles(store, 'runs')).map(({ runId }) => runId));
  const files = (await tableFiles(store, table)).filter(({ runId }) =>
    shows === 'latest' ? runId === run.row.run_id : visible.has(runId),
  );
  return rowsOf(table, await folder.stage(files.map(({ key }) => key)));
}

async function currentOf(view: View, root: Root): Promise<string> {
  const { store, folder } = root;
  root.current ??= currentRuns(store);
  const current = await root.current;
  const runs = [...(current.whole ? [current.whole] : []), ...new Set(current.byAccount.values())];
  for (const run of runs) await requireTables(store, run, [view.table]);
  const paths = await folder.stage(runs.map(({ row, runDate }) => runKeys(row.run_id).table(view.table, runDate)));
  return currentRows(view, paths, current);
}

/** DuckDB's errors come from native code: not always this realm's `Error`. */
const messageOf = (error: unknown): string => String((error as Partial<Error> | null)?.message ?? error);

function refuseUnlessReading(word: string | null): void {
  if (word === null) return;
  const likely = READING.find((name) => editDistance(word.toLowerCase(), name) === 1);
  if (likely !== undefined) throw new TrailSealError('QUERY', `${word}: did you mean ${likely.toUpperCase()}?`);
  const what = word === '' ? 'there is no statement' : `${word} is refused`;
  throw new TrailSealError(
    'QUERY',
    `${what}: queries read, so begin with SELECT, WITH, FROM, DESCRIBE, SHOW or SUMMARIZE`,
  );
}

/** DuckDB takes a plain number for a DOUBLE, which LIMIT and the counts are not. */
const bound = (parameters: QueryParameters = []) => {
  const value = (parameter: QueryParameter) =>
    Number.isSafeInteger(parameter) ? BigInt(parameter as number) : parameter;
  return isList(parameters)
    ? parameters.map(value)
    : Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, value(parameter)]));
};
const isList = (parameters: QueryParameters): parameters is readonly QueryParameter[] => Array.isArray(parameters);
