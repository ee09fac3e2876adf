import * as z from 'zod';
import { LIMITS } from '../../domain/limits/limits.ts';
import { TrailSealError } from '../../domain/model/errors.ts';
import { runKeys } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import type { RunReport } from './run-report.ts';

const text = z.string();
const maybe = z.string().nullable();
const count = z.number().nonnegative();
const counts = z.record(text, count);

/**
 * What those who read the file count on. Further members are kept: a later version of the same report may say more.
 * Numbers and names only: nothing in it is run, and whoever prints it makes it harmless.
 */
const schema = z.looseObject({
  version: z.literal(1),
  run: z.looseObject({
    ...{ run_id: text, run_date: text, status: z.enum(['COMPLETE', 'PARTIAL']), scope: text, scope_filter: maybe },
    ...{ accounts: count, regions: count, targets: count, api_calls: count, organization_id: maybe },
    ...{ findings_failed: count, findings_unverified: count, findings_waived: count, findings_passed: count },
  }),
  accounts: z.looseObject({ total: count, excluded: count.optional(), by_verdict: counts }),
  targets: z.looseObject({ total: count, by_state: counts, by_verdict: counts, inferred: count }),
  trails: z.looseObject({ total: count, by_verdict: counts }),
  findings: z.looseObject({
    ...{ by_status: counts, by_control: z.record(text, counts), by_severity: z.record(text, counts).optional() },
  }),
  root_causes: z.array(
    z.looseObject({
      ...{ severity: text, title: text, fix: text, findings: count, accounts: count, targets: count },
      where: z.array(z.looseObject({ account_id: text, account_name: maybe })).optional(),
    }),
  ),
  root_causes_total: count,
  cause_kinds: z
    .array(
      z.looseObject({
        ...{ kind: text, severity: text, causes: count, findings: count, accounts: count, regions: count },
        targets: count,
      }),
    )
    .optional(),
  worst_findings: z.array(
    z.looseObject({
      ...{ finding_id: text, control_id: text, status: text, severity: text, resource_arn: text },
      ...{ account_id: maybe, account_name: maybe, region: maybe, reason: maybe, observed: maybe },
    }),
  ),
  changes: z.looseObject({
    ...{ previous_run_id: maybe, newly_failing: count, fixed: count, still_failing: count },
    ...{ trails_newly_failing: z.array(text), trails_fixed: z.array(text) },
  }),
  frameworks: z.array(
    z.looseObject({ requirements: z.array(z.looseObject({ controls: z.array(z.looseObject({})) })) }),
  ),
  waivers: z.looseObject({
    in_force: count,
    listed: z.array(z.looseObject({ id: text, control_id: text, state: text, findings: count, expires_on: text })),
  }),
  corrupt_files: z.array(z.looseObject({ file: text, why: text })),
  notes: z.array(text),
});

/** @throws TrailSealError CORRUPT_FILE naming the file and what does not fit */
export function parseRunReport(bytes: Uint8Array, name: string): RunReport {
  const refuse = (why: string) =>
    new TrailSealError('CORRUPT_FILE', `${name} cannot be read: ${why}. Restore the file, or start a new scan.`);
  if (bytes.length > LIMITS.runFile.most) throw refuse('it is too large');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refuse('it is not JSON');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return value as RunReport;
  const [issue] = parsed.error.issues;
  throw refuse(`${issue?.path.join('.').slice(0, 100) || 'it'}: ${issue?.message ?? 'does not fit'}`.slice(0, 300));
}

/** The report of a run. @throws TrailSealError NO_REPORT where there is none, CORRUPT_FILE where it cannot be believed */
export async function readRunReport(store: ReportStore, runId: string): Promise<RunReport> {
  const key = runKeys(runId).report('report.json');
  const bytes = await store.read(key);
  if (!bytes) throw new TrailSealError('NO_REPORT', `${store.root} has no report of run ${runId}.`);
  return parseRunReport(bytes, `${key} in ${store.root}`);
}
