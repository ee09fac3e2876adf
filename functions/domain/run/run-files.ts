import * as z from 'zod';
import { LIMITS } from '../limits/limits.ts';
import { amount } from '../limits/markdown.ts';
import { TrailSealError } from '../model/errors.ts';
import { inspectItemSchema, inspectionSchema } from '../model/inspection.ts';
import { failureRecordSchema, observationSchema } from '../model/observation.ts';
import { executionSchema, plannedAccountSchema, planSchema, scanItemSchema } from '../model/plan.ts';

/**
 * Parsers of everything a run reads back from its report root. A file may have been cut short, edited or
 * written by another version: what does not fit is refused with the file's name, never half believed.
 */

/** Parsed, or why it could not be. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; why: string };

const parser =
  <T>(schema: z.ZodType<T>) =>
  (source: unknown): Parsed<T> => {
    const parsed = schema.safeParse(source);
    if (parsed.success) return { ok: true, value: parsed.data };
    const [issue] = parsed.error.issues;
    const where = issue?.path.length ? ` at ${issue.path.join('.').slice(0, 100)}` : '';
    return { ok: false, why: `${issue?.message ?? 'does not fit'}${where}`.slice(0, 300) };
  };

export const parseScanItem = parser(scanItemSchema);
export const parseInspectItem = parser(inspectItemSchema);
export const parseObservation = fromJson(parser(observationSchema));
export const parseInspection = fromJson(parser(inspectionSchema));
export const parseFailureRecord = fromJson(parser(failureRecordSchema));
export const parseExecution = fromJson(parser(executionSchema));
export const parsePlan = fromJson(parser(planSchema));
export const parseItemIds = fromJson(parser(z.array(z.string())));
export const parsePlannedAccount = fromJson(parser(plannedAccountSchema));

function fromJson<T>(parse: (source: unknown) => Parsed<T>) {
  return (bytes: Uint8Array | string): Parsed<T> => {
    if (bytes.length > LIMITS.runFile.most) return { ok: false, why: `larger than ${amount(LIMITS.runFile)}` };
    try {
      return parse(
        JSON.parse(typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
      );
    } catch (error) {
      return { ok: false, why: error instanceof Error ? `not JSON (${error.message.slice(0, 120)})` : 'not JSON' };
    }
  };
}

/** The value, or a TrailSealError that names the file. */
export function orRefuse<T>(parsed: Parsed<T>, file: string): T {
  if (parsed.ok) return parsed.value;
  throw new TrailSealError(
    'CORRUPT_FILE',
    `${file} cannot be read: ${parsed.why}. Start a new scan, or restore the file.`,
  );
}
