import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import * as z from 'zod';
import { evidenceRecordSchema } from '../../domain/model/evidence.ts';
import { runKeys } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { lines } from '../../domain/run/json-lines.ts';

/** The values of a file of JSON lines, one at a time; none where there is no such file. `.gz` is unpacked. */
export async function* jsonLinesOf(store: ReportStore, key: string): AsyncGenerator<unknown> {
  const chunks = await store.open(key);
  if (!chunks) return;
  const text = key.endsWith('.gz') ? Readable.from(chunks).compose(createGunzip()) : chunks;
  for await (const line of lines(text as AsyncIterable<Uint8Array>, key)) yield JSON.parse(line) as unknown;
}

const accountsPage = z.object({ Accounts: z.array(z.object({ Id: z.string() })).default([]) });

export interface Listing {
  accounts: number;
  /** The raw answers that list them, in the folder of the run's evidence. */
  files: string[];
}

/**
 * How many accounts Organizations listed when the run was planned, counted in the raw answers: what the ledger is
 * reconciled to. null where the run asked for no list (one account by itself) or its raw answers are gone.
 */
export async function accountsListed(store: ReportStore, runId: string): Promise<Listing | null> {
  const ids = new Set<string>();
  const files = new Set<string>();
  const folder = runKeys(runId).evidence;
  for await (const key of store.list(`${folder}population-`)) {
    if (key.includes('/population-relisted-')) continue;
    try {
      for await (const value of jsonLinesOf(store, key)) {
        const { operation, outcome } = evidenceRecordSchema.parse(value);
        if (operation !== 'ListAccounts' && operation !== 'ListAccountsForParent') continue;
        files.add(key.slice(folder.length));
        if (outcome.ok) for (const { Id } of accountsPage.parse(outcome.output).Accounts) ids.add(Id);
      }
    } catch {
      return null; // a file that cannot be read reconciles nothing; that it was altered is said elsewhere
    }
  }
  return files.size > 0 ? { accounts: ids.size, files: [...files] } : null;
}
