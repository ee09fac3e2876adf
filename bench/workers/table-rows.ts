import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { jsonLines } from '../../functions/domain/run/json-lines.ts';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { readTable } from '../../functions/report/tables/tables.ts';
import { serve } from './serve.ts';

/** The rows of a run's two large tables as NDJSON: ready rows, to be written again. */
export interface TableRowsInput {
  root: string;
  runId: string;
  runDate: string;
  out: string;
}

export const CONVERTED = ['coverage', 'findings'] as const;

await serve(async ({ root, runId, runDate, out }: TableRowsInput): Promise<null> => {
  const store = createDirectoryStore(root);
  for (const table of CONVERTED)
    await pipeline(
      jsonLines(readTable({ store, table, runId, runDate })),
      createWriteStream(join(out, `${table}.ndjson`)),
    );
  return null;
});
