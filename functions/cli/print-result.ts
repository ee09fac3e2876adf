import { formatResult, type ResultFormat } from '../report/queries/format.ts';
import type { QueryResult } from '../report/queries/query-result.ts';
import type { Terminal } from './terminal.ts';

/** A query's answer on stdout, fitted to the terminal where it is one. */
export async function print(result: QueryResult, format: ResultFormat, terminal: Terminal): Promise<void> {
  const width = terminal.out.isTTY ? (terminal.out.columns ?? 80) : null;
  for await (const text of formatResult(result, { format, width })) terminal.out.write(text);
}
