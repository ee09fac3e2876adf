import { createHash } from 'node:crypto';
import * as z from 'zod';
import { runKeys, type ScanPlan } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { RUN_SCOPES } from '../../domain/model/vocabulary.ts';
import { jsonParserOf, orNull } from '../../domain/run/parsed.ts';
import { disclosed, disclosedSettingsSchema } from '../../domain/settings/stored-settings.ts';
import type { CodeIdentity } from './code-hash.ts';

/** What the program knows of itself and of how it was called. */
export interface Provenance {
  /** The words of the command line, or the input of the execution; nothing secret. */
  arguments: readonly string[];
  code: CodeIdentity;
  /** The organization is a simulated one: its packs are no evidence of anything, and say so. */
  simulated: boolean;
}

/** `evidence/<run_id>/run-<execution>.json`: how a run came to be; one a time that it was worked on. */
export const runProvenanceSchema = z.object({
  version: z.literal(1),
  run_id: z.string(),
  execution: z.string(),
  resumed: z.boolean(),
  /** ISO 8601 UTC. */
  at: z.string(),
  simulated: z.boolean(),
  scanner_version: z.string(),
  code_sha256: z.string().nullable(),
  commit: z.string().nullable(),
  node: z.string(),
  arguments: z.array(z.string()).readonly(),
  caller_arn: z.string(),
  partition: z.string(),
  organization_id: z.string().nullable(),
  management_account_id: z.string().nullable(),
  scope: z.enum(RUN_SCOPES),
  scope_filter: z.string().nullable(),
  regions: z.array(z.string()).readonly(),
  accounts: z.number(),
  /** SHA-256 (hex) of the population as it was planned, one account a line. */
  accounts_sha256: z.string().nullable(),
  /** As they were; for people, nothing reads them back. */
  settings: disclosedSettingsSchema,
  waivers: z.object({ key: z.string(), sha256: z.string() }).nullable(),
});
type RunProvenance = z.infer<typeof runProvenanceSchema>;

const originIn = jsonParserOf(runProvenanceSchema.pick({ simulated: true }));
/** Whether such a file says that the organization was simulated; one that cannot be read says nothing. */
export const saysSimulated = (bytes: Uint8Array): boolean => orNull(originIn(bytes))?.simulated === true;

export async function writeProvenance(request: {
  store: ReportStore;
  plan: ScanPlan;
  provenance: Provenance;
  execution: string;
  resumed: boolean;
  /** Milliseconds since 1970. */
  now: number;
}): Promise<void> {
  const { store, plan, provenance, execution } = request;
  const keys = runKeys(plan.runId);
  const waivers = await sha256Of(store, plan.settings.waiversKey);
  const record: RunProvenance = {
    version: 1,
    run_id: plan.runId,
    execution,
    resumed: request.resumed,
    at: new Date(request.now).toISOString(),
    simulated: provenance.simulated,
    scanner_version: plan.scannerVersion,
    code_sha256: provenance.code.sha256,
    commit: provenance.code.commit,
    node: process.version,
    arguments: provenance.arguments,
    caller_arn: plan.callerArn,
    partition: plan.partition,
    organization_id: plan.organizationId,
    management_account_id: plan.managementAccountId,
    scope: plan.scope,
    scope_filter: plan.scopeFilter,
    regions: plan.regions,
    accounts: plan.accounts,
    accounts_sha256: await sha256Of(store, keys.accounts),
    // The external id is shared with those who may assume the role, not with those who read a report.
    settings: disclosed(plan.settings),
    waivers: plan.settings.waiversKey && waivers ? { key: plan.settings.waiversKey, sha256: waivers } : null,
  };
  await store.write(keys.provenance(execution), `${JSON.stringify(record, null, 1)}\n`);
}

async function sha256Of(store: ReportStore, key: string | null): Promise<string | null> {
  const bytes = key === null ? null : await store.read(key);
  return bytes && createHash('sha256').update(bytes).digest('hex');
}

/** Options whose value is kept secret. */
const TOLD_TO_NOBODY = ['--external-id'];

/** The command line as it may be kept. */
export const argumentsToKeep = (words: readonly string[]): string[] =>
  words.map((word, at) => {
    const option = TOLD_TO_NOBODY.find((name) => word.startsWith(`${name}=`));
    if (option) return `${option}=…`;
    return TOLD_TO_NOBODY.includes(words[at - 1] ?? '') ? '…' : word;
  });
