import { athenaQuery } from '../../aws/athena.ts';
import { LIMITS } from '../../domain/limits/limits.ts';
import { amount } from '../../domain/limits/markdown.ts';
import { TrailSealError, usageError } from '../../domain/model/errors.ts';
import { type OpenTablesOptions, openTables } from '../../local/duckdb.ts';
import { RESULT_FORMATS, type ResultFormat } from '../../report/queries/format.ts';
import { namedQueries, namedQuery } from '../../report/queries/queries.ts';
import { narrowedStore } from '../../report/scope/narrowed-store.ts';
import { openAccess } from '../connection.ts';
import { DEFAULT_ROOT } from '../default-root.ts';
import { print } from '../print-result.ts';
import { lineWidth, type Terminal, wrapped } from '../terminal.ts';
import { openResults, type ResultOptions } from './report.ts';
import { sayUnknown, scopeOfRun } from './scope-of-run.ts';

export interface QueryOptions extends Omit<ResultOptions, 'report'> {
  /** One root, or several of as many organizations. */
  report?: string[];
  named?: string;
  list?: boolean;
  format?: string;
  athena?: string;
  database: string;
  scope?: string;
}

/** `trailseal query`: SQL over the tables, in DuckDB here or in Athena. */
export async function queryCommand(
  sql: string | undefined,
  options: QueryOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  if (options.list) {
    const width = lineWidth(terminal);
    for (const { name, description } of namedQueries())
      terminal.out.write(
        `  ${terminal.style('bold', name.padEnd(22))}  ${wrapped(description, { indent: 26, width })}\n`,
      );
    return 0;
  }
  if ((sql === undefined) === (options.named === undefined)) {
    throw usageError('Give either SQL in quotes or --named NAME; `trailseal query --list` shows the names.');
  }
  const text = sql ?? namedQuery(options.named ?? '').sql;
  if (text.length > LIMITS.query.most)
    throw new TrailSealError('QUERY', `A query has ${amount(LIMITS.query)} at most.`);
  const format = resultFormat(options.format);
  if (options.athena !== undefined) {
    await inAthena(text, options, { terminal, signal, format });
    return 0;
  }
  const { unknown, ...opened } = await shown(options);
  const tables = await openTables(opened);
  try {
    await print(await tables.query(text), format, terminal);
  } finally {
    await tables.close();
  }
  sayUnknown(unknown, terminal);
  return 0;
}

/** The tables asked for: those of the root, or of a scope of it; and the runs in which not all of the scope is known. */
async function shown(options: QueryOptions): Promise<OpenTablesOptions & { unknown: ReadonlySet<string> }> {
  const unknown: ReadonlySet<string> = new Set();
  const { report: [root = DEFAULT_ROOT, ...more] = [], scope, run: runId, ...others } = options;
  const store = await openResults({ ...others, report: root });
  if (more.length > 0) {
    const one = runId !== undefined ? '--run' : scope !== undefined ? '--scope' : null;
    if (one !== null) throw usageError(`${one} is of one organization: give --report once.`);
    const moreStores = await Promise.all(more.map((report) => openResults({ ...others, report })));
    return { store, moreStores, unknown };
  }
  if (scope === undefined) return { store, runId, unknown };
  const { run, asked } = await scopeOfRun(store, { run: runId, scope });
  return { ...narrowedStore(store, asked), runId: run.row.run_id };
}

async function inAthena(
  sql: string,
  options: QueryOptions,
  { terminal, signal, format }: { terminal: Terminal; signal: AbortSignal; format: ResultFormat },
): Promise<void> {
  if (options.run !== undefined)
    throw usageError('--run is for local tables; in Athena put run_id into the query, or use the views latest_….');
  if (options.scope !== undefined)
    throw usageError('--scope is for local tables; in Athena put its account ids into the query.');
  const access = await openAccess({ profile: options.profile, signal });
  try {
    const workgroup = options.athena ?? '';
    const result = await athenaQuery({ access, workgroup, database: options.database, sql, signal });
    await print(result, format, terminal);
    terminal.err.write(`Athena read ${result.scannedBytes} bytes.\n`);
  } finally {
    access.close();
  }
}

function resultFormat(text: string | undefined): ResultFormat {
  const found = RESULT_FORMATS.find((format) => format === (text ?? 'table'));
  if (found) return found;
  throw usageError(`--format takes ${RESULT_FORMATS.join(', ')}, not "${(text ?? '').slice(0, 30)}".`);
}
