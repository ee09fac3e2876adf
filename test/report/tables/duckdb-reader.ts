import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type Json } from '@duckdb/node-api';

/** Runs SQL over Parquet bytes (`$file` in the SQL) with a reader that is not the writer. */
export async function duckdbRead(bytes: Uint8Array, sql: string): Promise<Json[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'trailseal-test-'));
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  try {
    const file = join(folder, 'table.parquet');
    await writeFile(file, bytes);
    await connection.run("SET TimeZone='UTC'");
    return (await connection.runAndReadAll(sql.replaceAll('$file', `'${file}'`))).getRowsJson();
  } finally {
    connection.closeSync();
    database.closeSync();
    await rm(folder, { recursive: true });
  }
}

export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
