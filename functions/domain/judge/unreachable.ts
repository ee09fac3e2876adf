import * as z from 'zod';
import { ACCOUNT_ID } from '../model/arn.ts';
import { type CoverageState, isUnreached } from '../model/vocabulary.ts';

/** Since when accounts could not be reached, by account id; kept from run to run beside the reports. */
export const unreachableAccountsSchema = z.object({
  version: z.literal(1),
  /** The run that wrote it. */
  runId: z.string(),
  /** Account id → start of the first run in an unbroken row that had no answer from it, ISO 8601 UTC. */
  since: z.record(z.string().regex(ACCOUNT_ID), z.iso.datetime()),
});
export type UnreachableAccounts = z.infer<typeof unreachableAccountsSchema>;

export const UNREACHABLE_KEY = 'reports/unreachable.json';

export type Reach = 'REACHED' | 'UNREACHED' | 'NOT_TRIED';

/** What a target's state adds to what is known of its account: one open question and the account counts as unreached. */
export const reachWith = (known: Reach | undefined, state: CoverageState): Reach => {
  if (known === 'UNREACHED' || isUnreached(state)) return 'UNREACHED';
  return state === 'EXCLUDED' ? (known ?? 'NOT_TRIED') : 'REACHED';
};

/**
 * The accounts that are unreachable after this run. One that was not tried keeps its word from before; one that is no
 * longer in the organization is dropped. Telling of the same run twice changes nothing.
 */
export const unreachableAfter = (
  before: UnreachableAccounts | null,
  run: { runId: string; startedAt: string; reach: ReadonlyMap<string, Reach> },
): UnreachableAccounts => {
  const since: [string, string][] = [];
  for (const [accountId, reach] of run.reach) {
    const known = before && Object.hasOwn(before.since, accountId) ? before.since[accountId] : undefined;
    if (reach === 'UNREACHED') since.push([accountId, known ?? run.startedAt]);
    else if (reach === 'NOT_TRIED' && known !== undefined) since.push([accountId, known]);
  }
  since.sort(([a], [b]) => (a < b ? -1 : 1));
  return { version: 1, runId: run.runId, since: Object.fromEntries(since) };
};

/** The accounts that have been unreachable for at least so many hours, at a time in milliseconds since 1970. */
export const overdueAccounts = ({ since }: UnreachableAccounts, hours: number, now: number): string[] =>
  Object.entries(since).flatMap(([accountId, start]) =>
    now - Date.parse(start) >= hours * 3_600_000 ? [accountId] : [],
  );
