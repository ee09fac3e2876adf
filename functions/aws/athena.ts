import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type Row,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { TrailSealError } from '../domain/model/errors.ts';
import { pages } from '../reads/paging.ts';
import type { AwsAccess } from './calls/clients.ts';

/** Times are ISO 8601 UTC; whole numbers too large to be exact are text, and so are lists, as Athena prints them. */
export type AthenaValue = string | number | boolean | null;

/** Columns of one name get the names that DuckDB gives them: `n`, `n:1`. */
export interface AthenaResult {
  columns: { name: string; type: string }[];
  rows: AsyncIterable<Readonly<Record<string, AthenaValue>>>;
  /** Bytes the query read, as Athena bills them. */
  scannedBytes: number;
}

const POLL_MS = 500;

/**
 * Runs one query in a workgroup, which decides where the result lies and how much may be read.
 * @throws TrailSealError ATHENA with what Athena said
 */
export async function athenaQuery(request: {
  access: AwsAccess;
  workgroup: string;
  database: string;
  sql: string;
  signal: AbortSignal;
  /** Waits so many milliseconds; tests pass their own. */
  wait?: (ms: number) => Promise<void>;
}): Promise<AthenaResult> {
  const { workgroup, database, sql, signal } = request;
  const client = request.access.own(AthenaClient);
  const wait = request.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  const id = await said(async () => {
    const command = new StartQueryExecutionCommand({
      QueryString: sql,
      WorkGroup: workgroup,
      QueryExecutionContext: { Database: database, Catalog: 'AwsDataCatalog' },
    });
    return (await client.send(command)).QueryExecutionId ?? '';
  });
  for (;;) {
    if (signal.aborted) {
      await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id })).catch(() => undefined);
      throw new TrailSealError('ATHENA', 'The query was stopped.');
    }
    const { QueryExecution: execution } = await said(() =>
      client.send(new GetQueryExecutionCommand({ QueryExecutionId: id })),
    );
    const state = execution?.Status?.State;
    if (state === 'SUCCEEDED') {
      // The answers of SHOW and DESCRIBE have no header.
      const hasHeader = (execution?.StatementType ?? 'DML') === 'DML';
      return result(client, id, { scannedBytes: execution?.Statistics?.DataScannedInBytes ?? 0, hasHeader });
    }
    if (state === 'FAILED' || state === 'CANCELLED') {
      throw new TrailSealError(
        'ATHENA',
        `Athena: ${execution?.Status?.StateChangeReason ?? `the query ended as ${state}`}`,
      );
    }
    await wait(POLL_MS);
  }
}

async function result(
  client: AthenaClient,
  id: string,
  { scannedBytes, hasHeader }: { scannedBytes: number; hasHeader: boolean },
): Promise<AthenaResult> {
  const page = (token?: string) =>
    said(() => client.send(new GetQueryResultsCommand({ QueryExecutionId: id, ...(token && { NextToken: token }) })));
  const first = await page();
  const seen = new Map<string, number>();
  const columns = (first.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name = '', Type = 'varchar' }) => {
    const before = seen.get(Name) ?? 0;
    seen.set(Name, before + 1);
    return { name: before === 0 ? Name : `${Name}:${before}`, type: Type };
  });
  const toRow = (row: Row) =>
    Object.fromEntries(columns.map(({ name, type }, i) => [name, athenaValue(type, row.Data?.[i]?.VarCharValue)]));
  return {
    columns,
    scannedBytes,
    rows: (async function* () {
      let header = hasHeader ? 1 : 0;
      const next = async (token: string | undefined) => (token === undefined ? first : page(token));
      try {
        for await (const { ResultSet } of pages('GetQueryResults', next, ({ NextToken }) => NextToken)) {
          for (const row of (ResultSet?.Rows ?? []).slice(header)) yield toRow(row);
          header = 0;
        }
      } catch (error) {
        throw inWordsOfAthena(error);
      }
    })(),
  };
}

/** The text of a value as its type means it. */
export const athenaValue = (type: string, text: string | undefined): AthenaValue => {
  if (text === undefined) return null;
  if (/^(?:tinyint|smallint|integer|int|bigint)$/.test(type))
    return Number.isSafeInteger(Number(text)) ? Number(text) : text;
  if (/^(?:float|real|double|decimal)/.test(type)) return Number.isFinite(Number(text)) ? Number(text) : text;
  if (type === 'boolean') return text === 'true';
  const time = /^timestamp/.test(type)
    ? /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*(?: UTC)?$/.exec(text)
    : null;
  return time ? new Date(`${time[1]}T${time[2]}Z`).toISOString() : text;
};

async function said<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw inWordsOfAthena(error);
  }
}

const inWordsOfAthena = (cause: unknown): TrailSealError =>
  cause instanceof TrailSealError
    ? cause
    : new TrailSealError('ATHENA', `Athena: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
