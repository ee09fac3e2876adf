import * as z from 'zod';
import { TrailSealError } from '../../domain/model/errors.ts';
import { runKeys } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { jsonParserOf, orRefuse } from '../../domain/run/parsed.ts';
import { type RunReport, runReportSchema } from './run-report.ts';

/** The report as it was written: members that only a later version knows are kept, to be printed. */
const asWritten = z.unknown().superRefine((report, context) => {
  for (const { message, path } of runReportSchema.safeParse(report).error?.issues ?? [])
    context.addIssue({ code: 'custom', message, path });
}) as unknown as z.ZodType<RunReport>;
const parse = jsonParserOf(asWritten);

/** @throws TrailSealError CORRUPT_FILE naming the file and what does not fit */
export const parseRunReport = (bytes: Uint8Array, name: string): RunReport => orRefuse(parse(bytes), name);

/** The report of a run. @throws TrailSealError NO_REPORT where there is none, CORRUPT_FILE where it cannot be believed */
export async function readRunReport(store: ReportStore, runId: string): Promise<RunReport> {
  const key = runKeys(runId).report('report.json');
  const bytes = await store.read(key);
  if (!bytes) throw new TrailSealError('NO_REPORT', `${store.root} has no report of run ${runId}.`);
  return parseRunReport(bytes, `${key} in ${store.root}`);
}
