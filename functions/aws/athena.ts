import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type Row,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { TrailSealError } from '../domain/model/errors.ts';
import type { AwsAccess } from './calls/clients.ts';

/** An answer of Athena: text as it came, null where the value is NULL. */
export interface AthenaResult {
  columns: { name: string; type: string }[];
  rows: AsyncIterable<Readonly<Record<string, string | null>>>;
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
    if (state === 'SUCCEEDED') return result(client, id, execution?.Statistics?.DataScannedInBytes ?? 0);
    if (state === 'FAILED' || state === 'CANCELLED') {
      throw new TrailSealError(
        'ATHENA',
        `Athena: ${execution?.Status?.StateChangeReason ?? `the query ended as ${state}`}`,
      );
    }
    await wait(POLL_MS);
  }
}

async function result(client: AthenaClient, id: string, scannedBytes: number): Promise<AthenaResult> {
  const page = (token?: string) =>
    said(() => client.send(new GetQueryResultsCommand({ QueryExecutionId: id, ...(token && { NextToken: token }) })));
  const first = await page();
  const columns = (first.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map((c) => ({
    name: c.Name ?? '',
    type: c.Type ?? 'varchar',
  }));
  const toRow = (row: Row) =>
    Object.fromEntries(columns.map(({ name }, i) => [name, row.Data?.[i]?.VarCharValue ?? null]));
  return {
    columns,
    scannedBytes,
    rows: (async function* () {
      // The first row of the first page of a SELECT is the header.
      let rows = (first.ResultSet?.Rows ?? []).slice(1);
      let token = first.NextToken;
      for (;;) {
        for (const row of rows) yield toRow(row);
        if (!token) return;
        const next = await page(token);
        rows = next.ResultSet?.Rows ?? [];
        token = next.NextToken;
      }
    })(),
  };
}

async function said<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw new TrailSealError('ATHENA', `Athena: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
