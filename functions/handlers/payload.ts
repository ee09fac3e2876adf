import * as z from 'zod';
import { likelyName } from '../domain/model/edit-distance.ts';
import { TrailSealError } from '../domain/model/errors.ts';
import { isRunId } from '../domain/model/run-id.ts';
import { firstIssue } from '../domain/run/parsed.ts';
import { inputFields as settingFields } from '../domain/settings/setting-schemas.ts';

/** What the states hand to the handlers (see statemachine/scan.asl.json). */
const runId = z.string().refine(isRunId, 'is not a run id');

const EXECUTION_NAME = /^[\w.-]{1,80}$/;

/** The execution's own input: which run to resume, the execution whose `because.json` narrows this one, or what does. */
const inputFields = z
  .object({
    resume: runId.optional(),
    because: z.string().regex(EXECUTION_NAME, 'is not the name of an execution').optional(),
    ...settingFields,
  })
  .refine((input) => !(input.sample_accounts && input.sample_logs === false), {
    path: ['sample_accounts'],
    message: 'samples logs: leave "sample_logs": false out',
  })
  .refine((input) => input.because === undefined || Object.keys(input).length === 1, {
    path: ['because'],
    message: 'stands alone: it says itself which accounts are scanned',
  });
export type ExecutionInput = z.infer<typeof inputFields>;

const INPUT_NAMES = ['resume', 'because', ...Object.keys(settingFields)];

/**
 * EventBridge, the console's default input and a parent workflow put keys of their own into an input: those are ignored.
 * A key that looks like a misspelled one of ours is refused, since ignoring it would widen the run. An EventBridge event,
 * recognized by `detail-type`, has `account` and `region` of its own and is ignored as a whole.
 */
const executionInput = z
  .record(z.string(), z.unknown())
  .superRefine((input, context) => {
    if ('detail-type' in input) return;
    for (const key of Object.keys(input)) {
      const plain = key
        .replace(/([a-z])([A-Z])/g, '$1_$2')
        .replaceAll('-', '_')
        .toLowerCase();
      const meant = likelyName(plain, INPUT_NAMES);
      if (meant !== null && !INPUT_NAMES.some((name) => name === key))
        context.addIssue({ code: 'custom', path: [key], message: `is unknown: did you mean "${meant}"` });
    }
  })
  .transform((input) => ('detail-type' in input ? {} : input))
  .pipe(inputFields);

const planPayload = z.object({
  input: executionInput,
  execution_arn: z.string(),
  execution_name: z.string().regex(EXECUTION_NAME),
});
const runPayload = z.object({ run_id: runId });
const mapFailure = z.object({ Error: z.string().default('States.Unknown'), Cause: z.string().default('') }).nullish();
const reportPayload = runPayload.extend({
  map_failures: z.object({ scan: mapFailure, inspect: mapFailure }).nullish(),
});
const itemPayload = z.object({ run_id: runId, item: z.unknown() });
const recordPayload = z.object({
  run_id: runId,
  map: z.enum(['scan', 'inspect']),
  item: z.unknown(),
  // Step Functions leaves a cause out where the child gave none.
  error: z.object({ Error: z.string().default('States.Unknown'), Cause: z.string().default('') }).partial(),
});

const reader =
  <T>(schema: z.ZodType<T>, name: string) =>
  (payload: unknown): T => {
    const parsed = schema.safeParse(payload);
    if (parsed.success) return parsed.data;
    const { where, what } = firstIssue(parsed.error);
    throw new TrailSealError('PAYLOAD', `The ${name} input is wrong: ${where || 'it'} ${what}.`);
  };

export const readPlanPayload = reader(planPayload, 'execution');
export const readRunPayload = reader(runPayload, 'state');
export const readReportPayload = reader(reportPayload, 'report');
export const readItemPayload = reader(itemPayload, 'map item');
export const readRecordPayload = reader(recordPayload, 'record');
