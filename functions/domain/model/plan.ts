import * as z from 'zod';
import { storedSettingsSchema } from '../settings/stored-settings.ts';
import { becauseSchema } from '../watch/because.ts';
import { ACCOUNT_ID } from './arn.ts';
import { ACCOUNT_STATES, accountSchema } from './organization.ts';
import { effortSchema } from './reading.ts';
import { RUN_SCOPES } from './vocabulary.ts';

export type { RunSettings } from '../settings/run-settings.ts';

/** `runs/<run_id>/plan.json`: small; the accounts are beside it, one a line. */
export const planSchema = z.object({
  version: z.literal(1),
  runId: z.string(),
  /** UTC date of the run id, YYYY-MM-DD. */
  runDate: z.string(),
  startedAt: z.string(),
  /** When the organization was listed. */
  populationAt: z.string(),
  organizationId: z.string().nullable(),
  managementAccountId: z.string().nullable(),
  callerAccountId: z.string(),
  callerArn: z.string(),
  partition: z.string(),
  /** Every region of the partition, sorted. */
  regions: z.array(z.string()),
  scope: z.enum(RUN_SCOPES),
  /** What narrowed the scope, readable; null for the whole organization. */
  scopeFilter: z.string().nullable(),
  settings: storedSettingsSchema,
  /** The changes that the run looks into; null for one that was not started by any. Never the newest run for `latest`. */
  because: becauseSchema.nullable().default(null),
  /** What listing the organization came to; absent from plans of before it was kept. */
  listing: effortSchema.optional(),
  accounts: z.number().int().nonnegative(),
  /** Whether `accounts` is the whole organization, so that any other account is outside it. */
  populationComplete: z.boolean(),
  executionArn: z.string(),
  scannerVersion: z.string(),
});
export type ScanPlan = z.infer<typeof planSchema>;

/** Why an account is left out of a run. */
export const EXCLUSIONS = ['ACCOUNT_FILTER', 'EXCLUDED_ACCOUNT', 'OU_FILTER', 'TAG_FILTER', 'SCOPE_FILTER'] as const;
export type Exclusion = (typeof EXCLUSIONS)[number];

/** One line of `runs/<run_id>/accounts.ndjson`, sorted by account id. */
export const plannedAccountSchema = accountSchema.extend({
  /** Why the account is left out, or null. */
  excluded: z.enum(EXCLUSIONS).nullable(),
});
export type PlannedAccount = z.infer<typeof plannedAccountSchema>;

/** One item of the Scan map, in the file that `jsonArray` writes: an account and the regions to be looked at in it. */
export const scanItemSchema = z.object({
  accountId: z.string().regex(ACCOUNT_ID),
  accountState: z.enum(ACCOUNT_STATES),
  regions: z.array(z.string()),
});
export type ScanItem = z.infer<typeof scanItemSchema>;

/** `runs/<run_id>/executions/<name>.json`: an execution that worked on the run, and what it has to say about it. */
export const executionSchema = z.object({ notes: z.array(z.string()).default([]) });

/** The keys of a run's files under the report root. */
export const runKeys = (runId: string) => ({
  plan: `runs/${runId}/plan.json`,
  accounts: `runs/${runId}/accounts.ndjson`,
  scanItems: `runs/${runId}/scan-items.json`,
  inspectItems: `runs/${runId}/inspect-items.json`,
  /** Ids of every inspection that the run needs, those of `inspectItems` and those already answered. */
  inspectPlan: `runs/${runId}/inspect-plan.json`,
  observations: `runs/${runId}/observations/`,
  observation: (accountId: string) => `runs/${runId}/observations/${accountId}.json`,
  inspections: `runs/${runId}/inspections/`,
  inspection: (itemId: string) => `runs/${runId}/inspections/${itemId}.json`,
  failures: (map: 'scan' | 'inspect') => `runs/${runId}/failures/${map}/`,
  failure: (map: 'scan' | 'inspect', itemId: string) => `runs/${runId}/failures/${map}/${itemId}.json`,
  /** One small file per execution that worked on the run (a resumed run has several), named by its execution. */
  executions: `runs/${runId}/executions/`,
  execution: (name: string) => `runs/${runId}/executions/${name}.json`,
  evidence: `evidence/${runId}/`,
  evidenceFile: (name: string) => `evidence/${runId}/${name}.ndjson.gz`,
  /** How the run came to be, one file an execution that worked on it. */
  provenance: (execution: string) => `evidence/${runId}/run-${execution}.json`,
  /** The waivers file as it was when the run was planned. */
  waivers: `evidence/${runId}/waivers.yaml`,
  manifest: `evidence/${runId}/manifest.json`,
  reports: `reports/${runId}/`,
  report: (name: string) => `reports/${runId}/${name}`,
  table: (table: string, runDate: string) => `tables/${table}/run_date=${runDate}/${runId}.parquet`,
});

/** Where a map's ResultWriter puts its files: under the execution's name, not the run's. */
export const mapResultsPrefix = (executionName: string, map: 'scan' | 'inspect'): string =>
  `runs/${executionName}/map/${map}/`;

/** Names the organization a root belongs to: one root holds one. */
export const ROOT_KEY = 'reports/root.json';
/** Why an execution of this name is narrowed; it is written before the execution starts. */
export const becauseKey = (executionName: string): string => `runs/${executionName}/because.json`;
export const LATEST_KEY = 'reports/latest.json';
