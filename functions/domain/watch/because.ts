import * as z from 'zod';
import { ACCOUNT_ID } from '../model/arn.ts';
import { changeSchema } from './change-event.ts';

const accountId = z.string().regex(ACCOUNT_ID);

/** A change that can alter a verdict: of which accounts, and by which trails. */
export const affectingChangeSchema = changeSchema.extend({
  accounts: z.array(accountId),
  /** Trails that it was matched to; empty where it is about an account as a whole. */
  trails: z.array(z.string()),
});
export type AffectingChange = z.infer<typeof affectingChangeSchema>;

/** Why a run was narrowed to some accounts: `runs/<name>/because.json`, and kept with its plan and its report. */
export const becauseSchema = z.object({
  /** Scanned again; what is filed under them is seen whole. */
  accounts: z.array(accountId).min(1),
  /** Owners of organization trails, scanned beside them so that those trails can be judged. */
  beside: z.array(accountId),
  /** Events, before they were cut down to `changes`. */
  events: z.number().int().positive(),
  /** Oldest first; of those with one name by one actor in one account only the newest, `CHANGES_KEPT` at most. */
  changes: z.array(affectingChangeSchema),
});
export type Because = z.infer<typeof becauseSchema>;

export const CHANGES_KEPT = 200;

/**
 * What is kept of the events with a run.
 * @returns null where nobody is affected: nothing is to be scanned then
 */
export function becauseOf({
  accounts,
  beside,
  changes,
}: Pick<Because, 'accounts' | 'beside' | 'changes'>): Because | null {
  if (accounts.length === 0) return null;
  // A storm of one kind does not push out the one event that explains the finding.
  const kinds = new Map(changes.map((change) => [`${change.accountId} ${change.name} ${change.actor}`, change]));
  const newest = new Set(kinds.values());
  const kept = changes.filter((change) => newest.has(change)).slice(-CHANGES_KEPT);
  return { accounts, beside, events: changes.length, changes: kept };
}

/** What happened, for a run's scope: `StopLogging, PutKeyPolicy`. */
export const changeNames = ({ changes }: Because): string => [...new Set(changes.map(({ name }) => name))].join(', ');
