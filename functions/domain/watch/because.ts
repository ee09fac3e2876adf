import * as z from 'zod';
import { ACCOUNT_ID } from '../model/arn.ts';
import { changeSchema } from './change-event.ts';

const accountId = z.string().regex(ACCOUNT_ID);

/** A change that can alter a verdict: of which accounts, and by which trails. */
export const affectingChangeSchema = changeSchema.extend({
  accounts: z.array(accountId),
  /** Trails that it was matched to; empty where it is about an account as a whole. */
  trails: z.array(z.string()),
  /** Whether every account may be recorded otherwise: of an organization trail, or of its key or bucket. */
  everywhere: z.boolean().default(false),
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
  /** Of each kind the newest, oldest first. */
  changes: z.array(affectingChangeSchema),
  /** When the newest change happened after which every account may be recorded otherwise; null for none. */
  everywhereAt: z.string().nullable().default(null),
});
export type Because = z.infer<typeof becauseSchema>;

export const CHANGES_KEPT = 200;
/** Accounts and trails of all of them together: a bucket may serve ten thousand trails, and be changed by hundreds. */
export const LISTED_AT_MOST = 100_000;

/**
 * What is kept of the events with a run.
 * @returns null where nobody is affected: nothing is to be scanned then
 */
export const becauseOf = ({ joined: _, ...affected }: Because & { joined: readonly string[] }): Because | null =>
  affected.accounts.length === 0 ? null : affected;

/** What happened, for a run's scope: `StopLogging, PutKeyPolicy`. */
export const changeNames = ({ changes }: Because): string => [...new Set(changes.map(({ name }) => name))].join(', ');
