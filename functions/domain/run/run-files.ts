import * as z from 'zod';
import { inspectItemSchema, inspectionSchema } from '../model/inspection.ts';
import { failureRecordSchema, observationSchema } from '../model/observation.ts';
import { executionSchema, plannedAccountSchema, planSchema, scanItemSchema } from '../model/plan.ts';
import { becauseSchema } from '../watch/because.ts';
import { jsonParserOf, parserOf } from './parsed.ts';

/**
 * Parsers of everything a run reads back from its report root. A file may have been cut short, edited or
 * written by another version: what does not fit is refused with the file's name, never half believed.
 */
export const parseScanItem = parserOf(scanItemSchema);
export const parseInspectItem = parserOf(inspectItemSchema);
export const parseObservation = jsonParserOf(observationSchema);
export const parseInspection = jsonParserOf(inspectionSchema);
export const parseFailureRecord = jsonParserOf(failureRecordSchema);
export const parseExecution = jsonParserOf(executionSchema);
export const parseBecause = jsonParserOf(becauseSchema);
export const parsePlan = jsonParserOf(planSchema);
export const parseItemIds = jsonParserOf(z.array(z.string()));
export const parsePlannedAccount = jsonParserOf(plannedAccountSchema);
